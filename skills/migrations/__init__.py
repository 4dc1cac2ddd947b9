"""The steps that build the wearer's database, by number; `PRAGMA user_version` counts those taken."""

import sqlite3
from importlib import resources

from lamha.models.errors import StorageBroken


def migrate(database: sqlite3.Connection) -> None:
    """Take the steps that `database` lacks, each in one transaction.

    Raises `StorageBroken` where a newer lamha wrote it. The connection must be in autocommit mode.
    """
    for number, step in enumerate(_steps(), start=1):
        if _version(database) < number:
            _take(database, number, step)
    if (version := _version(database)) > len(_steps()):
        raise StorageBroken(
            f"the database is of version {version}, this lamha knows {len(_steps())}",
            "update lamha, or set LAMHA_HOME to another folder",
        )


def _take(database: sqlite3.Connection, number: int, step: str) -> None:
    try:
        database.execute("BEGIN IMMEDIATE")
        # Another process may have taken the step while this one waited for the lock.
        if _version(database) < number:
            database.executescript(step)
            database.execute(f"PRAGMA user_version = {number}")
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _steps() -> list[str]:
    files = [file for file in resources.files(__name__).iterdir() if file.name.endswith(".sql")]
    return [file.read_text("utf-8") for file in sorted(files, key=lambda file: file.name)]
