"""A model that answers from beyond the device where that works, and from the device where it does not.

The wearer sees one answer: what the server has said when it falls silent is where the local model goes on.
"""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from lamha.models.errors import ServerFailed
from lamha.models.llm.api import Form, Glance, Model, Reading
from lamha.models.llm.beyond.answer import Answer
from lamha.models.llm.beyond.remote import Patience, Question, Remote, patiently
from lamha.models.llm.budget import Budget
from lamha.models.llm.generate import Limits, Piece
from lamha.models.llm.spans import Candidates, Span

REST_S, LONGEST_REST_S = 30.0, 600.0
"""What failed is left alone for so long, twice as long each time, so that not every turn waits for it."""
SHARE = 0.5
"""Of a deadline, what the server may use before its first word; the rest is the local model's."""

_log = logging.getLogger(__name__)


class Rest:
    """How long a server that failed is left alone."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self.recover()

    def recover(self) -> None:
        """It answered: all is forgotten."""
        self._until, self._seconds = self._now(), REST_S

    def begin(self) -> float:
        """It failed; the seconds that it is left alone."""
        seconds = self._seconds
        self._until = self._now() + seconds
        self._seconds = min(2 * seconds, LONGEST_REST_S)
        return seconds

    @property
    def over(self) -> bool:
        """Whether it may be asked."""
        return self._now() >= self._until


class Beyond:
    """A `Model` whose answers come from `remote` where it can. All else is the local model's."""

    def __init__(self, local: Model, remote: Remote, rest: Rest | None = None) -> None:
        self.local, self.remote, self.rest = local, remote, rest or Rest()
        self.answered = False
        """Whether a word of the last answer came from `remote`."""

    @property
    def identity(self) -> str:
        """The local model's: what is kept is what it computed."""
        return self.local.identity

    @property
    def used(self) -> bool:
        """Whether a word of the last answer came from beyond the device."""
        return self.answered or (isinstance(self.local, Beyond) and self.local.used)

    def read(
        self, words: str, system: str, budget: Budget | None = None, cancel: Event | None = None
    ) -> Reading:
        """Begin to read, here; nothing is sent before an answer is asked for."""
        cancel = cancel or Event()
        reading = self.local.read(words, system, budget, cancel)
        return _Reading(self, reading, system, budget or Budget(), cancel)

    def glance(self, words: str, systems: Sequence[str], adapter: Path | None = None) -> Glance:
        """The local model's."""
        return self.local.glance(words, systems, adapter)

    def available(self) -> bool:
        """Whether it is worth asking now."""
        if not self.rest.over:
            return False
        try:
            return self.remote.ready()
        except ServerFailed as error:
            self.failed(error)
            return False

    def failed(self, error: ServerFailed) -> None:
        """Leave it alone for a while, and say so."""
        self.remote.close()
        _log.warning("lamha: no answers from %s for %.0f s: %s", self.remote, self.rest.begin(), error)


class _Reading:
    """What the local model reads, and the same words for the server."""

    def __init__(self, model: Beyond, local: Reading, system: str, budget: Budget, cancel: Event) -> None:
        self.spent = local.spent
        self._model, self._local, self._system = model, local, system
        self._budget, self._cancel = budget, cancel

    @property
    def words(self) -> str:
        return self._local.words

    @property
    def shortened(self) -> bool:
        return self._local.shortened

    def features(self, cue: str) -> NDArray[np.float32]:
        return self._local.features(cue)

    def copy(self, cue: str, candidates: Candidates) -> Span | None:
        return self._local.copy(cue, candidates)

    def form(self) -> Form:
        return self._local.form()

    def __enter__(self) -> Self:
        self._local.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._local.__exit__(*exception)

    def write(
        self,
        cue: str = "",
        budget: Budget | None = None,
        stops: Sequence[str] = (),
        *,
        schema: Mapping[str, Any] | None = None,
        quoting: bool = False,
    ) -> Iterator[Piece]:
        if schema is not None:  # what must satisfy a schema is written here
            yield from self._local.write(cue, budget, stops, schema=schema)
            return
        answer = Answer(Limits(budget or self._budget, stops, self._cancel), cue)
        self._model.answered = False
        if not self._cancel.is_set() and self._model.available():
            try:
                yield from self._beyond(answer)
            finally:
                self.spent.add(answer.spent)
        if not answer.finish:
            yield from self._locally(answer, quoting)

    def _beyond(self, answer: Answer) -> Iterator[Piece]:
        """What the server says; where it fails, the answer has no finish."""
        model, question = (
            self._model,
            Question(self._system, self.words, answer.cue, answer.limits.budget.new),
        )
        try:
            with closing(patiently(model.remote.ask(question), self._patience(answer), answer.over)) as parts:
                for part in parts:
                    if text := answer.take(part):
                        model.answered = True
                        yield Piece(text, answer.spent)
            rest = answer.end()
        except ServerFailed as error:
            answer.finish = None
            model.failed(error)
            return
        if answer.said:
            model.answered = True
            model.rest.recover()
        yield Piece(rest, answer.spent, answer.finish)

    def _locally(self, answer: Answer, quoting: bool) -> Iterator[Piece]:
        """Go on where the server fell silent, with what it left of the budget."""
        budget = answer.left()
        if not budget:
            yield Piece("", answer.spent, "tokens")
            return
        cue = answer.cue + answer.said
        for piece in self._local.write(cue, budget, answer.limits.stops, quoting=quoting):
            spent = replace(piece.spent)
            spent.add(answer.spent)
            yield Piece(piece.text, spent, piece.finish)

    def _patience(self, answer: Answer) -> Patience:
        patience, budget = self._model.remote.patience, answer.limits.budget
        deadlines = [SHARE * ms / 1000 for ms in (budget.first_ms, budget.done_ms) if ms]
        return replace(patience, first=min([patience.first, *deadlines]))
