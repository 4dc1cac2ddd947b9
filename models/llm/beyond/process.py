"""A model whose layers lie on RPC workers, in a process of its own: a lost worker ends only that one.

The two speak JSON, an object a line, which `child` explains.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, fields
from itertools import count
from pathlib import Path
from threading import Event, Lock, Thread
from typing import IO, Any, cast

from lamha.models.errors import ServerFailed
from lamha.models.llm.beyond.network import Endpoint
from lamha.models.llm.beyond.remote import Call, Part, Patience, Question

LOAD_S = 600.0
"""Gigabytes go to the workers over a wireless network before the first answer."""
_FIELDS = {field.name for field in fields(Part)}
_LOST = ("the process with the RPC workers ended", "check that they run the same llama.cpp, and their logs")


class Workers:
    """A `Remote`: the GGUF at `path` on RPC workers. `command` starts another process than the usual one."""

    def __init__(
        self,
        path: Path,
        endpoints: Sequence[Endpoint],
        patience: Patience | None = None,
        command: Sequence[str] = (),
    ) -> None:
        child = (sys.executable, "-P", "-m", "lamha.models.llm.beyond.child", str(path))
        self._command = tuple(command) or (*child, *map(str, endpoints))
        self._child: _Child | None = None
        self.patience = patience or Patience()

    def __str__(self) -> str:
        return "the RPC workers"

    def ready(self) -> bool:
        """Whether the model is loaded; begins to load it. ServerFailed where it cannot be."""
        try:
            self._child = self._child or _Child(self._command)
        except OSError as error:
            raise ServerFailed(
                f"no process for the RPC workers can be started ({error})", _LOST[1]
            ) from error
        return self._child.ready()

    def ask(self, question: Question) -> Call:
        """Begin a call; ServerFailed before the model is loaded."""
        if not self._child:
            raise ServerFailed(*_LOST)
        return _Call(self._child, question)

    def close(self) -> None:
        """End the process, whatever it is doing."""
        if self._child:
            self._child.kill()
        self._child = None


class _Child:
    """The process, and what was heard of it."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "GGML_NO_BACKTRACE": "1"},  # else ggml starts a debugger before it ends
            start_new_session=True,  # Ctrl-C is for us to hear
        )
        self._stdin, self._stdout = (
            cast("IO[bytes]", self._process.stdin),
            cast("IO[bytes]", self._process.stdout),
        )
        self._started, self._loaded = time.monotonic(), Event()
        self._problem: ServerFailed | None = None
        self._writing, self.numbers = Lock(), count(1)
        self.turn = Lock()
        """Held by who reads what the process says."""
        Thread(target=self._load, daemon=True).start()

    def ready(self) -> bool:
        if self._problem:
            raise self._problem
        if not self._loaded.is_set() and time.monotonic() - self._started > LOAD_S:
            raise ServerFailed(f"the RPC workers did not take the model within {LOAD_S:.0f} s", _LOST[1])
        return self._loaded.is_set()

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send a line; a process that has ended is noticed by who reads."""
        with self._writing, suppress(OSError, ValueError):
            self._stdin.write(json.dumps(message).encode() + b"\n")
            self._stdin.flush()

    def messages(self) -> Iterator[dict[str, Any]]:
        """What it says, until it ends; ServerFailed where it says that it failed."""
        with suppress(OSError, ValueError):  # closed by `kill`
            for line in self._stdout:
                yield json.loads(line)
        raise ServerFailed(*_LOST)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._stdin, self._stdout):
            with suppress(OSError):  # a line that was not read any more
                pipe.close()

    def _load(self) -> None:
        with self.turn:
            try:
                _ensure_well(next(self.messages()))
                self._loaded.set()
            except ServerFailed as error:
                self._problem = error


class _Call:
    """One question. It is read to its end even when it was closed: the next one must find no rest of it."""

    def __init__(self, child: _Child, question: Question) -> None:
        self._child, self._number = child, next(child.numbers)
        self._asking = {"id": self._number, **asdict(question)}
        self._lock, self._asked, self._closed = Lock(), False, False

    def __iter__(self) -> Iterator[Part]:
        with self._child.turn:
            if not self._ask():
                return
            for message in self._child.messages():
                _ensure_well(message)
                part = _part(message)
                yield part
                if part.finish:
                    return

    def close(self) -> None:
        """Have the child end the answer after its next word."""
        with self._lock:
            self._closed = True
            if self._asked:
                self._child.tell({"cancel": self._number})

    def _ask(self) -> bool:
        with self._lock:
            self._asked = not self._closed
            if self._asked:
                self._child.tell(self._asking)
        return self._asked


def _ensure_well(message: Mapping[str, Any]) -> None:
    if "failed" in message:
        raise ServerFailed(str(message["failed"]), str(message.get("hint", "")))


def _part(message: Mapping[str, Any]) -> Part:
    """The message as a part; keys that a newer child may send are skipped."""
    return Part(**{key: message[key] for key in _FIELDS & message.keys()})
