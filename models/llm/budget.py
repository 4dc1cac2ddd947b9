"""What a reply may cost, and what it did cost: tokens in, tokens out, milliseconds."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Finish = Literal["end", "stop", "loop", "tokens", "time", "cancelled"]
"""What ended a reply: the model, a stop string, repeating itself, or the budget, the clock, the wearer."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits: prompt tokens, new tokens, and a deadline in milliseconds from the start (0 is none)."""

    prompt: int = 384
    new: int = 96
    milliseconds: float = 0.0

    def __post_init__(self) -> None:
        if self.new < 1 or self.prompt < 1:
            raise ValueError("a budget has room for at least one token each way")


@dataclass(slots=True)
class Spent:
    """What was used; it grows while a reply is written. Times are in milliseconds."""

    tokens_in: int = 0
    """Prompt tokens decoded for this reply; a prefix that was there already costs nothing."""
    tokens_out: int = 0
    prefill_ms: float = 0.0
    decode_ms: float = 0.0
    """For the tokens after the first, whose time went to prefill."""

    @property
    def tokens_per_second(self) -> float:
        """Decode rate; 0 until a second token is there."""
        return (
            (self.tokens_out - 1) * 1000 / self.decode_ms if self.tokens_out > 1 and self.decode_ms else 0.0
        )


@dataclass(slots=True)
class Clock:
    """A deadline: milliseconds since it was started against those allowed."""

    milliseconds: float = 0.0
    now: Callable[[], float] = time.perf_counter
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.now()

    @property
    def elapsed(self) -> float:
        """Milliseconds since the start."""
        return (self.now() - self.started) * 1000

    @property
    def over(self) -> bool:
        """Whether the deadline has passed."""
        return bool(self.milliseconds) and self.elapsed >= self.milliseconds
