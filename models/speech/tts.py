"""Speaking: the role, and a check that a voice is not given a script that it cannot pronounce."""

import re
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Protocol

from lamha.models.errors import VoiceMissing
from lamha.models.speech.audio import Audio

# What a letter's Unicode name begins with, where one script stands for one language of ours.
_SCRIPTS = {"ARABIC": ("ar", "Arabic"), "CJK": ("zh", "Chinese")}

_CLAUSE = re.compile(r"(?<=[.!?,;:…،؛؟])\s+|(?<=[。！？，；：、])")


class Voice(Protocol):
    """Turns text into speech."""

    pace: float
    """How fast: 1 is as the voice was made, 2 twice as fast."""

    @property
    def languages(self) -> tuple[str, ...]:
        """What it speaks, as ISO 639-1 codes."""

    def speak(self, text: str) -> Iterator[Audio]:
        """A sound for each sentence, made when asked for; VoiceMissing for a language it does not speak."""


def check_language(text: str, languages: tuple[str, ...]) -> None:
    """VoiceMissing if `text` has a word in the script of a language that is not one of `languages`.

    One word is enough: a voice spells out or skips what it cannot pronounce, and that may be the name.
    """
    for letter in filter(str.isalpha, text):
        code, language = _SCRIPTS.get(unicodedata.name(letter, "-").split()[0], ("", ""))
        if code and code not in languages:
            raise VoiceMissing(f"no voice for {language} is on this device")


def respelt(text: str, letters: Mapping[str, str]) -> str:
    """`text` with letters of one alphabet as those of another, replaced in their order."""
    for letter, other in letters.items():
        text = text.replace(letter, other)
    return text


def clauses(text: str, joined: int = 32, longest: int = 64) -> Iterator[str]:
    """Parts of `text`, cut where it pauses; short ones of a line are joined up to `joined` characters.

    A part of more than `longest` is cut at a space. A voice's memory grows with what it says in one breath
    (a second took 20 MB), and the first part is heard the sooner the shorter it is.
    """
    for line in text.splitlines():
        kept = ""
        for part in (p for c in _CLAUSE.split(line) for p in _wrapped(c, longest)):
            if kept and len(kept) + len(part) >= joined:
                yield kept
                kept = ""
            kept = f"{kept} {part}".strip()
        if kept:
            yield kept


def _wrapped(clause: str, longest: int) -> list[str]:
    return textwrap.wrap(clause, longest, break_long_words=False, break_on_hyphens=False)
