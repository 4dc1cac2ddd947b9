"""One SQLite file: opened, migrated, shared by threads, and honest about what is wrong with it."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lamha.models.errors import NoSpace, StorageBroken
from lamha.skills.migrations import migrate

type Value = str | int | bytes

_BUSY_SECONDS = 5.0
_RETRY_SECONDS = 0.01
_MOVE = "move it away (keep it), and lamha starts a new one"
_HINTS = {
    sqlite3.SQLITE_CORRUPT: f"it is damaged: `sqlite3 FILE .recover` may save its rows; or {_MOVE}",
    sqlite3.SQLITE_NOTADB: f"it is not a database of lamha: {_MOVE}",
    sqlite3.SQLITE_BUSY: "another program holds it: close that one and try again",
    sqlite3.SQLITE_LOCKED: "another program holds it: close that one and try again",
}


class Database:
    """A file in write-ahead mode, mode 0600, with one connection behind a lock.

    Raises `StorageBroken` where the file is damaged, locked, not writable or from a newer lamha, and
    `NoSpace` on a full disk. It never deletes the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        _touch_private(path)
        with _explained(path):
            self._connection = _connect(path)

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        with self._lock:
            self._connection.close()

    def read(self, query: str, *values: Value) -> list[Any]:
        """Return all rows of one SELECT."""
        with self._lock, _explained(self.path):
            return self._connection.execute(query, values).fetchall()

    def insert(self, statement: str, *values: Value) -> int:
        """Run one INSERT in a transaction; return the row's id.

        Raises `ValueError` where a constraint forbids the row.
        """
        with self._transaction():
            return self._connection.execute(statement, values).lastrowid or 0

    def change(self, statement: str, *values: Value) -> int:
        """Run one UPDATE or DELETE in a transaction; return how many rows it met."""
        with self._transaction():
            return self._connection.execute(statement, values).rowcount

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._lock, _explained(self.path):
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise


def _touch_private(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Made before SQLite opens it: the log beside it takes over its mode.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        path.chmod(0o600)
    except OSError as error:
        raise StorageBroken(
            f"cannot open {path}: {error.strerror}", "check the folder and who owns it"
        ) from error


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, autocommit=True, check_same_thread=False)
    try:
        _use_log(connection)
        # FULL, so that a reminder outlives a battery that dies.
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _use_log(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead mode, for which SQLite does not wait its turn when others do the same."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise ValueError(f"the database refuses this: {error}") from error
    except sqlite3.ProgrammingError:
        raise  # a mistake in the caller, such as a closed database
    except sqlite3.DatabaseError as error:
        # The low byte is the primary code; the extended ones above it only refine it.
        raise _broken(path, getattr(error, "sqlite_errorcode", 0) & 0xFF, str(error)) from error


def _broken(path: Path, code: int, reason: str) -> NoSpace | StorageBroken:
    if code == sqlite3.SQLITE_FULL:
        return NoSpace(f"no room for {path}", "free some space on the disk")
    hint = _HINTS.get(code, "check the file, its folder and who owns them")
    return StorageBroken(f"cannot use {path}: {reason}", hint)
