import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lamha.models.errors import NoSpace, StorageBroken
from lamha.skills.storage import Contact, Draft, Storage

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
HELSINKI = ZoneInfo("Europe/Helsinki")

WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from lamha.skills.storage import Storage
storage = Storage(Path(sys.argv[1]))
number = 0
while True:
    contact = storage.add_contact(f"name {number}", ["x" * 2000], "1")
    storage.add_draft(contact.id, "y" * 3000, "en")
    reminder = storage.add_reminder(str(number), datetime.now(UTC), "en")
    storage.finish_reminder(reminder.id)
    print(number, flush=True)
    number += 1
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "lamha.db"


@pytest.fixture
def storage(path: Path) -> Iterator[Storage]:
    with Storage(path, clock=lambda: NOW) as opened:
        yield opened


def reopened(path: Path) -> Storage:
    return Storage(path, clock=lambda: NOW)


def test_contacts_come_back_in_every_script(storage: Storage, path: Path) -> None:
    sara = storage.add_contact("Sara", ["سارة", "莎拉"], "+358 40 1")
    omar = storage.add_contact("عمر")
    assert sara == Contact(1, "Sara", ("سارة", "莎拉"), "+358 40 1")
    assert storage.contacts() == [sara, omar]
    with reopened(path) as again:
        assert again.contacts() == [sara, omar]


def test_drafts(storage: Storage) -> None:
    sara = storage.add_contact("Sara")
    draft = storage.add_draft(sara.id, "I'm late", "en")
    assert draft == Draft(1, sara.id, "I'm late", "en", NOW)
    assert storage.drafts() == [draft]


def test_a_draft_is_deleted_once(storage: Storage) -> None:
    sara = storage.add_contact("Sara")
    kept, gone = (storage.add_draft(sara.id, text, "en") for text in ("I'm late", "I'm here"))
    assert [storage.delete_draft(gone.id), storage.delete_draft(gone.id)] == [True, False]
    assert storage.drafts() == [kept]


def test_what_the_schema_forbids_is_a_value_error_and_leaves_no_transaction_open(storage: Storage) -> None:
    with pytest.raises(ValueError, match="FOREIGN KEY"):
        storage.add_draft(7, "to nobody", "en")
    with pytest.raises(ValueError, match="name"):
        storage.add_contact("")
    assert storage.add_contact("Sara").id == 1


def test_reminders_keep_the_moment_and_the_zone(storage: Storage, path: Path) -> None:
    due = datetime(2026, 11, 27, 10, 0, 0, 5, tzinfo=HELSINKI)
    reminder = storage.add_reminder("call Sara", due, "en")
    assert reminder.due == due.replace(microsecond=0)
    assert reminder.due.tzinfo == HELSINKI
    assert storage.reminders() == [reminder]
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT due, timezone FROM reminders").fetchall() == [
            ("2026-11-27T08:00:00+00:00", "Europe/Helsinki")
        ]


def test_reminders_with_a_fixed_offset(storage: Storage) -> None:
    due = datetime(2026, 11, 27, 10, 0, tzinfo=timezone(timedelta(hours=-3, minutes=-30)))
    storage.add_reminder("call", due, "en")
    (kept,) = storage.reminders()
    assert (kept.due, kept.timezone, kept.due.utcoffset()) == (due, "-03:30", due.utcoffset())


def test_a_zone_unknown_here_leaves_the_moment(storage: Storage, path: Path) -> None:
    reminder = storage.add_reminder("call", NOW.astimezone(HELSINKI), "en")
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE reminders SET timezone = 'Moon/Tycho'")
    assert storage.reminders()[0].due == reminder.due


def test_a_reminder_without_a_zone_is_refused(storage: Storage) -> None:
    with pytest.raises(ValueError, match="time zone"):
        storage.add_reminder("call", datetime(2026, 11, 27, 10, 0), "en")  # noqa: DTZ001, RUF100


def test_pending_reminders_come_soonest_first(storage: Storage) -> None:
    late, soon, middle = (
        storage.add_reminder(text, NOW + timedelta(hours=hours), "en")
        for text, hours in (("late", 3), ("soon", 1), ("middle", 2))
    )
    assert storage.finish_reminder(middle.id)
    assert not storage.finish_reminder(middle.id)
    assert [reminder.text for reminder in storage.reminders()] == ["soon", "late"]
    assert [reminder.done for reminder in storage.reminders(pending_only=False)] == [False, True, False]
    assert storage.cancel_reminder(late.id)
    assert not storage.cancel_reminder(late.id)
    assert storage.reminders() == [soon]


