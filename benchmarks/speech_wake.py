"""The wake phrase: by voices that it was not learnt from, in noise, and speech without it."""

import argparse
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from lamha.device import audio
from lamha.device.assistant import open_wake
from lamha.models.speech.vad import RATE, Samples, frames
from lamha.models.store import Store
from lamha.models.training.wake_rooms import in_noise
from lamha.models.training.wake_voices import PHRASE, People, Robots, Speaks, texts

NOISE = 10.0
"""Decibels by which it is below the voice."""
_SEED = 7


def wake(options: argparse.Namespace) -> dict[str, Any]:
    """Shares that are heard, and what is heard without being called."""
    store, count = Store(), options.sample or 200
    people = People(PHRASE, True, store.path("kokoro"), store.path("kokoro-voices"))
    robots = Robots(PHRASE, True)
    real, seconds = _heard(_real())
    read, read_seconds = _heard(_read(people, robots, count))
    return {
        "people": f"{_called(people, count)} of {count}",
        "robots": f"{_called(robots, count)} of {count}",
        "decibels over the noise": NOISE,
        "real speech": {"minutes": round(seconds / 60, 1), "false accepts": real},
        "sentences read": {"minutes": round(read_seconds / 60, 1), "false accepts": read},
    }


def _called(who: Speaks, count: int) -> int:
    """How often it is heard."""
    draw = np.random.default_rng(_SEED)
    silence, waking = np.zeros(RATE, np.float32), open_wake()
    heard = 0
    for number in range(count):
        sound = who.say(who.said[number % len(who.said)], draw)
        clip = in_noise(np.concatenate((silence, sound, silence)), draw, NOISE)
        heard += any(waking.hears(frames([clip])))
    return heard


def _heard(sounds: Iterable[Samples]) -> tuple[int, float]:
    """Times that it is heard in one stream of sound, and the seconds of that."""
    listening = open_wake()
    length = 0

    def stream() -> Iterator[Samples]:
        nonlocal length
        for sound in sounds:
            length += len(sound)
            yield sound

    return sum(listening.hears(frames(stream()))), length / RATE


def _real() -> Iterator[Samples]:
    folder = Path(os.environ.get("LAMHA_DATA", "../shared/data")) / "speech"
    for file in sorted([*folder.rglob("*.wav"), *folder.rglob("*.flac")]):
        yield audio.read(file).samples


def _read(people: Speaks, robots: Speaks, count: int) -> Iterator[Samples]:
    draw, said = np.random.default_rng(_SEED), texts(PHRASE).ordinary
    for number in range(5 * count):
        who = people if not number % 5 else robots
        yield in_noise(who.say(said[number % len(said)], draw), draw, 20.0)
