"""Knowing the device's own voice: what the microphone hears and what was played explains is nobody's speech.

From the last second a filter from the loudspeaker to the microphone is estimated, frequency by frequency
(Wiener), at the delay where the two correlate best (GCC-PHAT: Knapp & Carter 1976). What it does not explain
somebody else has said.
"""

import time
from collections import deque
from collections.abc import Callable
from threading import Lock

import numpy as np
import soxr
from numpy.typing import NDArray

from lamha.models.speech.vad import FRAME, RATE, Samples

_LATEST = RATE  # samples by which what is played may be heard later
_EARLIEST = RATE // 10  # the clocks of the two are only about the same
_LOOK = 24 * FRAME  # samples from which the filter is estimated: 0.77 s
_WINDOW = 4 * FRAME  # of one spectrum: what a room adds within 128 ms is its own voice, too
_EVERY = 6  # frames after which the delay is looked for again
_QUIET = 2e-3  # amplitude of what counts as nothing played
_EXPLAINED = 0.5  # share of the power that may remain unexplained
_LOUD = 0.35  # share of the loudest of the last second
_SMOOTHED = 4  # frames
_BEGINNING = 18  # frames of a reply in which there is too little to estimate from
_PAUSE = RATE // 4  # samples without anything to play, after which it begins anew
_KEPT = 3 * RATE


class Echo:
    """An `OwnVoice`. `plays` is called by the thread that plays, `hears` by the one that listens."""

    def __init__(self, rate: int, now: Callable[[], float] = time.monotonic) -> None:
        """What is played has `rate` samples a second; `now` is in seconds."""
        self._rate, self._now = rate, now
        self._lock = Lock()
        self._began = now()
        self._played = np.zeros(_KEPT, np.float32)
        self._upto = 0  # the sample behind the last one that is kept of what is played
        self._next = -_PAUSE
        self._fresh = True
        self._resampler = soxr.ResampleStream(rate, RATE, 1)
        self._heard = np.zeros(_LOOK + _WINDOW, np.float32)
        self._at = -1
        self._delays: set[int] = set()  # in a pause a new one would be that of noise
        self._count = 0
        self._rest: deque[tuple[float, float]] = deque(maxlen=_SMOOTHED)

    def plays(self, block: Samples) -> None:
        """A block that goes to the loudspeaker now: behind the one before, or after a pause."""
        with self._lock:
            if self._clock() > self._next + _PAUSE:
                self._next, self._fresh = self._clock(), True
                self._resampler = soxr.ResampleStream(self._rate, RATE, 1)
            self._put(self._resampler.resample_chunk(block))

    def hears(self, frame: Samples) -> bool:
        """Whether a frame of 512 samples at 16 kHz holds nothing but what is played."""
        self._heard = np.concatenate((self._heard[len(frame) :], frame))
        self._at = self._clock() if self._at < 0 else self._at + len(frame)
        played = self._reference()
        if float(np.abs(played).max()) < _QUIET:
            self._delays, self._fresh = set(), True
            return False
        if self._fresh:
            self._fresh, self._count, self._delays = False, 0, set()
            self._rest.clear()
        if self._count % _EVERY == 0 or self._share() >= _EXPLAINED:
            self._delays = {*self._delays, _delay(self._heard, played)}
        self._count += 1
        rests = {delay: self._without(played, delay) for delay in self._delays}
        best = min(rests, key=lambda delay: rests[delay])
        self._delays = {best}
        self._rest.append(rests[best])
        return self._count < _BEGINNING or self._share() < _EXPLAINED

    def _share(self) -> float:
        """What is not explained of the last frames, of which the loud ones tell most."""
        return sum(rest for rest, _ in self._rest) / (sum(power for _, power in self._rest) + 1e-9)

    def _without(self, played: Samples, delay: int) -> tuple[float, float]:
        start = _LATEST - delay
        return _unexplained(self._heard, played[start : start + len(self._heard)])

    def _clock(self) -> int:
        return round((self._now() - self._began) * RATE)

    def _put(self, samples: Samples) -> None:
        """Behind what is kept, with silence between."""
        gap = max(0, self._next - self._upto)
        self._played = np.concatenate((self._played, np.zeros(min(gap, _KEPT), np.float32), samples))[-_KEPT:]
        self._upto = max(self._upto, self._next) + len(samples)
        self._next = self._upto

    def _reference(self) -> Samples:
        """What was played from `_LATEST` before what is heard up to `_EARLIEST` behind it."""
        first = self._at - len(self._heard) - _LATEST
        wanted = np.zeros(len(self._heard) + _LATEST + _EARLIEST, np.float32)
        with self._lock:
            kept, begin = self._played, self._upto - len(self._played)
        low, high = max(first, begin), min(first + len(wanted), begin + len(kept))
        if low < high:
            wanted[low - first : high - first] = kept[low - begin : high - begin]
        return wanted


def _delay(heard: Samples, played: Samples) -> int:
    """Samples by which `heard` is behind `played`, whose sample `_LATEST` is as old as its first."""
    size = 1 << (len(played) + len(heard)).bit_length()
    cross = np.fft.rfft(played, size) * np.conj(np.fft.rfft(heard, size))
    found = np.fft.irfft(cross / (np.abs(cross) + 1e-9), size)[: _LATEST + _EARLIEST]
    return _LATEST - int(np.argmax(np.abs(found)))


def _unexplained(heard: Samples, played: Samples) -> tuple[float, float]:
    """The power of the last window of `heard` that no filter of `played` gives, and of all of it.

    Where `heard` has become quiet, of a part of what it was: pauses are filled by noise and the room.
    """
    x, y = _spectra(played), _spectra(heard)
    filtered = (np.conj(x) * y).sum(0) / ((np.abs(x) ** 2).sum(0) + 1e-6)
    rest, powers = y[-1] - filtered * x[-1], (np.abs(y) ** 2).sum(1)
    return float((np.abs(rest) ** 2).sum()), float(max(powers[-1], _LOUD * powers.max()))


def _spectra(samples: Samples) -> NDArray[np.complex128]:
    windows = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::FRAME]
    spectra: NDArray[np.complex128] = np.fft.rfft(windows * np.hanning(_WINDOW), axis=1)
    return spectra
