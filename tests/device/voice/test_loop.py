import gc
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from threading import Event as Flag
from threading import Thread

import numpy as np
import pytest

from lamha.device.turn import Event, Heard, Routed, Timings, Turn, Word
from lamha.device.voice import loop
from lamha.device.voice.latency import Latency
from lamha.device.voice.loop import Loop
from lamha.device.voice.parts import Parts
from lamha.device.voice.speakers import Recorder
from lamha.device.voice.states import Mode
from lamha.models.errors import LamhaError, ModelBroken, VoiceMissing
from lamha.models.llm.budget import Spent
from lamha.models.speech.asr import Transcript
from lamha.models.speech.audio import Audio
from lamha.models.speech.vad import FRAME, RATE, Gate, Samples
from lamha.skills.api import Card, Reply

CALLED = 0.25
"""A sound of this level is the wake phrase, for the fake."""


class Loudness:
    def probabilities(self, frames: Iterable[Samples]) -> Iterator[float]:
        return (float(np.abs(frame).max() > 0.1) for frame in frames)


class Called:
    def hears(self, frames: Iterable[Samples]) -> Iterator[bool]:
        return (bool(np.isclose(frame.max(), CALLED)) for frame in frames)


class Ear:
    """Understands a sound by how loud it is."""

    languages = ("en", "ar", "zh")

    def __init__(self, words: dict[float, str], error: LamhaError | None = None) -> None:
        self.words, self.error = words, error
        self.heard: list[float] = []

    def transcribe(self, audio: Audio) -> Transcript:
        self.heard.append(audio.seconds)
        if self.error:
            raise self.error
        level = round(float(np.abs(audio.samples).max()), 1)
        return Transcript(self.words.get(level, ""), "en", audio.seconds, 1.0, 0.9)


@dataclass
class Turns:
    """Says back what it heard; a text that ends with "?" is asked back."""

    done: list[str] = field(default_factory=list)
    awaits: bool = False
    cancelled: Flag = field(default_factory=Flag)
    words: Callable[[], Iterator[str]] = lambda: iter(())
    forgotten: int = 0

    def hear(self, transcript: Transcript) -> Iterator[Event]:
        self.cancelled.clear()
        heard = Heard(transcript.text, "en")
        yield heard
        for text in self.words():
            if self.cancelled.is_set():
                break
            yield Word(text)
        self.done.append(transcript.text)
        self.awaits = transcript.text.endswith("?")
        reply = Reply(Card(transcript.text), f"You said {transcript.text}")
        yield Turn(heard, Routed(None, 1.0), reply, Timings(0, 0, 0, 0), Spent())

    def cancel(self) -> None:
        self.cancelled.set()

    def forget(self) -> None:
        self.forgotten += 1


class Tone:
    """A voice that says every letter for so long."""

    languages = ("en",)

    def __init__(self, a_letter: float = 0.01, error: VoiceMissing | None = None) -> None:
        self.pace, self.a_letter, self.error = 1.0, a_letter, error
        self.said: list[tuple[str, float]] = []

    def speak(self, text: str) -> Iterator[Audio]:
        if self.error:
            raise self.error
        self.said.append((text.strip(), self.pace))
        yield Audio(np.full(round(self.a_letter * len(text) * RATE), 0.3, np.float32), RATE)


@dataclass
class Shown:
    modes: list[Mode] = field(default_factory=list)
    cards: list[str] = field(default_factory=list)
    turns: list[str] = field(default_factory=list)
    latencies: list[Latency] = field(default_factory=list)

    def mode(self, mode: Mode) -> None:
        self.modes.append(mode)

    def partial(self, text: str) -> None:
        pass

    def card(self, card: Card) -> None:
        self.cards.append(card.title)

    def turn(self, turn: Turn) -> None:
        self.turns.append(turn.heard.text)

    def latency(self, latency: Latency) -> None:
        self.latencies.append(latency)


@dataclass
class Sounds:
    """Sounds of a level for so many seconds."""

    parts: Iterable[tuple[float, float]]
    live: bool = False

    def __iter__(self) -> Iterator[Samples]:
        for level, seconds in self.parts:
            for _ in range(round(seconds * RATE / FRAME)):
                if self.live:
                    time.sleep(FRAME / RATE)
                yield np.full(FRAME, level, np.float32)


