"""A turn as data: what was heard, what was decided, what was answered, and what it cost."""

from dataclasses import asdict, dataclass, field
from typing import Any

from lamha.models.llm.budget import Spent
from lamha.skills.api import Reply


@dataclass(frozen=True, slots=True)
class Heard:
    """The wearer's words. `milliseconds` is what recognising took; 0 for typed words."""

    text: str
    language: str
    seconds: float = 0.0
    confidence: float = 1.0
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Called:
    """An action that is run, and its arguments in words."""

    action: str
    arguments: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Routed:
    """The action that is meant, or None; how sure (0…1); its arguments in words."""

    action: str | None
    confidence: float
    arguments: dict[str, str] = field(default_factory=dict)
    calls: tuple[Called, ...] = ()
    """What is run, in order: nothing where something is asked first, several where several were asked for."""


@dataclass(frozen=True, slots=True)
class Word:
    """Some text of the answer as it comes."""

    text: str


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds. All but `recognise` count from the moment the words were there."""

    recognise: float
    route: float
    first_word: float
    total: float


@dataclass(frozen=True, slots=True)
class Turn:
    """Everything about one turn; it can be logged, replayed and tested."""

    heard: Heard
    routed: Routed
    reply: Reply
    timings: Timings
    spent: Spent

    def as_json(self) -> dict[str, Any]:
        """One object, as `--json` prints it."""
        return {
            "heard": asdict(self.heard),
            "action": self.routed.action,
            "confidence": round(self.routed.confidence, 4),
            "arguments": self.routed.arguments,
            "calls": [asdict(call) for call in self.routed.calls],
            "card": asdict(self.reply.card),
            "speech": self.reply.speech,
            "timings_ms": {name: round(value, 1) for name, value in asdict(self.timings).items()},
            "tokens_in": self.spent.tokens_in,
            "tokens_out": self.spent.tokens_out,
            "tokens_per_second": round(self.spent.tokens_per_second, 1),
        }


type Event = Heard | Routed | Word | Turn
"""What happens in a turn, in this order; the `Turn` comes last and holds all of it."""
