"""What a reply may cost, and what it did cost: tokens in, tokens out, milliseconds."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Literal, Protocol

from lamha.models.errors import BudgetTooSmall

Finish = Literal["end", "stop", "loop", "tokens", "time", "context", "cancelled"]
"""What ended a reply: the model, a stop string, a loop, the budget, the clock, a full context, the wearer."""


HEADROOM = 0.85
"""The share of a deadline that is planned for; the rest is for what no calibration knows."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of a reply: tokens of the prompt, new ones, tokens of thought; and two deadlines.

    The deadlines, for the first word and for the last, are milliseconds from when it was asked; None is none.
    BudgetTooSmall where nothing fits.
    """

    prompt: int = 384
    new: int = 96
    thinking: int = 0
    """For models that reason before they answer; 0 is not to."""
    first_ms: float | None = None
    done_ms: float | None = None

    def __post_init__(self) -> None:
        if self.new < 1 or self.prompt < 1 or self.thinking < 0:
            raise BudgetTooSmall("a budget has room for at least one token each way", "raise it")
        for deadline in (self.first_ms, self.done_ms):
            if deadline is not None and not deadline > 0:
                raise BudgetTooSmall(
                    f"a deadline of {deadline:g} ms has passed before anything runs",
                    "give it more time, or None for no deadline",
                )

    @property
    def reading_ms(self) -> float | None:
        """Milliseconds until the first word must be there; half of the whole where only that is limited."""
        if self.first_ms and not (self.done_ms and self.done_ms < self.first_ms):
            return self.first_ms
        return self.done_ms / 2 if self.done_ms else None

    def words(self, rates: "Rates | None", after: int, unread: int = 0) -> int:
        """How many tokens of words fit, with `after` others of the prompt, read in time for the first word.

        `unread` is what else must be read, a prefix that is not there yet. BudgetTooSmall where nothing fits.
        """
        most = self.prompt - after
        if most < 1:
            raise BudgetTooSmall("the prompt's budget has no room for any words", "raise the budget")
        if rates and self.reading_ms:
            read = (self.reading_ms * HEADROOM - 2 * rates.decode_ms) / rates.prefill_ms
            most = int(min(most, read - after - unread))
        return max(most, 1)  # late, but an answer

    def spoken(self, rates: "Rates | None", unread: int, elapsed: float = 0.0) -> "Budget":
        """The same with caps on what can be written in time, once `unread` tokens of the prompt are read.

        `elapsed` milliseconds are over already. At most half of what is written is thought.
        """
        if not rates or not self.done_ms:
            return self
        left = self.done_ms * HEADROOM - elapsed - unread * rates.prefill_ms
        fits = int(max(min(left / rates.decode_ms, self.thinking + self.new), 1))
        thinking = min(self.thinking, fits // 2)
        return replace(self, thinking=thinking, new=max(1, min(self.new, fits - thinking)))


class Rates(Protocol):
    """How fast the board is just now."""

    @property
    def prefill_ms(self) -> float:
        """Milliseconds to read one token of a batch."""
        ...

    @property
    def decode_ms(self) -> float:
        """Milliseconds to write one token."""
        ...


@dataclass(slots=True)
class Spent:
    """What was used; it grows while a reply is written. Times are in milliseconds."""

    tokens_in: int = 0
    """Prompt tokens decoded for this reply; a prefix that was there already costs nothing."""
    tokens_out: int = 0
    prefill_ms: float = 0.0
    decode_ms: float = 0.0
    """For the tokens after the first, whose time went to prefill."""
    tokens_cut: int = 0
    """Tokens of the words that were left out of the prompt, for its budget or its deadline."""
    tokens_thought: int = 0
    thought_ms: float = 0.0

    def add(self, other: "Spent") -> None:
        """Count what something else has cost, too."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    @property
    def tokens_per_second(self) -> float:
        """Decode rate; 0 until a second token is there."""
        return (
            (self.tokens_out - 1) * 1000 / self.decode_ms if self.tokens_out > 1 and self.decode_ms else 0.0
        )


@dataclass(slots=True)
class Clock:
    """A deadline: milliseconds since it was started against those allowed, if any."""

    milliseconds: float | None = None
    now: Callable[[], float] = time.perf_counter
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.now()

    @property
    def elapsed(self) -> float:
        """Milliseconds since the start."""
        return (self.now() - self.started) * 1000

    def until(self, milliseconds: float | None) -> "Clock":
        """Another deadline from the same start."""
        other = Clock(milliseconds, self.now)
        other.started = self.started
        return other

    def passed(self, share: float) -> bool:
        """Whether this share of the time allowed is over."""
        return self.milliseconds is not None and self.elapsed >= share * self.milliseconds

    @property
    def over(self) -> bool:
        """Whether the deadline has passed."""
        return self.passed(1)
