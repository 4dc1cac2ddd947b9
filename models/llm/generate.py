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
from lamha.models.repetition import looping

CLOSING_SHARE = 0.7
"""From this share of a budget on, the next sentence end is the last: better whole than cut."""
PHRASE, ROUNDS = 8, 3
"""A phrase of so many tokens at most, said so many times, is a loop."""
WORDS, FIGURES = 6, 32
"""And if it is so many tokens long: a number may well have a dozen zeros."""


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

    def closing(self, tokens_out: int) -> Finish | None:
        """The limit that is so near that the next sentence end is the last, if any."""
        if tokens_out >= CLOSING_SHARE * self.budget.new:
            return "tokens"
        late = bool(self.clock.milliseconds) and self.clock.elapsed > CLOSING_SHARE * self.clock.milliseconds
        return "time" if late else None


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
    stops, held, written = StopFilter(limits.stops), list[str](), ""
    for text in characters(ending.bytes_of(stream, engine.is_end, engine.piece)):
        if ending.finish:
            break  # the first bytes of a character whose last was not written
        held.append(stops.push(text))
        written += held[-1]
        ending.note(written, stops.stopped, held)
        if not ending.repeats:
            if safe := "".join(held):
                yield Piece(safe, spent)
            held.clear()
    if ending.finish == "loop":
        del held[-ending.extra :]
    else:
        held.append(stops.flush())
    yield Piece("".join(held), spent, ending.finish or "end")


class _Ending:
    """Decides when a stream of tokens is over, and remembers why."""

    def __init__(self, limits: Limits, spent: Spent) -> None:
        self.limits, self.spent = limits, spent
        self.finish: Finish | None = None
        self.repeats = False
        """Whether the last token was there a moment ago: it may be part of a loop, and is not shown yet."""
        self.extra = 0
        """How many tokens at the end are a loop's."""
        self._said: list[int] = []
        self._written = ""
        self._stop: Finish | None = None

    def bytes_of(
        self, stream: Iterable[int], is_end: Callable[[int], bool], piece: Callable[[int], bytes]
    ) -> Iterator[bytes]:
        for token in stream:
            if is_end(token):
                break
            self.repeats = token in self._said[-PHRASE:]
            self._said.append(token)
            yield piece(token)
            if reason := self._reason():
                self.finish = reason
                return
        self.finish = "end"

    def note(self, written: str, stopped: bool, held: Sequence[str]) -> None:
        self._written = written
        self.extra = self._loop(held) if self.repeats else 0
        if stopped:
            self._stop = "stop"
        elif self.extra:
            self._stop = "loop"
        elif ends_sentence(written):
            self._stop = self.limits.closing(self.spent.tokens_out)

    def _reason(self) -> Finish | None:
        reason = self._stop or self.limits.reached(self.spent.tokens_out)
        return None if reason == "time" and not self._written.strip() else reason  # never an empty answer

    def _loop(self, held: Sequence[str]) -> int:
        extra = looping(self._said, longest=PHRASE, rounds=ROUNDS, least=WORDS)
        if not extra or any(map(str.isalpha, "".join(held[-extra:]))):
            return extra
        return looping(self._said, longest=PHRASE, rounds=ROUNDS, least=FIGURES)


def text(pieces: Iterable[Piece]) -> str:
    """All of a reply as one string."""
    return "".join(piece.text for piece in pieces)
