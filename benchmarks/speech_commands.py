"""Sixty spoken commands through the whole path: right actions, latency by stage, misses."""

import argparse
import time
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from lamha.benchmarks.measure import sample
from lamha.device.voice.latency import Latency
from lamha.device.voice.loop import Loop
from lamha.device.voice.parts import Parts
from lamha.device.voice.speakers import Recorder
from lamha.device.voice.states import Mode
from lamha.models.speech.tts import Voice
from lamha.models.speech.vad import FRAME, RATE, Samples
from lamha.skills.api import Card
from lamha.skills.storage import Storage

if TYPE_CHECKING:
    from lamha.device.turn import Turn

STAGES = "ended", "text", "routed", "first_word", "first_sound"
_BEFORE, _AFTER = 0.5, 2.0  # seconds of silence around a command


@dataclass(frozen=True)
class Command:
    """What is said, and what is meant: the action ("" for none) and words of its arguments."""

    language: str
    text: str
    action: str
    holds: tuple[str, ...]


@dataclass
class Shown:
    """Keeps what the loop shows."""

    turn_: "Turn | None" = None
    latency_: Latency | None = None

    def mode(self, mode: Mode) -> None:
        """Nothing."""

    def partial(self, text: str) -> None:
        """Nothing."""

    def card(self, card: Card) -> None:
        """Nothing."""

    def turn(self, turn: "Turn") -> None:
        """The last one counts."""
        self.turn_ = turn

    def latency(self, latency: Latency) -> None:
        """The last one counts."""
        self.latency_ = latency


class Spoken:
    """A command as a microphone gives it, until the reply is heard or nothing more can come."""

    live = True

    def __init__(self, sound: Samples, shown: Shown) -> None:
        silence = np.zeros(round(_BEFORE * RATE), np.float32)
        self._samples = np.concatenate((silence, sound, np.zeros(round(_AFTER * RATE), np.float32)))
        self._shown = shown

    def __iter__(self) -> Iterator[Samples]:
        """In real time; after the command silence, for ten seconds at most."""
        began, at = time.monotonic(), 0
        while at < len(self._samples) or (
            self._shown.latency_ is None and at < len(self._samples) + 8 * RATE
        ):
            if (ahead := began + (at + FRAME) / RATE - time.monotonic()) > 0:
                time.sleep(ahead)
            chunk = self._samples[at : at + FRAME]
            yield np.pad(chunk, (0, FRAME - len(chunk)))
            at += FRAME


def read() -> tuple[dict[str, list[str]], list[Command]]:
    """The contacts with their names in other scripts, and the commands."""
    file = tomllib.loads(resources.files("lamha.benchmarks").joinpath("cases/spoken.toml").read_text("utf-8"))
    found = [
        Command(language, text, action, tuple(holds))
        for language in ("en", "ar", "zh")
        for text, action, *holds in file[language]["commands"]
    ]
    return file["contacts"], found


def commands(options: argparse.Namespace) -> dict[str, Any]:
    """Right actions and latency by language, and the misses."""
    contacts, every = read()
    if options.sample:
        every = [c for code in ("en", "ar", "zh") for c in _some(every, code, options.sample)]
    with TemporaryDirectory() as folder, ExitStack() as stack:
        done = list(_run(every, contacts, Path(folder) / "bench.db", options.languages, stack))
    return {code: _summary([d for d in done if d[0].language == code]) for code in ("en", "ar", "zh")}


def _some(every: list[Command], language: str, count: int) -> list[Command]:
    mine = [command for command in every if command.language == language]
    return mine[:: max(1, len(mine) // count)][:count]


def _run(
    every: list[Command], contacts: dict[str, list[str]], kept: Path, languages: str, stack: ExitStack
) -> Iterator[tuple[Command, Shown]]:
    from lamha.device.assistant import open_ears, open_session, open_voice

    with Storage(kept) as storage:
        for name, aliases in contacts.items():
            storage.add_contact(name, tuple(aliases))
    told = ("en", "ar", "zh") if languages == "each" else (languages,)
    hearing = [open_ears(each) for each in told]
    session = stack.enter_context(open_session(kept=kept))
    for ears, _ in hearing:
        ears.vocabulary = session.vocabulary
        for _step in ears.warming():
            pass
    voice, says = open_voice(), open_voice()
    for code in ("en", "ar", "zh"):
        list(voice.speak({"en": "Yes.", "ar": "نعم.", "zh": "好。"}[code]))  # opens the voice
    for command in every:
        session.forget()
        shown = Shown()
        ears, activity = hearing[told.index(command.language) if len(told) > 1 else 0]
        parts = Parts(activity, ears, session, voice, Recorder(), shown)
        Loop(Spoken(_sound(says, command.text), shown), parts).run()
        yield command, shown


def _sound(voice: Voice, text: str) -> Samples:
    return np.concatenate([sound.at(RATE).samples for sound in voice.speak(text)])


def _right(command: Command, turn: "Turn | None") -> bool:
    if turn is None:
        return False
    if not command.action:
        return not turn.routed.calls and not turn.routed.action
    calls = [call for call in turn.routed.calls if call.action == command.action]
    said = " ".join(calls[0].arguments.values()).casefold() if calls else ""
    return bool(calls) and all(each.casefold() in said for each in command.holds)


def _summary(done: list[tuple[Command, Shown]]) -> dict[str, Any]:
    latencies = [shown.latency_ for _, shown in done if shown.latency_]
    misses = [_miss(command, shown.turn_) for command, shown in done if not _right(command, shown.turn_)]
    stages = {stage: [getattr(each, stage) for each in latencies] for stage in STAGES}
    return {
        "commands": len(done),
        "right": len(done) - len(misses),
        "milliseconds_after_the_last_sound": {
            stage: sample(found).as_json() for stage, found in stages.items() if found
        },
        "misses": misses,
    }


def _miss(command: Command, turn: "Turn | None") -> dict[str, Any]:
    if turn is None:
        return {"said": command.text, "heard": None}
    calls = [[call.action, call.arguments] for call in turn.routed.calls]
    return {"said": command.text, "heard": turn.heard.text, "did": calls}
