"""What was heard a moment ago, by the number of its samples since the beginning."""

from collections import deque

import numpy as np

from lamha.models.speech.vad import FRAME, RATE, Samples


class Tape:
    """The last `seconds` of frames of 512 samples."""

    def __init__(self, seconds: float) -> None:
        self._frames: deque[Samples] = deque(maxlen=max(1, round(seconds * RATE / FRAME)))
        self.end = 0
        """How many samples there have been."""

    def append(self, frame: Samples) -> None:
        """Keep one more frame."""
        self._frames.append(frame)
        self.end += len(frame)

    def cut(self, start: int, stop: int) -> Samples:
        """The samples from `start` up to `stop`, as far as they are still there."""
        kept = np.concatenate([np.zeros(0, np.float32), *self._frames])
        begin = self.end - len(kept)
        return kept[max(0, start - begin) : max(0, stop - begin)]
