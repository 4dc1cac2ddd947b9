"""What the rest of lamha asks of a language model, so that a test can stand in for one."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from lamha.models.llm.budget import Budget, Spent
from lamha.models.llm.generate import Piece
from lamha.models.llm.spans import Candidates, Span


class Form(Protocol):
    """An answer that code and the model write in turns."""

    def put(self, text: str) -> None:
        """Go on with this text."""
        ...

    def write(self, schema: Mapping[str, Any], new: int = 32) -> Any:
        """A JSON value that the model writes here."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class Glance(Protocol):
    """What words mean after each of several fixed beginnings."""

    spent: Spent

    @property
    def states(self) -> NDArray[np.float32]:
        """Shape (beginnings, width): the model's state where an answer would begin."""
        ...

    def along(self, index: int) -> tuple[NDArray[np.float32], Sequence[tuple[int, int]]]:
        """Shape (tokens, width): the states along the words behind one beginning; and their characters."""
        ...

    def after(self, index: int, cues: Sequence[str]) -> NDArray[np.float32]:
        """Shape (cues, width): the states after each cue with which an answer might begin."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class Reading(Protocol):
    """Words that a model has read; everything that is asked about them branches off."""

    spent: Spent

    @property
    def words(self) -> str:
        """What fitted the budget."""
        ...

    @property
    def shortened(self) -> bool:
        """Whether the budget cut the words."""
        ...

    def features(self, cue: str) -> NDArray[np.float32]:
        """Shape (views, width): the model's state after the words, and after the cue."""
        ...

    def write(
        self,
        cue: str = "",
        budget: Budget | None = None,
        stops: Sequence[str] = (),
        *,
        schema: Mapping[str, Any] | None = None,
        quoting: bool = False,
    ) -> Iterator[Piece]:
        """The model's answer after the cue, as pieces; the last one says why it ended.

        With a JSON `schema` it is JSON that satisfies it; `quoting` says that it repeats the words.
        """
        ...

    def form(self) -> Form:
        """The answer as a form."""
        ...

    def copy(self, cue: str, candidates: Candidates) -> Span | None:
        """The candidate span that best continues the cue."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class Model(Protocol):
    """Reads words after a fixed instruction."""

    @property
    def identity(self) -> str:
        """Changes whenever the model's state could: a key for caches."""
        ...

    def read(
        self, words: str, system: str, budget: Budget | None = None, cancel: Event | None = None
    ) -> Reading:
        """Begin to read; nothing is decoded before something is asked."""
        ...

    def glance(self, words: str, systems: Sequence[str], adapter: Path | None = None) -> Glance:
        """What words mean after each instruction; at about half of what reading them costs.

        An `adapter` is a GGUF LoRA that was trained for what the states are asked.
        """
        ...
