import io
import json
from collections.abc import Callable

import pytest

from lamha.device.cli import main
from lamha.skills.api import Storage

pytestmark = pytest.mark.usefixtures("fake_assistant")
type Captured = pytest.CaptureFixture[str]


def test_the_card_and_what_it_cost(capsys: Captured) -> None:
    assert main(["ask", "What", "is", "the", "capital", "of", "Japan?"]) == 0
    out, err = capsys.readouterr()
    assert "What is the capital of Japan?" in out
    assert "It is Tokyo." in out
    assert "3 out" in out
    assert err == ""


def test_as_json(capsys: Captured) -> None:
    assert main(["ask", "--json", "告诉小李我晚到十分钟"]) == 0
    turn = json.loads(capsys.readouterr().out)
    assert turn["action"] == "messages.draft"
    assert turn["arguments"] == {"contact": "小李", "text": "我晚到十分钟"}


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    return lambda text: monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))


def test_a_command_a_line_from_stdin(typed: Callable[[bytes], None], capsys: Captured) -> None:
    typed(b"Show my reminders\n\n  \nTell Sara I'm late\nwhy is the sky blue?")
    assert main(["ask", "--json", "-"]) == 0
    turns = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [turn["heard"]["text"] for turn in turns] == [
        "Show my reminders",
        "Tell Sara I'm late",
        "why is the sky blue?",
    ]


def test_nothing_on_stdin(typed: Callable[[bytes], None], capsys: Captured) -> None:
    typed(b"")
    assert main(["ask", "-"]) == 0
    assert capsys.readouterr() == ("", "")


def test_bytes_that_are_no_text(typed: Callable[[bytes], None], capsys: Captured, storage: Storage) -> None:
    typed(b"Tell Sara I'm \xff\xfe ten minutes late\n")
    assert main(["ask", "--json", "-"]) == 0
    assert main(["ask", "--json", "Tell Sara I'm \udcff ten minutes late"]) == 0
    for line in capsys.readouterr().out.splitlines():
        assert json.loads(line)["action"] == "messages.draft"
    assert len(storage.drafts()) == 2


def test_empty_words_are_no_error(capsys: Captured) -> None:
    assert main(["ask", ""]) == 0
    assert "I heard nothing" in capsys.readouterr().out


def test_text_is_never_an_option_of_the_answer(capsys: Captured) -> None:
    assert main(["ask", "--", "--json", "is", "a", "word"]) == 0
    assert not capsys.readouterr().out.startswith("{")
