from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from lamha.device.cli import demo, main
from lamha.models.speech.asr import Transcript
from lamha.models.speech.vad import RATE

if TYPE_CHECKING:
    from lamha.device.turn import Turn
    from lamha.models.speech.audio import Audio


class Ears:
    """Hears the same in everything."""

    def transcribe(self, audio: "Audio") -> Transcript:
        return Transcript("Remind me in ten minutes to check the oven", "en", audio.seconds, 12.0, 0.9)

    def probabilities(self, _frames: object) -> list[float]:
        return [0.9] * 60


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("lamha.device.assistant.open_ears", lambda _="": (Ears(), Ears()))
    soundfile.write(tmp_path / "said.wav", np.sin(np.arange(2 * RATE) / 9).astype(np.float32), RATE)
    return tmp_path / "said.wav"


@pytest.mark.usefixtures("fake_assistant")
def test_every_command_has_a_card_a_picture_and_speech(
    recording: Path,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    written: list[tuple[str, str]] = []

    def write(_turn: "Turn", png: Path, wav: Path) -> None:
        written.append((png.name, wav.name))

    monkeypatch.setattr("lamha.device.cli.output.write", write)
    assert main(["demo", "--out", str(tmp_path / "out"), "--recording", str(recording)]) == 0
    out = capsys.readouterr().out
    assert "Remind me in ten minutes to check the oven" in out
    assert all(text in out for _, text in demo.COMMANDS)
    assert len(written) == len(demo.COMMANDS) + 1
    assert written[0] == ("1-reminder-spoken.png", "1-reminder-spoken.wav")
    assert not home.exists()


@pytest.mark.usefixtures("fake_assistant")
def test_without_its_recording_it_is_one_line(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--recording", str(tmp_path / "nowhere.wav")]) == 1
    err = capsys.readouterr().err
    assert err == f"lamha: {tmp_path}/nowhere.wav does not exist\n"
