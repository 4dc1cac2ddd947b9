"""From frames of sound to what becomes clear with each: somebody calls, begins to speak, has finished."""

from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np

from lamha.models.speech.endpoint import Began, Ended, Pause, endpoints
from lamha.models.speech.vad import FRAME, RATE, Gate, Samples, VoiceActivity

_AFTER_WAKING = 0.2
"""Seconds in which the rest of the wake phrase is not taken for the command."""


class Waking(Protocol):
    """Hears the wake phrase."""

    def hears(self, frames: Iterable[Samples]) -> Iterator[bool]:
        """For each frame of 512 samples at 16 kHz whether the phrase has ended with it."""
        ...


class OwnVoice(Protocol):
    """Knows what the device itself says."""

    def hears(self, frame: Samples) -> bool:
        """Whether a frame holds nothing but that."""
        ...


class Hearing:
    """Takes one frame after the other."""

    def __init__(
        self,
        activity: VoiceActivity,
        pause: Pause,
        gate: Gate | None = None,
        waking: Waking | None = None,
        own: OwnVoice | None = None,
    ) -> None:
        self._frame = np.zeros(FRAME, np.float32)
        self._speech = 0.0
        self._pause, self._gate, self._own = pause, gate, own
        self._probabilities = activity.probabilities(self._given())
        self._calls = waking.hears(self._given()) if waking else None
        self._at = 0
        self._deaf = 0
        self._restart()

    def take(self, frame: Samples) -> bool | Began | Ended | None:
        """True where the wake phrase ends with the frame, or what begins or ends with it."""
        self._frame = frame
        speech = next(self._probabilities)
        self._at += 1
        if self._calls and next(self._calls):
            self._restart()
            self._deaf = self._at + round(_AFTER_WAKING * RATE / FRAME)
            return True
        own = self._own is not None and self._own.hears(frame)
        self._speech = speech if self._at > self._deaf and not own else 0.0
        return self._moved(next(self._ends))

    @property
    def speech(self) -> float:
        """How likely somebody else speaks in the last frame."""
        return self._speech

    def _given(self) -> Iterator[Samples]:
        while True:
            yield self._frame

    def _heard(self) -> Iterator[float]:
        while True:
            yield self._speech

    def _restart(self) -> None:
        self._offset = self._at * FRAME
        begin = self._offset
        self._ends = endpoints(self._heard(), lambda voice: self._pause(voice + begin), self._gate)

    def _moved(self, item: Began | Ended | None) -> Began | Ended | None:
        match item:
            case Began(start):
                return Began(start + self._offset)
            case Ended(start, stop, voice, whole):
                return Ended(start + self._offset, stop + self._offset, voice + self._offset, whole)
        return None
