"""Sound in and out: files, the microphone, the loudspeaker. What comes in is made 16 kHz mono."""

import errno
import math
import os
import time
import wave
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import soundfile
import soxr

from lamha.device.ring import Ring
from lamha.models.errors import AudioUnreadable, MicrophoneMissing, NoSpace, VoiceMissing
from lamha.models.speech.audio import Audio
from lamha.models.speech.vad import FRAME, RATE, Gate, Samples, VoiceActivity, frames, segments

LONGEST = 600  # seconds
AT_THE_MICROPHONE = Gate(silence=0.8, longest=LONGEST)
_RATES = range(1_000, 768_001)  # hertz; beyond lies a damaged header
_BLOCK = 1 << 18  # samples
_LOUDEST = 1e10  # some write 32-bit integers as floats; what is beyond would overflow
_PATIENCE = 3.0  # seconds that a microphone may give nothing
_GLANCE = 0.01  # seconds after which it is looked at again
_KEPT = 30.0  # seconds that are kept for a reader that is late
_FULL = (errno.ENOSPC, errno.EDQUOT)


def read(path: Path) -> Audio:
    """Any format that libsndfile knows, as 16 kHz mono; AudioUnreadable names the file and its fault."""
    if path.is_dir():
        raise AudioUnreadable(f"{path} is a folder, not a recording")
    if not path.is_file():
        raise AudioUnreadable(f"{path} does not exist" if not path.exists() else f"{path} is no file")
    if not path.stat().st_size:
        raise AudioUnreadable(f"{path} is empty")
    try:
        samples = _read(path)
    except soundfile.LibsndfileError as error:
        raise AudioUnreadable(f"{path} cannot be read as audio", error.error_string) from error
    except OSError as error:
        raise AudioUnreadable(f"{path} cannot be opened", str(error.strerror)) from error
    return Audio(_checked(samples, path), RATE)


