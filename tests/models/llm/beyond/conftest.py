"""Servers in threads that behave as they are told, well or badly, and a local model that remembers."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event
from typing import Any, Self

import numpy as np
import pytest

from lamha.models.llm.beyond.remote import Patience
from lamha.models.llm.budget import Budget, Spent
from lamha.models.llm.generate import Piece


@dataclass
class Listening:
    """What a server heard. Its script: bytes are sent, numbers are seconds of silence."""

    script: Sequence[bytes | float] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    heard: list[dict[str, str]] = field(default_factory=list)
    left: Event = field(default_factory=Event)
    """Whether somebody hung up before the end of the script."""
    over: Event = field(default_factory=Event)
    url: str = ""

    def says(self, *script: bytes | float, status: int = 200, **headers: str) -> "Listening":
        self.script, self.status = script, status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.heard.append(dict(handler.headers))
        self.asked.append(json.loads(handler.rfile.read(int(handler.headers["Content-Length"]))))
        handler.send_response(self.status)
        for name, value in self.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        try:
            for step in self.script:
                if isinstance(step, bytes):
                    handler.wfile.write(step)
                    continue
                handler.connection.settimeout(step)
                with suppress(TimeoutError):
                    if not handler.connection.recv(1):
                        raise ConnectionResetError
        except OSError:
            self.left.set()


@pytest.fixture
def server() -> Iterator[Listening]:
    listening = Listening()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            listening.answer(self)

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as serving:
        serving.block_on_close = False
        listening.url = f"http://127.0.0.1:{serving.server_port}"
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.005})
        thread.start()
        yield listening
        serving.shutdown()
        thread.join()


@dataclass
class Local:
    """A local model that says one sentence, a word at a time, and remembers what it was asked."""

    sentence: str = "This is said here."
    asked: list[tuple[str, Budget | None, Sequence[str]]] = field(default_factory=list)
    identity: str = "local"

    def read(
        self, words: str, system: str, budget: Budget | None = None, cancel: Event | None = None
    ) -> "LocalReading":
        self.read_with = (system, budget)
        return LocalReading(self, words, cancel or Event())


@dataclass
class LocalReading:
    model: Local
    words: str
    cancel: Event
    spent: Spent = field(default_factory=Spent)
    shortened: bool = False

    def features(self, _cue: str) -> Any:
        return np.zeros((1, 4), np.float32)

    def copy(self, cue: str, _candidates: Any) -> Any:
        return cue

    def write(
        self, cue: str = "", budget: Budget | None = None, stops: Sequence[str] = (), **_: Any
    ) -> Iterator[Piece]:
        self.model.asked.append((cue, budget, stops))
        for word in self.model.sentence.split(" "):
            self.spent.tokens_out += 1
            yield Piece(f" {word}", Spent(tokens_out=1))
        yield Piece("", Spent(tokens_out=1), "end")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return


@pytest.fixture
def local() -> Local:
    return Local()


class Told:
    """The events of a chat completion as bytes."""

    done = b"data: [DONE]\n\n"
    usage = b'data: {"choices": [], "usage": {"prompt_tokens": 26, "completion_tokens": 7}}\n\n'

    def event(self, text: str = "", finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": finish}
        return b"data: " + json.dumps({"choices": [choice]}, ensure_ascii=False).encode() + b"\n\n"

    def words(self, *words: str) -> list[bytes]:
        return [self.event(word) for word in words]

    def whole(self, *words: str, finish: str = "stop") -> list[bytes]:
        return [*self.words(*words), self.event(finish=finish), self.usage, self.done]


@pytest.fixture(scope="session")
def told() -> Told:
    return Told()


@pytest.fixture(scope="session")
def patient() -> Patience:
    """Longer than any machine is busy: for servers that do answer."""
    return Patience(connect=20, first=20, next=20)


@pytest.fixture(scope="session")
def hasty() -> Patience:
    """For servers that say nothing."""
    return Patience(connect=20, first=0.1, next=20)


@pytest.fixture(scope="session")
def restless() -> Patience:
    """For servers that stop in the middle."""
    return Patience(connect=20, first=20, next=0.15)
