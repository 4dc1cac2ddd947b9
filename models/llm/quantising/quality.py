"""What a model is worth on this device: its size, its speed on one thread, and how well it does."""

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lamha.models.llm.engine import Engine, Row, Settings
from lamha.models.llm.quantising.perplexity import perplexity, texts

type Routing = Callable[[Path], float]
"""The share of commands that are told apart with a model; measured by who knows the commands."""

_READ, _WRITTEN, _ROUNDS = 64, 16, 3  # tokens; the best of the rounds counts, since other work only slows
_SETTINGS = Settings(context=512, batch=_READ, sequences=1, scored=_READ)


@dataclass(frozen=True)
class Quality:
    """What was measured of one file."""

    size: int
    """Bytes."""
    prefill: float
    """Tokens a second, read in batches."""
    decode: float
    """Tokens a second, one after the other."""
    perplexity: Mapping[str, float]
    """By language."""
    routing: float | None = None
    """Between 0 and 1; None where it was not asked for."""


@dataclass(frozen=True)
class Bounds:
    """How much worse a coarser model may be, and how much faster it has to be."""

    perplexity: float = 0.10
    """More of it, in the geometric mean of the languages; 0.02 of that is noise."""
    language: float = 0.15
    """More of it in any one language; 0.04 of that is noise."""
    routing: float = 0.02
    """Fewer commands told apart, of all; 0.011 of that is noise: 8 of 255 examples change sides."""
    speed: float = 1.1
    """At least so many times as many tokens a second, one after the other."""


ANYTHING = Bounds(math.inf, math.inf, math.inf, 0)
"""Nothing is too bad."""


@dataclass(frozen=True)
class Judge:
    """Measures copies of a model and says what is wrong with them."""

    before: Quality
    bounds: Bounds
    languages: tuple[str, ...] = ()
    routing: Routing | None = None

    def __call__(self, path: Path) -> tuple[Quality, str]:
        """What a copy is worth, and why it is no substitute or nothing; routing is slow, so it comes last."""
        after = measure(path, self.languages)
        wrong = objection(self.before, after, self.bounds)
        if wrong or not self.routing:
            return after, wrong
        after = replace(after, routing=self.routing(path))
        return after, objection(self.before, after, self.bounds)


def measure(path: Path, languages: Iterable[str] = ()) -> Quality:
    """Size, speed and perplexity in the given languages, or in all that there is a text for."""
    read = texts()
    wanted = [language for language in languages if language in read] or list(read)
    with Engine(path, _SETTINGS) as engine:
        prefill, decode = _speed(engine, read["en"])
        surprise = {language: perplexity(engine, read[language]) for language in wanted}
    return Quality(path.stat().st_size, prefill, decode, surprise)


def loss(before: Quality, after: Quality) -> Mapping[str, float]:
    """How much more perplexity, by language; 0.1 is a tenth."""
    return {name: value / before.perplexity[name] - 1 for name, value in after.perplexity.items()}


def mean_loss(before: Quality, after: Quality) -> float:
    """How much more perplexity in the geometric mean of the languages."""
    ratios = [1 + lost for lost in loss(before, after).values()]
    return math.prod(ratios) ** (1 / len(ratios)) - 1


def objection(before: Quality, after: Quality, bounds: Bounds) -> str:
    """Why the second is no substitute for the first, or nothing."""
    lost, worst = loss(before, after), max(loss(before, after).items(), key=lambda item: item[1])
    if not all(map(math.isfinite, lost.values())):
        return "its scores are no numbers"
    if mean_loss(before, after) > bounds.perplexity:
        return f"perplexity is {mean_loss(before, after):+.1%}, more than {bounds.perplexity:+.0%}"
    if worst[1] > bounds.language:
        return f"perplexity in {worst[0]} is {worst[1]:+.1%}, more than {bounds.language:+.0%}"
    if after.decode < bounds.speed * before.decode:
        return f"it is only {after.decode / before.decode:.2f} times as fast"
    if after.routing is not None and before.routing is not None:
        return _routed(after.routing - before.routing, bounds.routing)
    return ""


def _routed(gained: float, bound: float) -> str:
    points = 100 * gained
    return (
        f"the routing score is {points:+.1f} points, less than {-100 * bound:+.1f}" if gained < -bound else ""
    )


def _speed(engine: Engine, text: str) -> tuple[float, float]:
    tokens = engine.tokenize(text)[:_READ]
    rates = [_round(engine, tokens) for _ in range(_ROUNDS)]
    return max(prefill for prefill, _ in rates), max(decode for _, decode in rates)


def _round(engine: Engine, tokens: list[int]) -> tuple[float, float]:
    engine.forget(0)
    started = time.perf_counter()
    engine.decode([Row(token, position, 0) for position, token in enumerate(tokens)])
    prefill = len(tokens) / (time.perf_counter() - started)
    steps = [_step(engine, tokens[0], len(tokens) + index) for index in range(_WRITTEN)]
    return prefill, 1 / min(steps)


def _step(engine: Engine, token: int, position: int) -> float:
    started = time.perf_counter()
    engine.decode([Row(token, position, 0, scored=True)])
    return time.perf_counter() - started
