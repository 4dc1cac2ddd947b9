import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lamha.models.llm.sampling import greedy, sampler

LOGITS = np.array([0, 3, 1, 2.9, -5], np.float32)


def draws(choose, count: int = 300) -> set[int]:
    return {choose(LOGITS, []) for _ in range(count)}


def test_greedy() -> None:
    assert greedy(LOGITS, []) == 1
    assert sampler()(LOGITS, [1, 1]) == 1


def test_repetition_discourages_what_was_said() -> None:
    choose = sampler(repetition=1.1)
    assert choose(LOGITS, []) == 1
    assert choose(LOGITS, [1, 1]) == 3
    assert choose(-LOGITS - 1, [4]) == 4  # 4.0 / 1.1 is still the best
    assert sampler(repetition=9)(np.array([-1, -2], np.float32), [0]) == 1  # a negative score falls, too


def test_the_scores_are_left_as_they_were() -> None:
    logits = LOGITS.copy()
    sampler(1.0, 0.5, 2.0, seed=0)(logits, [1])
    assert (logits == LOGITS).all()


def test_top_p_keeps_the_fewest_that_reach_it() -> None:
    assert draws(sampler(1.0, top_p=0.0, seed=1)) == {1}
    assert draws(sampler(1.0, top_p=0.4, seed=1)) == {1}
    assert draws(sampler(1.0, top_p=0.9, seed=1)) == {1, 3}
    assert draws(sampler(1.0, seed=1)) >= {0, 1, 2, 3}


def test_heat_spreads() -> None:
    assert draws(sampler(0.01, seed=1)) == {1}
    assert draws(sampler(50.0, seed=1)) == {0, 1, 2, 3, 4}


def test_a_seed_decides() -> None:
    one, two, other = (sampler(2.0, seed=seed) for seed in (7, 7, 8))
    told = [[choose(LOGITS, []) for _ in range(40)] for choose in (one, two, other)]
    assert told[0] == told[1] != told[2]


def test_a_real_vocabulary_in_single_precision() -> None:
    logits = np.random.default_rng(0).normal(size=151_936).astype(np.float32)
    assert 0 <= sampler(1.0, seed=0)(logits, []) < len(logits)


@given(arrays(np.float32, 8, elements=st.floats(-100, 100, width=32)), st.floats(0.01, 5), st.floats(0, 1))
def test_any_scores_give_a_token(logits: np.ndarray, temperature: float, top_p: float) -> None:
    assert 0 <= sampler(temperature, top_p, 1.2, seed=0)(logits, [0, 3]) < 8


@pytest.mark.parametrize("said", [[], [0], [0, 1, 2, 3, 4] * 3])
def test_any_past_gives_a_token(said: list[int]) -> None:
    assert 0 <= sampler(1.0, 0.9, 1.3, seed=0)(LOGITS, said) < 5
