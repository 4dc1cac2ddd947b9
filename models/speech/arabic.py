"""An Arabic voice: vowel marks are put where Arabic is written without them, and espeak-ng speaks."""

from collections.abc import Callable, Iterator
from functools import cached_property

from lamha.models.speech.audio import Audio
from lamha.models.speech.espeak import Espeak


class Arabic:
    """A `Voice`; without the library text2tashkeel words are spoken as they are written."""

    languages = ("ar",)

    def __init__(self) -> None:
        self.pace = 1.0
        self._voice = Espeak("ar")

    def speak(self, text: str) -> Iterator[Audio]:
        """A sound for each clause; VoiceMissing without espeak-ng."""
        self._voice.pace = self.pace
        return self._voice.speak(self._vowelled(text))

    @cached_property
    def _vowelled(self) -> Callable[[str], str]:
        try:
            from text2tashkeel import Diacritizer
        except ImportError:
            return str
        diacritize: Callable[[str], str] = Diacritizer().diacritize
        return diacritize
