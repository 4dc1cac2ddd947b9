"""The installed command on the real model: without a network, interrupted, with a broken model."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from lamha.device.assistant import MODEL
from lamha.models.paths import models_dir
from lamha.models.store import Store

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("trained")]
type Lamha = Callable[..., "subprocess.CompletedProcess[str]"]

NO_NETWORK = """
import sys

def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "urllib.Request"):
        raise RuntimeError(f"{event} {arguments}")

sys.addaudithook(watch)
"""
STARTED = "import sys; from lamha.device.cli import main; print('up', flush=True); sys.exit(main())"


def card(done: "subprocess.CompletedProcess[str]") -> str:
    assert (done.returncode, done.stderr) == (0, "")
    body: str = json.loads(done.stdout)["card"]["body"]
    return body


def test_nothing_asks_for_a_network(lamha: Lamha, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(NO_NETWORK)
    watched = "import socket; socket.create_connection(('127.0.0.1', 9))"
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    proof = subprocess.run(
        [sys.executable, "-c", watched], capture_output=True, text=True, env=env, check=False
    )
    assert "RuntimeError: socket." in proof.stderr
    done = lamha("ask", "--json", "What is the capital of France?", PYTHONPATH=str(tmp_path))
    assert "Paris" in card(done)


def test_it_runs_where_there_is_no_network(lamha: Lamha) -> None:
    unshare = shutil.which("unshare")
    if not unshare or subprocess.run([unshare, "-rn", "true"], check=False, capture_output=True).returncode:
        pytest.skip("unshare cannot make a network of its own here")
    done = lamha("ask", "--json", "What is the capital of France?", before=[unshare, "-rn"])
    assert "Paris" in card(done)


def test_what_was_said_is_kept_for_the_next_command(lamha: Lamha) -> None:
    assert lamha("contacts", "add", "Sara").returncode == 0
    assert card(lamha("ask", "--json", "Tell Sara I'm late")) == "I'm late"
    card(lamha("ask", "--json", "Remind me tomorrow at nine to call Sara"))
    assert "call Sara" in card(lamha("ask", "--json", "Show my reminders"))


@pytest.mark.parametrize(
    ("seconds", "cold"),
    [(0.0, False), (0.1, False), (0.3, False), (0.6, False), (1.2, False), (2.5, False), (2.5, True)],
)
def test_an_interrupt_is_one_line_and_leaves_the_database_whole(
    seconds: float, cold: bool, home: Path, real_cache: Path
) -> None:
    env = {**os.environ, **({} if cold else {"LAMHA_CACHE": str(real_cache)})}
    ended = _interrupted(seconds, env)
    if "Exception ignored" in ended[1]:  # Python loses one that comes while it forgets a weak reference
        ended = _interrupted(seconds, env)
    assert ended == (130, "lamha: interrupted\n")
    if (home / "lamha.db").exists():
        with closing(sqlite3.connect(home / "lamha.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def _interrupted(seconds: float, env: Mapping[str, str]) -> tuple[int, str]:
    """What a command says and returns that is interrupted so long after its start."""
    command = [sys.executable, "-c", STARTED, "ask", "-"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
    ) as running:
        assert running.stdin
        assert running.stdout
        running.stdin.write("Explain how a refrigerator works\n" * 9)
        running.stdin.flush()
        assert running.stdout.readline() == "up\n"
        time.sleep(seconds)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=30)
    return running.returncode, err


@pytest.mark.parametrize("size", ["right", "wrong"])
def test_a_model_that_is_none_is_one_line(lamha: Lamha, tmp_path: Path, size: str) -> None:
    real, own = Store(models_dir()).path(MODEL), tmp_path / "models"
    (own / MODEL).mkdir(parents=True)
    with (own / MODEL / real.name).open("w") as file:
        file.write("this is no model, " * 1000)
        if size == "right":
            file.truncate(real.stat().st_size)
    done = lamha("ask", "hello", LAMHA_MODELS=str(own))
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("lamha: ")
    assert "run `lamha models" in done.stderr