@dataclass
class Room:
    """A loop with everything it is made of."""

    ear: Ear = field(default_factory=lambda: Ear({0.5: "hello", 0.6: "who?", 0.7: "stop", 0.8: "louder"}))
    turns: Turns = field(default_factory=Turns)
    voice: Tone = field(default_factory=Tone)
    speaker: Recorder = field(default_factory=Recorder)
    shown: Shown = field(default_factory=Shown)
    called: Called | None = None

    def loop(self, *sounds: tuple[float, float], live: bool = False, gate: Gate | None = None) -> Loop:
        parts = Parts(Loudness(), self.ear, self.turns, self.voice, self.speaker, self.shown, self.called)
        return Loop(Sounds(sounds, live), parts, gate)


def test_what_is_said_is_answered_aloud() -> None:
    room = Room()
    room.loop((0, 0.5), (0.5, 1), (0, 1)).run()
    assert room.shown.turns == room.turns.done == ["hello"]
    assert room.voice.said == [("You said hello", 1.0)]
    (latency,) = room.shown.latencies
    assert 500 < latency.ended <= latency.text <= latency.first_word <= latency.first_sound


def test_words_that_come_are_spoken_before_the_rest() -> None:
    room = Room(turns=Turns(words=lambda: iter(["You", " said. ", "And "])))
    room.loop((0.5, 1), (0, 1)).run()
    assert [text for text, _ in room.voice.said] == ["You said.", "And", "You said hello"]


def test_speech_that_goes_on_is_not_said_twice() -> None:
    room = Room(turns=Turns(words=lambda: iter(["You said", " hello"])))
    room.loop((0.5, 1), (0, 1)).run()
    assert " ".join(text for text, _ in room.voice.said) == "You said hello"


def test_without_being_called_it_hears_nothing() -> None:
    room = Room(called=Called())
    room.loop((0.5, 1), (0, 1), (CALLED, FRAME / RATE), (0, 0.3), (0.5, 1), (0, 1), (0.5, 1), (0, 1)).run()
    assert room.turns.done == ["hello"]
    assert room.shown.modes == [Mode.LISTENING, Mode.THINKING, Mode.SPEAKING, Mode.ASLEEP]


def test_called_in_one_breath() -> None:
    room = Room(called=Called())
    room.loop((0.15, 0.5), (CALLED, FRAME / RATE), (0.5, 1), (0, 1)).run()
    assert room.turns.done == ["hello"]
    assert max(room.ear.heard) < 1.5


def test_a_question_is_answered_without_calling_and_silence_ends_it() -> None:
    room = Room(called=Called())
    room.loop((CALLED, FRAME / RATE), (0, 0.3), (0.6, 1), (0, 1), (0.5, 1), (0, 1), (0.5, 1), (0, 1)).run()
    assert room.turns.done == ["who?", "hello"]
    room.loop((CALLED, FRAME / RATE), (0, 0.3), (0.6, 1), (0, 8)).run()
    assert room.shown.cards == ["Nobody spoke"]
    assert room.shown.modes[-1] is Mode.ASLEEP


def test_controls_need_no_turn() -> None:
    room = Room()
    room.loop((0.5, 1), (0, 1), (0.8, 1), (0, 1), (0.7, 1), (0, 1)).run()
    assert room.turns.done == ["hello"]
    assert room.voice.said == [("You said hello", 1.0)] * 2
    assert room.speaker.volume > 1
    assert room.shown.cards == ["Stopped"]
    assert room.turns.forgotten == 1


def test_a_control_before_anything_was_said() -> None:
    room = Room()
    room.loop((0.8, 1), (0, 1)).run()
    assert room.voice.said == [("I have said nothing yet", 1.0)]


def test_who_speaks_over_the_reply_is_listened_to() -> None:
    """The reply stops within 150 ms of the frame in which the speech is sure."""
    room = Room(voice=Tone(1.0), speaker=Recorder(realtime=True))
    room.loop((0.5, 0.6), (0, 1.5), (0.7, 0.6), (0, 1), live=True).run()
    assert room.turns.done == ["hello"]
    assert room.shown.cards == ["Stopped"]
    assert room.speaker.played.seconds < 1.5 + 0.1 + 0.15 + 0.3  # with the chime


def test_who_speaks_over_it_ends_the_model_with_its_next_token() -> None:
    tokens = []

    def words() -> Iterator[str]:
        for number in range(1000):
            time.sleep(0.01)
            tokens.append(number)
            yield "so "

    room = Room(turns=Turns(words=words), speaker=Recorder(realtime=True))
    room.loop((0.5, 0.6), (0, 1.5), (0.7, 0.6), (0, 1), live=True).run()
    assert 10 < len(tokens) < 400
    assert room.shown.cards == ["Stopped"]


