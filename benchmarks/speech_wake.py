"""The wake phrase: by voices that it was not learnt from, in noise, and speech without it."""

import argparse
import json
import os
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from lamha.benchmarks.routing_own import CASES
from lamha.benchmarks.speech_commands import read as spoken
from lamha.device import audio
from lamha.device.assistant import open_wake
from lamha.models.speech.vad import RATE, Samples, frames
from lamha.models.store import Store
from lamha.models.training.wake_rooms import in_noise
from lamha.models.training.wake_voices import PHRASE, People, Robots, Speaks

NOISE = 10.0
"""Decibels by which it is below the voice."""
_SEED = 7


def wake(options: argparse.Namespace) -> dict[str, Any]:
    """Shares that are heard, and what is heard without being called."""
    store, times = Store(), options.sample or 200
    people = People(PHRASE, True, store.path("kokoro"), store.path("kokoro-voices"))
    robots = Robots(PHRASE, True)
    real, seconds = _heard(_real())
    read, read_seconds = _heard(_read(people, robots, options.hours))
    return {
        "people": f"{_called(people, times)} of {times}",
        "robots": f"{_called(robots, times)} of {times}",
        "decibels over the noise": NOISE,
        "real speech": {"minutes": round(seconds / 60, 1), "false accepts": real},
        "sentences read": {"minutes": round(read_seconds / 60, 1), "false accepts": read},
    }


def _called(who: Speaks, times: int) -> int:
    """How often it is heard."""
    draw = np.random.default_rng(_SEED)
    silence, waking = np.zeros(RATE, np.float32), open_wake()
    heard = 0
    for number in range(times):
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


def _read(people: Speaks, robots: Speaks, hours: float) -> Iterator[Samples]:
    """Sentences that nothing was learnt from; one of twenty by people, whom it takes as long as it lasts."""
    draw, said, length = np.random.default_rng(_SEED), _sentences(), 0
    for number in count():
        if length >= hours * 3600 * RATE:
            return
        who = people if not number % 20 else robots
        sound = in_noise(who.say(said[number % len(said)], draw), draw, 20.0)
        length += len(sound)
        yield sound


def _sentences() -> list[str]:
    """What the other benchmarks say, in three languages."""
    sets = json.loads((CASES / "routing-final.json").read_text("utf-8"))["sets"]
    return [case["say"] for some in sets for case in some["cases"]] + [each.text for each in spoken()[1]]
