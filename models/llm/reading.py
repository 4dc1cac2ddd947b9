"""Words that the model reads once; whatever is asked about them branches off."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from lamha.models.llm.branch import Branch
from lamha.models.llm.budget import Budget, Clock, Rates, Spent
from lamha.models.llm.engine import Logits
from lamha.models.llm.form import Form
from lamha.models.llm.generate import Limits, Piece, Steps, generate, nothing
from lamha.models.llm.lookup import Lookup
from lamha.models.llm.sampling import Sampler, greedy
from lamha.models.llm.spans import Candidates, Span, choose
from lamha.models.llm.thinking import think

STEP = 64
"""Tokens of a long text that are read between two looks at the clock; see `branch._chunks`."""
_LAST = 0.95  # of the time for the first word: from here on no more words are read


class _Cancelled(Exception):
    """The wearer does not want to wait for the rest of the prompt."""


@dataclass
class Prompt:
    """What is to be read after a prefix: the words, and what the chat template puts after them."""

    words: list[int]
    after: list[int]

    def __len__(self) -> int:
        return len(self.words) + len(self.after)


@dataclass
class Reading:
    """Words that the model has read or is about to read. Use it in a `with`; all branches end with it."""

    branch: Branch
    pending: Prompt
    words: str
    """What fits the budget."""
    said: str
    """What the wearer said, whole."""
    budget: Budget
    clock: Clock
    """Since it was asked, with the time for the first word."""
    cancel: Event
    feature_tokens: NDArray[np.int64]
    thinking: bool = False
    """Whether the prompt leaves the model in the middle of a thought."""
    rates: Rates | None = None
    alike: int = 1
    """The widest batch that is computed bit for bit as single tokens are."""
    spent: Spent = field(default_factory=Spent)
    _logits: Logits | None = None

    def __post_init__(self) -> None:
        self._source = list(self.pending.words)

    @property
    def shortened(self) -> bool:
        """Whether the budget or the clock cut the words."""
        return self.words != self.said

    def close(self) -> None:
        """Give the memory back."""
        self.branch.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def features(self, cue: str) -> NDArray[np.float32]:
        """Shape (2, FEATURES): scores where an answer would begin, and after `cue`; one batch for both."""
        suffix = self._engine.tokenize(cue)
        if self._logits is not None or not suffix:
            begin = self.answer_logits()
            with self.branch.fork() as branch:
                (cued,) = self._timed(branch, suffix) if suffix else (begin,)
        else:
            self._hurry()
            tokens = self.pending.words + self.pending.after
            both = (len(tokens) - 1, len(tokens) + len(suffix) - 1)
            begin, cued = self._timed(self.branch, tokens + suffix, both)
            self.branch.rewind(self.branch.length - len(suffix))
            self._logits = begin
        return np.stack([begin, cued])[:, self.feature_tokens]

    def write(
        self,
        cue: str = "",
        budget: Budget | None = None,
        stops: Sequence[str] = (),
        *,
        sampler: Sampler = greedy,
        schema: Mapping[str, Any] | None = None,
        quoting: bool = False,
    ) -> Iterator[Piece]:
        """Continue the assistant's turn after `cue`, within the budget, as pieces of text.

        With a JSON `schema` the text is JSON that satisfies it, whatever ends it, and stop strings do not
        count: what a limit leaves unwritten is the shortest that fits, so look at `finish`. `quoting` is for
        answers that repeat the words: the same answer, sooner. The deadline of a budget that is given here
        counts from now, that of the reading's own from when it was asked.
        """
        with ExitStack() as stack:
            steps = self._steps(sampler, schema, quoting)
            limits = self._limits(budget, () if steps.closing else stops)
            try:
                logits = self.answer_logits(self._unless_cancelled)
                branch = stack.enter_context(self.branch.fork())
                logits = think(branch, logits, limits, self.spent, inside=self.thinking)
                self._unless_cancelled()
                if suffix := self._engine.tokenize(cue):
                    (logits,) = self._timed(branch, suffix, None, self._unless_cancelled)
            except _Cancelled:
                yield Piece(steps.closing(()) if steps.closing else "", self.spent, "cancelled")
                return
            spent = self._so_far()
            try:
                yield from generate(branch, logits, limits, spent, steps)
            finally:
                self.spent.tokens_out += spent.tokens_out
                self.spent.decode_ms += spent.decode_ms

    def copy(self, cue: str, candidates: Candidates) -> Span | None:
        """The candidate span of the words that best continues `cue`, which ends with an opening quote."""
        self.answer_logits()
        with self.branch.fork() as branch:
            (logits,) = self._timed(branch, self._engine.tokenize(cue))
            started = time.perf_counter()
            span, read = choose(branch, logits, self.words, candidates)
            self.spent.prefill_ms += (time.perf_counter() - started) * 1000
            self.spent.tokens_in += read
            return span

    @property
    def _engine(self) -> Any:
        return self.branch.pool.engine

    def _limits(self, budget: Budget | None, stops: Sequence[str]) -> Limits:
        own = budget or self.budget
        left = 0 if self._logits is not None else len(self.pending)
        clock = Clock(own.done_ms) if budget else self.clock.until(own.done_ms)
        compiled = own.spoken(self.rates, left, clock.elapsed)
        return Limits(compiled, stops, self.cancel, clock)

    def _steps(self, sampler: Sampler, schema: Mapping[str, Any] | None, quoting: bool) -> Steps:
        if schema is not None:
            from lamha.models.llm.grammar.constrained import Constrained
            from lamha.models.llm.grammar.schema import grammar

            constrained = Constrained(self._engine, grammar(schema, self.words))
            return Steps(constrained, constrained.forced, nothing, self.alike, constrained.closing)
        guess = Lookup(self._source, self.alike - 1) if quoting and self.alike > 1 else nothing
        return Steps(sampler, nothing, guess, self.alike)

    def _so_far(self) -> Spent:
        spent = self.spent
        return Spent(
            spent.tokens_in,
            prefill_ms=spent.prefill_ms,
            tokens_cut=spent.tokens_cut,
            tokens_thought=spent.tokens_thought,
            thought_ms=spent.thought_ms,
        )

    def _unless_cancelled(self) -> None:
        if self.cancel.is_set():
            raise _Cancelled

    def form(self) -> Form:
        """The answer as a form, which code and the model fill in by turns."""
        return Form(self)

    def answer_logits(self, between: Callable[[], None] = lambda: None) -> Logits:
        """The scores where the answer begins; the words are read, calling `between` before each piece."""
        if self._logits is None:
            self._hurry(between)
            (self._logits,) = self._timed(self.branch, self.pending.words + self.pending.after, None, between)
        return self._logits

    def _hurry(self, between: Callable[[], None] = lambda: None) -> None:
        """Read a long text in steps while its first word can still be in time; the rest of it is left out."""
        if self.clock.milliseconds is None:
            return
        pending, step, taken = self.pending, self._step(), 0.0
        while len(pending.words) >= 2 * step:
            if self._late(step, taken):
                self._cut()
                return
            now, pending.words = pending.words[:step], pending.words[step:]
            before = self.clock.elapsed
            self._timed(self.branch, now, (), between)
            taken = (self.clock.elapsed - before) / step
        if len(pending.words) > step and self._late(len(pending.words), taken):
            self._cut()

    def _step(self) -> int:
        """Fewer tokens where so many take more than an eighth of the time: better in time than exact."""
        fits = (self.clock.milliseconds or 0) / 8 / self.rates.prefill_ms if self.rates else STEP
        return max(min(STEP, int(fits) // 8 * 8), 8)

    def _late(self, step: int, taken: float) -> bool:
        """Whether so many more tokens would be too many, where the last took so long each."""
        each, one = (self.rates.prefill_ms, self.rates.decode_ms) if self.rates else (0.0, 0.0)
        ahead = (step + len(self.pending.after)) * max(each, taken) + one
        return self.clock.elapsed + ahead > _LAST * (self.clock.milliseconds or 0)

    def _cut(self) -> None:
        kept = self._source[: len(self._source) - len(self.pending.words)]
        if not kept:  # never no words at all
            kept = self.pending.words = self.pending.words[: self._step()]
        else:
            self.pending.words = []
        self.spent.tokens_cut += len(self._source) - len(kept)
        self.words = b"".join(map(self._engine.piece, kept)).decode(errors="ignore")
        self._source = kept

    def _timed(
        self,
        branch: Branch,
        tokens: Sequence[int],
        scored: Sequence[int] | None = None,
        between: Callable[[], None] = lambda: None,
    ) -> list[Logits]:
        started = time.perf_counter()
        logits = branch.read(tokens, scored, between)
        self.spent.prefill_ms += (time.perf_counter() - started) * 1000
        self.spent.tokens_in += len(tokens)
        return logits
