import io
import json
import shlex
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lamha.device.assistant import MODEL
from lamha.device.cli import main
from lamha.models.errors import ModelMissing
from lamha.models.store import Store
from lamha.skills.contacts import Contacts, Known
from lamha.skills.decider import Decider
from lamha.skills.learnt import KINDS, Learnt, Probe
from lamha.skills.testing import FakeModel
from lamha.skills.tools import tools

type Captured = pytest.CaptureFixture[str]
type Type = Callable[[str], None]

STORE = Store()  # now, before a test points the folders elsewhere
NOW = "2026-03-04T09:00:00+02:00"
LIGHTS = {
    "name": "set_light",
    "description": "Turn the light of a room on or off.",
    "parameters": {
        "type": "object",
        "properties": {
            "room": {"type": "string", "enum": ["kitchen", "bedroom"]},
            "state": {"type": "string", "enum": ["on", "off"]},
        },
        "required": ["room", "state"],
    },
}
TIMER = {
    "name": "start_timer",
    "description": "Start a countdown timer.",
    "parameters": {
        "type": "dict",
        "properties": {"seconds": {"type": "integer", "description": "Duration in seconds"}},
        "required": ["seconds"],
    },
}

TOLD = 2 + len(KINDS)  # of a slot: required, an enum, its type


def probe(width: int, bias: float) -> Probe:
    return Probe(np.zeros(width, np.float32), bias)


WHAT = Learnt(
    fits=Probe(np.array([20], np.float32), -8),
    slots=probe(2 + TOLD, -3),
    values=probe(1 + TOLD, 1),
    query=np.zeros((2, 2, 1), np.float32),
    key=np.zeros((2, 2, 1), np.float32),
    reference=np.ones(1, np.float32),
)
"""A tool fits that shares half of the words; nothing is said for what code does not find."""


@pytest.fixture
def tools_file(tmp_path: Path) -> Path:
    path = tmp_path / "tools.json"
    path.write_text(json.dumps([LIGHTS, {"type": "function", "function": TIMER}]), "utf-8")
    return path


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Type:
    def type_in(text: str) -> None:
        data = text.encode("utf-8", "surrogateescape")
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))

    return type_in


@pytest.fixture
def fake_decider(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the command opens decides by the words that a tool's signature has too."""

    @contextmanager
    def open_decider(given: Any, contacts: Iterable[str] | None, *_: object) -> Iterator[Decider]:
        yield Decider(FakeModel(), tools(given), Contacts(Known(contacts or ())), WHAT)

    monkeypatch.setattr("lamha.device.assistant.open_decider", open_decider)


def answers(text: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in text.splitlines()]
    for answer in found:
        assert list(answer) == ["calls", "ask", "refused", "confidence"]
        assert sum(bool(answer[key]) for key in ("calls", "ask", "refused")) == 1
        assert 0 <= answer["confidence"] <= 1
        assert all(list(call) == ["name", "arguments"] for call in answer["calls"])
    return found


@pytest.mark.usefixtures("fake_decider")
def test_an_object_a_line(tools_file: Path, typed: Type, capsys: Captured) -> None:
    typed("Turn on the light in the kitchen\n\nStart a timer\r\npurple elephants\nشغل\n灯\n\udcff\udcfe")
    assert main(["route", "--tools", str(tools_file), "--contacts", "--now", NOW]) == 0
    out, err = capsys.readouterr()
    found = answers(out)
    assert len(found) == 7
    assert found[0]["calls"] == [{"name": "set_light", "arguments": {"room": "kitchen", "state": "on"}}]
    assert found[1]["refused"] == "No words were said."
    assert found[2]["ask"] == "What is the seconds?"
    assert found[3]["refused"]
    assert err == ""


@pytest.mark.usefixtures("fake_decider")
@pytest.mark.parametrize(("options", "calls"), [([], 0), (["--dialogue"], 1)])
def test_later_lines_continue_earlier_ones_in_a_dialogue(
    tools_file: Path, typed: Type, capsys: Captured, options: list[str], calls: int
) -> None:
    typed("Start a timer\nfive minutes\nagain\n")
    assert main(["route", "--tools", str(tools_file), "--contacts", "--now", NOW, *options]) == 0
    _, second, third = answers(capsys.readouterr().out)
    assert len(second["calls"]) == len(third["calls"]) == calls
    if calls:
        assert second["calls"] == [{"name": "start_timer", "arguments": {"seconds": 300}}]


@pytest.mark.usefixtures("fake_decider")
@pytest.mark.parametrize("text", ["[]", "\ufeff[]"])
def test_no_tools_refuse_everything(tmp_path: Path, typed: Type, capsys: Captured, text: str) -> None:
    path = tmp_path / "none.json"
    path.write_text(text, "utf-8")
    typed("Turn on the light")
    assert main(["route", "--tools", str(path), "--contacts"]) == 0
    assert answers(capsys.readouterr().out)[0]["refused"]


@pytest.mark.usefixtures("fake_decider")
def test_nothing_on_stdin(tools_file: Path, typed: Type, capsys: Captured) -> None:
    typed("")
    assert main(["route", "--tools", str(tools_file), "--contacts"]) == 0
    assert capsys.readouterr() == ("", "")


BROKEN: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is no JSON"),
    "no JSON": (b"[{", "is no JSON"),
    "no text": (b"\xff\xfe[]\x00", "is no JSON"),
    "deep": (b"[" * 100_000, "is no JSON"),
    "an object": (json.dumps(LIGHTS).encode(), "tools come as a list"),
    "a text": (b'"tools"', "tools come as a list"),
    "a number": (b"5", "tools come as a list"),
    "null": (b"null", "tools come as a list"),
    "an item": (b"[1]", "tool 1 is int"),
    "two of one name": (json.dumps([TIMER, TIMER]).encode(), "two tools are named start_timer"),
    "no name": (b"[{}]", "tool 1 has no name"),
    "a type": (b'[{"name": "a", "parameters": {"properties": {"b": {"type": "blob"}}}}]', "a.b is of type"),
}


