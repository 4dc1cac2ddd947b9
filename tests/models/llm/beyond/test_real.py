"""Real servers and workers, where they are: llama-server, llama-cpp-python's own, and ggml-rpc-server."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from threading import Event

import pytest

from lamha.models.llm.beyond.fallback import Beyond
from lamha.models.llm.beyond.network import Endpoint
from lamha.models.llm.beyond.process import Workers
from lamha.models.llm.beyond.remote import Patience
from lamha.models.llm.beyond.server import Server
from lamha.models.llm.budget import Budget
from lamha.models.llm.generate import Piece, text
from lamha.models.llm.library import library
from lamha.models.llm.model import LanguageModel

pytestmark = pytest.mark.model

MODEL = "smollm2-135m"
BRIEF = "You are a helpful assistant. Answer in one short sentence."
STORY = "Write a long story about a fisherman who finds a lamp."
PATIENT = Patience(first=60, next=60)
SERVER_MODULES = ("uvicorn", "fastapi", "sse_starlette", "starlette_context", "pydantic_settings", "yaml")


def found(variable: str, *programs: str) -> str:
    """A program of llama.cpp, or the test is skipped."""
    path = os.environ.get(variable) or next(filter(None, map(shutil.which, programs)), "")
    if not path:
        pytest.skip(f"no {programs[0]} on the PATH: set {variable}")
    return path


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def running(*command: str) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(ready: Callable[[], bool], process: "subprocess.Popen[bytes] | None" = None) -> None:
    for _ in range(600):
        if ready():
            return
        assert process is None or process.poll() is None, "it ended"
        time.sleep(0.1)
    raise AssertionError("not ready within a minute")


def answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/v1/models", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="module", params=["llama-server", "llama_cpp.server"])
def url(request: pytest.FixtureRequest, gguf: Callable[[str], Path]) -> Iterator[str]:
    model, port = str(gguf(MODEL)), free_port()
    if request.param == "llama-server":
        program = found("LAMHA_LLAMA_SERVER", "llama-server")
        command = [program, "-m", model, "-c", "1024", "-t", "1"]
    elif missing := [name for name in SERVER_MODULES if not find_spec(name)]:
        pytest.skip(f"llama-cpp-python's server needs {', '.join(missing)}")
    else:
        command = [sys.executable, "-m", "llama_cpp.server", "--model", model, "--n_threads", "1"]
    with running(*command, "--host", "127.0.0.1", "--port", str(port)) as process:
        until(lambda: answers(f"http://127.0.0.1:{port}"), process)
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def beyond(url: str, smollm: LanguageModel) -> Beyond:
    return Beyond(smollm, Server(url, patience=PATIENT))


def write(model: Beyond, words: str, cue: str = "", budget: Budget | None = None) -> list[Piece]:
    with model.read(words, BRIEF) as reading:
        return list(reading.write(cue, budget))


def test_a_server_answers(beyond: Beyond) -> None:
    pieces = write(beyond, "What is the capital of France?", budget=Budget(new=24))
    assert "Paris" in text(pieces)
    assert pieces[-1].finish == "end"
    assert 2 <= pieces[-1].spent.tokens_out <= 24
    assert len(pieces) > 2
    assert beyond.used


def test_a_server_goes_on_after_the_cue(beyond: Beyond, request: pytest.FixtureRequest) -> None:
    said = text(write(beyond, "What is the capital of France?", "The capital of France", Budget(new=24)))
    assert "Paris" in said
    assert not said.startswith("The capital of France")
    assert beyond.used


def test_a_server_keeps_to_the_budget(beyond: Beyond) -> None:
    pieces = write(beyond, STORY, budget=Budget(new=8))
    assert pieces[-1].finish == "tokens"
    assert pieces[-1].spent.tokens_out <= 8


def test_a_server_is_free_again_after_a_cancel(beyond: Beyond) -> None:
    cancel = Event()
    with beyond.read(STORY, BRIEF, None, cancel) as reading:
        pieces = reading.write(budget=Budget(new=400))
        next(pieces)
        cancel.set()
        assert [piece.finish for piece in pieces][-1] == "cancelled"
    assert "Paris" in text(write(beyond, "What is the capital of France?"))
    assert beyond.used


WORKER = """
import ctypes, sys
from lamha.models.llm.beyond.workers import _ggml
from lamha.models.llm.library import library

lib, pointer, text = library(), ctypes.c_void_p, ctypes.c_char_p
ggml = _ggml(lib)
start = ggml["ggml_backend_reg_get_proc_address"](
    ggml["ggml_backend_reg_by_name"](b"RPC"), b"ggml_backend_rpc_start_server"
)
device = ctypes.CFUNCTYPE(pointer, ctypes.c_size_t)(("ggml_backend_dev_get", lib._lib))(0)
devices = (pointer * 1)(device)
run = ctypes.CFUNCTYPE(None, text, text, ctypes.c_size_t, ctypes.c_size_t, pointer)(start)
run(f"{sys.argv[2]}:{sys.argv[4]}".encode(), None, 1, 1, ctypes.addressof(devices))
"""


@pytest.fixture
def rpc_server(monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """The command of a worker: of this llama.cpp where it has them, else of another that is named."""
    if library().llama_supports_rpc():
        return (sys.executable, "-c", WORKER)
    program = found("LAMHA_RPC_SERVER", "ggml-rpc-server", "rpc-server")
    libraries = Path(program).parent
    if not (libraries / "libllama.so").exists():
        pytest.skip("this llama.cpp was compiled without RPC workers, and so was none beside the server")
    monkeypatch.setenv("LLAMA_CPP_LIB_PATH", str(libraries))  # for the child alone
    return (program,)


@contextmanager
def worker(program: tuple[str, ...], gguf: Path) -> Iterator[tuple["subprocess.Popen[bytes]", Workers]]:
    port = free_port()
    with running(*program, "-H", "127.0.0.1", "-p", str(port)) as process:
        until(lambda: reachable(port), process)
        remote = Workers(gguf, [Endpoint("127.0.0.1", port)], PATIENT)
        try:
            until(remote.ready)
            yield process, remote
        finally:
            remote.close()


def reachable(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_workers_answer(
    rpc_server: tuple[str, ...], gguf: Callable[[str], Path], smollm: LanguageModel
) -> None:
    with worker(rpc_server, gguf(MODEL)) as (_, remote):
        beyond = Beyond(smollm, remote)
        pieces = write(beyond, "What is the capital of France?", "The capital", Budget(new=24))
        assert "Paris" in text(pieces)
        assert pieces[-1].finish == "end"
        assert pieces[-1].spent.tokens_in > 0
        assert beyond.used


def test_a_worker_that_is_killed_costs_no_word(
    rpc_server: tuple[str, ...], gguf: Callable[[str], Path], smollm: LanguageModel
) -> None:
    with worker(rpc_server, gguf(MODEL)) as (process, remote):
        beyond = Beyond(smollm, remote)
        said = list[str]()
        with beyond.read(STORY, BRIEF) as reading:
            for piece in reading.write(budget=Budget(new=60)):
                said.append(piece.text)
                if len(said) == 5:
                    process.kill()
        assert piece.finish in ("end", "tokens")
        assert 20 < piece.spent.tokens_out <= 60
        assert len("".join(said)) > 80
        assert not beyond.rest.over
        assert text(write(beyond, "What is the capital of France?")).strip()
        assert not beyond.used
