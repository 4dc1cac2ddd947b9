"""The words of time, one TOML file a language: tables, and the shapes in which they make a time.

Tables say what a word means in the plain English of the parser of dates ("tomorrow", "in 2 days"),
as a part of the day, as a number or in minutes. Shapes are regular expressions over folded text
(see `lamha.skills.spelling`), `@name` in one stands for any word of that table or for another
expression of the file. Their groups:

    hour, minute, half   a clock time; `half` is am or pm
    past, to             minutes past or to the hour
    part                 a part of the day
    day                  a word of `days`: a day, or a day and a part of it with a bar between
    weekday, following   a day of the week; of the week that follows this one
    date, month, year    a day of the calendar
    monthday             a day of this month, or of the next that has one ahead
    count, unit          so many days, weeks or months from today
    amount               so long from now: items of `count` and `unit`, or of a `whole` duration
    more, tail           a fraction of the unit

`loose` shapes are a time only beside another one, `glue` is what may stand between two, and
`attached` is what makes a time belong to a thing ("the Friday report").
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from lamha.skills.spelling import fold

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)


@dataclass(frozen=True, slots=True)
class Words:
    """One language, ready to match."""

    tables: Mapping[str, Mapping[str, Any]]
    shapes: tuple[re.Pattern[str], ...]
    loose: frozenset[re.Pattern[str]]
    item: re.Pattern[str]
    glue: re.Pattern[str]
    attached: re.Pattern[str]

    def number(self, table: str, word: str) -> int | None:
        """Return what digits or a word of `table` count."""
        return int(word) if word.isdecimal() else self.tables[table].get(word)


@lru_cache
def words(language: str) -> Words:
    """Return the words of a language: en, ar or zh."""
    file = tomllib.loads(resources.files(__name__).joinpath(f"{language}.toml").read_text("utf-8"))
    tables = {name: _folded(table) for name, table in _tables(file, language).items()}
    parts = {name: value for name, value in file.items() if isinstance(value, str)}
    parts |= {name: _any(table) for name, table in tables.items()}
    parts["amount"] = re.sub(r"\?P<\w+>", "?:", f"(?:{file['item']})(?:{file['joint']}(?:{file['item']}))*")

    def compiled(shape: str) -> re.Pattern[str]:
        return re.compile(_filled(f"{file['before']}(?:{shape}){file['behind']}", parts))

    loose = tuple(map(compiled, file["loose"]))
    return Words(
        tables=tables,
        shapes=(*map(compiled, file["shapes"]), *loose),
        loose=frozenset(loose),
        item=re.compile(_filled(file["item"], parts)),
        glue=re.compile(file["glue"]),
        attached=re.compile(file["attached"]),
    )


def _tables(file: dict[str, Any], language: str) -> dict[str, dict[str, Any]]:
    tables = {name: dict(value) for name, value in file.items() if isinstance(value, dict)}
    numbers, tens = tables["numbers"], tables["tens"]
    ones = {word: number for word, number in numbers.items() if number < 10}
    compounds = {
        pattern.format(ten=ten, one=one): tens[ten] + ones[one]
        for pattern in file["compounds"]
        for ten in tens
        for one in ones
    }
    numbers |= tens | compounds | tables.get("articles", {})
    tables["minutes"] |= {word: number for word, number in numbers.items() if number >= 10}
    if language != "zh":  # Chinese counts its days and months
        _add_names(tables, language)
    return tables


def _add_names(tables: dict[str, dict[str, Any]], language: str) -> None:
    # Imported where it is used: Babel takes 50 ms.
    from babel.dates import get_day_names, get_month_names

    tables["weekdays"] |= {
        name: WEEKDAYS[number] for number, name in get_day_names("wide", locale=language).items()
    }
    tables["months"] |= {name: number for number, name in get_month_names("wide", locale=language).items()}


def _folded(table: Mapping[str, Any]) -> dict[str, Any]:
    return {fold(word).text: value for word, value in table.items()}


def _any(table: Mapping[str, Any]) -> str:
    longest_first = sorted(table, key=len, reverse=True)
    return f"(?:{'|'.join(map(re.escape, longest_first))})" if table else "(?!)"


def _filled(shape: str, parts: Mapping[str, str]) -> str:
    """Put every `@name` of `shape` in place, and those in what was put there."""
    while (filled := re.sub("@([a-z]+)", lambda name: parts[name[1]], shape)) != shape:
        shape = filled
    return shape
