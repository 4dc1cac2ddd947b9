"""The voices, one a language; what is said in another script than a voice's is spelt in its own."""

from collections.abc import Callable, Iterator, Mapping

from anyascii import anyascii

from lamha.models.errors import ModelMissing, VoiceMissing
from lamha.models.speech.audio import Audio
from lamha.models.speech.reading import aloud
from lamha.models.speech.tts import Voice
from lamha.skills.language import detect


class Mouth:
    """A `Voice` for several languages. `makes` has for each the voices that could speak it, the best first.

    A voice is made when it is first needed; one whose model is not on this device gives way to the next.
    """

    def __init__(self, makes: Mapping[str, tuple[Callable[[], Voice], ...]]) -> None:
        self.pace = 1.0
        self._makes = makes
        self._voices: dict[str, Voice] = {}

    @property
    def languages(self) -> tuple[str, ...]:
        """What it speaks."""
        return tuple(self._makes)

    def speak(self, text: str) -> Iterator[Audio]:
        """A sound for each clause, in the language of the text; VoiceMissing where none can speak it."""
        language = detect(text)
        voice = self._voice(language)
        voice.pace = self.pace
        return voice.speak(_spelt(aloud(text, language), language))

    def _voice(self, language: str) -> Voice:
        if language not in self._voices:
            self._voices[language] = self._made(language)
        return self._voices[language]

    def _made(self, language: str) -> Voice:
        missing: ModelMissing | None = None
        for make in self._makes.get(language, ()):
            try:
                return make()
            except ModelMissing as error:
                missing = missing or error
        if missing:
            raise missing
        raise VoiceMissing(f"no voice for {language} is on this device")


def _spelt(text: str, language: str) -> str:
    """Names in a script that the voice does not know are spelt in Latin letters."""
    known = {"ar": "\u0600-\u06ff", "zh": "\u3000-\u9fff"}.get(language, "")
    return "".join(c if c.isascii() or _within(c, known) or not c.isalpha() else anyascii(c) for c in text)


def _within(character: str, known: str) -> bool:
    first, _, last = known.partition("-")
    return bool(known) and first <= character <= last
