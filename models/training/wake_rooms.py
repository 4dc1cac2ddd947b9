"""Rooms and noise that are made up, so that a phrase is heard in more places than it was said in."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamha.models.speech.vad import RATE, Samples

SECONDS = 2.6
"""Of each clip."""


@dataclass(frozen=True)
class Clip:
    """A recording, and where the phrase ends in it (a sample), or None."""

    samples: Samples
    end: int | None


def placed(sound: Samples, draw: np.random.Generator, phrase: bool, ratio: float | None = None) -> Clip:
    """In a clip of its own: at any place, from any throat, in a room, in noise `ratio` decibels below it."""
    sound = _resized(_trimmed(sound), draw.uniform(0.88, 1.14))
    total = round(SECONDS * RATE)
    if len(sound) > total:
        at = int(draw.integers(len(sound) - total + 1))
        sound = sound[at : at + total]
    latest = total - len(sound) - round(0.3 * RATE)
    start = int(draw.integers(max(1, latest)))
    clip = np.zeros(total, np.float32)
    clip[start : start + len(sound)] = sound[: total - start]
    heard = in_noise(_in_a_room(clip, draw), draw, ratio)
    return Clip(heard, min(start + len(sound), total) if phrase else None)


def in_noise(sound: Samples, draw: np.random.Generator, ratio: float | None = None) -> Samples:
    """White, pink or brown noise, `ratio` decibels below the speech; and any loudness."""
    ratio = draw.uniform(3, 35) if ratio is None else ratio
    spectrum = np.fft.rfft(draw.standard_normal(len(sound)))
    spectrum *= np.maximum(np.arange(len(spectrum)), 20) ** -float(draw.choice([0, 0.5, 1]))
    noise = np.fft.irfft(spectrum, len(sound))
    loud = sound[np.abs(sound) > 0.02 * max(float(np.abs(sound).max()), 1e-6)]
    power = float(np.mean(loud**2)) if len(loud) else 1e-4
    noise *= np.sqrt(power / np.mean(noise**2) / 10 ** (ratio / 10))
    mixed = sound + noise
    return _float32(mixed / np.abs(mixed).max() * 10 ** draw.uniform(-1.3, 0))


def _trimmed(sound: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(sound) > 0.01)
    return sound[loud[0] : loud[-1] + 1] if len(loud) else sound


def _resized(sound: Samples, factor: float) -> Samples:
    """A longer or shorter throat, and slower or faster."""
    at = np.arange(0, max(1, len(sound) - 1), factor)
    return _float32(np.interp(at, np.arange(max(1, len(sound))), sound if len(sound) else np.zeros(1)))


def _in_a_room(sound: Samples, draw: np.random.Generator) -> Samples:
    if draw.random() < 0.5:
        return sound
    size = round(draw.uniform(0.05, 0.3) * RATE)
    echo = draw.standard_normal(size) * np.exp(-6.9 * np.arange(size) / size) * draw.uniform(0.02, 0.15)
    echo[0] = 1
    length = 1 << (len(sound) + size - 1).bit_length()
    heard = np.fft.irfft(np.fft.rfft(sound, length) * np.fft.rfft(echo, length), length)
    return _float32(heard[: len(sound)])


def _float32(samples: NDArray[np.floating[Any]]) -> Samples:
    found: Samples = samples.astype(np.float32)
    return found
