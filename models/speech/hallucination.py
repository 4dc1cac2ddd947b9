"""Whether words were heard or made up: recognisers write sentences into silence, noise and music.

What is made up owes little to the sound: a sound without words would have made it nearly as likely. That is
measured as evidence (`asr.Judge`). The other signs are those of Radford et al. 2022, section 4.5.
"""

import zlib
from dataclasses import dataclass
from functools import cache

import numpy as np

from lamha.models.speech.vad import RATE, Samples

_LEAST = 4.0  # nats for the whole text
_LEAST_A_CHARACTER = 0.4  # noise gave up to 0.36, or to 0.6 with a loop; the least of clear speech was 0.8
_LOOPING = 2.4  # bytes for each that compression leaves
_LONG = 40  # bytes, below which compression tells nothing
_SILENT = 0.6
_UNSURE = -1.0  # mean log probability of a token
_FASTEST = 30  # characters a second; the fastest speakers reach 25
_STOCK_LEAST = 12.0
# What subtitles of silent scenes say. Somebody may say it, and so it only needs more evidence.
_STOCK = (
    "thank you for watching",
    "thanks for watching",
    "see you next time",
    "please subscribe",
    "subtitles by",
    "ترجمة نانسي قنقر",
    "اشتركوا في القناة",
    "شكرا للمشاهدة",
    "字幕",
    "订阅",
    "訂閱",
    "谢谢观看",
    "謝謝觀看",
    "普通话的句子",
)


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known about a text. Probabilities that a recogniser does not give keep their default."""

    text: str
    seconds: float
    """of sound"""
    evidence: float
    """nats, as `asr.Judge` gives them"""
    score: float = 0.0
    """mean log probability of a token"""
    no_speech: float = 0.0
    """probability that nobody speaks"""


def made_up(signs: Signs) -> str:
    """Why the text was not said; empty where it was."""
    text = signs.text.strip()
    reasons = {
        "no words": not any(map(str.isalnum, text)),
        "no speech": signs.no_speech > _SILENT and signs.score < _UNSURE,
        "repeats itself": compression(text) > _LOOPING,
        "too fast": len(text) > max(1.0, signs.seconds) * _FASTEST,
        "fits silence as well": signs.evidence < max(_LEAST, _LEAST_A_CHARACTER * len(text)),
        "subtitles": signs.evidence < _STOCK_LEAST and any(each in text.casefold() for each in _STOCK),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def compression(text: str) -> float:
    """How many bytes of `text` become one; 1 for a short one."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if len(data) >= _LONG else 1.0


@cache
def wordless() -> tuple[Samples, ...]:
    """A second each of silence, a rumble, and two voices that hum: what words are compared with."""
    rumble = np.cumsum(np.random.default_rng(0).normal(0, 0.01, RATE))
    sounds = (np.zeros(RATE), rumble - rumble.mean(), _humming(120, 2), _humming(220, 3))
    return tuple(sound.astype(np.float32) for sound in sounds)


def _humming(pitch: float, syllables: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """A buzz at `pitch` hertz that swells `syllables` times, in a little noise."""
    dice, seconds = np.random.default_rng(0), np.arange(RATE) / RATE
    harmonics = np.arange(1, 30)[:, None]
    phases = dice.uniform(0, 2 * np.pi, (29, 1))
    buzz = (np.sin(2 * np.pi * pitch * harmonics * seconds + phases) / harmonics).sum(axis=0)
    swell = np.maximum(0, np.sin(2 * np.pi * syllables * seconds)) * np.sin(np.pi * seconds)
    return np.asarray(0.1 * buzz * swell + dice.normal(0, 0.003, RATE))
