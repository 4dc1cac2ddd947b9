"""The net that is trained gives the states that the model on the device gives."""

from pathlib import Path

import numpy as np
import pytest

from lamha.models.llm.model import LanguageModel
from lamha.models.training import lora
from lamha.models.training.tree import Piece, packed

pytestmark = pytest.mark.model
torch = pytest.importorskip("torch", reason="PyTorch trains, and nothing else needs it: lamha[training]")

SYSTEM, ALIKE = "You call functions.", 0.999
WORDS = ("Turn the kitchen light off", "أطفئ ضوء المطبخ", "关掉厨房的灯")
CUES = ('{"room":', '{"room": "kitchen"}')


def alike(some: np.ndarray, other: np.ndarray) -> float:
    return float(some @ other / np.linalg.norm(some) / np.linalg.norm(other))


def test_a_tree_of_words_and_cues_with_a_lora(language_model: LanguageModel, tmp_path: Path) -> None:
    from lamha.models.training.net import Lora, LowerQwen

    net = LowerQwen(language_model.engine.path, language_model.glance_layer)
    added = Lora.new(net.shapes, rank=4)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for each in added.up.values():
            each.copy_(torch.randn(each.shape, generator=generator) * 0.02)
    tokens, after = language_model.engine.tokenize, language_model.tokens_after
    pieces = [Piece(language_model.tokens_before(SYSTEM))]
    pieces += [Piece([*tokens(words), *after], 0) for words in WORDS]
    pieces += [Piece(tokens(cue), 1) for cue in CUES]
    with torch.no_grad():
        tree = packed(pieces)
        along = net.states(tree, added).numpy()
        states = along[tree.ends]
        plain = net.states(tree, Lora.new(net.shapes, rank=1)).numpy()[tree.ends]

    adapter = tmp_path / "added.gguf"
    lora.write(adapter, *added.matrices(), added.scale, {"name": "a test"})
    for number, words in enumerate(WORDS, 1):
        with language_model.glance(words, [SYSTEM], adapter) as glance:
            assert alike(glance.states[0], states[number]) > ALIKE
            said, _ = glance.along(0)
            first = tree.starts[number]
            assert alike(said[0], along[first]) > ALIKE
            assert alike(said[-1], along[first + len(said) - 1]) > ALIKE
            if number == 1:
                for state, cue in zip(glance.after(0, CUES), states[4:], strict=True):
                    assert alike(state, cue) > ALIKE
        with language_model.glance(words, [SYSTEM]) as glance:
            assert alike(glance.states[0], plain[number]) > ALIKE
            assert alike(glance.states[0], states[number]) < ALIKE
