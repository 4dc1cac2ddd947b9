"""One turn: hear → recognise → route → act → show. A generator of events, cancelled at any point."""

import logging
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from threading import Event as Flag
from typing import Any

from lamha.device.turn import Event, Heard, Routed, Timings, Turn, Word
from lamha.models.errors import LamhaError
from lamha.models.llm.api import Model, Reading
from lamha.models.llm.budget import Budget
from lamha.models.speech.asr import Transcript
from lamha.skills import questions
from lamha.skills.api import Action, Context, Reply, Writing
from lamha.skills.arguments import Missing, Utterance, fill
from lamha.skills.contacts import Contacts
from lamha.skills.language import detect
from lamha.skills.mind import TurnMind
from lamha.skills.negation import negated
from lamha.skills.router import SYSTEM, Router
from lamha.skills.storage import Storage

_log = logging.getLogger(__name__)

UTTERANCE = Budget(prompt=384)
"""Longer utterances are cut at a sentence end, and the card says so."""


def local_now() -> datetime:
    """The time here, with its zone."""
    return datetime.now().astimezone()


class Session:
    """Runs turns, one after the other. `cancel` may be called from another thread at any time."""

    def __init__(
        self,
        model: Model,
        router: Router,
        actions: Mapping[str, Action],
        storage: Storage,
        now: Callable[[], datetime] = local_now,
    ) -> None:
        self._model = model
        self._router = router
        self._actions = actions
        self._storage = storage
        self._contacts = Contacts(storage)
        self._now = now
        self._cancelled = Flag()

    def cancel(self) -> None:
        """End the turn that runs, before its next token."""
        self._cancelled.set()

    def hear(self, transcript: Transcript) -> Iterator[Event]:
        """A turn from recognised speech."""
        language = detect(transcript.text, transcript.language)
        yield from self._turn(
            Heard(
                transcript.text, language, transcript.seconds, transcript.confidence, transcript.milliseconds
            )
        )

    def ask(self, text: str) -> Iterator[Event]:
        """A turn from typed words."""
        yield from self._turn(Heard(text.strip(), detect(text)))

    def _turn(self, heard: Heard) -> Iterator[Event]:
        self._cancelled.clear()
        clock = _Stopwatch()
        yield heard
        with self._model.read(heard.text, SYSTEM, UTTERANCE, self._cancelled) as reading:
            mind = TurnMind(self._model, reading, self._cancelled)
            routed, acting = self._act(heard, reading, mind)
            clock.routed()
            yield routed
            if self._cancelled.is_set():  # before anything was done
                acting = questions.stopped(heard.language)
            reply = yield from _stream(acting, clock)
            if reading.shortened:
                reply = _say_shortened(reply, heard.language)
            yield Turn(heard, routed, reply, clock.timings(heard.milliseconds), mind.spent)

    def _act(self, heard: Heard, reading: Reading, mind: TurnMind) -> tuple[Routed, Reply | Writing]:
        """Decide, and begin to act; only an action that is surely meant and has all it needs is run."""
        if not any(map(str.isalnum, heard.text)):
            return Routed(None, 1.0), questions.nothing_heard(heard.language)
        decision = self._router.decide(reading)
        if decision.action is None:
            return Routed(None, decision.confidence), questions.refuse(heard.text, heard.language)
        action, now = self._actions[decision.action], self._now()
        arguments = fill(action, Utterance(reading.words, heard.language, now, self._contacts), reading)
        copied = () if isinstance(arguments, Missing) else filter(_is_text, arguments.values())
        if negated(reading.words, copied):
            return Routed(None, decision.confidence), questions.refuse(heard.text, heard.language)
        if isinstance(arguments, Missing):
            return Routed(decision.action, decision.confidence), questions.ask_back(arguments, heard.language)
        routed = Routed(decision.action, decision.confidence, {k: _in_words(v) for k, v in arguments.items()})
        context = Context(heard.text, heard.language, now, self._storage, mind)
        return routed, _guarded(action, context, arguments)


def _guarded(action: Action, context: Context, arguments: Mapping[str, Any]) -> Writing:
    """Run an action; an error becomes a card, so that a broken skill ends its turn and nothing else."""
    try:
        acting = action(context, **arguments)
        reply = acting if isinstance(acting, Reply) else (yield from _texts(acting))
        if not isinstance(reply, Reply):
            raise TypeError(f"an action gave back {type(reply).__name__}, not a Reply")
        return reply
    except LamhaError as error:
        return questions.failed(str(error), context.language)
    except Exception as error:  # noqa: BLE001 - a skill is somebody else's code: anything may come
        _log.exception("the action %s failed", action.name)
        return questions.failed(f"{type(error).__name__}: {error}", context.language)


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


def _stream(acting: Reply | Writing, clock: "_Stopwatch") -> Generator[Word, None, Reply]:
    if isinstance(acting, Reply):
        clock.word()
        return acting
    with closing(acting):  # here, while the model still holds what it reads from
        while True:
            try:
                text = next(acting)
            except StopIteration as done:
                clock.word()
                reply: Reply = done.value
                return reply
            if text.strip():
                clock.word()
            yield Word(text)


def _say_shortened(reply: Reply, language: str) -> Reply:
    hint = questions.SAY.language(language)("shortened")
    return replace(reply, card=replace(reply.card, hint=hint))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _in_words(value: Any) -> str:
    for name in ("name", "at"):
        if hasattr(value, name):
            return str(getattr(value, name))
    return str(value)


class _Stopwatch:
    """Milliseconds from the start of a turn to its stations."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._routed = self._first = 0.0

    def _passed(self) -> float:
        return (time.perf_counter() - self._start) * 1000

    def routed(self) -> None:
        self._routed = self._passed()

    def word(self) -> None:
        self._first = self._first or self._passed()

    def timings(self, recognise: float) -> Timings:
        return Timings(recognise, self._routed, self._first, self._passed())
