"""The voice loop: feeds the table of `states` from a source of sound, and does what the table says.

Three threads, none of which waits for another's work: the caller's hears, one understands and acts, one
speaks.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from threading import Condition
from typing import Any

from lamha.device.turn import Turn, Word
from lamha.device.voice import states
from lamha.device.voice.controls import Control, control
from lamha.device.voice.earcons import earcon
from lamha.device.voice.following import Following
from lamha.device.voice.hearing import Hearing
from lamha.device.voice.latency import Clock
from lamha.device.voice.notices import failure, nothing_said, notice
from lamha.device.voice.parts import Parts
from lamha.device.voice.sources import Source
from lamha.device.voice.speakers import louder
from lamha.device.voice.speaking import Growing, Speaking
from lamha.device.voice.states import Effect, Event, Mode, Notice, step
from lamha.device.voice.tape import Tape
from lamha.models.errors import LamhaError, VoiceMissing
from lamha.models.speech.asr import Transcript
from lamha.models.speech.audio import TOO_LOUD, Audio
from lamha.models.speech.endpoint import Began, Ended, pause_after
from lamha.models.speech.vad import FRAME, RATE, Gate, frames
from lamha.skills.api import Reply

NOTHING = Transcript("", "en", 0.0, 0.0, 0.0)
PATIENCE = 6.0
"""Seconds in which an answer is awaited."""
LONGEST = 30.0
"""Seconds of one command."""
_BREATH = 3 * FRAME
"""Samples of silence after which what was said so far is looked at."""
_GOES_ON = 0.5
"""Seconds from the last sound to what begins, the padding before it included, that are no new command."""
_PERHAPS = 0.5
_GLANCE = RATE
"""Samples of speech without a pause after which it is looked at all the same."""
_BUSY = (Mode.THINKING, Mode.SPEAKING)
_PACES = {"slower": 1 / 1.25, "faster": 1.25}
_STEPS = {"louder": 1, "quieter": -1}


class Loop:
    """Runs until the source ends or `close` is called, which like `tap` may come from any thread."""

    def __init__(self, source: Source, parts: Parts, gate: Gate | None = None) -> None:
        gate = gate or Gate(longest=LONGEST)
        self._source, self._parts = source, parts
        self._state = states.resting(handsfree=parts.waking is None)
        self._hearing = Hearing(parts.activity, self._pause, gate, parts.waking, parts.own)
        self._tape = Tape(gate.longest + 2)
        self._worker = ThreadPoolExecutor(1, "lamha-turn")
        self._following = Following(parts.recogniser, self._worker)
        self._speaking = Speaking(parts.voice, parts.speaker, self._silent)
        self._changed = Condition()
        self._failure: BaseException | None = None
        self._closed = False
        self._began, self._segment = 0, Ended(0, 0, 0)
        self._waited = 0
        self._heard = NOTHING
        self._language, self._last = "en", ""
        self._clock = Clock(0.0)

    def tap(self) -> None:
        """The key, or the button of the glasses."""
        self._happened(states.Tapped())

    def close(self) -> None:
        """End with the next frame."""
        self._closed = True

    def run(self) -> None:
        """Listen. MicrophoneMissing where there is nothing to listen with; what fails elsewhere is raised."""
        ended = False
        self._submit(self._prepare)
        try:
            for frame in frames(self._source):
                if self._closed or self._failure:
                    break
                self._tape.append(frame)
                self._took(self._hearing.take(frame))
                self._duck()
                self._glance()
                if not self._source.live:
                    self._settle()
            else:
                self._settle()
                ended = True
        finally:
            if not ended:
                self._hush()
            with self._changed:
                self._closed = True
            self._worker.shutdown(cancel_futures=not ended)
            self._speaking.close()
        if self._failure:
            raise self._failure

    # What is heard

    def _took(self, item: bool | Began | Ended | None) -> None:
        match item:
            case True:
                self._happened(states.Woken())
            case Began(start):
                self._began = self._segment.start if self._goes_on(start) else start
                self._following.begin()
                self._happened(states.SpeechBegan())
            case Ended():
                self._segment = replace(item, start=self._began)
                self._clock = Clock((self._tape.end - item.voice) / RATE)
                self._happened(states.SpeechEnded(item.whole))
        self._wait()

    def _goes_on(self, start: int) -> bool:
        """Whether what begins belongs to what just seemed whole, and was not acted on yet."""
        ended = self._segment
        soon = start - ended.voice < _GOES_ON * RATE and self._tape.end - ended.start < LONGEST * RATE
        return ended.whole and soon and self._state.mode is Mode.THINKING

    def _wait(self) -> None:
        """Nobody is awaited for ever."""
        awaited = self._state.mode is Mode.LISTENING and not self._state.speaking
        self._waited = self._waited + FRAME if awaited else 0
        if self._waited > PATIENCE * RATE:
            self._waited = 0
            self._happened(states.Unanswered())

    def _pause(self, voice: int) -> float:
        """How long a pause ends what was said up to the sample `voice`."""
        listening = self._state.mode is Mode.LISTENING
        if listening and self._following.upto < voice and self._tape.end - voice >= _BREATH:
            upto = self._tape.end
            self._look(upto, upto)
        return pause_after(self._following.text)

    def _look(self, stop: int, upto: int) -> None:
        look = self._following.look(self._cut(self._began, stop), upto)
        look.add_done_callback(lambda _: self._parts.display.partial(self._following.text))
        if not self._source.live:
            look.exception()  # with what was understood is known how long to wait

    def _duck(self) -> None:
        """Speak softly where somebody may have begun to speak, until that is sure."""
        speaks = self._state.mode is Mode.SPEAKING
        self._parts.speaker.ducked = speaks and self._hearing.speech > _PERHAPS

    def _glance(self) -> None:
        """Show what is said by somebody who takes no breath; only where time passes by itself."""
        speaking = self._state.mode is Mode.LISTENING and self._state.speaking
        due = self._tape.end - max(self._began, self._following.upto) >= _GLANCE
        if self._source.live and speaking and due and not self._following.looking:
            self._look(self._tape.end, self._tape.end - _BREATH)  # it may end in the middle of a sound

    def _cut(self, start: int, stop: int) -> Audio:
        return Audio(self._tape.cut(start, stop), RATE)

    def _settle(self) -> None:
        """A source that is not live waits for what it has set off."""
        with self._changed:
            self._changed.wait_for(lambda: self._failure or self._state.mode not in _BUSY)

    # What follows from it

    def _happened(self, event: Event) -> None:
        with self._changed:
            before = self._state.mode
            self._state, effects = step(self._state, event)
            if self._state.mode is not before:
                self._parts.display.mode(self._state.mode)
            for effect in effects:
                self._do(effect)
            self._changed.notify_all()

    def _do(self, effect: Effect) -> None:
        match effect:
            case states.Hush():
                self._hush()
            case states.Play(chime):
                self._speaking.chime(earcon(chime))
            case states.Tell(name):
                self._tell(name)
            case states.Recognise(turn):
                self._recognise(turn)
            case states.Run(turn):
                self._submit(self._run, turn, self._clock)
            case states.Obey(name, turn):
                self._obey(name, turn)

    def _tell(self, name: Notice) -> None:
        if name == "stopped":
            self._parts.session.forget()
        if name == "silence" and self._source.live and self._muted():
            name = "muted"
        self._parts.display.card(notice(name, self._language))

    def _muted(self) -> bool:
        return self._cut(self._tape.end - round(PATIENCE / 2 * RATE), self._tape.end).silent

    def _recognise(self, turn: int) -> None:
        segment = self._segment
        said = self._cut(segment.start, segment.stop)
        if said.clipped > TOO_LOUD:
            self._tell("clipped")
        words = self._following.final(said, segment.voice)
        self._submit(self._understand, turn, words, self._clock)

    def _hush(self) -> None:
        self._parts.session.cancel()
        self._speaking.hush()

    def _understand(self, turn: int, words: Future[Transcript], clock: Clock) -> None:
        try:
            self._heard = words.result()
        except LamhaError as error:
            self._parts.display.card(failure(error, self._language).card)
            self._heard = NOTHING
        clock.stage("text")
        text = self._heard.text.strip()
        self._happened(states.Understood(turn, control(text), bool(text)))

    def _run(self, turn: int, clock: Clock) -> None:
        """A turn of the session; its words are spoken as they come, and then the rest of its speech."""
        growing, said = Growing(), ""
        spoken = self._speaking.say(growing, lambda: self._sounds(clock))
        try:
            for event in self._parts.session.hear(self._heard):
                if self._state.turn != turn:
                    self._parts.session.cancel()
                elif isinstance(event, Word):
                    clock.stage("first_word")
                    said += event.text
                    growing.add(event.text)
                elif isinstance(event, Turn):
                    clock.stage("first_word")
                    clock.routed(event)
                    self._answered(turn, event, growing, said)
        except LamhaError as error:
            reply = failure(error, self._language)
            self._parts.display.card(reply.card)
            self._answer(turn, reply, growing, "", asks=False)
        finally:
            growing.close()
        spoken.add_done_callback(lambda _: self._happened(states.Spoken(turn)))

    def _answered(self, turn: int, done: Turn, growing: Growing, said: str) -> None:
        self._language = done.reply.card.language
        self._parts.display.turn(done)
        self._answer(turn, done.reply, growing, said, self._parts.session.awaits)

    def _answer(self, turn: int, reply: Reply, growing: Growing, said: str, asks: bool) -> None:
        rest = reply.speech.removeprefix(said.strip())
        growing.add(rest if rest != reply.speech else f"\n{rest}")
        self._last = reply.speech
        self._happened(states.Answered(turn, asks))

    def _obey(self, name: Control, turn: int) -> None:
        """Say again what was said last, at another volume or pace where that was asked for."""
        self._parts.speaker.volume = louder(self._parts.speaker.volume, _STEPS.get(name, 0))
        self._parts.voice.pace = _PACES.get(name, 1.0) * self._parts.voice.pace
        text = Growing()
        text.add(self._last or nothing_said(self._language))
        text.close()
        spoken = self._speaking.say(text, lambda: None)
        spoken.add_done_callback(lambda _: self._happened(states.Spoken(turn)))

    def _sounds(self, clock: Clock) -> None:
        clock.stage("first_sound")
        self._parts.display.latency(clock.latency)

    def _silent(self, error: VoiceMissing) -> None:
        self._parts.display.card(failure(error, self._language).card)

    # Work of other threads

    def _prepare(self) -> None:
        """A step, and then whatever has come meanwhile, before the next."""
        if next(self._parts.preparing, self) is not self:
            with self._changed:
                if not self._closed:
                    self._submit(self._prepare)

    def _submit(self, work: Any, *arguments: Any) -> None:
        self._watch(self._worker.submit(work, *arguments))

    def _watch(self, future: Future[Any]) -> None:
        future.add_done_callback(self._finished)

    def _finished(self, future: Future[Any]) -> None:
        """What nobody expected ends the loop."""
        if not future.cancelled() and (error := future.exception()):
            with self._changed:
                self._failure = error
                self._changed.notify_all()
