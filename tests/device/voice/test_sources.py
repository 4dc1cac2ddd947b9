import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import soundfile

from lamha.device import audio
from lamha.device.voice.sources import FileSource, Microphone
from lamha.models.errors import AudioUnreadable, MicrophoneMissing
from lamha.models.speech.vad import RATE, Samples


def test_a_file_and_the_silence_after_it(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.full(44_100, 0.5, np.float32), 44_100)
    source = FileSource(tmp_path / "a.wav")
    heard = np.concatenate(list(source))
    assert not source.live
    assert len(heard) == pytest.approx(2.5 * RATE, abs=600)
    assert not heard[-RATE:].any()


def test_as_slowly_as_it_was_spoken(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.full(RATE, 0.5, np.float32), RATE)
    source = FileSource(tmp_path / "a.wav", realtime=True)
    began = time.monotonic()
    assert source.live
    assert len(list(islice(source, 10))) == 10
    assert time.monotonic() - began >= 0.32


def test_what_is_no_sound(tmp_path: Path) -> None:
    with pytest.raises(AudioUnreadable, match="does not exist"):
        FileSource(tmp_path / "a.wav")


class Plug:
    """A microphone that is there so many chunks long, each time it is looked for; 0 is not at all."""

    def __init__(self, *chunks: int) -> None:
        self.chunks, self.waited = iter(chunks), [0.0]
        self.sounds: dict[int, float] = {}

    @contextmanager
    def microphone(self, name: str, missed: object) -> Iterator[Iterator[Samples]]:
        count = next(self.chunks, 0)
        if not count:
            raise MicrophoneMissing(f"no microphone {name}")
        yield self._heard(count)

    def _heard(self, count: int) -> Iterator[Samples]:
        for number in range(count):
            yield np.linspace(0, self.sounds.get(number, 0.0), 512, dtype=np.float32)
        raise MicrophoneMissing("the microphone gives no sound")


@pytest.fixture
def plug(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Plug:
    plug = Plug(*request.param)
    monkeypatch.setattr(audio, "microphone", plug.microphone)
    monkeypatch.setattr(time, "sleep", plug.waited.append)
    return plug


@pytest.mark.parametrize("plug", [(3, 0, 0, 2)], indirect=True)
def test_one_that_vanishes_is_looked_for(plug: Plug) -> None:
    events = []
    heard = iter(Microphone("usb", told=events.append))
    assert len(list(islice(heard, 5))) == 5
    assert events == ["lost", "found"]
    assert plug.waited == [0.0, 0.5, 1.0, 2.0]


@pytest.mark.parametrize("plug", [(3,)], indirect=True)
def test_one_that_stays_away(plug: Plug) -> None:
    with pytest.raises(MicrophoneMissing, match="no microphone usb"):
        list(Microphone("usb", patience=20))
    assert 20 <= sum(plug.waited) < 30


@pytest.mark.parametrize("plug", [(0, 3)], indirect=True)
def test_one_that_was_never_there(plug: Plug) -> None:
    with pytest.raises(MicrophoneMissing, match="no microphone usb"):
        next(iter(Microphone("usb")))
    assert plug.waited == [0.0]


@pytest.mark.parametrize("plug", [(400, 400)], indirect=True)
def test_one_that_is_muted_is_said_once_each_time_it_is_found(plug: Plug) -> None:
    events: list[str] = []
    list(islice(Microphone("usb", told=events.append), 800))
    assert events == ["muted", "lost", "found", "muted"]


@pytest.mark.parametrize("plug", [(800,)], indirect=True)
def test_silence_between_sounds_is_not_muted(plug: Plug) -> None:
    events: list[str] = []
    plug.sounds = {0: 0.1}
    list(islice(Microphone("usb", told=events.append), 800))
    assert events == []
