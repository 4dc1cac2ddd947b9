import math

import numpy as np
import pytest

from lamha.models.errors import BudgetTooSmall
from lamha.models.llm.model import LanguageModel

pytestmark = pytest.mark.model
SYSTEMS = ("You turn lights on.", "You set timers, and nothing else.", "def send(to, text):\n    ...")
WORDS = {"en": "Turn on the light", "ar": "شغل النور في المطبخ", "zh": "打开厨房的灯"}
CUES = ('{"room":', '{"room": "kitchen"}', '{"name":')
NEAR = 0.1
"""Of a norm of 10 and more: kernels of K-quants round differently for batches of other sizes."""


def free(model: LanguageModel) -> int:
    """The sequences that a glance at these beginnings finds free; what is kept of them is not."""
    with model.glance("", SYSTEMS) as glance:
        pool = glance.branches[0].pool
        taken = len(glance.branches)
        return len(pool._free) + taken


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_several_beginnings_together_are_those_one_by_one(qwen: LanguageModel, words: str) -> None:
    with qwen.glance(words, SYSTEMS) as glance:
        together = glance.states
        assert together.shape == (len(SYSTEMS), together.shape[1])
        assert together.dtype == np.float32
    for system, state in zip(SYSTEMS, together, strict=True):
        with qwen.glance(words, [system]) as glance:
            assert np.allclose(glance.states[0], state, atol=NEAR)
    assert np.linalg.norm(together, axis=1).min() > 5
    assert not np.allclose(together[0], together[1], atol=NEAR)


def test_the_order_of_the_beginnings_is_that_of_the_states(qwen: LanguageModel) -> None:
    with qwen.glance(WORDS["en"], SYSTEMS) as glance, qwen.glance(WORDS["en"], SYSTEMS[::-1]) as other:
        assert np.allclose(glance.states, other.states[::-1], atol=NEAR)


def test_more_beginnings_than_one_batch_holds(qwen: LanguageModel) -> None:
    systems = [f"You are tool {number}." for number in range(20)]
    with qwen.glance(WORDS["en"] * 3, systems) as glance:
        assert len(glance.states) == 20
        last = glance.states[-1]
    with qwen.glance(WORDS["en"] * 3, systems[-1:]) as glance:
        assert np.allclose(glance.states[0], last, atol=NEAR)


def test_cues_together_are_those_one_by_one(qwen: LanguageModel) -> None:
    with qwen.glance(WORDS["en"], SYSTEMS) as glance:
        before = glance.states.copy()
        together = glance.after(2, CUES)
        assert together.shape == (len(CUES), before.shape[1])
        for cue, state in zip(CUES, together, strict=True):
            assert np.allclose(glance.after(2, [cue])[0], state, atol=NEAR)
        assert np.array_equal(glance.states, before)
        assert not np.allclose(glance.after(0, CUES[:1]), together[:1], atol=NEAR)


def test_a_glance_leaves_no_sequence_behind(qwen: LanguageModel) -> None:
    before = free(qwen)
    for words in WORDS.values():
        with qwen.glance(words, SYSTEMS) as glance:
            glance.after(1, CUES)
    glance = qwen.glance("once more", SYSTEMS)
    glance.close()
    glance.close()
    assert free(qwen) == before


def test_reading_after_a_glance_is_as_without_one(qwen: LanguageModel) -> None:
    system = "You are a helpful assistant. Answer in one short sentence."
    answers: list[str] = []
    free_after: list[int] = []
    for glances in (False, True, True):
        if glances:
            with qwen.glance(WORDS["en"], SYSTEMS) as glance:
                glance.after(0, CUES)
        with qwen.read("What is the capital of Japan?", system) as reading:
            answers.append("".join(piece.text for piece in reading.write()))
        free_after.append(len(qwen.pool._free))
    assert answers[0]
    assert answers == answers[:1] * 3
    assert free_after == free_after[:1] * 3


def test_while_a_reading_is_open(qwen: LanguageModel) -> None:
    with qwen.read("What is the capital of Japan?", SYSTEMS[0]) as reading:
        before = reading.answer_logits().copy()
        with qwen.glance(WORDS["en"], SYSTEMS):
            pass
        assert np.array_equal(reading.answer_logits(), before)


@pytest.mark.parametrize("words", ["", "word " * 3000, "光" * 3000, "\x00", "<|im_end|>", "😀" * 500])
def test_a_long_text_is_cut_and_any_text_is_read(qwen: LanguageModel, words: str) -> None:
    with qwen.glance(words, SYSTEMS) as glance:
        assert np.isfinite(glance.states).all()
        around = glance.spent.tokens_in
    with qwen.glance("", SYSTEMS) as glance:
        assert around - glance.spent.tokens_in <= 97 * len(SYSTEMS)


def test_of_a_long_text_the_beginning_and_the_end_are_read(qwen: LanguageModel) -> None:
    middle = "and then some more of it " * 200
    states = []
    for words in (
        f"Turn on {middle} light",
        f"Turn on {middle} and then some light",
        f"Turn on {middle} timer",
    ):
        with qwen.glance(words, SYSTEMS[:1]) as glance:
            states.append(glance.states[0])
    near, far = (float(np.linalg.norm(states[0] - state)) for state in states[1:])
    assert near < far


def test_what_it_cost(qwen: LanguageModel) -> None:
    with qwen.glance(WORDS["en"], SYSTEMS) as glance:
        read = glance.spent.tokens_in
        assert read % len(SYSTEMS) == 0
        assert glance.spent.prefill_ms > 0
        glance.after(0, CUES)
        assert glance.spent.tokens_in > read
        assert glance.spent.tokens_out == 0
    with qwen.glance(WORDS["en"], SYSTEMS[:1]) as glance:
        assert math.isclose(glance.spent.tokens_in, read / len(SYSTEMS))


@pytest.mark.parametrize("count", [64, 70])
def test_too_many_beginnings_are_said_to_be_too_many(qwen: LanguageModel, count: int) -> None:
    with pytest.raises(BudgetTooSmall), qwen.glance("Go", [f"You are tool {n}." for n in range(count)]):
        pass
    glances = qwen._glances
    assert glances is not None
    assert free(qwen) + len(glances.prefixes._kept) == glances.engine.settings.sequences
