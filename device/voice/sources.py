"""Where sound comes from: a microphone that comes and goes, or a file."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np

from lamha.device import audio
from lamha.device.voice.states import Notice
from lamha.models.errors import MicrophoneMissing
from lamha.models.speech.audio import Audio
from lamha.models.speech.vad import FRAME, RATE, Samples

_FIRST_WAIT, _LONGEST_WAIT = 0.5, 8.0
_MUTED = 10.0  # seconds in which it gives nothing at all from the beginning
_ENDING = 1.5  # seconds of silence after a file, in which its last words end


class Source(Protocol):
    """Sound at 16 kHz."""

    live: bool
    """Whether time passes while nobody asks for more."""

    def __iter__(self) -> Iterator[Samples]:
        """Chunks of any length; MicrophoneMissing where there are none to be had."""
        ...


class FileSource:
    """Any sound file, as fast as it goes or, with `realtime`, as it was spoken. AudioUnreadable."""

    def __init__(self, path: Path, realtime: bool = False) -> None:
        self._samples = np.concatenate(
            (audio.read(path).samples, np.zeros(round(_ENDING * RATE), np.float32))
        )
        self.live = realtime

    def __iter__(self) -> Iterator[Samples]:
        """Frames of 512 samples."""
        began = time.monotonic()
        for at in range(0, len(self._samples), FRAME):
            if self.live and (ahead := began + (at + FRAME) / RATE - time.monotonic()) > 0:
                time.sleep(ahead)
            yield self._samples[at : at + FRAME]


class Microphone:
    """The microphone whose name holds `name`, by default the system's own.

    One that vanishes is looked for again, ever less often and for `patience` seconds in all. `told` is told
    that it is lost, found again, or muted, or that sound was missed because nobody took it in time.
    """

    live = True

    def __init__(
        self,
        name: str = "",
        patience: float = 600.0,
        told: Callable[[Notice], None] = lambda _notice: None,
    ) -> None:
        self._name, self._patience, self._told = name, patience, told

    def __iter__(self) -> Iterator[Samples]:
        """What it hears from now on; MicrophoneMissing where it was never there, or stays away."""
        heard, missed, wait = False, 0.0, _FIRST_WAIT
        while True:
            try:
                for chunk in self._chunks():
                    if missed:
                        self._told("found")
                    heard, missed, wait = True, 0.0, _FIRST_WAIT
                    yield chunk
            except MicrophoneMissing:
                if not heard or missed >= self._patience:
                    raise
                if not missed:
                    self._told("lost")
                time.sleep(wait)
                missed, wait = missed + wait, min(2 * wait, _LONGEST_WAIT)

    def _chunks(self) -> Iterator[Samples]:
        silent = 0
        with audio.microphone(self._name, lambda _seconds: self._told("missed")) as chunks:
            for chunk in chunks:
                if 0 <= silent < _MUTED * RATE:
                    silent = silent + len(chunk) if Audio(chunk).silent else -1
                    if silent >= _MUTED * RATE:
                        self._told("muted")
                yield chunk
