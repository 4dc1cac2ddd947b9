"""A model beyond the device as a role: what it is asked, what comes back, and how long one waits for it."""

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Protocol

from lamha.models.errors import ServerFailed
from lamha.models.llm.budget import Finish

POLL_S = 0.02
"""So soon a wearer who has heard enough is obeyed."""
AFTER_S = 0.25
"""An answer that is whole waits so long for what it cost."""


@dataclass(frozen=True, slots=True)
class Question:
    """All that leaves the device."""

    system: str
    words: str
    cue: str = ""
    """How the answer begins; only what comes after it is wanted."""
    new: int = 96
    """Tokens that the answer may have."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some of an answer as it arrives, why it ended, and what it cost there, as far as that is told."""

    text: str = ""
    finish: Finish | None = None
    tokens_in: int = 0
    tokens_out: int = 0


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait: for a connection, for the first word, and for each word after it."""

    connect: float = 1.0
    first: float = 3.0
    next: float = 3.0


class Call(Protocol):
    """A question that was asked. Reading it blocks, and raises ServerFailed."""

    def __iter__(self) -> Iterator[Part]: ...

    def close(self) -> None:
        """End it, from any thread; whoever reads it gets no more."""
        ...


class Remote(Protocol):
    """Answers questions from beyond the device."""

    patience: Patience

    def ready(self) -> bool:
        """Whether it can be asked at once; begins to get ready. ServerFailed where it cannot."""
        ...

    def ask(self, question: Question) -> Call:
        """Begin a call; nothing is sent before it is read."""
        ...

    def close(self) -> None:
        """Drop all that it holds, and what may be stuck; the next question begins anew."""
        ...


def patiently(call: Call, patience: Patience, enough: Callable[[], bool]) -> Generator[Part]:
    """The parts of a call that another thread reads; ServerFailed when a word takes too long.

    Ends early once there is `enough`. Only words count as signs of life: a server may send blanks for ever.
    """
    arrived: SimpleQueue[Part | ServerFailed | None] = SimpleQueue()
    Thread(target=_read, args=(call, arrived), daemon=True).start()
    limit, since, whole = patience.first, time.monotonic(), False
    try:
        while not enough():
            part = _next(arrived)
            if part is None:
                return
            if part != Part():
                yield part
                whole = whole or bool(part.finish)
                limit, since = AFTER_S if whole else patience.next, time.monotonic()
            elif time.monotonic() - since > limit:
                raise ServerFailed(
                    f"no word came within {limit:g} s", "see what keeps it, or set LAMHA_PATIENCE"
                )
    except ServerFailed:
        if not whole:
            raise
    finally:
        call.close()


def _read(call: Call, arrived: "SimpleQueue[Part | ServerFailed | None]") -> None:
    try:
        for part in call:
            arrived.put(part)
    except ServerFailed as error:
        arrived.put(error)
    finally:
        arrived.put(None)


def _next(arrived: "SimpleQueue[Part | ServerFailed | None]") -> Part | None:
    """What arrived, an empty part where nothing did yet, None at the end."""
    try:
        item = arrived.get(timeout=POLL_S)
    except Empty:
        return Part()
    if isinstance(item, ServerFailed):
        raise item
    return item
