"""Speech recognition: the role, what it returns, and what every engine needs around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lamha.models import repetition
from lamha.models.speech.audio import Audio

_LONGEST_PHRASE = 12  # tokens
_LOOP = 12  # tokens that say nothing new
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Said:
    """A word, or a character where words are not set apart; `probability` is that of its least sure token."""

    text: str
    """with the space before it"""
    probability: float


@dataclass(frozen=True)
class Transcript:
    """What was said. `confidence` is the mean probability of its tokens, 0…1; 0 where nothing was said."""

    text: str
    language: str
    seconds: float
    """of audio"""
    milliseconds: float
    """spent on it"""
    confidence: float
    words: tuple[Said, ...] = ()
    """of `text`, where the recogniser tells how sure it is of each"""


class Recogniser(Protocol):
    """Turns speech into text."""

    @property
    def languages(self) -> tuple[str, ...]:
        """What it understands, as ISO 639-1 codes."""

    def transcribe(self, audio: Audio) -> Transcript:
        """The words in `audio`, at any rate; no words make an empty text."""


class Judge(Protocol):
    """Tells how well texts fit what was heard."""

    def evidence(self, audio: Audio, texts: Sequence[str], prior: float = 1.0) -> list[float]:
        """How many nats likelier `audio` makes each text than a sound without words does.

        This is pointwise mutual information: a rare name has no handicap against a common word. With a
        `prior` below 1 it has some, and with 0 what is returned is the log probability of the text.
        """


def joined(transcripts: Sequence[Transcript], language: str, seconds: float) -> Transcript:
    """One transcript of `seconds` of audio made of its pieces; longer pieces weigh more in the confidence."""
    heard = sum(t.seconds for t in transcripts)
    return Transcript(
        text=" ".join(t.text for t in transcripts if t.text),
        language=transcripts[0].language if transcripts else language,
        seconds=seconds,
        milliseconds=sum(t.milliseconds for t in transcripts),
        confidence=sum(t.confidence * t.seconds for t in transcripts) / heard if heard else 0.0,
        words=tuple(word for t in transcripts for word in t.words),
    )


def looping(tokens: Sequence[int]) -> int:
    """How many tokens at the end only repeat a phrase before them; 0 unless the decoder is in a loop."""
    return repetition.looping(tokens, longest=_LONGEST_PHRASE, rounds=_ROUNDS, least=_LOOP)
