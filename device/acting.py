"""Running calls: an action's words as they come, its reply, and an error as a card."""

import logging
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from threading import Event as Flag
from typing import Any, Self

from lamha.device.turn import Called, Routed
from lamha.models.errors import LamhaError
from lamha.models.llm.api import Model, Reading
from lamha.models.llm.budget import Budget, Spent
from lamha.skills import questions
from lamha.skills.api import Action, Contact, Context, Moment, Reply, Sight, Storage, Writing
from lamha.skills.conversation import Call
from lamha.skills.mind import TurnMind
from lamha.skills.router import SYSTEM
from lamha.skills.sight import Blind

_log = logging.getLogger(__name__)

UTTERANCE = Budget(prompt=384)
"""Longer utterances are cut at a sentence end, and the card says so."""
_DONE = ("answer", "draft", "list")


class Readings:
    """What the model reads in a turn, each text once; nothing is computed before it is needed."""

    def __init__(self, model: Model, cancelled: Flag) -> None:
        self._model = model
        self._cancelled = cancelled
        self._stack = ExitStack()
        self._read: dict[str, tuple[Reading, TurnMind]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def of(self, text: str) -> Reading:
        """The reading of a text."""
        return self._both(text)[0]

    def mind(self, text: str) -> TurnMind:
        """The mind that answers a text."""
        return self._both(text)[1]

    @property
    def spent(self) -> Spent:
        """All that the turn has cost so far."""
        total = Spent()
        for _, mind in self._read.values():
            total.add(mind.spent)
        return total

    def _both(self, text: str) -> tuple[Reading, TurnMind]:
        if text not in self._read:
            reading = self._stack.enter_context(self._model.read(text, SYSTEM, UTTERANCE, self._cancelled))
            self._read[text] = reading, TurnMind(self._model, reading, self._cancelled)
        return self._read[text]


class Runner:
    """Runs calls, one after the other."""

    def __init__(
        self, actions: Mapping[str, Action], storage: Storage, cancelled: Flag, sight: Sight | None = None
    ) -> None:
        self._actions = actions
        self._storage = storage
        self._sight = sight or Blind()
        self._cancelled = cancelled

    def run(
        self, calls: Sequence[Call], now: datetime, readings: Readings
    ) -> Generator[str, None, tuple[Reply, ...]]:
        """What each call gives back; after one that failed, or a cancel, no more are run."""
        replies: list[Reply] = []
        for call in calls:
            if replies and (self._cancelled.is_set() or not succeeded(replies[-1])):
                break
            context = Context(
                call.utterance, call.language, now, self._storage, readings.mind(call.utterance), self._sight
            )
            replies.append((yield from guarded(self._actions[call.action], context, call.arguments)))
        return tuple(replies)


def routed(calls: Sequence[Call], confidence: float) -> Routed:
    """How calls that are run are told of."""
    called = tuple(
        Called(call.action, {name: _in_words(value) for name, value in call.arguments.items()})
        for call in calls
    )
    return Routed(called[0].action, confidence, called[0].arguments, called)


def _in_words(value: Any) -> str:
    if isinstance(value, Contact):
        return value.name
    return str(value.at if isinstance(value, Moment) else value)


def succeeded(reply: Reply) -> bool:
    """Whether an action says that it did what it was asked for."""
    return reply.card.kind in _DONE


def take_back(replies: Iterable[Reply]) -> tuple[tuple[Reply, ...], Exception | None]:
    """Undo what can be undone, the last first; those that were, and what went wrong."""
    undone: list[Reply] = []
    try:
        # One at a time, so that those are known that went before an error.
        undone.extend(reply for reply in reversed(list(replies)) if reply.undo and reply.undo())
    except Exception as error:  # noqa: BLE001 - a skill is somebody else's code: anything may come
        return tuple(undone), error
    return tuple(undone), None


def failed(error: Exception, what: str, language: str) -> Reply:
    """The card of an error; one that lamha does not know is logged."""
    if isinstance(error, LamhaError):
        return questions.failed(str(error), language)
    _log.error("%s failed", what, exc_info=error)
    return questions.failed(f"{type(error).__name__}: {error}", language)


def guarded(action: Action, context: Context, arguments: Mapping[str, Any]) -> Writing:
    """Run an action; an error becomes a card, so that a broken skill ends its turn and nothing else."""
    try:
        acting = action(context, **arguments)
        reply = acting if isinstance(acting, Reply) else (yield from _texts(acting))
        if not isinstance(reply, Reply):
            raise TypeError(f"an action gave back {type(reply).__name__}, not a Reply")
        return reply
    except Exception as error:  # noqa: BLE001 - a skill is somebody else's code: anything may come
        return failed(error, f"the action {action.name}", context.language)


def _texts(acting: Writing) -> Writing:
    if not isinstance(acting, Generator):
        raise TypeError(f"an action gave back {type(acting).__name__}, not a Reply")
    with closing(acting):
        while True:
            try:
                text = next(acting)
            except StopIteration as done:
                reply: Reply = done.value
                return reply
            if not isinstance(text, str):
                raise TypeError(f"an action yielded {type(text).__name__}, not text")
            yield text
