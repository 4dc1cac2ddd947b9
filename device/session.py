"""One turn: hear → recognise → plan → act → show. A generator of events, cancelled at any point."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Event as Flag

from lamha.device.acting import UTTERANCE, Readings, Runner, failed, succeeded, take_back
from lamha.device.planning import Plan, Planner
from lamha.device.turn import Event, Heard, Timings, Turn, Word
from lamha.device.understanding import Understanding
from lamha.device.vocabulary import vocabulary
from lamha.models.llm.api import Model
from lamha.models.speech.asr import Transcript
from lamha.models.speech.biasing import Vocabulary
from lamha.skills import questions
from lamha.skills.api import Action, Reply, Sight
from lamha.skills.contacts import Contacts
from lamha.skills.conversation import Conversation
from lamha.skills.language import detect
from lamha.skills.router import Router
from lamha.skills.storage import Storage

__all__ = ["UTTERANCE", "Session", "local_now"]


def local_now() -> datetime:
    """The time here, with its zone."""
    return datetime.now().astimezone()


@dataclass(frozen=True, slots=True)
class _Done:
    """What a turn says, and what each of its calls gave back."""

    reply: Reply
    replies: tuple[Reply, ...] = ()
    stopped: bool = False


type _Doing = Generator[str, None, _Done]


class Session:
    """Runs turns, one after the other. `cancel` may be called from another thread at any time."""

    def __init__(
        self,
        model: Model,
        router: Router,
        actions: Mapping[str, Action],
        storage: Storage,
        now: Callable[[], datetime] = local_now,
        sight: Sight | None = None,
    ) -> None:
        self._model = model
        self._actions = actions
        self._now = now
        self._cancelled = Flag()
        self._storage = storage
        self._planner = Planner(Understanding(router, actions), actions, Contacts(storage))
        self._runner = Runner(actions, storage, self._cancelled, sight)
        self._before: Conversation | None = None

    def cancel(self) -> None:
        """End the turn that runs, before its next token."""
        self._cancelled.set()

    def forget(self) -> None:
        """Leave nothing for the next turn: what was asked is not to be answered any more."""
        self._before = None

    @property
    def awaits(self) -> bool:
        """Whether the last turn wants an answer: it has asked, or what it would do is to be confirmed."""
        before = self._before
        return before is not None and bool(before.asked or before.awaiting)

    def vocabulary(self) -> Vocabulary:
        """What a recogniser may expect to hear next."""
        return vocabulary(self._storage.contacts(), self._actions)

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
        before, now = self._taken(), self._now()
        with Readings(self._model, self._cancelled) as readings:
            known = before if before and before.remembered(now) else None
            plan = self._planner.plan(heard, known, now, readings)
            clock.routed()
            yield plan.routed
            done = yield from _stream(self._doing(plan, now, readings), clock)
            self._before = self._after(plan, done)
            yield Turn(heard, plan.routed, done.reply, clock.timings(heard.milliseconds), readings.spent)

    def _taken(self) -> Conversation | None:
        """What the last turn left; a turn that is left half way leaves nothing."""
        before, self._before = self._before, None
        return before

    def _doing(self, plan: Plan, now: datetime, readings: Readings) -> _Doing:
        if self._cancelled.is_set():  # before anything was done
            return _Done(questions.stopped(plan.language), stopped=True)
        if plan.reply:
            done = _Done(plan.reply)
        elif plan.calls:
            done = yield from self._run(plan, now, readings)
        else:
            done = _Done(_cancel(plan))
        reply = questions.hinted(done.reply, *plan.hints, language=plan.language)
        return replace(done, reply=_say_shortened(reply, plan.language) if plan.shortened else reply)

    def _run(self, plan: Plan, now: datetime, readings: Readings) -> _Doing:
        replies = yield from self._runner.run(plan.calls, now, readings)
        if len(plan.calls) == 1:
            return _Done(self._instead(plan, replies[0]), replies)
        left = [call.utterance for call in plan.calls[len(replies) :]]
        return _Done(questions.together(replies, left, plan.language), replies)

    def _instead(self, plan: Plan, reply: Reply) -> Reply:
        """The reply of what was done in place of something earlier, which is taken back now."""
        if not plan.undo or not succeeded(reply) or self._actions[plan.calls[0].action].asks:
            return reply
        undone, _ = take_back(plan.undo)
        return questions.hinted(reply, "replaced" if undone else "stays", language=plan.language)

    def _after(self, plan: Plan, done: _Done) -> Conversation | None:
        """What the next turn may continue."""
        if done.stopped:
            return None
        calls = plan.calls[: len(done.replies)]
        return plan.keeps or Conversation(
            self._now(), plan.language, done.reply, calls, done.replies, plan.asked, plan.awaiting
        )


def _cancel(plan: Plan) -> Reply:
    undone, error = take_back(plan.undo)
    if error:
        return failed(error, "taking it back", plan.language)
    if undone:
        return questions.cancelled(undone, plan.language)
    return questions.nothing_to("uncancelled", plan.language)


def _stream(doing: _Doing, clock: "_Stopwatch") -> Generator[Word, None, _Done]:
    with closing(doing):  # here, while the model still holds what it reads from
        while True:
            try:
                text = next(doing)
            except StopIteration as over:
                clock.word()
                done: _Done = over.value
                return done
            if text.strip():
                clock.word()
            yield Word(text)


def _say_shortened(reply: Reply, language: str) -> Reply:
    hint = questions.SAY.language(language)("shortened")
    return replace(reply, card=replace(reply.card, hint=hint))


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
