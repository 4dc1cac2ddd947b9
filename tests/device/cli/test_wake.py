from pathlib import Path

import numpy as np
import pytest

from lamha.device import assistant
from lamha.device.cli import main
from lamha.models.speech.wake import WIDTH, WINDOW, Head
from lamha.models.training import wake


def head(phrase: str) -> Head:
    zeros = np.zeros(WIDTH, np.float32)
    return Head(
        phrase, np.zeros((WINDOW * WIDTH + 1, 2), np.float32), np.zeros(3, np.float32), zeros, zeros + 1, 0.9
    )


@pytest.fixture
def trained(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Training that is over at once; where it is kept."""

    def train(phrase: str, *_: object) -> tuple[Head, wake.Marks]:
        return head(phrase), wake.Marks(0.97, 0.8, 0.1, 0, 0.5)

    monkeypatch.setattr("lamha.models.speech.wake.Embedding", lambda _folder: None)
    monkeypatch.setattr("lamha.models.store.Store.path", lambda _store, name: Path(name))
    monkeypatch.setattr(wake, "train", train)
    monkeypatch.setattr(wake, "speakers", lambda _count: None)
    return assistant.wake_file()


def test_a_phrase_of_ones_own(trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wake", "train", "Hello Computer"]) == 0
    out = capsys.readouterr().out
    assert out.lstrip().startswith("“hello computer” is the wake phrase now\n")
    assert "97% of those like people and 80% of robots" in out
    assert "30 minutes of other speech it heard itself 0 times" in out
    assert Head.load(trained).phrase == "hello computer"
    assert assistant.open_wake().phrase == "hello computer"
    assert main(["wake", "reset"]) == 0
    assert assistant.open_wake().phrase == "hey lamha"


def test_robots_alone(
    trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(wake, "train", lambda *_: (head("a b"), wake.Marks(None, 0.8, 0.1, 0, 0.5)))
    assert main(["wake", "train", "hello computer"]) == 0
    assert "it heard 80% of robots" in capsys.readouterr().out


@pytest.mark.parametrize("count", ["0", "-1", "x"])
def test_how_often_is_a_number_from_one_on(count: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["wake", "train", "hello computer", "--count", count])
    assert "is not a number from 1 on" in capsys.readouterr().err


def test_what_the_networks_are_called_where_they_are_missing(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAMHA_MODELS", str(tmp_path))
    assert main(["wake", "train", "hello computer"]) == 3
    assert "lamha models pull speech-embedding" in capsys.readouterr().err


@pytest.mark.model
def test_where_it_is_heard(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wake", "test", str(data / "speech" / "jfk.flac")]) in (0, 3)
    out, err = capsys.readouterr()
    assert "not heard" in out or "speech-embedding" in err
