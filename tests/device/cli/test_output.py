import errno
import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lamha.device.cli import main, output
from lamha.device.turn import Heard, Routed, Timings, Turn, Word
from lamha.models.errors import LamhaError, VoiceMissing
from lamha.models.llm.budget import Spent
from lamha.models.speech.audio import Audio
from lamha.skills.api import Card, Reply

ASK = ("ask", "Show my reminders")
type Captured = pytest.CaptureFixture[str]


@pytest.fixture
def picture(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException | None], None]:
    """Pictures are a few bytes, or fail when half written."""

    def as_(error: BaseException | None) -> None:
        def save(_card: Card, path: Path) -> None:
            path.write_bytes(b"half")
            if error:
                raise error

        monkeypatch.setattr("lamha.device.hud.png.save", save)

    return as_


@pytest.fixture
def voice(monkeypatch: pytest.MonkeyPatch) -> None:
    class Tone:
        def speak(self, _text: str) -> list[Audio]:
            import numpy as np

            return [Audio(np.zeros(160, np.float32), 16_000)]

    monkeypatch.setattr("lamha.device.assistant.open_voice", Tone)


@pytest.mark.usefixtures("fake_assistant", "voice")
def test_picture_and_speech_are_written_into_a_new_folder(
    picture: Callable[[BaseException | None], None], tmp_path: Path
) -> None:
    picture(None)
    png, wav = tmp_path / "new" / "card.png", tmp_path / "new" / "reply.wav"
    assert main([*ASK, "--png", str(png), "--wav", str(wav)]) == 0
    assert sorted(file.name for file in png.parent.iterdir()) == ["card.png", "reply.wav"]
    assert wav.read_bytes()[:4] == b"RIFF"


@pytest.mark.usefixtures("fake_assistant", "voice")
@pytest.mark.parametrize("option", ["--png", "--wav"])
def test_a_place_that_cannot_be_written_is_one_line(
    option: str, picture: Callable[[BaseException | None], None], tmp_path: Path, capsys: Captured
) -> None:
    picture(None)
    (tmp_path / "file").touch()
    for path in (tmp_path / "file" / "x", Path("/proc/nowhere/x"), tmp_path):
        assert main([*ASK, option, str(path)]) == 1
        out, err = capsys.readouterr()
        assert "Your reminders" in out
        assert err.startswith(f"lamha: {path} cannot be written: ")
        assert err.count("\n") == 1


@pytest.mark.usefixtures("fake_assistant")
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_a_full_or_read_only_folder_leaves_no_half_picture(
    number: int, picture: Callable[[BaseException | None], None], tmp_path: Path, capsys: Captured
) -> None:
    picture(OSError(number, "that is how it is"))
    assert main([*ASK, "--png", str(tmp_path / "out" / "card.png")]) == 1
    assert "card.png cannot be written: that is how it is\n" in capsys.readouterr().err
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.usefixtures("fake_assistant")
def test_without_a_voice_the_card_is_shown_and_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    def none() -> None:
        raise VoiceMissing("no voice is installed", "pip install lamha[voice]")

    monkeypatch.setattr("lamha.device.assistant.open_voice", none)
    assert main([*ASK, "--wav", str(tmp_path / "reply.wav")]) == 0
    out, err = capsys.readouterr()
    assert "Your reminders" in out
    assert err == "lamha: not spoken: no voice is installed: pip install lamha[voice]\n"
    assert not (tmp_path / "reply.wav").exists()


def test_events_without_an_end() -> None:
    with pytest.raises(LamhaError, match="without a reply"):
        output.finish([Heard("x", "en")])


def test_costs() -> None:
    reply, routed = Reply(Card(""), ""), Routed(None, 1.0)
    typed = Turn(Heard("x", "en"), routed, reply, Timings(0, 1.4, 2.6, 3), Spent(12, 1))
    assert output.costs(typed) == "route 1 ms · first word 3 ms · total 3 ms\n12 tokens in · 1 out"
    heard = Heard("x", "en", 2.0, 0.9, 240.0)
    spoken = Turn(heard, routed, reply, Timings(240, 1, 2, 3), Spent(12, 11, 5.0, 100.0))
    assert output.costs(spoken).startswith("recognise 240 ms · route 1 ms")
    assert output.costs(spoken).endswith("12 tokens in · 11 out · 100 tokens/s")


def test_progress_is_one_line_where_nobody_watches(capsys: Captured) -> None:
    counter = output.Counter()
    for done in range(1, 4):
        counter(done, 3)
    assert capsys.readouterr() == ("", "learnt 3 examples of the skills\n")


def test_progress_on_a_terminal_is_written_over(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    counter = output.Counter()
    counter(1, 2)
    counter(2, 2)
    assert capsys.readouterr().err == (
        "\rlearning the skills' examples 1/2\rlearning the skills' examples 2/2\n"
    )


def test_words_are_shown_as_they_come_and_give_way_to_the_card(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(screen, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    heard, reply = Heard("why?", "en"), Reply(Card("why?", "Because so."), "Because so.")
    turn = Turn(heard, Routed("ask.answer", 1.0), reply, Timings(0, 1, 2, 3), Spent())
    assert output.finish([heard, turn.routed, Word("Because"), Word(" so."), turn]) is turn
    first, second = screen.getvalue().find("Because"), screen.getvalue().find("Because so.")
    assert 0 <= first < second
    assert "\x1b[2K" in screen.getvalue()[second:]  # erased again
