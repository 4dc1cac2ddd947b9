from dataclasses import dataclass

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lamha.models.errors import BudgetTooSmall
from lamha.models.llm.budget import Budget, Clock, Spent


@dataclass
class Rates:
    prefill_ms: float
    decode_ms: float


RATES = st.builds(Rates, st.floats(1e-3, 500), st.floats(1e-3, 500))
DEADLINES = st.floats(1e-3, 1e6) | st.none()
BUDGETS = st.builds(
    Budget, st.integers(1, 999), st.integers(1, 999), st.integers(0, 999), DEADLINES, DEADLINES
)
TOKENS = st.integers(0, 2000)


@pytest.mark.parametrize("limits", [{"new": 0}, {"prompt": 0}, {"new": -1}])
def test_a_budget_has_room_each_way(limits: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least one token"):
        Budget(**limits)


def test_clock() -> None:
    seconds = iter([5.0, 5.1, 5.299, 5.301])
    clock = Clock(300, now=lambda: next(seconds))
    assert clock.elapsed == pytest.approx(100)
    assert not clock.over
    assert clock.over


def test_a_clock_without_a_deadline_is_never_over() -> None:
    seconds = iter([0.0, 1e9])
    assert not Clock(now=lambda: next(seconds)).over


@pytest.mark.parametrize(
    ("spent", "rate"),
    [
        (Spent(), 0),
        (Spent(tokens_out=1, decode_ms=5), 0),
        (Spent(tokens_out=2), 0),
        (Spent(tokens_out=11, prefill_ms=900, decode_ms=500), 20),  # the first token's time is prefill
    ],
)
def test_rate(spent: Spent, rate: float) -> None:
    assert spent.tokens_per_second == rate


@given(BUDGETS, RATES, st.integers(0, 99), TOKENS)
def test_words_that_are_planned_are_read_in_time(
    budget: Budget, rates: Rates, after: int, unread: int
) -> None:
    assume(budget.prompt > after)
    words = budget.words(rates, after, unread)
    assert 1 <= words <= budget.words(None, after, unread) == budget.prompt - after
    if words > 1 and budget.reading_ms:
        assert (words + after + unread) * rates.prefill_ms <= budget.reading_ms


@given(BUDGETS, RATES, TOKENS, st.floats(0, 1e6))
def test_tokens_that_are_planned_are_written_in_time(
    budget: Budget, rates: Rates, unread: int, elapsed: float
) -> None:
    compiled = budget.spoken(rates, unread, elapsed)
    assert 1 <= compiled.new <= budget.new
    assert 0 <= compiled.thinking <= budget.thinking
    if budget.done_ms is None:
        assert compiled == budget
    elif compiled.new > 1 or compiled.thinking:
        spoken = (compiled.new + compiled.thinking) * rates.decode_ms
        assert elapsed + unread * rates.prefill_ms + spoken <= budget.done_ms


@given(BUDGETS, RATES, st.floats(1e-3, 1e6), st.floats(1, 100), TOKENS)
def test_more_time_is_never_less_room(
    budget: Budget, rates: Rates, milliseconds: float, more: float, unread: int
) -> None:
    short, long = (
        Budget(budget.prompt, budget.new, budget.thinking, done_ms=ms)
        for ms in (milliseconds, milliseconds * more)
    )
    assert short.words(rates, 0, unread) <= long.words(rates, 0, unread)
    few, many = short.spoken(rates, unread), long.spoken(rates, unread)
    assert few.new + few.thinking <= many.new + many.thinking
    assert few.thinking <= many.thinking


@given(BUDGETS, TOKENS)
def test_without_rates_nothing_is_planned(budget: Budget, unread: int) -> None:
    assert budget.spoken(None, unread) == budget


def test_a_deadline_without_end_and_a_board_without_rest() -> None:
    endless = Budget(first_ms=float("inf"), done_ms=float("inf"))
    for rates in (Rates(1, 1), Rates(1e-320, 1e-320)):
        assert endless.words(rates, 8) == endless.prompt - 8
        assert endless.spoken(rates, 99).new == endless.new


def test_half_of_the_time_is_for_reading_where_only_the_whole_is_limited() -> None:
    assert Budget(done_ms=1000).reading_ms == 500
    assert Budget(first_ms=300, done_ms=1000).reading_ms == 300
    assert Budget(first_ms=3000, done_ms=1000).reading_ms == 500
    assert Budget().reading_ms is None


def test_no_room_for_words() -> None:
    with pytest.raises(BudgetTooSmall, match="no room for any words"):
        Budget(prompt=8).words(None, 8)
