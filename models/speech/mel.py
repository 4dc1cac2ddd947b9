"""The log-mel spectrogram that Whisper hears: 80 bands of 25 ms windows, every 10 ms.

Bands after Slaney 1998, "Auditory Toolbox": linear up to 1 kHz, logarithmic above, of equal area.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from lamha.models.speech.vad import RATE, Samples

HOP = 160  # samples
_WINDOW = 400
_BANDS = 80
_LINEAR = 200 / 3  # hertz a mel below the corner
_CORNER = 1000.0
_STEP = np.log(6.4) / 27  # logarithm of the ratio of a mel above it
_FLOOR = 1e-10
_RANGE = 8.0  # powers of ten below the loudest that are kept


def log_mel(samples: Samples, frames: int) -> Samples:
    """Of shape (80, frames), about -1…1.5, from sound at 16 kHz; silence stands behind what is shorter."""
    samples = samples[: frames * HOP]
    padded = np.pad(samples, (0, frames * HOP - len(samples)))
    padded = np.pad(padded, _WINDOW // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP][:frames]
    power = np.abs(np.fft.rfft(windows * _hann(), axis=1)) ** 2
    logs = np.log10(np.maximum(bands() @ power.T, _FLOOR))
    scaled: Samples = ((np.maximum(logs, logs.max() - _RANGE) + 4) / 4).astype(np.float32)
    return scaled


@cache
def bands() -> Samples:
    """The weight of each of 201 frequencies in each of the 80 bands."""
    frequencies = np.linspace(0, RATE / 2, _WINDOW // 2 + 1)
    edges = _hertz(np.linspace(0, _mel(RATE / 2), _BANDS + 2))
    below, centre, above = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (frequencies - below) / (centre - below), (above - frequencies) / (above - centre)
    weights: Samples = (np.maximum(0, np.minimum(rising, falling)) * 2 / (above - below)).astype(np.float32)
    return weights


@cache
def _hann() -> Samples:
    periodic: Samples = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    return periodic


def _mel(hertz: float) -> float:
    return hertz / _LINEAR if hertz < _CORNER else float(_CORNER / _LINEAR + np.log(hertz / _CORNER) / _STEP)


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    corner = _CORNER / _LINEAR
    above = _CORNER * np.exp(_STEP * (np.maximum(mels, corner) - corner))
    return np.where(mels < corner, mels * _LINEAR, above)