@pytest.mark.parametrize(("content", "message"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_list_of_tools(
    tmp_path: Path, typed: Type, capsys: Captured, content: bytes, message: str
) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(content)
    typed("Turn on the light")
    assert main(["route", "--tools", str(path)]) == 1
    one_line(capsys, message)


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_no_file_there(tmp_path: Path, capsys: Captured, name: str) -> None:
    assert main(["route", "--tools", str(tmp_path / name)]) == 1
    one_line(capsys, "cannot be read")


def test_no_model_there(
    tools_file: Path, typed: Type, capsys: Captured, monkeypatch: Any, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAMHA_MODELS", str(tmp_path / "models"))
    assert main(["route", "--tools", str(tools_file)]) != 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("lamha: ")
    assert "Traceback" not in err


@pytest.mark.parametrize("options", [[], ["--tools"], ["--tools", "x", "--now", "soon"]])
def test_wrong_options_are_usage(options: list[str], capsys: Captured) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["route", *options])
    assert caught.value.code == 2
    assert "usage" in capsys.readouterr().err


def one_line(capsys: Captured, message: str) -> None:
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("lamha: ")
    assert message in err
    assert err.count("\n") == 1
    assert err.endswith("\n")


REQUESTS = {
    "Turn on the light in the kitchen": ("set_light", {"room": "kitchen", "state": "on"}),
    "Start a timer for five minutes": ("start_timer", {"seconds": 300}),
    "ابدأ مؤقتا لخمس دقائق": ("start_timer", {"seconds": 300}),
    "开始五分钟的倒计时": ("start_timer", {"seconds": 300}),
}
REFUSED = (
    "Write a poem about the sea",
    "اكتب قصيدة عن البحر",
    "Do not turn on the light in the kitchen",
    "不要打开厨房的灯",
)


@pytest.mark.model
def test_tools_never_seen_on_the_real_model(
    lamha: Callable[..., Any], tools_file: Path, tmp_path: Path
) -> None:
    try:
        STORE.path(MODEL)
    except ModelMissing as missing:
        pytest.skip(str(missing))
    lines = tmp_path / "lines.txt"
    lines.write_text("\n".join((*REQUESTS, *REFUSED)) + "\n", "utf-8")
    stdin = ["sh", "-c", f'exec "$@" < {shlex.quote(str(lines))}', "sh"]
    done = lamha(
        "route", "--tools", str(tools_file), "--contacts", "--now", NOW, "--threads", "2", before=stdin
    )
    assert (done.returncode, done.stderr) == (0, "")
    found = answers(done.stdout)
    called = [[(call["name"], call["arguments"]) for call in answer["calls"]] for answer in found]
    assert called[: len(REQUESTS)] == [[call] for call in REQUESTS.values()]
    assert all(answer["refused"] for answer in found[len(REQUESTS) :])
