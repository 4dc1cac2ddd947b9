"""What the model remembers of fixed prompts, on disk. A file is believed only if every byte is as written.

A file is named by all that its content depends on and begins with a digest of that content, so one that is
stale, foreign, cut off or changed is not read, and the prompt is computed again.
"""

import contextlib
import hashlib
import logging
import os
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from lamha.models.files import write_whole

_log = logging.getLogger(__name__)

LIMIT = 64_000_000
"""Bytes on disk; a prompt of 400 tokens takes 5 MB with a model of 0.5B."""
_MAGIC = b"lamha prefix 1\n"
_DIGEST = 32


class Saved:
    """A folder of states that is kept below `limit` bytes; the least recently used goes first."""

    def __init__(self, folder: Path, limit: int = LIMIT) -> None:
        self._folder = folder
        self._limit = limit

    def load(self, identity: str, tokens: Sequence[int]) -> bytes | None:
        """The state kept for these tokens under this identity; None where there is none to believe."""
        path = self._path(identity, tokens)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        state = data[len(_MAGIC) + _DIGEST :]
        if data[: len(_MAGIC) + _DIGEST] != _MAGIC + _digest(path.name, state):
            _log.warning("%s is not as it was written, and is computed again", path.name)
            _remove(path)
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # used now
        return state

    def keep(self, identity: str, tokens: Sequence[int], state: bytes) -> None:
        """Keep a state; a folder that cannot be written to costs time, and nothing else."""
        path = self._path(identity, tokens)
        if len(state) > self._limit:
            return
        try:
            self._make_room(len(state))
            write_whole(BytesIO(_MAGIC + _digest(path.name, state) + state), path)
        except OSError as error:
            _log.warning("cannot keep a prompt in %s: %s", self._folder, error)

    def _path(self, identity: str, tokens: Sequence[int]) -> Path:
        key = hashlib.blake2b(f"{identity}|{','.join(map(str, tokens))}".encode(), digest_size=16)
        return self._folder / f"{key.hexdigest()}.prefix"

    def _make_room(self, size: int) -> None:
        files = sorted(self._folder.glob("*.prefix*"), key=_used)
        total = sum(map(_size, files)) + size
        for path in files:
            if total <= self._limit:
                return
            total -= _size(path)
            _remove(path)


def _digest(name: str, state: bytes) -> bytes:
    return hashlib.blake2b(state, digest_size=_DIGEST, key=name.encode()[:64]).digest()


def _used(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
