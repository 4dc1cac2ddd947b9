"""The loop, in three layers: tokens, pieces with what they cost, and plain text.

The skill, the command line and the benchmark read the same stream.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event

from lamha.models.errors import BudgetTooSmall
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
    clock: Clock = field(default_factory=Clock)
    """Starts now, with the budget's own deadline, unless it is given."""

    def __post_init__(self) -> None:
        if self.clock.milliseconds is None:
            self.clock = Clock(self.budget.done_ms)

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
        return "time" if self.clock.passed(CLOSING_SHARE) else None


type Ahead = Callable[[Sequence[int]], Sequence[int]]
"""From the tokens said so far to those that come next, as far as somebody can tell without the model."""


def nothing(_said: Sequence[int]) -> Sequence[int]:
    """Nobody can tell."""
    return ()


@dataclass(frozen=True, slots=True)
class Steps:
    """How the tokens of a reply are chosen, and how several of them are read in one batch.

    The reply is the same for every `width` up to which the board computes a batch bit for bit as it computes
    single tokens (`Calibration.alike`).
    """

    sampler: Sampler = greedy
    forced: Ahead = nothing
    """Tokens that are said whatever their scores."""
    guess: Ahead = nothing
    """Tokens that the sampler must choose too, or they are not said."""
    width: int = 1
    """Tokens of one batch at most."""
    closing: Callable[[Sequence[int]], str] | None = None
    """From the tokens that were said to the text which makes them a whole, where a limit has ended them."""


PLAIN = Steps()


def tokens(branch: Branch, logits: Logits, steps: Steps, spent: Spent) -> Iterator[int]:
    """Token ids from the scores after what the branch has read, until the caller stops asking.

    It ends by itself only where the context is full. Guesses are checked as in speculative decoding
    (Leviathan et al. 2023, the greedy case).
    """
    said, token = list[int](), None
    while True:
        run = _run(logits, token, said, steps)
        for each in run:
            said.append(each)
            spent.tokens_out += 1
            yield each
        guessed = list(steps.guess(said))[: steps.width - 1] if len(run) == 1 else []
        rows = _read(branch, run, guessed, bool(steps.forced(said)), spent)
        if rows is None:
            return
        right, end, token = 0, branch.length, None
        for guess, row in zip(guessed[: len(rows) - 1], rows, strict=False):
            token = steps.sampler(row, said)
            if token != guess:
                break
            said.append(token)
            spent.tokens_out += 1
            yield token
            right, token = right + 1, None
        logits = rows[right] if rows else logits
        if right < len(rows) - 1:
            branch.rewind(end - (len(rows) - 1 - right))


def _run(logits: Logits, token: int | None, said: Sequence[int], steps: Steps) -> list[int]:
    """The next token, and those that must follow it, as many as one batch takes."""
    width = max(steps.width, 1)
    if forced := steps.forced(said):
        return list(forced[:width])
    token = steps.sampler(logits, said) if token is None else token
    return [token, *steps.forced([*said, token])][:width]


def _read(
    branch: Branch, run: Sequence[int], guessed: Sequence[int], forced: bool, spent: Spent
) -> list[Logits] | None:
    """The scores after the run and after each guess; none where what follows is `forced`.

    None where the context is full; without the guesses where there is room for the run alone.
    """
    started = time.perf_counter()
    both = [*run, *guessed]
    scored = () if forced else range(len(run) - 1, len(both))
    try:
        return branch.read(both, scored=scored, lasting=False)
    except BudgetTooSmall:
        return _read(branch, run, (), forced, spent) if guessed else None
    finally:
        spent.decode_ms += (time.perf_counter() - started) * 1000


def generate(
    branch: Branch, logits: Logits, limits: Limits, spent: Spent, steps: Steps = PLAIN
) -> Iterator[Piece]:
    """Pieces of text after what the branch has read; always one last piece with `finish`."""
    engine, ending = branch.pool.engine, _Ending(limits, spent, whole=bool(steps.closing))
    stream = tokens(branch, logits, steps, spent)
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
    if ending.finish == "loop" and not steps.closing:
        del held[-ending.extra :]
    else:
        held.append(stops.flush())
    if steps.closing and ending.finish != "end":
        held.append(steps.closing(ending.said))
    yield Piece("".join(held), spent, ending.finish or "end")


class _Ending:
    """Decides when a stream of tokens is over, and remembers why."""

    def __init__(self, limits: Limits, spent: Spent, whole: bool = False) -> None:
        self.limits, self.spent = limits, spent
        self._whole = whole  # it is made a whole anyway: the end of a sentence is none
        self.finish: Finish | None = None
        self.repeats = False
        """Whether the last token was there a moment ago: it may be part of a loop, and is not shown yet."""
        self.extra = 0
        """How many tokens at the end are a loop's."""
        self.said: list[int] = []
        self._written = ""
        self._stop: Finish | None = None

    def bytes_of(
        self, stream: Iterable[int], is_end: Callable[[int], bool], piece: Callable[[int], bytes]
    ) -> Iterator[bytes]:
        for token in stream:
            if is_end(token):
                self.finish = "end"
                return
            self.repeats = token in self.said[-PHRASE:]
            self.said.append(token)
            yield piece(token)
            if reason := self._reason():
                self.finish = reason
                return
        self.finish = "context"

    def note(self, written: str, stopped: bool, held: Sequence[str]) -> None:
        self._written = written
        self.extra = self._loop(held) if self.repeats else 0
        if stopped:
            self._stop = "stop"
        elif self.extra:
            self._stop = "loop"
        elif not self._whole and ends_sentence(written):
            self._stop = self.limits.closing(self.spent.tokens_out)

    def _reason(self) -> Finish | None:
        reason = self._stop or self.limits.reached(self.spent.tokens_out)
        return None if reason == "time" and not self._written.strip() else reason  # never an empty answer

    def _loop(self, held: Sequence[str]) -> int:
        extra = looping(self.said, longest=PHRASE, rounds=ROUNDS, least=WORDS)
        if not extra or any(map(str.isalpha, "".join(held[-extra:]))):
            return extra
        return looping(self.said, longest=PHRASE, rounds=ROUNDS, least=FIGURES)


def text(pieces: Iterable[Piece]) -> str:
    """All of a reply as one string."""
    return "".join(piece.text for piece in pieces)
