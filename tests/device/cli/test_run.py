import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from lamha.device import audio
from lamha.device.cli import main
from lamha.models.speech.asr import Transcript
from lamha.models.speech.audio import Audio
from lamha.models.speech.espeak import Espeak
from lamha.models.speech.vad import RATE, Samples

if TYPE_CHECKING:
    import subprocess


class Ears:
    languages = ("en",)

    def transcribe(self, audio: Audio) -> Transcript:
        return Transcript("Tell Sara I'm late", "en", audio.seconds, 12.0, 0.9)

    def warming(self) -> Iterator[None]:
        return iter(())

    def probabilities(self, frames: Iterable[Samples]) -> Iterator[float]:
        return (float(np.abs(frame).max() > 0.1) for frame in frames)


class Voice:
    languages = ("en",)
    pace = 1.0

    def speak(self, text: str) -> Iterator[Audio]:
        yield Audio(np.full(len(text) * 100, 0.3, np.float32))


class Called:
    """Hears the wake phrase in every loud frame that follows a silent one."""

    phrase = "hey you"

    def hears(self, frames: Iterable[Samples]) -> Iterator[bool]:
        before = True
        for frame in frames:
            loud = bool(np.abs(frame).max() > 0.1)
            yield loud and not before
            before = loud


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "sound.wav"
    sound = np.concatenate([np.zeros(RATE), 0.5 * np.sin(np.arange(RATE) / 9)]).astype(np.float32)
    soundfile.write(path, sound, RATE)
    return path


@pytest.fixture
def fakes(fake_assistant: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lamha.device.assistant.open_ears", lambda _="": (Ears(), Ears()))
    monkeypatch.setattr("lamha.device.assistant.open_voice", Voice)
    monkeypatch.setattr("lamha.device.assistant.open_wake", Called)


@pytest.mark.usefixtures("fakes")
def test_a_recording_is_heard_and_answered(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reply = tmp_path / "reply.wav"
    assert main(["run", "--source", str(recording), "--wav", str(reply)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("“Tell Sara I'm late”\n")
    assert "Enter interrupts" in err
    assert "first sound" in err
    assert audio.read(reply).seconds >= 0.1


@pytest.mark.usefixtures("fakes")
def test_one_object_a_turn(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--source", str(recording), "--json"]) == 0
    (turn,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert turn["heard"]["text"] == "Tell Sara I'm late"


@pytest.mark.usefixtures("fakes")
def test_a_recording_with_a_wake_phrase(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--source", str(recording), "--wake"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("“Tell Sara I'm late”\n")
    assert "say “hey you”, or press Enter" in err


@pytest.mark.usefixtures("fakes")
def test_a_file_that_cannot_be_written_is_named(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reply = recording / "reply.wav"
    assert main(["run", "--source", str(recording), "--wav", str(reply)]) == 1
    assert f"lamha: {reply} cannot be written" in capsys.readouterr().err


def test_what_is_no_recording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--source", str(tmp_path / "none.wav")]) == 1
    assert "does not exist" in capsys.readouterr().err


@pytest.mark.usefixtures("fakes")
def test_no_microphone(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    assert main(["run"]) == 1
    assert "pip install lamha[mic]" in capsys.readouterr().err


@pytest.mark.model
def test_the_command_itself_listens_and_answers(
    lamha: Callable[..., "subprocess.CompletedProcess[str]"], trained: object, tmp_path: Path
) -> None:
    espeak = pytest.importorskip("espeakng_loader", reason="the extra `voice` is not installed")
    assert espeak
    (sound,) = Espeak("en").speak("What is the capital of Finland?")
    silence = np.zeros(RATE, np.float32)
    said = np.concatenate([silence, sound.at(RATE).samples, silence], dtype=np.float32)
    soundfile.write(tmp_path / "said.wav", said, RATE)
    done = lamha(
        "run", "--source", str(tmp_path / "said.wav"), "--json", "--wav", str(tmp_path / "reply.wav")
    )
    assert done.returncode == 0, done.stderr
    (turn,) = map(json.loads, done.stdout.splitlines())
    assert "Helsinki" in turn["speech"]
    assert audio.read(tmp_path / "reply.wav").seconds > 1