def _read(path: Path) -> Samples:
    # By descriptor: from a name soundfile guesses the format, and then asks more about a .raw.
    with path.open("rb") as raw, soundfile.SoundFile(raw.fileno(), closefd=False) as file:
        if file.samplerate not in _RATES:
            raise AudioUnreadable(f"{path} claims a sample rate of {file.samplerate} Hz")
        parts = list(_resampled(_mono(file, path), file.samplerate))
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def _mono(file: soundfile.SoundFile, path: Path) -> Iterator[Samples]:
    """A little at a time: ten minutes of stereo at 48 kHz are 230 MB, and a header's length may be wrong."""
    heard = 0
    while len(block := file.read(_BLOCK // file.channels, dtype="float32", always_2d=True)):
        heard += len(block)
        if heard > LONGEST * file.samplerate:
            raise AudioUnreadable(f"{path} is longer than {LONGEST // 60} minutes", "cut it into parts")
        if not np.abs(block).max() < _LOUDEST:  # nor is it, where one is not a number
            raise AudioUnreadable(f"{path} holds samples that are no sound")
        yield block.mean(axis=1)


def _resampled(chunks: Iterable[Samples], rate: int) -> Iterator[Samples]:
    if rate == RATE:
        yield from chunks
        return
    stream = soxr.ResampleStream(rate, RATE, 1, dtype="float32")
    for chunk in chunks:
        yield stream.resample_chunk(chunk)
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def _checked(samples: Samples, path: Path) -> Samples:
    if not len(samples):
        raise AudioUnreadable(f"{path} holds no sound")
    peak = max(float(samples.max()), -float(samples.min()))
    if not peak:
        raise AudioUnreadable(f"{path} is silent", "every sample is zero")
    return samples / peak if peak > 1 else samples


def write(path: Path, audios: Iterable[Audio]) -> None:
    """A 16-bit WAV at the rate of the first; the file appears once it is whole. NoSpace, OSError."""
    growing = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with growing.open("wb") as raw, wave.open(raw, "wb") as file:
            _write(file, audios)
        growing.replace(path)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise NoSpace(f"the disk has no room for {path}") from error
    finally:
        growing.unlink(missing_ok=True)


def _write(file: wave.Wave_write, audios: Iterable[Audio]) -> None:
    file.setnchannels(1)
    file.setsampwidth(2)
    file.setframerate(RATE)
    for number, audio in enumerate(audios):
        if not number:
            file.setframerate(audio.rate)
        file.writeframes(audio.at(file.getframerate()).int16.tobytes())


MUTED = "is it muted, or may this program not use it?"


def record(
    activity: VoiceActivity,
    seconds_max: float = 30.0,
    gate: Gate = AT_THE_MICROPHONE,
    stop: Event | None = None,
    level: Callable[[float], None] = lambda _decibels: None,
) -> Audio:
    """What is said into the microphone until the speech ends, `seconds_max` are over or `stop` is set.

    `level` is told how loud each frame is, in decibels below full scale.
    MicrophoneMissing where there is none; AudioUnreadable where nobody spoke.
    """
    kept: list[Samples] = []
    with microphone() as chunks:
        heard = _noticed(frames(_until(stop, chunks)), kept, level)
        limited = islice(heard, round(seconds_max * RATE / FRAME))
        segment = next(segments(activity.probabilities(limited), gate), None)
    if segment is None and kept and Audio(np.concatenate(kept)).silent:
        raise AudioUnreadable("the microphone gives nothing but silence", MUTED)
    if segment is None:
        raise AudioUnreadable("no speech was found in what the microphone heard")
    return Audio(np.concatenate(kept)[segment.start : segment.stop], RATE)


def play(audios: Iterable[Audio]) -> None:
    """Play one after another, the next made while one plays; VoiceMissing where there is no loudspeaker."""
    try:
        device = sounddevice()
    except MicrophoneMissing as error:
        raise VoiceMissing("nothing can be played", error.hint) from error
    try:
        for audio in audios:
            device.wait()
            device.play(audio.samples, audio.rate)
        device.wait()
    except device.PortAudioError as error:
        raise VoiceMissing("no loudspeaker can be played on", str(error)) from error
    finally:
        device.stop()  # whoever interrupts wants silence


@contextmanager
def microphone(
    name: str = "", missed: Callable[[float], None] = lambda _seconds: None
) -> Iterator[Iterator[Samples]]:
    """What a microphone hears from now on, at 16 kHz: the one whose name holds `name`, or the default.

    `missed` is told how many seconds were lost because nobody took them in time.
    MicrophoneMissing where there is none, or where it gives nothing any more.
    """
    device = sounddevice()
    chosen = name or None
    try:
        rate = _rate(device, chosen)
        ring = Ring(round(_KEPT * rate))

        def keep(block: Samples, *_: object) -> None:
            ring.write(block[:, 0])

        with device.InputStream(samplerate=rate, channels=1, dtype="float32", callback=keep, device=chosen):
            yield _resampled(_taken(ring, lambda lost: missed(lost / rate)), rate)
    except (device.PortAudioError, ValueError) as error:  # a name that fits none, or several
        raise MicrophoneMissing("no microphone can be recorded from", str(error)) from error


def sounddevice() -> Any:
    """The library that plays and records; MicrophoneMissing where it is not here."""
    try:
        import sounddevice as found
    except ImportError as error:
        raise MicrophoneMissing("no microphone can be used", "pip install lamha[mic]") from error
    except OSError as error:
        hint = "install PortAudio (on Debian: apt install libportaudio2)"
        raise MicrophoneMissing("no microphone can be used", hint) from error
    return found


def _rate(device: Any, name: str | None) -> int:
    """16 kHz unless the device refuses it."""
    try:
        device.check_input_settings(device=name, samplerate=RATE, channels=1, dtype="float32")
    except device.PortAudioError:
        return int(device.query_devices(device=name, kind="input")["default_samplerate"])
    return RATE


def _taken(ring: Ring, missed: Callable[[int], None]) -> Iterator[Samples]:
    lost, last = 0, time.monotonic()
    while True:
        found = ring.read()
        if ring.lost > lost:
            missed(ring.lost - lost)
            lost = ring.lost
        if len(found):
            last = time.monotonic()
            yield found
        elif time.monotonic() - last > _PATIENCE:
            raise MicrophoneMissing("the microphone gives no sound", "is it plugged in?")
        else:
            time.sleep(_GLANCE)


def _until(stop: Event | None, chunks: Iterable[Samples]) -> Iterator[Samples]:
    for chunk in chunks:
        if stop and stop.is_set():
            return
        yield chunk


def _noticed(
    chunks: Iterable[Samples], kept: list[Samples], level: Callable[[float], None]
) -> Iterator[Samples]:
    for chunk in chunks:
        level(decibels(chunk))
        kept.append(chunk)
        yield chunk


def decibels(samples: Samples) -> float:
    """How loud, below full scale: 0 for the loudest sine, −96 and less for silence."""
    return 10 * math.log10(2 * float(np.mean(np.square(samples))) + 1e-10)
