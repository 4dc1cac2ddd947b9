"""A language model as the rest of lamha sees it: it reads words once, and everything else branches off.

What a turn asks of the model stands after the wearer's words (`frame.before + words + frame.after + cue`),
so the words are decoded once for routing, for arguments and for the answer.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Event
from typing import Self

import numpy as np
from numpy.typing import NDArray

from lamha.models.errors import BudgetTooSmall
from lamha.models.llm.branch import Branch, Pool
from lamha.models.llm.budget import Budget, Spent
from lamha.models.llm.chat import Frame, frame
from lamha.models.llm.engine import Engine, Logits, Settings
from lamha.models.llm.generate import Limits, Piece, generate
from lamha.models.llm.prefix import Prefixes
from lamha.models.llm.sampling import Sampler, greedy
from lamha.models.llm.spans import Candidates, Span, choose
from lamha.models.llm.text import shorten

FEATURES = 1024
"""Width of a feature vector: that many scores, drawn once from the vocabulary, span the hidden state."""


class _Cancelled(Exception):
    """The wearer does not want to wait for the rest of the prompt."""


class LanguageModel:
    """A GGUF, its chat template and the prefixes it has read. One caller at a time."""

    def __init__(self, path: Path, settings: Settings | None = None) -> None:
        self.engine = Engine(path, settings)
        self.pool = Pool(self.engine)
        self.prefixes = Prefixes(self.pool)
        self._template = self.engine.metadata("tokenizer.chat_template")
        self._frames: dict[str, Frame] = {}

    def close(self) -> None:
        """Free the model's memory."""
        self.engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(
        self, words: str, system: str, budget: Budget | None = None, cancel: Event | None = None
    ) -> "Reading":
        """Read words after the system text; what is beyond the budget is cut off at a sentence end."""
        budget = budget or Budget()
        around = self._frame(system)
        after = self.engine.tokenize(around.after, special=True)
        tokens, kept = self._fit(words, budget.prompt - len(after))
        branch = self.prefixes.branch(self._begin(around.before))
        return Reading(self, branch, tokens + after, kept, words, cancel or Event())

    def warm(self, system: str) -> None:
        """Decode the fixed part of a prompt before anybody waits for it."""
        self.read("", system).close()

    def _frame(self, system: str) -> Frame:
        if system not in self._frames:
            self._frames[system] = frame(self._template, system)
        return self._frames[system]

    def _begin(self, text: str) -> tuple[int, ...]:
        tokens, bos = self.engine.tokenize(text, special=True), self.engine.bos
        return tuple(tokens if tokens[:1] == bos else bos + tokens)  # some templates write it, others do not

    def _fit(self, words: str, room: int) -> tuple[list[int], str]:
        if room < 1:
            raise BudgetTooSmall("the prompt's budget has no room for any words", "raise the budget")
        kept, tokens = words, self.engine.tokenize(words)
        while len(tokens) > room:
            kept = shorten(kept, min(len(kept) - 1, len(kept) * room // len(tokens)))
            tokens = self.engine.tokenize(kept)
        return tokens, kept

    @property
    def identity(self) -> str:
        """The weights, the build that reads them and the adapters in use: a key for caches."""
        return self.engine.identity

    @cached_property
    def feature_tokens(self) -> NDArray[np.int64]:
        """The tokens whose scores are the features; the same for every run of a model."""
        size = self.engine.vocabulary_size
        return np.random.default_rng(0).choice(size, min(FEATURES, size), replace=False)


@dataclass
class Reading:
    """Words that the model has read or is about to read. Use it in a `with`; all branches end with it."""

    model: LanguageModel
    branch: Branch
    pending: list[int]
    words: str
    """What fits the budget."""
    said: str
    """What the wearer said, whole."""
    cancel: Event
    spent: Spent = field(default_factory=Spent)
    _logits: Logits | None = None

    @property
    def shortened(self) -> bool:
        """Whether the budget cut the words."""
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
        suffix = self.model.engine.tokenize(cue)
        before, tokens = len(self.pending), self.pending + suffix
        if self._logits is not None or not suffix:
            begin = self._answer_logits()
            with self.branch.fork() as branch:
                (cued,) = self._timed(branch, suffix) if suffix else (begin,)
        else:
            begin, cued = self._timed(self.branch, tokens, (before - 1, len(tokens) - 1))
            self.branch.rewind(self.branch.length - len(suffix))
            self._logits, self.pending = begin, []
        return np.stack([begin, cued])[:, self.model.feature_tokens]

    def write(
        self,
        cue: str = "",
        budget: Budget | None = None,
        stops: Sequence[str] = (),
        sampler: Sampler = greedy,
    ) -> Iterator[Piece]:
        """Continue the assistant's turn after `cue`, within the budget, as pieces of text."""
        limits = Limits(budget or Budget(), stops, self.cancel)
        with ExitStack() as stack:
            try:
                logits = self._answer_logits(self._unless_cancelled)
                branch = stack.enter_context(self.branch.fork())
                if suffix := self.model.engine.tokenize(cue):
                    (logits,) = self._timed(branch, suffix, None, self._unless_cancelled)
            except _Cancelled:
                yield Piece("", self.spent, "cancelled")
                return
            spent = Spent(tokens_in=self.spent.tokens_in, prefill_ms=self.spent.prefill_ms)
            try:
                yield from generate(branch, logits, limits, spent, sampler)
            finally:
                self.spent.tokens_out += spent.tokens_out
                self.spent.decode_ms += spent.decode_ms

    def copy(self, cue: str, candidates: Candidates) -> Span | None:
        """The candidate span of the words that best continues `cue`, which ends with an opening quote."""
        self._answer_logits()
        with self.branch.fork() as branch:
            (logits,) = self._timed(branch, self.model.engine.tokenize(cue))
            started = time.perf_counter()
            span, read = choose(branch, logits, self.words, candidates)
            self.spent.prefill_ms += (time.perf_counter() - started) * 1000
            self.spent.tokens_in += read
            return span

    def _unless_cancelled(self) -> None:
        if self.cancel.is_set():
            raise _Cancelled

    def _answer_logits(self, between: Callable[[], None] = lambda: None) -> Logits:
        if self._logits is None:
            (self._logits,) = self._timed(self.branch, self.pending, None, between)
            self.pending = []
        return self._logits

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
