"""Where the voice comes out: a loudspeaker, or a file on a machine that has none."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Event
from typing import Any, Protocol

import numpy as np

from lamha.device import audio
from lamha.models.errors import MicrophoneMissing, VoiceMissing
from lamha.models.speech.audio import Audio
from lamha.models.speech.vad import Samples

RATE = 24_000
_BLOCK = 480  # samples: 20 ms, after which it can be silent
_LOUDEST, _SOFTEST, _STEP = 2.0, 0.1, 1.4
_DUCKED = 0.3


class Speaker(Protocol):
    """Plays what is spoken."""

    volume: float
    """A factor; 1 is as it was made."""
    ducked: bool
    """Softer for a while, since somebody may be speaking."""

    def play(self, audios: Iterable[Audio], begins: Callable[[], None] = lambda: None) -> bool:
        """Play one after another, the next made while one plays; False where it was stopped.

        `begins` is called when the first sound is heard. VoiceMissing where nothing can be played on.
        """
        ...

    def stop(self) -> None:
        """Be silent; may be called from another thread."""
        ...


def louder(volume: float, steps: int) -> float:
    """A volume some steps up, or down where that is negative."""
    return float(np.clip(volume * _STEP**steps, _SOFTEST, _LOUDEST))


class Loudspeaker:
    """The loudspeaker whose name holds `name`, by default the system's own."""

    def __init__(self, name: str = "", told: Callable[[Samples], None] = lambda _block: None) -> None:
        """`told` is given each block that is played, as loud as it is."""
        self.volume, self.ducked, self._told = 1.0, False, told
        self._name = name or None
        self._stopped = Event()

    def play(self, audios: Iterable[Audio], begins: Callable[[], None] = lambda: None) -> bool:
        """Play block by block, so that `stop` is heard within 20 ms and the device's own delay."""
        self._stopped.clear()
        device = _sounddevice()
        try:
            return self._play(device, _blocks(audios), begins)
        except (device.PortAudioError, ValueError) as error:
            raise VoiceMissing("no loudspeaker can be played on", str(error)) from error

    def _play(self, device: Any, blocks: Iterator[Samples], begins: Callable[[], None]) -> bool:
        stream = None
        try:
            for number, block in enumerate(blocks):
                if self._stopped.is_set():
                    return False
                if stream is None:
                    stream = device.OutputStream(RATE, channels=1, dtype="float32", device=self._name)
                    stream.start()
                if not number:
                    begins()
                block = _loud(block, self.volume, self.ducked)
                self._told(block)
                stream.write(block[:, None])
            if stream and not self._stopped.is_set():
                stream.stop()  # once all is heard
            return not self._stopped.is_set()
        finally:
            if stream:
                stream.abort()
                stream.close()

    def stop(self) -> None:
        """Be silent."""
        self._stopped.set()


class Recorder:
    """Keeps what is played, in order; with `realtime` it takes as long as a loudspeaker would."""

    def __init__(self, realtime: bool = False, told: Callable[[Samples], None] = lambda _block: None) -> None:
        self.volume, self.ducked, self._told = 1.0, False, told
        self._realtime = realtime
        self._stopped = Event()
        self._kept: list[Samples] = []

    def play(self, audios: Iterable[Audio], begins: Callable[[], None] = lambda: None) -> bool:
        """Keep it block by block."""
        self._stopped.clear()
        for number, block in enumerate(_blocks(audios)):
            if self._stopped.is_set():
                return False
            if not number:
                begins()
            self._kept.append(_loud(block, self.volume, self.ducked))
            self._told(self._kept[-1])
            if self._realtime and self._stopped.wait(len(block) / RATE):
                return False
        return not self._stopped.is_set()

    def stop(self) -> None:
        """Be silent."""
        self._stopped.set()

    @property
    def played(self) -> Audio:
        """All that has been heard."""
        return Audio(np.concatenate([np.zeros(0, np.float32), *self._kept]), RATE)

    def save(self, path: Path) -> None:
        """Write it as a WAV file. NoSpace, OSError."""
        audio.write(path, [self.played])


def _blocks(audios: Iterable[Audio]) -> Iterator[Samples]:
    for sound in audios:
        samples = sound.at(RATE).samples
        yield from (samples[at : at + _BLOCK] for at in range(0, len(samples), _BLOCK))


def _loud(block: Samples, volume: float, ducked: bool) -> Samples:
    """Above full scale it bends instead of breaking."""
    factor = volume * (_DUCKED if ducked else 1.0)
    return block if factor == 1 else np.tanh(block * factor).astype(np.float32)


def _sounddevice() -> Any:
    try:
        return audio.sounddevice()
    except MicrophoneMissing as error:
        raise VoiceMissing("nothing can be played", error.hint) from error
