"""A ring buffer between the thread of the sound card, which must never wait, and the one that listens."""

import numpy as np

from lamha.models.speech.vad import Samples


class Ring:
    """For one writer and one reader, without a lock: each moves only its own counts.

    What is not read in time is overwritten, the oldest first, and counted in `lost`.
    """

    def __init__(self, capacity: int) -> None:
        """Holds `capacity` samples, which are all the memory that it ever takes."""
        self._samples = np.zeros(capacity, np.float32)
        self._begun = 0  # what the writer may have overwritten so far
        self._written = 0
        self._read = 0
        self.lost = 0

    def write(self, block: Samples) -> None:
        """Take samples of any number."""
        kept = block[-len(self._samples) :]
        end = self._written + len(block)
        self._begun = end
        at = (end - len(kept)) % len(self._samples)
        before = min(len(kept), len(self._samples) - at)
        self._samples[at : at + before] = kept[:before]
        self._samples[: len(kept) - before] = kept[before:]
        self._written = end

    def read(self) -> Samples:
        """What has come since it was read last; empty where nothing has."""
        stop = self._written
        start = max(self._read, stop - len(self._samples))
        places = np.arange(start, stop) % len(self._samples)
        found = self._samples[places]
        spoilt = min(max(0, self._begun - len(self._samples) - start), len(found))  # while it was read
        self.lost += start + spoilt - self._read
        self._read = stop
        return found[spoilt:]
