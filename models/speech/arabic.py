"""Arabic aloud: vowel marks are put where there are none, and endings fall silent as they do in speech."""

import re
from collections.abc import Callable, Iterator
from functools import cache

from lamha.models.speech.audio import Audio
from lamha.models.speech.espeak import Espeak
from lamha.models.speech.tts import respelt

_PACE = 0.85  # espeak-ng was understood better when it took its time
_ENDING = re.compile(r"[\u064c-\u0650\u0652]+(?=[^\w\u064b-\u0652]|$)")  # of case and mood, but not -an
_FEMININE = re.compile(r"ة[\u064b-\u0652]*(?=[^\w\u064b-\u0652]|$)")
# From espeak-ng's phonetic letters to those of Kokoro, which was taught none of Arabic's throat.
_LETTERS = {"ħ": "h", "ʕ": "", "ˤ": "", "dʒ": "ʤ", "ʒ": "ʤ", ".": "", "\u032a": ""}


class Arabic:
    """A `Voice` on espeak-ng: a robot, at once."""

    languages = ("ar",)

    def __init__(self) -> None:
        self.pace = 1.0
        self._voice = Espeak("ar")

    def speak(self, text: str) -> Iterator[Audio]:
        """A sound for each clause; VoiceMissing without espeak-ng."""
        self._voice.pace = _PACE * self.pace
        return self._voice.speak(spoken(text))


def spoken(text: str) -> str:
    """With vowel marks, and as it is said before a pause: «كِتَابٌ جَدِيدٌ» is "kitāb jadīd".

    Without the library text2tashkeel words stay as they are written.
    """
    return _ENDING.sub("", _FEMININE.sub("ه", _vowelled()(text)))


def phonemes(text: str) -> str:
    """In Kokoro's alphabet, by espeak-ng; VoiceMissing without it."""
    spelt = respelt(Espeak("ar").phonemes(spoken(text)).replace("\n", ", "), _LETTERS)
    return re.sub(r"(.)\1{2,}", r"\1\1", spelt)


@cache
def _vowelled() -> Callable[[str], str]:
    try:
        from text2tashkeel import Diacritizer
    except ImportError:
        return str
    diacritize: Callable[[str], str] = Diacritizer().diacritize
    return diacritize
