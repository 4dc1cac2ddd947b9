"""When an utterance means: its words in plain English for dateparser, and rules for what it leaves open.

A clock time without a half of the day is the next such time ahead; on another day hours before seven
are in the afternoon; a day of the week is the next one ahead; a day alone is 9:00.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from lamha.skills import timepieces
from lamha.skills.saying import say
from lamha.skills.timepieces import Clock, Pieces, Span
from lamha.skills.timewords import WEEKDAYS

__all__ = ["Moment", "find", "say"]

type Precision = Literal["minute", "part", "day", "week"]

_PARTS = {"dawn": 5, "morning": 9, "noon": 12, "afternoon": 15, "evening": 18, "night": 20}
_NIGHT_ENDS = {"evening": 1, "night": 5}  # "tonight at one" is tomorrow
_DAY_STARTS = 9
_MONTHS_AHEAD = 62  # days in which any day of a month but the 31st comes, and that one, too
_EPOCH = datetime(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time said at `text[start:end]` (and at `more`, where it was said in several places).

    `at` is aware and in the zone of now; `precision` tells a time from a part of a day, a day or a week.
    """

    start: int
    end: int
    at: datetime
    precision: Precision
    past: bool = False
    more: tuple[Span, ...] = ()


def find(text: str, language: str, now: datetime) -> Moment | None:
    """Return the time that `text` says in `language` (en, ar, zh), None where it says none.

    Raises `ValueError` where `now` has no time zone. The first call takes about half a second.
    """
    if now.tzinfo is None:
        raise ValueError("a time needs to know the time zone of now")
    said = timepieces.find(text, language)
    at = _at(said, now) if said else None
    if said is None or at is None:
        return None
    (start, end), *more = said.spans
    past = at.astimezone(UTC) < now.astimezone(UTC)
    return Moment(start, end, at, _precision(said), past, tuple(more))


def _precision(said: Pieces) -> Precision:
    if said.clock or said.after is not None:
        return "minute"
    return "part" if said.part else "week" if said.day == "in 1 weeks" else "day"


def _at(said: Pieces, now: datetime) -> datetime | None:
    if said.after is not None:
        return _after(said.after, now)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0, fold=0, tzinfo=None)
    times = _times(said)
    if said.day is None:
        # The night of yesterday may still be ahead.
        days = [midnight + timedelta(days=days) for days in (-1, 0, 1)]
        return _first_ahead([day + time for day in days for time in times], now)
    day = _day(said.day, midnight)
    if day is None:
        return None
    if day == midnight:
        return _first_ahead([day + time for time in times], now)
    if said.day == WEEKDAYS[now.weekday()] and (today := _ahead([midnight + _waking(times)], now)):
        return today[0]
    return _aware(day + _waking(times), now)


def _times(said: Pieces) -> list[timedelta]:
    """Return what may be meant, counted from the midnight before."""
    clock, part = said.clock, said.part
    if clock is None:
        return [timedelta(hours=_PARTS[part] if part else _DAY_STARTS)]
    hours = _hours(clock, part)
    if said.day and hours == [0, 12]:
        hours = [12]  # "twelve" on a day is its noon
    return [timedelta(hours=hour, minutes=clock.minute) for hour in hours]


def _hours(clock: Clock, part: str | None) -> list[int]:
    half = clock.hour % 12
    if part in ("evening", "night") and half < _NIGHT_ENDS[part] and (clock.hour < 12 or not clock.exact):
        return [half + 24]
    if clock.exact and (clock.hour > 12 or part is None):
        return [clock.hour]
    if part in ("dawn", "morning"):
        return [half]
    if part == "noon":
        return [half if half >= 10 else half + 12]
    return [half + 12] if part else [half, half + 12]


def _waking(times: list[timedelta]) -> timedelta:
    """Of two halves of a day, the one that begins at seven in the morning."""
    return next((time for time in times if time >= timedelta(hours=7)), times[-1])


def _ahead(times: list[datetime], now: datetime) -> list[datetime]:
    aware = [_aware(time, now) for time in times]
    return [time for time in aware if time.astimezone(UTC) > now.astimezone(UTC)]


def _first_ahead(times: list[datetime], now: datetime) -> datetime:
    """Return the first of `times` after now, the last where none is."""
    return next(iter(_ahead(times, now)), _aware(times[-1], now))


def _aware(time: datetime, now: datetime) -> datetime:
    # There and back, so that a time skipped by summer time becomes one that exists.
    return time.replace(tzinfo=now.tzinfo).astimezone(UTC).astimezone(now.tzinfo)


def _after(minutes: float, now: datetime) -> datetime | None:
    # Through UTC: an hour is an hour on the night when summer time ends, too.
    later = _parsed(f"in {round(minutes * 60)} seconds", _EPOCH)
    return (now.astimezone(UTC) + (later - _EPOCH)).astimezone(now.tzinfo) if later else None


def _day(day: str, midnight: datetime) -> datetime | None:
    if day.startswith("monthday "):
        number = int(day.removeprefix("monthday "))
        ahead = (midnight + timedelta(days=days) for days in range(_MONTHS_AHEAD))
        return next((each for each in ahead if each.day == number), None)
    if day.startswith("following "):
        weekday = WEEKDAYS.index(day.removeprefix("following "))
        day = f"in {7 - midnight.weekday() + weekday} days"
    # The last minute, so that a date that is today is not put off by a year.
    parsed = _parsed(f"{day} 23:59", midnight)
    return parsed.replace(hour=0, minute=0) if parsed else None


def _parsed(phrase: str, base: datetime) -> datetime | None:
    # Imported where it is used: dateparser takes 120 ms.
    from dateparser.date import DateDataParser

    settings: dict[str, Any] = {
        "RELATIVE_BASE": base,
        "PREFER_DATES_FROM": "future",
        "PARSERS": ["relative-time", "absolute-time"],
    }
    found = DateDataParser(languages=["en"], settings=settings).get_date_data(phrase)
    return found.date_obj
