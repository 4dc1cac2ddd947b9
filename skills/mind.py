"""The language model as a skill sees it: text in, text out, every token counted for the turn."""

from collections.abc import Iterator, Mapping, Sequence
from threading import Event
from typing import Any

from lamha.models.llm.api import Model, Reading
from lamha.models.llm.budget import Budget, Finish, Spent
from lamha.models.llm.generate import Piece
from lamha.models.llm.text import ends_sentence

CUT = "…"
"""Stands where a budget ended an answer in the middle of a sentence."""
_CUT = ("tokens", "time", "context", "loop")


class TurnMind:
    """A `Mind` for one turn, on what the model has read of it."""

    def __init__(self, model: Model, reading: Reading, cancel: Event) -> None:
        self._model = model
        self._reading = reading
        self._cancel = cancel
        self._others: list[Spent] = []
        self.finish: Finish | None = None
        """What ended the last answer; for anything but "end" and "stop" a limit did."""

    def write(
        self,
        cue: str = "",
        budget: Budget | None = None,
        stops: Sequence[str] = (),
        *,
        schema: Mapping[str, Any] | None = None,
        quoting: bool = False,
    ) -> Iterator[str]:
        """Answer what the wearer said, going on after `cue`."""
        pieces = self._reading.write(cue, budget, stops, schema=schema, quoting=quoting)
        return self._text(pieces, whole=schema is not None)

    def compose(
        self,
        instruction: str,
        words: str,
        cue: str = "",
        budget: Budget | None = None,
        stops: Sequence[str] = (),
        *,
        schema: Mapping[str, Any] | None = None,
        quoting: bool = False,
    ) -> Iterator[str]:
        """Answer other words under another instruction."""
        with self._model.read(words, instruction, budget, self._cancel) as reading:
            self._others.append(reading.spent)
            pieces = reading.write(cue, None, stops, schema=schema, quoting=quoting)  # in the time since then
            yield from self._text(pieces, whole=schema is not None)

    @property
    def spent(self) -> Spent:
        """All that the turn has cost so far."""
        total = Spent()
        for part in (self._reading.spent, *self._others):
            total.add(part)
        return total

    def _text(self, pieces: Iterator[Piece], whole: bool) -> Iterator[str]:
        """The text of an answer; `whole` is one that no limit leaves cut."""
        self.finish, shown = None, ""
        for piece in pieces:
            shown += piece.text
            if piece.text:
                yield piece.text
            if piece.finish in _CUT and not whole and not ends_sentence(shown):
                yield CUT
            self.finish = piece.finish