def test_a_tap_interrupts_and_listens() -> None:
    room = Room(voice=Tone(1.0), speaker=Recorder(realtime=True), called=Called())
    loop = room.loop((CALLED, FRAME / RATE), (0, 0.3), (0.5, 0.6), (0, 9), live=True)
    thread = Thread(target=loop.run)
    thread.start()
    while not room.shown.latencies:
        time.sleep(0.01)
    loop.tap()
    loop.tap()
    assert room.shown.modes[-2:] == [Mode.LISTENING, Mode.ASLEEP]
    loop.close()
    thread.join(5)
    assert not thread.is_alive()
    assert room.speaker.played.seconds < 3


def test_a_recogniser_that_fails_is_shown_and_the_loop_goes_on() -> None:
    room = Room(ear=Ear({}, ModelBroken("it is damaged", "pull it")))
    room.loop((0.5, 1), (0, 1), (0.5, 1), (0, 1)).run()
    assert room.shown.cards == ["That did not work", "I did not understand"] * 2


def test_a_voice_that_is_missing_is_shown_and_the_loop_goes_on() -> None:
    room = Room(voice=Tone(error=VoiceMissing("no voice")))
    room.loop((0.5, 1), (0, 1), (0.5, 1), (0, 1)).run()
    assert room.turns.done == ["hello", "hello"]
    assert room.shown.cards == ["That did not work"] * 2


def test_what_nobody_expects_is_raised() -> None:
    def broken() -> Iterator[str]:
        raise RuntimeError("a defect")

    room = Room(turns=Turns(words=broken))
    with pytest.raises(RuntimeError, match="a defect"):
        room.loop((0.5, 1), (0, 3)).run()


def test_words_are_shown_to_who_takes_no_breath() -> None:
    room = Room()
    room.loop((0.5, 3.5), (0, 1.5), live=True).run()
    assert room.turns.done == ["hello"]
    before_the_end = [seconds for seconds in room.ear.heard if seconds < 3.4]
    assert len(before_the_end) >= 2


@pytest.mark.parametrize(("breath", "longest"), [(0.45, 2.4), (1.2, 1.0)])
def test_who_goes_on_before_it_is_acted_on_is_heard_from_the_beginning(breath: float, longest: float) -> None:
    def slowly() -> Iterator[str]:
        for _ in range(20):
            time.sleep(0.05)
            yield ""

    room = Room(Ear({0.5: "hello."}), Turns(words=slowly))
    room.loop((0.5, 1), (0, breath), (0.5, 1), (0, 1), live=True).run()
    assert longest < max(room.ear.heard) < longest + 0.8


def test_what_is_prepared_ends_with_the_loop() -> None:
    steps = []

    def preparing() -> Iterator[None]:
        for number in count():
            time.sleep(0.01)
            steps.append(number)
            yield

    room = Room()
    loop = room.loop((0.5, 0.6), (0, 1), live=True)
    loop._parts = replace(loop._parts, preparing=preparing())
    loop.run()
    assert room.turns.done == ["hello"]
    done = len(steps)
    time.sleep(0.05)
    assert 10 < done == len(steps)


def test_silence_noise_and_knocks_are_nothing() -> None:
    room = Room()
    room.loop((0, 5), (0.05, 5), (0.5, 0.064), (0, 5)).run()
    assert not room.turns.done
    assert not room.ear.heard


def test_what_is_too_loud_is_said_and_understood_all_the_same() -> None:
    room = Room(Ear({1.0: "hello"}))
    room.loop((1.0, 1), (0, 1)).run()
    assert room.shown.cards == ["That was too loud"]
    assert room.turns.done == ["hello"]


@pytest.mark.parametrize(("level", "said"), [(0.0, "The microphone is silent"), (0.01, "Nobody spoke")])
def test_a_muted_microphone_is_no_silence(level: float, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "PATIENCE", 0.5)
    room = Room(called=Called())
    made = room.loop((CALLED, FRAME / RATE), live=True)
    made._source = Sounds([(CALLED, FRAME / RATE), *[(level, 0.1), (level / 2, 0.1)] * 6], live=True)
    made.run()
    assert room.shown.cards == [said]


def test_a_monologue_is_cut() -> None:
    room = Room()
    room.loop((0.5, 100), (0, 1)).run()
    assert room.shown.cards.count("That was too long") == 3
    assert max(room.ear.heard) < 31


def test_time_leaves_nothing_behind() -> None:
    peaks = []
    for rounds in (2, 2, 12):
        gc.collect()
        tracemalloc.start()
        Room().loop(*[(0, 7), (0.9, 40), (0, 1)] * rounds).run()
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < peaks[1] + 500_000
