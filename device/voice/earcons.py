"""Short sounds: it listens, it has stopped listening, it is quiet now. Made, not recorded."""

from collections.abc import Mapping
from functools import cache

import numpy as np

from lamha.device.voice.states import Chime
from lamha.models.speech.audio import Audio

RATE = 16_000
_TONE, _EDGE, _LEVEL = 0.07, 0.01, 0.2  # seconds, seconds, of full scale
_NOTES: Mapping[Chime, tuple[float, ...]] = {
    "listening": (660, 880),
    "closed": (880, 660),
    "stopped": (440,),
}


@cache
def earcon(chime: Chime) -> Audio:
    """A sound of about a tenth of a second."""
    at = np.arange(round(_TONE * RATE)) / RATE
    edge = np.clip(np.minimum(at, _TONE - at) / _EDGE, 0, 1)
    tones = [np.sin(2 * np.pi * hertz * at) * edge for hertz in _NOTES[chime]]
    return Audio((np.concatenate(tones) * _LEVEL).astype(np.float32), RATE)
