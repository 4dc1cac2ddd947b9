from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from lamha.device.cli import main
from lamha.models.paths import models_dir
from lamha.models.speech.audio import Audio
from lamha.models.speech.vad import RATE

if TYPE_CHECKING:
    import subprocess

SPEECH = ("silero-vad", "moonshine-tiny-en")


def error(code: int, capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    assert (code, out) == (1, "")
    assert err.startswith("lamha: ")
    assert err.count("\n") == 1
    return err


@pytest.fixture
def no_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAMHA_MODELS", str(tmp_path / "none"))


@pytest.mark.usefixtures("no_models")
@pytest.mark.parametrize(
    ("kind", "complaint"),
    [
        ("missing", "does not exist"),
        ("empty", "is empty"),
        ("text", "cannot be read as audio"),
        ("silent", "is silent"),
        ("folder", "is a folder"),
    ],
)
def test_what_is_no_recording_is_told_before_any_model_is_wanted(
    kind: str, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "sound.wav"
    match kind:
        case "empty":
            path.touch()
        case "text":
            path.write_text("not a sound, " * 100)
        case "silent":
            soundfile.write(path, np.zeros(RATE, np.float32), RATE)
        case "folder":
            path.mkdir()
    message = error(main(["listen", str(path)]), capsys)
    assert str(path) in message
    assert complaint in message


def test_a_recording_without_models_says_what_to_pull(
    no_models: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "sound.wav"
    soundfile.write(path, np.sin(np.arange(RATE) / 9).astype(np.float32), RATE)
    assert main(["listen", str(path)]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "lamha models pull silero-vad" in err


@pytest.mark.usefixtures("fake_assistant")
def test_no_microphone_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("lamha.device.assistant.open_ears", lambda _="": (SimpleNamespace(), None))
    monkeypatch.setitem(__import__("sys").modules, "sounddevice", None)
    assert main(["listen", "--mic"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "listening …\nlamha: no microphone can be used: pip install lamha[mic]\n"


@pytest.mark.model
@pytest.mark.parametrize("kind", ["noise", "hum", "click"])
def test_without_speech_the_language_model_is_not_wanted(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    held, own = models_dir(), tmp_path / "models"
    own.mkdir()
    for name in SPEECH:
        if not (held / name).is_dir():
            pytest.skip(f"the model {name} is not on this device: run `lamha models pull {name}`")
        (own / name).symlink_to(held / name)
    monkeypatch.setenv("LAMHA_MODELS", str(own))
    random, time = np.random.default_rng(0), np.arange(3 * RATE) / RATE
    sounds = {
        "noise": random.normal(0, 0.1, len(time)),
        "hum": 0.3 * np.sin(2 * np.pi * 50 * time),
        "click": (np.abs(time - 1) < 0.001).astype(float),
    }
    path = tmp_path / f"{kind}.wav"
    soundfile.write(path, sounds[kind].astype(np.float32), RATE)
    assert "no speech was found in" in error(main(["listen", str(path)]), capsys)


@pytest.mark.usefixtures("fake_assistant")
def test_the_words_are_shown_above_the_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from lamha.models.speech.asr import Transcript

    class Ears:
        def transcribe(self, audio: Audio) -> Transcript:
            return Transcript("Tell Sara I'm late", "en", audio.seconds, 12.0, 0.9)

        def probabilities(self, _frames: object) -> list[float]:
            return [0.9] * 60

    monkeypatch.setattr("lamha.device.assistant.open_ears", lambda _="": (Ears(), Ears()))
    path = tmp_path / "sound.wav"
    soundfile.write(path, np.sin(np.arange(2 * RATE) / 9).astype(np.float32), RATE)
    assert main(["listen", str(path)]) == 0
    out = capsys.readouterr().out
    assert out.startswith("“Tell Sara I'm late”\n")
    assert "recognise 12 ms" in out


@pytest.mark.model
def test_the_command_itself_hears(
    lamha: Callable[..., "subprocess.CompletedProcess[str]"], data: Path, trained: object
) -> None:
    done = lamha("listen", str(data / "speech/office-lights/00.wav"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "office" in done.stdout.lower()
    assert "I can't do that" in done.stdout
