"""What lamha keeps for the wearer: contacts, drafts and reminders, in one SQLite file.

Every write is one transaction in a write-ahead log, so a process killed at any moment leaves
the file whole. All times come back aware; on disk they are UTC in ISO 8601.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lamha.skills.database import Database

if TYPE_CHECKING:
    from lamha.skills.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Contact:
    """A person the wearer can name; `aliases` are spoken names in any script."""

    id: int
    name: str
    aliases: tuple[str, ...]
    phone: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A message written and not sent."""

    id: int
    contact_id: int
    text: str
    language: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something to say at `due`, which stands in the zone the wearer was in."""

    id: int
    text: str
    due: datetime
    timezone: str
    language: str
    created: datetime
    done: bool


class Storage:
    """The wearer's database, made where it is missing; safe to use from several threads.

    Any method raises `StorageBroken` where the file cannot be used and `NoSpace` on a full disk.
    """

    def __init__(self, path: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._database = Database(path)
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        self._database.close()

    @property
    def products(self) -> "Catalogue":
        """The wearer's products."""
        from lamha.skills.catalogue import Catalogue  # with numpy, which not every command needs

        return Catalogue(self._database)

    def add_contact(self, name: str, aliases: Sequence[str] = (), phone: str = "") -> Contact:
        """Keep a contact. Raises `ValueError` for an empty name."""
        spoken = json.dumps(list(aliases), ensure_ascii=False)
        identity = self._database.insert(
            "INSERT INTO contacts (name, aliases, phone) VALUES (?, ?, ?)", name, spoken, phone
        )
        return Contact(identity, name, tuple(aliases), phone)

    def contacts(self) -> list[Contact]:
        """Return all contacts in the order they were added."""
        rows = self._database.read("SELECT id, name, aliases, phone FROM contacts ORDER BY id")
        return [
            Contact(identity, name, tuple(json.loads(spoken)), phone)
            for identity, name, spoken, phone in rows
        ]

    def add_draft(self, contact_id: int, text: str, language: str) -> Draft:
        """Keep a message that is not sent. Raises `ValueError` for an unknown contact."""
        created = _to_second(self._clock())
        identity = self._database.insert(
            "INSERT INTO drafts (contact_id, text, language, created) VALUES (?, ?, ?, ?)",
            *(contact_id, text, language, created.isoformat()),
        )
        return Draft(identity, contact_id, text, language, created)

    def drafts(self) -> list[Draft]:
        """Return all drafts, the oldest first."""
        rows = self._database.read("SELECT id, contact_id, text, language, created FROM drafts ORDER BY id")
        return [
            Draft(identity, contact_id, text, language, datetime.fromisoformat(created))
            for identity, contact_id, text, language, created in rows
        ]

    def delete_draft(self, draft_id: int) -> bool:
        """Delete a draft; False where it is unknown."""
        return bool(self._database.change("DELETE FROM drafts WHERE id = ?", draft_id))

    def add_reminder(self, text: str, due: datetime, language: str) -> Reminder:
        """Keep a reminder. Raises `ValueError` where `due` has no time zone; it is cut to the second."""
        zone, created = _zone_name(due), _to_second(self._clock())
        utc = _to_second(due)
        identity = self._database.insert(
            "INSERT INTO reminders (text, due, timezone, language, created) VALUES (?, ?, ?, ?, ?)",
            *(text, utc.isoformat(), zone, language, created.isoformat()),
        )
        return Reminder(identity, text, utc.astimezone(_zone(zone)), zone, language, created, done=False)

    def reminders(self, pending_only: bool = True) -> list[Reminder]:
        """Return the reminders, the soonest first."""
        rows = self._database.read(
            "SELECT id, text, due, timezone, language, created, done FROM reminders"
            " WHERE done <= ? ORDER BY due, id",
            0 if pending_only else 1,
        )
        return [_reminder(row) for row in rows]

    def finish_reminder(self, reminder_id: int) -> bool:
        """Mark a reminder as done; False where it is unknown or was done before."""
        return bool(
            self._database.change("UPDATE reminders SET done = 1 WHERE id = ? AND done = 0", reminder_id)
        )

    def cancel_reminder(self, reminder_id: int) -> bool:
        """Delete a reminder; False where it is unknown."""
        return bool(self._database.change("DELETE FROM reminders WHERE id = ?", reminder_id))


def _reminder(row: tuple[Any, ...]) -> Reminder:
    identity, text, due, zone, language, created, done = row
    moment = datetime.fromisoformat(due).astimezone(_zone(zone))
    return Reminder(identity, text, moment, zone, language, datetime.fromisoformat(created), bool(done))


def _to_second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _zone_name(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("a reminder needs a time with a time zone")
    return moment.tzinfo.key if isinstance(moment.tzinfo, ZoneInfo) else f"{moment:%:z}"


def _zone(name: str) -> tzinfo:
    if name.startswith(("+", "-")):
        return datetime.strptime(name, "%z").tzinfo or UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        # The moment itself is kept in UTC, so only the wall clock is lost.
        return UTC
