"""What is written is what is read again, and what llama.cpp adds to the weights."""

from pathlib import Path

import numpy as np
import pytest

from lamha.models.llm.model import LanguageModel
from lamha.models.training import lora

NAME, SYSTEM = "blk.0.ffn_down.weight", "You call functions."
RANK, OUT, IN = 2, 896, 4864


def written(path: Path, size: float) -> Path:
    draw = np.random.default_rng(0)
    down = {NAME: draw.standard_normal((RANK, IN)).astype(np.float32)}
    up = {NAME: (draw.standard_normal((OUT, RANK)) * size).astype(np.float32)}
    lora.write(path, down, up, 2.0, {"name": "a test"})
    return path


def test_there_and_back(tmp_path: Path) -> None:
    down, up, scale = lora.read(written(tmp_path / "one.gguf", 0.1))
    assert scale == 2
    assert (down[NAME].shape, up[NAME].shape) == ((RANK, IN), (OUT, RANK))
    assert np.allclose(down[NAME], np.random.default_rng(0).standard_normal((RANK, IN)), atol=2e-3)


@pytest.mark.model
def test_a_glance_is_read_with_it_and_nothing_else_is(language_model: LanguageModel, tmp_path: Path) -> None:
    nothing, much = written(tmp_path / "nothing.gguf", 0), written(tmp_path / "much.gguf", 0.1)

    def state(adapter: Path | None) -> np.ndarray:
        with language_model.glance("关灯", [SYSTEM], adapter) as glance:
            return glance.states[0]

    plain = state(None)
    assert np.allclose(state(nothing), plain, atol=1e-3)
    assert not np.allclose(state(much), plain, atol=1)
    assert np.array_equal(state(None), plain)
    assert language_model.engine.adapters == ()
