import pytest

from lamha.models.llm.budget import Budget, Clock, Spent


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
