import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.models.repetition import looping


@pytest.mark.parametrize(
    ("tokens", "extra"),
    [
        ([], 0),
        ([1] * 5, 0),
        ([1] * 6, 5),
        ([1, 2] * 3, 4),
        ([9, *[1, 2, 3] * 3], 6),
        ([1, 2, 3] * 2, 0),
        ([*range(8)] * 3, 16),
        ([*range(9)] * 3, 0),
        ([*[1, 2] * 3, 3], 0),
    ],
)
def test_looping(tokens: list[int], extra: int) -> None:
    assert looping(tokens, longest=8, rounds=3, least=6) == extra


@given(st.lists(st.integers(0, 3), max_size=30), st.integers(1, 9), st.integers(2, 4), st.integers(1, 12))
def test_what_is_extra_only_repeats(tokens: list[int], longest: int, rounds: int, least: int) -> None:
    extra = looping(tokens, longest=longest, rounds=rounds, least=least)
    if extra:
        sizes = [size for size in range(1, longest + 1) if tokens[-extra:] == tokens[-extra - size : -size]]
        assert sizes
        assert extra + min(sizes) >= least
