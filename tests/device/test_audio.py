import errno
import sys
import threading
import wave
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from lamha.device import audio as sound
from lamha.device.audio import play, read, record, write
from lamha.models.errors import AudioUnreadable, MicrophoneMissing, NoSpace, VoiceMissing
from lamha.models.speech.audio import Audio
from lamha.models.speech.vad import Samples


def tone(seconds: float, rate: int, hertz: float = 440, level: float = 0.5) -> Samples:
    return (level * np.sin(np.arange(round(seconds * rate)) * 2 * np.pi * hertz / rate)).astype(np.float32)


def pitch(audio: Audio) -> float:
    """The loudest frequency, in hertz."""
    spectrum = np.abs(np.fft.rfft(audio.samples))
    return float(spectrum.argmax() / audio.seconds)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_every_rate_becomes_16_khz(tmp_path: Path, rate: int) -> None:
    soundfile.write(tmp_path / "a.wav", tone(2.5, rate), rate)
    audio = read(tmp_path / "a.wav")
    assert audio.rate == 16_000
    assert audio.samples.dtype == np.float32
    assert audio.seconds == pytest.approx(2.5, abs=0.002)
    assert pitch(audio) == pytest.approx(440, abs=1)


@pytest.mark.parametrize(
    ("name", "subtype"),
    [
        ("a.wav", "PCM_16"),
        ("a.wav", "PCM_24"),
        ("a.wav", "PCM_U8"),
        ("a.wav", "FLOAT"),
        ("a.wav", "DOUBLE"),
        ("a.wav", "ULAW"),
        ("a.flac", "PCM_24"),
        ("a.ogg", "VORBIS"),
        ("a.ogg", "OPUS"),
        ("a.mp3", "MPEG_LAYER_III"),
        ("a.aiff", "PCM_16"),
    ],
)
def test_formats(tmp_path: Path, name: str, subtype: str) -> None:
    soundfile.write(tmp_path / name, tone(1, 48_000), 48_000, subtype)
    audio = read(tmp_path / name)
    assert audio.seconds == pytest.approx(1, abs=0.1)
    assert pitch(audio) == pytest.approx(440, abs=5)


def test_the_name_says_nothing_about_the_format(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(1, 16_000), 16_000)
    for name in ("a.raw", "a.txt", "صوت"):
        (tmp_path / name).write_bytes((tmp_path / "a.wav").read_bytes())
        assert read(tmp_path / name).seconds == 1


def test_channels_are_averaged(tmp_path: Path) -> None:
    left = tone(1, 16_000)
    soundfile.write(tmp_path / "a.wav", np.stack([left, 0 * left], axis=1), 16_000, "FLOAT")
    assert np.allclose(read(tmp_path / "a.wav").samples, left / 2, atol=1e-6)


def test_a_recording_that_is_too_loud_is_scaled(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(1, 16_000, level=20), 16_000, "FLOAT")
    assert np.abs(read(tmp_path / "a.wav").samples).max() == pytest.approx(1)


def test_a_recording_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(2, 16_000), 16_000)
    (tmp_path / "b.wav").write_bytes((tmp_path / "a.wav").read_bytes()[:32_044])
    assert read(tmp_path / "b.wav").seconds == pytest.approx(1)


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    whole = tmp_path / "whole.wav"
    soundfile.write(whole, tone(1, 16_000), 16_000)
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("hello " * 100)
    (tmp_path / "header.wav").write_bytes(whole.read_bytes()[:30])
    (tmp_path / "noframes.wav").write_bytes(whole.read_bytes()[:44])
    (tmp_path / "folder.wav").mkdir()
    faults = {
        "missing.wav": "does not exist",
        "empty.wav": "is empty",
        "text.wav": "cannot be read as audio",
        "header.wav": "cannot be read as audio",
        "noframes.wav": "holds no sound",
        "folder.wav": "is a folder",
    }
    for name, fault in faults.items():
        with pytest.raises(AudioUnreadable, match=f"{name} {fault}"):
            read(tmp_path / name)


@pytest.mark.parametrize(
    ("samples", "rate", "fault"),
    [
        (np.zeros(16_000), 16_000, "is silent"),
        (np.full(16_000, np.nan), 16_000, "no sound"),
        (np.array([0, np.inf, -np.inf] * 4_000), 48_000, "no sound"),
        (np.full(16_000, 1e38), 44_100, "no sound"),
        (np.ones(100), 1, "sample rate of 1 Hz"),
        (np.ones(100), 2_000_000_000, "sample rate of 2000000000 Hz"),
    ],
)
def test_samples_that_are_no_sound(tmp_path: Path, samples: np.ndarray, rate: int, fault: str) -> None:
    soundfile.write(tmp_path / "a.wav", samples.astype(np.float32), rate, "FLOAT")
    with pytest.raises(AudioUnreadable, match=f"a.wav .*{fault}"):
        read(tmp_path / "a.wav")


def test_ten_minutes_and_no_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "LONGEST", 60)
    for seconds in (60, 61):
        soundfile.write(tmp_path / f"{seconds}.wav", tone(seconds, 8_000), 8_000)
    assert read(tmp_path / "60.wav").seconds == 60
    with pytest.raises(AudioUnreadable, match=r"61\.wav is longer than 1 minutes"):
        read(tmp_path / "61.wav")


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", [Audio(tone(1, 22_050), 22_050), Audio(tone(1, 16_000))])
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (22_050, 2, 1)
    assert read(tmp_path / "a.wav").seconds == pytest.approx(2, abs=0.001)


