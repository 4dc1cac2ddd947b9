"""Files written whole or not at all: streamed copies, digests, the lock of a folder, room on the disk."""

import contextlib
import errno
import fcntl
import hashlib
import logging
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from lamha.models.errors import NoSpace, StorageBroken

CHUNK = 1 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT)
log = logging.getLogger("lamha.models")


def write_whole(source: IO[bytes], target: Path) -> None:
    """Stream `source` to disk; `target` appears only once all of it is there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    growing = target.with_name(target.name + ".tmp")
    try:
        with growing.open("wb") as sink:
            shutil.copyfileobj(source, sink, CHUNK)
        growing.replace(target)
    finally:
        growing.unlink(missing_ok=True)


def join(pieces: Iterable[Path], target: Path) -> str:
    """Write the pieces one after another; the sha256 of the whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with target.open("wb") as sink:
        for chunk in _chunks(pieces):
            digest.update(chunk)
            sink.write(chunk)
    return digest.hexdigest()


def sha256(path: Path) -> str:
    """The digest of one file."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def place(ready: Path, target: Path) -> None:
    """Move a whole file to its place, so that even a power cut leaves all of it or nothing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    _flush(ready)
    ready.replace(target)
    _flush(target.parent)


def used(folder: Path) -> int:
    """Bytes in the files under a folder; 0 when there is none."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def ensure_room(folder: Path, needed: int) -> None:
    """NoSpace unless the disk under `folder` can take so many bytes."""
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise NoSpace(
            f"{megabytes(needed)} are needed under {folder} and {megabytes(free)} are free",
            "remove something (`lamha models remove NAME`), or name another disk with LAMHA_MODELS",
        )


@contextlib.contextmanager
def clearing(staging: Path, doing: str) -> Iterator[None]:
    """A disk that becomes full in this block ends in NoSpace, with the staging folder gone."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        shutil.rmtree(staging, ignore_errors=True)
        raise NoSpace(f"the disk became full while {doing}", "make room, then try again") from error


def megabytes(size: int) -> str:
    """A size to read: 491.4 MB."""
    return f"{size / 1e6:,.1f} MB"


@contextlib.contextmanager
def lock(folder: Path) -> Iterator[None]:
    """Hold the folder; a second process waits and says so."""
    with _open_lock(folder) as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.warning("another pull is running; waiting for it")
            fcntl.flock(held, fcntl.LOCK_EX)
        yield  # closing the file lets go


def _open_lock(folder: Path) -> IO[str]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / ".lock").open("w")
    except OSError as error:
        raise StorageBroken(
            f"{folder} cannot be written ({error})", "name another with LAMHA_MODELS"
        ) from error


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _chunks(pieces: Iterable[Path]) -> Iterator[bytes]:
    for piece in pieces:
        with piece.open("rb") as source:
            while chunk := source.read(CHUNK):
                yield chunk
