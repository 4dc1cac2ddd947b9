"""What the loop is made of, as roles."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from lamha.device.turn import Event, Turn
from lamha.device.voice.hearing import OwnVoice, Waking
from lamha.device.voice.latency import Latency
from lamha.device.voice.speakers import Speaker
from lamha.device.voice.states import Mode
from lamha.models.speech.asr import Recogniser, Transcript
from lamha.models.speech.tts import Voice
from lamha.models.speech.vad import VoiceActivity
from lamha.skills.api import Card


class Turns(Protocol):
    """What acts on words: a `Session`."""

    @property
    def awaits(self) -> bool:
        """Whether the last turn wants an answer."""
        ...

    def hear(self, transcript: Transcript) -> Iterator[Event]:
        """A turn, whose last event is a `Turn`."""
        ...

    def cancel(self) -> None:
        """End the turn that runs, before its next token."""

    def forget(self) -> None:
        """Leave nothing for the next turn."""


class Display(Protocol):
    """Shows what goes on; called from several threads, one at a time."""

    def mode(self, mode: Mode) -> None:
        """What the loop is doing now."""

    def partial(self, text: str) -> None:
        """The words so far."""

    def card(self, card: Card) -> None:
        """A card of the loop's own."""

    def turn(self, turn: Turn) -> None:
        """A turn, before its reply is heard to the end."""

    def latency(self, latency: Latency) -> None:
        """How long the stages of a turn took, once its first word is heard."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the loop is made of."""

    activity: VoiceActivity
    recogniser: Recogniser
    session: Turns
    voice: Voice
    speaker: Speaker
    display: Display
    waking: Waking | None = None
    """Without it there is no need to call it."""
    own: OwnVoice | None = None
    preparing: Iterator[object] = field(default_factory=lambda: iter(()))
    """What the recogniser does, step by step, before somebody speaks."""