def test_nothing_written_is_a_valid_file(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", [])
    assert soundfile.info(tmp_path / "a.wav").frames == 0


def test_a_writer_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    def failing() -> Iterator[Audio]:
        yield Audio(tone(1, 16_000))
        raise VoiceMissing("lost the voice")

    (tmp_path / "a.wav").write_bytes(b"before")
    with pytest.raises(VoiceMissing):
        write(tmp_path / "a.wav", failing())
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]
    assert (tmp_path / "a.wav").read_bytes() == b"before"


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(wave.Wave_write, "writeframes", full)
    with pytest.raises(NoSpace, match="no room for"):
        write(tmp_path / "a.wav", [Audio(tone(1, 16_000))])
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write(tmp_path / "nowhere" / "a.wav", [Audio(tone(1, 16_000))])


class PortAudioError(Exception):
    pass


class Loudness:
    def probabilities(self, frames: Iterable[Samples]) -> Iterator[float]:
        return (float(np.abs(frame).max() > 0.1) for frame in frames)


class FakeDevice(SimpleNamespace):
    """Stands in for the module sounddevice: a microphone that hears `heard` at `rate`, and a loudspeaker."""

    PortAudioError = PortAudioError

    def check_input_settings(self, samplerate: int, **_: object) -> None:
        if samplerate != self.rate:
            raise PortAudioError("Invalid sample rate")

    def query_devices(self, **_: object) -> dict[str, float]:
        if not self.rate:
            raise PortAudioError("Error querying device -1")
        return {"default_samplerate": float(self.rate)}

    def InputStream(self, callback: Callable[..., None], **_: object) -> "Stream":  # noqa: N802 - sounddevice's name
        return Stream(callback, self.heard.astype(np.float32))

    def wait(self) -> None:
        self.log.append("wait")

    def play(self, samples: Samples, rate: int) -> None:
        if not self.rate:
            raise PortAudioError("Error querying device -1")
        self.log.append(f"play {len(samples)} at {rate}")

    def stop(self) -> None:
        self.log.append("stop")


class Stream:
    def __init__(self, callback: Callable[..., None], heard: Samples) -> None:
        self.blocks = np.array_split(heard[:, None], max(1, len(heard) // 700))
        self.callback = callback

    def __enter__(self) -> None:
        for block in self.blocks:
            self.callback(block, len(block), None, None)

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> FakeDevice:
    fake = FakeDevice(rate=16_000, heard=np.zeros(0, np.float32), log=[])
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    monkeypatch.setattr(sound, "_PATIENCE", 0.05)
    return fake


@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_recording_ends_with_the_speech(device: FakeDevice, rate: int) -> None:
    device.rate = rate
    device.heard = np.concatenate((np.zeros(rate), tone(2, rate), np.zeros(2 * rate), tone(2, rate)))
    audio = record(Loudness())
    assert audio.rate == 16_000
    assert audio.seconds == pytest.approx(2.5, abs=0.1)  # a quarter of a second on both sides


def test_recording_ends_after_the_longest_time(device: FakeDevice) -> None:
    device.heard = tone(20, 16_000)
    assert record(Loudness(), seconds_max=3).seconds == pytest.approx(3, abs=0.1)


def test_recording_ends_when_it_is_told_to(device: FakeDevice) -> None:
    device.heard = tone(20, 16_000)
    stop = threading.Event()
    stop.set()
    with pytest.raises(AudioUnreadable, match="no speech"):
        record(Loudness(), stop=stop)


def test_recording_silence(device: FakeDevice) -> None:
    device.heard = tone(4, 16_000, level=0.01)
    with pytest.raises(AudioUnreadable, match="no speech"):
        record(Loudness(), seconds_max=2)


def test_recording_from_a_microphone_that_is_muted(device: FakeDevice) -> None:
    device.heard = np.zeros(64_000, np.float32)
    with pytest.raises(AudioUnreadable, match=r"nothing but silence.*muted"):
        record(Loudness(), seconds_max=2)


def test_what_nobody_takes_in_time_is_lost_and_said(device: FakeDevice) -> None:
    device.heard = np.concatenate((tone(10, 16_000, level=0.1), tone(sound._KEPT, 16_000)))
    missed: list[float] = []
    with sound.microphone("", missed.append) as chunks:
        heard = next(chunks)
    assert missed == [pytest.approx(10, abs=0.01)]
    assert len(heard) == sound._KEPT * 16_000
    assert np.abs(heard[:800]).max() > 0.4


def test_a_microphone_that_gives_nothing(device: FakeDevice) -> None:
    with pytest.raises(MicrophoneMissing, match="gives no sound"):
        record(Loudness())


def test_no_microphone(device: FakeDevice) -> None:
    device.rate = 0
    with pytest.raises(MicrophoneMissing, match="Error querying device"):
        record(Loudness())


def test_sentences_are_played_in_order(device: FakeDevice) -> None:
    play([Audio(tone(1, 16_000)), Audio(tone(1, 22_050), 22_050)])
    assert device.log == ["wait", "play 16000 at 16000", "wait", "play 22050 at 22050", "wait", "stop"]


def test_no_loudspeaker(device: FakeDevice) -> None:
    device.rate = 0
    with pytest.raises(VoiceMissing, match="Error querying device"):
        play([Audio(tone(1, 16_000))])


def test_without_sounddevice_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(MicrophoneMissing, match=r"pip install lamha\[mic\]"):
        record(Loudness())
    with pytest.raises(VoiceMissing, match=r"pip install lamha\[mic\]"):
        play([])


def test_without_portaudio_the_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')")
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(MicrophoneMissing, match="libportaudio2"):
        record(Loudness())
