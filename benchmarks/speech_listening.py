"""What listening takes: the share of a core while nobody speaks, and memory after hours."""

import argparse
import resource
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from lamha.benchmarks.measure import sample
from lamha.benchmarks.speech_commands import Shown
from lamha.device.assistant import open_ears, open_voice, open_wake
from lamha.device.turn import Event
from lamha.device.voice.loop import Loop
from lamha.device.voice.parts import Parts
from lamha.device.voice.speakers import Recorder
from lamha.models.speech.asr import Transcript
from lamha.models.speech.vad import FRAME, RATE, Samples, frames

_ROUNDS, _SECONDS = 5, 60


def load(_: argparse.Namespace) -> dict[str, Any]:
    """Milliseconds of processor time for a second of sound, as a share of one core."""
    _ears, activity = open_ears("en")
    noise = np.random.default_rng(0).normal(0, 0.01, _SECONDS * RATE).astype(np.float32)
    shares: dict[str, list[float]] = {"voice activity": [], "wake phrase": []}
    for _round in range(_ROUNDS):
        for name, work in (
            ("voice activity", activity.probabilities(frames([noise]))),
            ("wake phrase", open_wake().hears(frames([noise]))),
        ):
            began = time.process_time()
            for _item in work:
                pass
            shares[name].append(100 * (time.process_time() - began) / _SECONDS)
    shares["both"] = [a + b for a, b in zip(*shares.values(), strict=True)]
    return {f"{name}, % of a core": sample(found).as_json() for name, found in shares.items()}


def hours(options: argparse.Namespace) -> dict[str, Any]:
    """Noise, knocks and words that nobody follows, for hours; megabytes at the end of each eighth."""
    ears, activity = open_ears("en")
    kept: list[float] = []
    shown = Shown()
    parts = Parts(activity, ears, _Nobody(), open_voice(), Recorder(), shown, waking=open_wake())
    Loop(_Sound(options.hours, kept), parts).run()
    return {"hours": options.hours, "megabytes in use": [round(each) for each in kept]}


class _Nobody:
    """Acts on nothing."""

    awaits = False

    def hear(self, transcript: Transcript) -> Iterator[Event]:  # noqa: ARG002
        return iter(())

    def cancel(self) -> None: ...

    def forget(self) -> None: ...


class _Sound:
    """Noise, with a burst like a voice every ten seconds."""

    live = False

    def __init__(self, hours_: float, kept: list[float]) -> None:
        self._frames = round(hours_ * 3600 * RATE / FRAME)
        self._kept = kept

    def __iter__(self) -> Iterator[Samples]:
        draw, time_ = np.random.default_rng(0), np.arange(FRAME) / RATE
        noise = draw.normal(0, 0.01, (64, FRAME)).astype(np.float32)
        buzz = (0.2 * np.sign(np.sin(2 * np.pi * 130 * time_))).astype(np.float32)
        for number in range(self._frames):
            frame = noise[number % 64]
            yield frame + buzz if number % 312 < 40 else frame
            if not (number + 1) % max(1, self._frames // 8):
                self._kept.append(_megabytes())


def _megabytes() -> float:
    with open("/proc/self/statm") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6
