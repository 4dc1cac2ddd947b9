import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lamha.device import audio
from lamha.device.voice.speakers import RATE, Loudspeaker, Recorder, Speaker, louder
from lamha.models.errors import VoiceMissing
from lamha.models.speech.audio import Audio


def tone(seconds: float, rate: int = 22_050) -> Audio:
    return Audio(np.full(round(seconds * rate), 0.5, np.float32), rate)


class PortAudioError(Exception):
    pass


class FakeDevice(SimpleNamespace):
    """Stands in for the module sounddevice: a loudspeaker named "Glasses"."""

    PortAudioError = PortAudioError

    def OutputStream(self, rate: int, device: str | None, **_: object) -> "FakeDevice":  # noqa: N802
        if device and device.lower() not in "glasses":
            raise ValueError(f"No output device matching {device!r}")
        assert rate == RATE
        return self

    def write(self, block: NDArray[np.float32]) -> None:
        if self.unplugged:
            raise PortAudioError("Device unavailable")
        self.heard.append(block[:, 0])
        self.written()

    def start(self) -> None:
        self.log.append("start")

    stop = abort = close = start


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> FakeDevice:
    fake = FakeDevice(heard=[], log=[], unplugged=False, written=lambda: None)
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    return fake


def test_the_next_is_made_while_one_plays(device: FakeDevice) -> None:
    made: list[int] = []

    def sounds() -> Iterator[Audio]:
        for _ in range(3):
            made.append(len(device.heard))
            yield tone(0.1)

    begun = []
    assert Loudspeaker("glass").play(sounds(), lambda: begun.append(True))
    assert begun == [True]
    assert made == [0, 5, 10]
    assert sum(map(len, device.heard)) == pytest.approx(0.3 * RATE, rel=0.01)


def test_it_is_silent_with_the_next_block(device: FakeDevice) -> None:
    speaker = Loudspeaker()
    device.written = lambda: speaker.stop() if len(device.heard) == 3 else None
    assert not speaker.play([tone(10)])
    assert len(device.heard) == 3  # 60 ms


def test_nothing_to_say_opens_nothing(device: FakeDevice) -> None:
    assert Loudspeaker("nobody").play([])
    assert not device.log


def test_louder_is_louder_and_never_too_loud(device: FakeDevice) -> None:
    speaker = Loudspeaker()
    speaker.volume = 1.5
    speaker.play([tone(0.1)])
    peak = max(float(block.max()) for block in device.heard)
    assert 0.5 < peak < 1


@given(st.lists(st.integers(-3, 3), max_size=30))
def test_the_volume_has_bounds(steps: list[int]) -> None:
    volume = 1.0
    for step in steps:
        volume = louder(volume, step)
        assert 0.1 <= volume <= 2


def test_a_loudspeaker_that_is_not_there(device: FakeDevice) -> None:
    with pytest.raises(VoiceMissing, match="no loudspeaker can be played on: No output device matching 'x'"):
        Loudspeaker("x").play([tone(0.1)])
    device.unplugged = True
    with pytest.raises(VoiceMissing, match="Device unavailable"):
        Loudspeaker().play([tone(0.1)])


def test_without_sounddevice_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(VoiceMissing, match=r"lamha\[mic\]"):
        Loudspeaker().play([tone(0.1)])


@pytest.mark.parametrize("realtime", [False, True])
def test_a_recorder_keeps_what_is_played(tmp_path: Path, realtime: bool) -> None:
    recorder: Speaker = Recorder(realtime)
    assert recorder.play([tone(0.1), tone(0.1, 16_000)])
    assert isinstance(recorder, Recorder)
    recorder.save(tmp_path / "a.wav")
    assert audio.read(tmp_path / "a.wav").seconds == pytest.approx(0.2, abs=0.01)


def test_a_recorder_can_be_stopped() -> None:
    recorder = Recorder(realtime=True)
    Timer(0.1, recorder.stop).start()
    assert not recorder.play([tone(30)])
    assert recorder.played.seconds < 5
