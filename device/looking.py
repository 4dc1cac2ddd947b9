"""One look without a turn of the session: the model is opened only where its words are wanted."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from lamha.device.acting import guarded
from lamha.device.session import local_now
from lamha.device.turn import Called, Heard, Routed, Timings, Turn
from lamha.models.llm.budget import Budget, Finish, Spent
from lamha.skills.api import Context, Mind, Reply, Sight, Storage
from lamha.skills.language import detect
from lamha.skills.products import about, look


class LateMind:
    """A `Mind` that is opened with the first question that it is asked."""

    def __init__(self, opening: Callable[[ExitStack], Mind]) -> None:
        self._opening, self._stack = opening, ExitStack()
        self._mind: Mind | None = None

    def __enter__(self) -> "LateMind":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def finish(self) -> Finish | None:
        """See `Mind`."""
        return self._mind.finish if self._mind else None

    def write(
        self,
        cue: str = "",
        budget: Budget | None = None,
        stops: Sequence[str] = (),
        *,
        schema: Mapping[str, Any] | None = None,
        quoting: bool = False,
    ) -> Iterator[str]:
        """See `Mind`."""
        return self._opened().write(cue, budget, stops, schema=schema, quoting=quoting)

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
        """See `Mind`."""
        return self._opened().compose(instruction, words, cue, budget, stops, schema=schema, quoting=quoting)

    def _opened(self) -> Mind:
        self._mind = self._mind or self._opening(self._stack)
        return self._mind


def looked(question: str, sight: Sight, storage: Storage, mind: Mind, language: str = "en") -> Turn:
    """What is seen, or the answer to a question about it; errors are cards."""
    began = time.perf_counter()
    spoken = detect(question, language)
    context = Context(question, spoken, local_now(), storage, mind, sight)
    action, name = (about, "products.about") if question else (look, "products.look")
    reply = _reply(guarded(action, context, {}))
    took = (time.perf_counter() - began) * 1000
    routed = Routed(name, 1.0, {}, (Called(name, {}),))
    return Turn(Heard(question, spoken), routed, reply, Timings(0.0, 0.0, took, took), Spent())


def _reply(writing: Any) -> Reply:
    while True:
        try:
            next(writing)
        except StopIteration as done:
            reply: Reply = done.value
            return reply
