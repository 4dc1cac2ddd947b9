"""The recognisers of this device, as `Ears` uses them, and how they are opened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from lamha.models.speech.asr import Judge, Recogniser, Transcript
from lamha.models.speech.audio import Audio
from lamha.models.speech.moonshine import Moonshine
from lamha.models.speech.silero import Silero
from lamha.models.speech.vad import VoiceActivity
from lamha.models.speech.whisper import Reading, Whisper
from lamha.models.speech.whisper_engine import Encoded
from lamha.models.store import Store


class English(Recogniser, Judge, Protocol):
    """Hears English, quickly."""


class Others(Protocol):
    """Hears what it is told the language of; the parts of `Whisper` that are used here."""

    def encode(self, audio: Audio) -> Encoded:
        """What all else is read from."""

    def spoken(self, encoded: Encoded, among: Sequence[str] = ()) -> dict[str, float]:
        """The probability of each language."""

    def read(self, encoded: Encoded, language: str, beams: int = 1) -> list[Reading]:
        """The best readings."""

    def transcript(self, encoded: Encoded, language: str, reading: Reading, began: float) -> Transcript:
        """One of them, word by word."""

    def shortlist(
        self, encoded: Encoded, texts: Sequence[str], language: str, count: int = 20
    ) -> tuple[str, ...]:
        """The texts that may have been said."""

    def weigh(self, encoded: Encoded, texts: Sequence[str], language: str, prior: float = 1.0) -> list[float]:
        """The evidence for each text, in nats."""


@dataclass(frozen=True)
class Engines:
    """How the recognisers are opened; ModelMissing says which one to pull."""

    english: Callable[[], English]
    others: Callable[[], Others]
    activity: Callable[[], VoiceActivity]


def engines(store: Store, threads: int = 1) -> Engines:
    """Those of the models folder."""
    return Engines(
        lambda: Moonshine(store.path("moonshine-tiny-en"), threads),
        lambda: Whisper(store.path("whisper-base"), threads),
        lambda: Silero(store.path("silero-vad"), threads),
    )
