"""Where speech is: the role, and the signal logic from probabilities to pieces of speech, without a model."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lamha.models.errors import AudioUnreadable
from lamha.models.speech.audio import Audio

RATE = 16_000
FRAME = 512  # samples: 32 ms
_BREATH = 3  # frames; a pause that a long stretch may be cut at

Samples = NDArray[np.float32]


class VoiceActivity(Protocol):
    """Hears whether someone speaks."""

    def probabilities(self, frames: Iterable[Samples]) -> Iterator[float]:
        """The probability of speech in each frame of 512 samples at 16 kHz; every call starts afresh."""


@dataclass(frozen=True)
class Gate:
    """When speech begins and ends. Times are in seconds."""

    start: float = 0.5
    """probability at which speech begins"""
    stop: float = 0.35
    """probability below which it may have ended"""
    shortest: float = 0.1
    """what is shorter is a knock or a click"""
    silence: float = 0.5
    """how much of it ends a segment"""
    padding: float = 0.25
    """kept on both sides, for soft first and last sounds"""
    longest: float = 15.0
    """what is longer is cut, at a pause if it has one; a recogniser's memory grows with the square of it"""


@dataclass(frozen=True)
class Segment:
    """A stretch of speech, in samples: `start` up to, not including, `stop`."""

    start: int
    stop: int


@dataclass
class _Span:
    """Speech that still goes on, in frames; `cut` is its latest pause."""

    first: int
    last: int
    cut: tuple[int, int] | None = None

    def hear(self, frame: int) -> None:
        if frame - self.last >= _BREATH:
            self.cut = self.last, frame
        self.last = frame + 1


def frames(chunks: Iterable[Samples]) -> Iterator[Samples]:
    """Chunks of any length as frames of 512 samples; the last one is filled up with silence."""
    rest = np.zeros(0, np.float32)
    for chunk in chunks:
        rest = np.concatenate((rest, chunk))
        whole = len(rest) - len(rest) % FRAME
        yield from rest[:whole].reshape(-1, FRAME)
        rest = rest[whole:]
    if len(rest):
        yield np.pad(rest, (0, FRAME - len(rest)))


def voiced(probabilities: Iterable[float], gate: Gate) -> Iterator[bool]:
    """Speech or not, frame by frame: it begins at `gate.start` and lasts while above `gate.stop`."""
    speaking = False
    for probability in probabilities:
        speaking = probability >= (gate.stop if speaking else gate.start)
        yield speaking


def segments(probabilities: Iterable[float], gate: Gate | None = None) -> Iterator[Segment]:
    """Stretches of speech, in order, apart, and each as soon as it has ended: a microphone can be watched.

    The last may reach past the end of the audio by less than a frame.
    """
    gate = gate or Gate()
    padding, floor = round(gate.padding * RATE / FRAME), 0
    for first, last, limit in _spans(voiced(probabilities, gate), gate):
        if last - first >= _frames(gate.shortest):
            start, stop = max(floor, first - padding), min(limit, last + padding)
            yield Segment(start * FRAME, stop * FRAME)
            floor = stop


def pieces(audio: Audio, activity: VoiceActivity, gate: Gate | None = None) -> list[Audio]:
    """What is spoken in `audio`, at 16 kHz, none much longer than `gate.longest`."""
    samples = audio.at(RATE).samples
    found = segments(activity.probabilities(frames([samples])), gate)
    return [Audio(samples[segment.start : segment.stop], RATE) for segment in found]


def speech_only(
    audio: Audio, activity: VoiceActivity, name: str = "the recording", gate: Gate | None = None
) -> Audio:
    """`audio` at 16 kHz without what is not speech; AudioUnreadable, with `name`, where nobody speaks."""
    found = pieces(audio, activity, gate)
    if not found:
        raise AudioUnreadable(f"no speech was found in {name}")
    return Audio(np.concatenate([piece.samples for piece in found]), RATE)


def _spans(speech: Iterable[bool], gate: Gate) -> Iterator[tuple[int, int, int]]:
    """First frame, frame after the last, and the frame up to which padding may reach."""
    silence, longest = _frames(gate.silence), _frames(gate.longest)
    span: _Span | None = None
    heard = 0
    for frame, speaking in enumerate(speech):
        heard = frame + 1
        if speaking:
            span = span or _Span(frame, frame)
            span.hear(frame)
        if span and heard - span.last >= silence:
            yield span.first, span.last, heard
            span = None
        elif span and heard - span.first >= longest:
            end, again = span.cut or (span.last, heard)
            yield span.first, end, (end + again) // 2
            span = _Span(again, max(again, span.last))
    if span:
        yield span.first, span.last, heard


def _frames(seconds: float) -> int:
    return max(1, round(seconds * RATE / FRAME))
