"""A piece of sound, as every part of lamha passes it on."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

TOO_LOUD = 0.01
"""Share of samples that are clipped; speech that is just loud enough has far fewer."""
_FULL = 0.999
"""16-bit samples reach 1 − 2⁻¹⁵."""


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

    @property
    def silent(self) -> bool:
        """Whether it never moves at all, as where a microphone is switched off."""
        return not len(self.samples) or bool(np.ptp(self.samples) == 0)

    @property
    def clipped(self) -> float:
        """The share of samples as loud as can be told: what was louder is lost."""
        return float(np.mean(np.abs(self.samples) >= _FULL)) if len(self.samples) else 0.0

    def at(self, rate: int) -> "Audio":
        """The same sound at another rate."""
        if rate == self.rate:
            return self
        import soxr  # only sound that needs it pays for loading it

        return Audio(soxr.resample(self.samples, self.rate, rate), rate)