def test_only_the_wearer_can_read_the_files(storage: Storage, path: Path) -> None:
    storage.add_contact("Sara")
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {"lamha.db": 0o600, "lamha.db-wal": 0o600, "lamha.db-shm": 0o600}


def test_an_open_mode_is_closed(path: Path) -> None:
    reopened(path).close()
    path.chmod(0o644)
    reopened(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_newer_database_is_refused_and_kept(path: Path) -> None:
    reopened(path).close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(StorageBroken, match="version 99"):
        reopened(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_named_and_kept(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("not a database, " * 100)
    with pytest.raises(StorageBroken, match=r"lamha\.db.*move it away"):
        reopened(path)
    assert path.read_text().startswith("not a database")


def test_damaged_pages_are_named(path: Path) -> None:
    with reopened(path) as storage:
        for number in range(200):
            storage.add_contact("x" * 200, phone=str(number))
    damaged = bytearray(path.read_bytes())
    damaged[4096:] = b"\xff" * len(damaged[4096:])
    path.write_bytes(damaged)
    with reopened(path) as storage, pytest.raises(StorageBroken, match=r"lamha\.db.*damaged"):
        storage.contacts()


def test_a_folder_in_its_place_is_named(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(StorageBroken, match=r"cannot open .*lamha\.db"):
        reopened(path)


def test_a_full_disk_is_no_space(storage: Storage, path: Path) -> None:
    storage._database._connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(NoSpace, match=r"lamha\.db"):
        storage.add_contact("x" * 100_000)
    storage._database._connection.execute("PRAGMA max_page_count = 1000")
    assert storage.contacts() == []


def test_a_held_lock_is_told(storage: Storage, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage._database._connection.execute("PRAGMA busy_timeout = 1")
    with closing(sqlite3.connect(path, autocommit=True)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageBroken, match="another program holds it"):
            storage.add_contact("Sara")
    assert storage.add_contact("Sara").name == "Sara"


def test_a_migration_that_fails_leaves_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = ["CREATE TABLE a (x);", "CREATE TABLE b (x); INSERT INTO nowhere VALUES (1);"]
    monkeypatch.setattr("lamha.skills.migrations._steps", lambda: steps)
    with pytest.raises(StorageBroken, match="nowhere"):
        reopened(path)
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT name FROM sqlite_schema").fetchall() == [("a",)]
        assert database.execute("PRAGMA user_version").fetchone() == (1,)


def test_threads_share_one_storage(storage: Storage) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = [contact.id for contact in pool.map(storage.add_contact, map(str, range(64)))]
    assert sorted(ids) == list(range(1, 65))
    assert {contact.name for contact in storage.contacts()} == set(map(str, range(64)))


def test_threads_may_open_the_same_new_file(path: Path) -> None:
    def add(name: str) -> int:
        with reopened(path) as storage:
            return storage.add_contact(name).id

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(add, map(str, range(16)))) == list(range(1, 17))


@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("rounds", [1, 17])
def test_a_killed_writer_leaves_the_database_whole(path: Path, kill: signal.Signals, rounds: int) -> None:
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as writer:
        assert writer.stdout is not None
        for _ in range(rounds):
            last = int(writer.stdout.readline())
        os.kill(writer.pid, kill)
        last = max([last, *map(int, writer.stdout.read().split())])
    with reopened(path) as storage:
        names = [contact.name for contact in storage.contacts()]
        assert len(names) in (last + 1, last + 2)
        assert names == [f"name {number}" for number in range(len(names))]
        assert len(storage.drafts()) in (last + 1, last + 2)
        storage.add_contact("after")
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_process_killed_while_it_builds_the_database(path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as writer:
        while not path.exists():
            assert writer.poll() is None
        writer.kill()
    with reopened(path) as storage:
        assert storage.add_contact("Sara").name == "Sara"


def test_closing_twice_is_fine(path: Path) -> None:
    storage = reopened(path)
    storage.close()
    storage.close()
