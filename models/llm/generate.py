"""The loop, in three layers: tokens, pieces with what they cost, and plain text.

The skill, the command line and the benchmark read the same stream.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event

from lamha.models.llm.branch import Branch
from lamha.models.llm.budget import Budget, Clock, Finish, Spent
from lamha.models.llm.engine import Logits
from lamha.models.llm.sampling import Sampler, greedy
from lamha.models.llm.text import StopFilter, characters, ends_sentence

CLOSING_SHARE = 0.7
"""From this share of a budget on, the next sentence end is the last: better whole than cut."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text as it comes. The last piece of a reply carries why it ended."""

    text: str
    spent: Spent
    finish: Finish | None = None


@dataclass
class Limits:
    """What may end a reply early: its budget, the clock, a stop string, the wearer."""

    budget: Budget = field(default_factory=Budget)
    stops: Sequence[str] = ()
    cancel: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.clock = Clock(self.budget.milliseconds)

    def reached(self, tokens_out: int) -> Finish | None:
        """The limit that is used up, if any."""
        if self.cancel.is_set():
            return "cancelled"
        if tokens_out >= self.budget.new:
            return "tokens"
        return "time" if self.clock.over else None

    def closing(self, tokens_out: int) -> bool:
        """Whether it is time to stop at the next sentence end."""
        late = bool(self.clock.milliseconds) and self.clock.elapsed > CLOSING_SHARE * self.clock.milliseconds
        return late or tokens_out >= CLOSING_SHARE * self.budget.new


def tokens(branch: Branch, logits: Logits, sampler: Sampler, spent: Spent) -> Iterator[int]:
    """Token ids without end from the scores after what the branch has read; the caller stops asking."""
    said: list[int] = []
    while True:
        token = sampler(logits, said)
        said.append(token)
        spent.tokens_out += 1
        yield token
        started = time.perf_counter()
        (logits,) = branch.read([token])
        spent.decode_ms += (time.perf_counter() - started) * 1000


def generate(
    branch: Branch, logits: Logits, limits: Limits, spent: Spent, sampler: Sampler = greedy
) -> Iterator[Piece]:
    """Pieces of text after what the branch has read; always one last piece with `finish`."""
    engine, ending = branch.pool.engine, _Ending(limits, spent)
    stream = tokens(branch, logits, sampler, spent)
    held, shown = StopFilter(limits.stops), ""
    for text in characters(ending.bytes_of(stream, engine.is_end, engine.piece)):
        safe = held.push(text)
        shown += safe
        if safe:
            yield Piece(safe, spent)
        ending.note(shown, held.stopped)
    yield Piece(held.flush(), spent, ending.finish)


class _Ending:
    """Decides when a stream of tokens is over, and remembers why."""

    def __init__(self, limits: Limits, spent: Spent) -> None:
        self.limits, self.spent = limits, spent
        self.finish: Finish = "end"
        self._stop: Finish | None = None

    def bytes_of(
        self, stream: Iterable[int], is_end: Callable[[int], bool], piece: Callable[[int], bytes]
    ) -> Iterator[bytes]:
        for token in stream:
            if is_end(token):
                return
            yield piece(token)
            if reason := self._stop or self.limits.reached(self.spent.tokens_out):
                self.finish = reason
                return

    def note(self, shown: str, stopped: bool) -> None:
        if stopped:
            self._stop = "stop"
        elif self.limits.closing(self.spent.tokens_out) and ends_sentence(shown):
            self._stop = self.limits.reached(self.spent.tokens_out) or "tokens"


def text(pieces: Iterable[Piece]) -> str:
    """All of a reply as one string."""
    return "".join(piece.text for piece in pieces)
