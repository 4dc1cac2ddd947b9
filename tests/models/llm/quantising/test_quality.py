import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lamha.models.llm.quantising.quality import (
    ANYTHING,
    Bounds,
    Judge,
    Quality,
    loss,
    mean_loss,
    measure,
    objection,
)

BEFORE = Quality(491, 100, 30, {"en": 50, "ar": 100, "zh": 80}, 0.95)
AFTER = replace(BEFORE, size=363, decode=55)


def with_loss(**lost: float) -> Quality:
    return replace(
        AFTER, perplexity={name: was * (1 + lost.get(name, 0)) for name, was in BEFORE.perplexity.items()}
    )


def test_what_is_as_good_and_faster_is_no_worse() -> None:
    assert objection(BEFORE, AFTER, Bounds()) == ""
    assert objection(BEFORE, with_loss(en=0.05, ar=0.09, zh=0.05), Bounds()) == ""


def test_losses_are_shares_of_what_was() -> None:
    after = with_loss(en=0.1, ar=-0.02)
    assert loss(BEFORE, after) == pytest.approx({"en": 0.1, "ar": -0.02, "zh": 0})
    assert mean_loss(BEFORE, after) == pytest.approx((1.1 * 0.98) ** (1 / 3) - 1)


@pytest.mark.parametrize(
    ("after", "says"),
    [
        (with_loss(en=0.12, ar=0.12, zh=0.12), "perplexity is +12.0%, more than +10%"),
        (with_loss(ar=0.2), "perplexity in ar is +20.0%, more than +15%"),
        (with_loss(ar=math.inf), "no numbers"),
        (with_loss(zh=math.nan), "no numbers"),
        (replace(AFTER, decode=31), "only 1.03 times as fast"),
        (replace(AFTER, routing=0.92), "routing score is -3.0 points, less than -2.0"),
    ],
)
def test_what_is_worse_is_told(after: Quality, says: str) -> None:
    assert says in objection(BEFORE, after, Bounds())
    if "numbers" not in says:
        assert objection(BEFORE, after, ANYTHING) == ""


def test_a_bound_of_nothing_refuses_any_loss() -> None:
    assert objection(BEFORE, with_loss(en=0.001), Bounds(perplexity=0)) != ""


@pytest.mark.model
def test_a_judge_measures_routing_only_of_what_is_good_enough(gguf: Callable[[str], Path]) -> None:
    path, asked = gguf("smollm2-135m"), list[Path]()

    def routing(path: Path) -> float:
        asked.append(path)
        return 0.5

    before = replace(measure(path, ["en"]), routing=0.5)
    assert before.size == path.stat().st_size
    assert before.perplexity.keys() == {"en"}
    quality, wrong = Judge(before, Bounds(speed=1e6), ("en",), routing)(path)
    assert "times as fast" in wrong
    assert not asked
    quality, wrong = Judge(before, Bounds(speed=0), ("en",), routing)(path)
    assert not wrong
    assert quality.routing == 0.5
    assert asked == [path]
    assert quality.perplexity == pytest.approx(before.perplexity)
    assert Judge(before, Bounds(speed=0), ("en",), lambda _: 0.4)(path)[1].startswith("the routing score")
