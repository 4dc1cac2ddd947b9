"""What a turn leaves for the next one: what was done, asked, or offered. Nothing of it is written down."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from lamha.skills.api import Reply
from lamha.skills.arguments import Missing

REMEMBERED = timedelta(seconds=120)
"""What is said later stands on its own."""
AWAITED = timedelta(seconds=60)
"""A yes that comes later confirms nothing."""


@dataclass(frozen=True, slots=True)
class Call:
    """An action by name with its arguments, and the words that asked for it."""

    action: str
    arguments: Mapping[str, Any]
    utterance: str
    language: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question back: the call with the arguments answered so far, what is missing, and the answers."""

    call: Call
    missing: Missing
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """The state after a turn."""

    at: datetime
    language: str
    reply: Reply
    """What was shown and said last."""
    calls: tuple[Call, ...] = ()
    """What was run, in order."""
    replies: tuple[Reply, ...] = ()
    """What each of the calls gave back."""
    asked: Asked | None = None
    awaiting: tuple[Call, ...] = ()
    """What a yes would run."""

    def remembered(self, now: datetime) -> bool:
        """Whether what is said now may still continue it."""
        return self._within(REMEMBERED, now)

    def awaited(self, now: datetime) -> bool:
        """Whether a yes still confirms what was asked."""
        return bool(self.awaiting) and self._within(AWAITED, now)

    def _within(self, limit: timedelta, now: datetime) -> bool:
        # In UTC, since a summer time that ends is no hour; a clock that was set back proves nothing.
        return timedelta(0) <= now.astimezone(UTC) - self.at.astimezone(UTC) <= limit
