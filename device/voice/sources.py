"""Where sound comes from: a microphone that comes and goes, or a file."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np

from lamha.device import audio
from lamha.models.errors import MicrophoneMissing
from lamha.models.speech.vad import FRAME, RATE, Samples

_FIRST_WAIT, _LONGEST_WAIT = 0.5, 8.0
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

    One that vanishes is looked for again, ever less often and for `patience` seconds in all; `lost` is told
    why, and `found` when it is back.
    """

    live = True

    def __init__(
        self,
        name: str = "",
        patience: float = 600.0,
        lost: Callable[[MicrophoneMissing], None] = lambda _why: None,
        found: Callable[[], None] = lambda: None,
    ) -> None:
        self._name, self._patience, self._lost, self._found = name, patience, lost, found

    def __iter__(self) -> Iterator[Samples]:
        """What it hears from now on; MicrophoneMissing where it was never there, or stays away."""
        heard, missed, wait = False, 0.0, _FIRST_WAIT
        while True:
            try:
                for chunk in self._chunks():
                    if missed:
                        self._found()
                    heard, missed, wait = True, 0.0, _FIRST_WAIT
                    yield chunk
            except MicrophoneMissing as error:
                if not heard or missed >= self._patience:
                    raise
                if not missed:
                    self._lost(error)
                time.sleep(wait)
                missed, wait = missed + wait, min(2 * wait, _LONGEST_WAIT)

    def _chunks(self) -> Iterator[Samples]:
        with audio.microphone(self._name) as chunks:
            yield from chunks
