"""Who says a wake phrase, and other things: Kokoro's voices, which sound like people, and espeak-ng's robots.

Some of both are left out of the training, to be asked afterwards.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from lamha.models.speech import arabic, mandarin
from lamha.models.speech.espeak import Espeak
from lamha.models.speech.kokoro import Kokoro, read_style
from lamha.models.speech.tts import respelt
from lamha.models.speech.vad import RATE, Samples

PHRASE = "hey lamha"
ACCENTS = ("en-us", "en-gb-x-rp", "en-gb-scotland", "en-gb-x-gbclan", "en-029", "en-us-nyc")
_TEXTS = resources.files(__package__).joinpath("wake.toml")
_LEFT_OUT = 5  # one of so many voices, and the last accent
# From the phonetic letters of espeak-ng to those of Kokoro, which writes diphthongs and affricates as one.
_LETTERS = {"eɪ": "A", "aɪ": "I", "oʊ": "O", "aʊ": "W", "ɔɪ": "Y"} | {
    "tʃ": "ʧ",
    "dʒ": "ʤ",
    "ɚ": "əɹ",
    "ɝ": "ɜɹ",
    "ɐ": "ə",
    "r": "ɹ",
    "\n": " ",
}


class Speaks(Protocol):
    """Says things in another voice each time."""

    @property
    def said(self) -> Sequence[str]:
        """The ways to pronounce the phrase."""
        ...

    def say(self, text: str, draw: np.random.Generator) -> Samples:
        """At 16 kHz; `text` is one of `said`, or anything in English, Arabic or Chinese."""
        ...


class Robots:
    """espeak-ng, at once."""

    def __init__(self, phrase: str, left_out: bool) -> None:
        self.said = _ways("robots", phrase)
        self._variants = _some(_texts()["voices"]["variants"].split(), left_out)
        self._accents = ACCENTS[-1:] if left_out else ACCENTS[:-1]

    def say(self, text: str, draw: np.random.Generator) -> Samples:
        """See `Speaks`."""
        script = {"ar": "ar", "zh": "cmn"}.get(script_of(text))
        language = script or self._accents[draw.integers(len(self._accents))]
        variant = self._variants[draw.integers(len(self._variants))]
        voice = Espeak(language, variant, int(draw.integers(25, 75)))
        voice.pace = float(draw.uniform(0.8, 1.35))
        return voice.sound(text).at(RATE).samples


class People:
    """Kokoro, about as slowly as people speak. `voices` is the folder of its styles."""

    def __init__(self, phrase: str, left_out: bool, folder: Path, voices: Path) -> None:
        self.said = _ways("people", phrase)
        names = _some(sorted(voices.glob("*.bin")), left_out)
        self._styles = [read_style(name) for name in names]
        self._mixes = not left_out
        self._kokoro = Kokoro(folder)

    def say(self, text: str, draw: np.random.Generator) -> Samples:
        """See `Speaks`; half of the voices are two mixed."""
        style = self._styles[draw.integers(len(self._styles))]
        if self._mixes and draw.random() < 0.5:
            share = np.float32(draw.uniform(0.25, 0.75))
            style = share * style + (1 - share) * self._styles[draw.integers(len(self._styles))]
        self._kokoro.style, self._kokoro.pace = style, float(draw.uniform(0.8, 1.3))
        return self._kokoro.sound(text if text in self.said else spelt(text)).at(RATE).samples


@dataclass(frozen=True)
class Texts:
    """What is not the phrase: `ordinary` sentences, and what is `nearly` it."""

    ordinary: tuple[str, ...]
    nearly: tuple[str, ...]


def texts(phrase: str) -> Texts:
    """For a phrase: each of its words, without one, the wrong way round, begun twice; and greetings."""
    words = phrase.split()
    parts = [" ".join(words[:at] + words[at + 1 :]) for at in range(len(words))]
    half = words[-1][: len(words[-1]) // 2 + 1]
    greetings = _rows("greetings") if words[0] == PHRASE.split()[0] else ()
    nearly = (*words, *parts, " ".join(reversed(words)), f"{words[0]} {words[0]}", half, *greetings)
    return Texts(_rows("said") + (() if greetings else _rows("greetings")), nearly)


def spelt(text: str) -> str:
    """In Kokoro's alphabet."""
    if (script := script_of(text)) == "zh":
        return mandarin.phonemes(text)
    if script == "ar":
        return arabic.phonemes(text)
    return respelt(Espeak("en").phonemes(text), _LETTERS)


def script_of(text: str) -> str:
    """What its first letter is of: Arabic, Chinese, or neither."""
    first = next(filter(str.isalpha, text), "")
    return "ar" if "\u0600" <= first <= "\u06ff" else "zh" if first > "\u2fff" else ""


def _ways(who: str, phrase: str) -> tuple[str, ...]:
    if phrase == PHRASE:
        return tuple(_texts()["phrase"][who])
    return (phrase,) if who == "robots" else (spelt(phrase), f"{spelt(phrase)}!")


def _rows(name: str) -> tuple[str, ...]:
    return tuple(
        row.strip() for text in _texts()[name].values() for row in text.replace("\n", "|").split("|")
    )


def _some[T](every: Sequence[T], left_out: bool) -> list[T]:
    return [each for number, each in enumerate(every) if (number % _LEFT_OUT == 0) == left_out]


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(_TEXTS.read_text("utf-8"))
