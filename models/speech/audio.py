"""A piece of sound, as every part of lamha passes it on."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Audio:
    """Mono sound. `samples` is float32 of shape (n,) in -1…1, `rate` is in hertz."""

    samples: NDArray[np.float32]
    rate: int = 16_000

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate

    @cached_property
    def int16(self) -> NDArray[np.int16]:
        """The same samples as 16-bit integers, for files and loudspeakers."""
        return (np.clip(self.samples, -1, 1) * 32767).astype(np.int16)

    def at(self, rate: int) -> "Audio":
        """The same sound at another rate."""
        if rate == self.rate:
            return self
        import soxr  # only sound that needs it pays for loading it

        return Audio(soxr.resample(self.samples, self.rate, rate), rate)
