"""Silero's voice activity detector on plain onnxruntime."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from lamha.models.speech.sessions import open_session
from lamha.models.speech.vad import RATE, Samples

_CONTEXT = 64  # samples of the frame before, which the network expects in front


class Silero:
    """A `VoiceActivity`; one may watch several recordings at once, since state lives in the call."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        self._session = open_session(path, threads)

    def probabilities(self, frames: Iterable[Samples]) -> Iterator[float]:
        """The probability of speech in each frame of 512 samples at 16 kHz."""
        state = np.zeros((2, 1, 128), np.float32)
        context = np.zeros(_CONTEXT, np.float32)
        rate = np.array(RATE)
        for frame in frames:
            heard = np.concatenate((context, frame))[None]
            probability, state = self._session.run(None, {"input": heard, "state": state, "sr": rate})
            context = frame[-_CONTEXT:]
            yield float(probability[0, 0])
