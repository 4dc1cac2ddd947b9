import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lamha.models.errors import ServerFailed
from lamha.models.llm.beyond.fallback import Beyond
from lamha.models.llm.beyond.opening import open_beyond
from lamha.models.llm.beyond.remote import Patience
from lamha.models.llm.beyond.server import Server
from lamha.models.llm.generate import text

NOWHERE = Path("model.gguf")
WATCHED = """
import os, sys
def watch(event, arguments):
    if event.startswith(("socket.", "http.", "urllib.")) or event == "subprocess.Popen":
        os.write(2, f"{event} {arguments}".encode())
        os._exit(1)
sys.addaudithook(watch)
"""
TURN = """
import os
from pathlib import Path
from lamha.models.llm.beyond.opening import open_beyond
from lamha.skills.testing import FakeModel
with open_beyond(FakeModel("It is Paris."), Path("model.gguf"), os.environ) as model:
    with model.read("Where?", "Be brief.") as reading:
        reading.features("cue")
        print("".join(piece.text for piece in reading.write()))
print(*(name for name in sys.modules if name in ("http.client", "ssl", "lamha.models.llm.beyond.server")))
"""


def run(program: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """A process in which the first socket is the last thing that happens."""
    return subprocess.run(
        [sys.executable, "-c", WATCHED + program],
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
        check=False,
    )


def test_with_nothing_turned_on_no_socket_is_opened() -> None:
    done = run(TURN)
    assert (done.stdout, done.stderr, done.returncode) == ("It is Paris.\n\n", "", 0)


def test_the_watch_sees_a_socket() -> None:
    assert "socket." in run(TURN, LAMHA_SERVER="http://127.0.0.1:9").stderr


@pytest.mark.model
def test_a_whole_command_opens_no_socket(language_model: Any, trained: Any, real_cache: Path) -> None:
    program = "from lamha.device.cli import main\nsys.exit(main(['ask', 'What is the capital of Japan?']))"
    models = Path(language_model.engine.path).parents[1]
    done = run(program, LAMHA_CACHE=str(real_cache), LAMHA_MODELS=str(models))
    assert done.returncode == 0, done.stderr
    assert "Tokyo" in done.stdout


def test_nothing_is_the_local_model(local: Any) -> None:
    for environ in ({}, {"LAMHA_SERVER": "", "LAMHA_WORKERS": "", "LAMHA_PATIENCE": "x"}):
        with open_beyond(local, NOWHERE, environ) as model:
            assert model is local


def test_a_server(local: Any, server: Any, told: Any) -> None:
    server.says(*told.whole("Paris."))
    environ = {
        "LAMHA_SERVER": server.url,
        "LAMHA_SERVER_MODEL": "big",
        "LAMHA_SERVER_KEY": "secret",
        "LAMHA_PATIENCE": "20",
    }
    with open_beyond(local, NOWHERE, environ) as model:
        assert isinstance(model, Beyond)
        assert isinstance(model.remote, Server)
        assert model.remote.patience == Patience(first=20, next=20)
        with model.read("Where?", "Be brief.") as reading:
            assert text(reading.write()) == "Paris."
    assert server.asked[0]["model"] == "big"
    assert server.heard[0]["Authorization"] == "Bearer secret"


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"LAMHA_SERVER": "http://8.8.8.8"}, "not on your own network"),
        ({"LAMHA_SERVER": "box"}, "no address of a server"),
        ({"LAMHA_SERVER": "http://box", "LAMHA_PATIENCE": "soon"}, "LAMHA_PATIENCE is soon"),
        ({"LAMHA_SERVER": "http://box", "LAMHA_PATIENCE": "0"}, "LAMHA_PATIENCE is 0"),
        ({"LAMHA_WORKERS": "8.8.8.8:1"}, "not on your own network"),
        ({"LAMHA_WORKERS": "box"}, "no worker"),
    ],
)
def test_what_cannot_be_is_said_at_once(environ: dict[str, str], said: str, local: Any) -> None:
    with pytest.raises(ServerFailed, match=said), open_beyond(local, NOWHERE, environ):
        pass
