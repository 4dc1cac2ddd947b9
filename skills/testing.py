"""A harness for tests of skills: a session on a model that answers from a queue, in milliseconds.

`FakeModel` routes by the words that an utterance shares with the examples, so that routing, arguments
and cards can be tried without weights. It proves nothing of the real model.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Event
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from lamha.models.llm.budget import Budget, Spent
from lamha.models.llm.generate import Piece
from lamha.models.llm.spans import Candidates, Span
from lamha.models.llm.text import shorten
from lamha.skills.api import Context, Reply, Storage, Writing
from lamha.skills.examples import units
from lamha.skills.mind import TurnMind

WIDTH = 512


class FakeModel:
    """Answers with the queued replies, one each time something is written."""

    identity = "fake"

    def __init__(self, *replies: str) -> None:
        self.replies = list(replies)
        self.asked: list[tuple[str, str, str]] = []
        """What was asked so far: instruction, words, cue."""

    def read(
        self, words: str, system: str, budget: Budget | None = None, cancel: Event | None = None
    ) -> "FakeReading":
        """Take the words; a token is a character here."""
        room = (budget or Budget()).prompt
        return FakeReading(self, system, shorten(words, room), words, cancel or Event())

    def glance(self, words: str, systems: Sequence[str], adapter: Path | None = None) -> "FakeGlance":
        """How many of the words each instruction shares."""
        return FakeGlance(words, tuple(systems))


@dataclass
class FakeGlance:
    """A `Glance` without a model: a state of one number, the share of the words that a text has too."""

    words: str
    systems: tuple[str, ...]
    spent: Spent = field(default_factory=Spent)

    @property
    def states(self) -> NDArray[np.float32]:
        """Shape (beginnings, 1)."""
        return np.array([[self._shared(system)] for system in self.systems], np.float32)

    def along(self, index: int) -> tuple[NDArray[np.float32], Sequence[tuple[int, int]]]:
        """Shape (characters, 1): one for the first and the last letter, so that everything is pointed at."""
        size = len(self.words)
        ends = [[float(at in (0, size - 1))] for at in range(size)]
        return np.array(ends, np.float32).reshape(size, 1), [(at, at + 1) for at in range(size)]

    def after(self, index: int, cues: Sequence[str]) -> NDArray[np.float32]:
        """Shape (cues, 1)."""
        return np.array([[self._shared(cue)] for cue in cues], np.float32)

    def _shared(self, text: str) -> float:
        mine, other = ({unit.text for unit in units(each.replace("_", " "))} for each in (self.words, text))
        return len(mine & other) / max(len(mine), 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return


class FakeForm:
    """A `Form` that takes the first value of an enum, and the longest of the texts that can be copied."""

    def put(self, text: str) -> None:
        """Nothing is kept."""

    def write(self, schema: Mapping[str, Any], new: int = 32) -> Any:
        """The plainest value."""
        if "enum" in schema:
            return schema["enum"][0]
        if "x-copy" in schema:
            return max(schema["x-copy"], key=len)
        if schema["type"] == "boolean":
            return True
        if schema["type"] == "array":
            return [self.write(schema["items"])]
        return {name: self.write(each) for name, each in schema["properties"].items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return


@dataclass
class FakeReading:
    """A `Reading` without a model."""

    model: FakeModel
    system: str
    words: str
    said: str
    cancel: Event
    spent: Spent = field(default_factory=Spent)

    @property
    def shortened(self) -> bool:
        """Whether the budget cut the words."""
        return self.words != self.said

    def features(self, cue: str) -> NDArray[np.float32]:
        """Shape (1, WIDTH): a hashed bag of words."""
        self.spent.tokens_in += len(self.words)
        bag = np.zeros((1, WIDTH), np.float32)
        for unit in units(self.words):
            bag[0, zlib.crc32(unit.text.encode()) % WIDTH] += 1
        return bag

    def write(
        self,
        cue: str = "",
        budget: Budget | None = None,
        stops: Sequence[str] = (),
        *,
        schema: Mapping[str, Any] | None = None,
        quoting: bool = False,
    ) -> Iterator[Piece]:
        """The next queued reply, a word at a time."""
        self.model.asked.append((self.system, self.words, cue))
        if not self.model.replies:
            raise LookupError(f"no reply is queued for: {self.words}")
        for word in self.model.replies.pop(0).split(" "):
            if self.cancel.is_set():
                yield Piece("", self.spent, "cancelled")
                return
            self.spent.tokens_out += 1
            yield Piece(word if self.spent.tokens_out == 1 else f" {word}", self.spent)
        yield Piece("", self.spent, "end")

    def form(self) -> FakeForm:
        """A form of its own."""
        return FakeForm()

    def copy(self, cue: str, candidates: Candidates) -> Span | None:
        """The candidate that was likeliest before."""
        best = max(candidates, key=candidates.__getitem__, default=None)
        return Span(*best, 0.0) if best else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return


def context(
    utterance: str, folder: Path, now: datetime, language: str = "en", replies: Iterable[str] = ()
) -> Context:
    """A context for calling an action by hand; its storage lies in `folder`."""
    model, cancel = FakeModel(*replies), Event()
    mind = TurnMind(model, model.read(utterance, ""), cancel)
    return Context(utterance, language, now, Storage(folder / "lamha.db"), mind)


def run(acting: Reply | Writing) -> tuple[str, Reply]:
    """All text that an action shows on its way, and its reply."""
    shown = ""
    while not isinstance(acting, Reply):
        try:
            shown += next(acting)
        except StopIteration as done:
            acting = done.value
    return shown, acting
