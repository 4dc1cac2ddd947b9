"""The words of numbers and what surrounds them, one TOML file a language."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from importlib import resources
from typing import Any

from lamha.skills.spelling import fold

LANGUAGES = ("en", "ar", "zh")
_CALENDARS = {"en": ("en",), "ar": ("ar", "ar_SY", "ar_DZ"), "zh": ()}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One language, ready to match; every expression is for folded text."""

    sign: re.Pattern[str]
    product: re.Pattern[str]
    sum: re.Pattern[str]
    unit_gap: re.Pattern[str]
    part_gap: re.Pattern[str]
    below: re.Pattern[str]
    one_and: re.Pattern[str]
    """A unit said without a number, with what joins a fraction to it: "an hour and a"."""
    alone: re.Pattern[str]
    """A unit that says its one itself, "an hour"."""
    rate: re.Pattern[str]
    """What makes it "5 dollars an hour": it stands at the "|", behind a quantity if "#" begins it."""
    blocked: re.Pattern[str]
    after: re.Pattern[str]
    ahead: re.Pattern[str]
    fractions: Mapping[str, Fraction]
    scales: Mapping[str, int]
    words: Mapping[str, int]
    duals: frozenset[str]
    ordinals: Mapping[str, int]
    counts: Mapping[str, int]
    """Expressions that say a number without being one: "both", "twice"."""
    nouns: Mapping[str, int]
    """Two of a thing, in one word: "تذكرتين"."""
    weak: frozenset[str]
    """Fractions that are one only beside a number or a unit: Arabic "نص" is a text, too."""


@lru_cache
def vocabulary(language: str) -> Vocabulary:
    """Return the words of a language: en, ar or zh."""
    file = read(language)
    months = "|".join(map(re.escape, _months(language))) or "(?!)"
    whole, joint = file["whole"], file["sum"]

    def compiled(name: str, template: str = "{}") -> re.Pattern[str]:
        return re.compile(template.format(file[name]).replace("@months", months))

    numbered = "|".join(file.get("numbered", ()))

    return Vocabulary(
        sign=compiled("sign", "(?:(?<![\\w)])[-−–]|(?<![a-z]){})$"),
        product=compiled("product"),
        sum=compiled("sum"),
        unit_gap=compiled("unit_gap"),
        part_gap=compiled("part_gap"),
        below=compiled("below"),
        one_and=re.compile(f"{whole}(?P<name>\\w+(?: \\w+)?){joint}$"),
        alone=compiled("alone"),
        rate=compiled("rate"),
        blocked=re.compile(
            "|".join(f"(?:{part})" for part in file["blocked"]).replace("@numbered", numbered)
        ),
        after=compiled("after"),
        ahead=compiled("ahead"),
        fractions={fold(word).text: Fraction(value) for word, value in file["fractions"].items()},
        scales=_folded(file["scales"]),
        words=_turned(file.get("words", {})) | _folded(file.get("duals", {})),
        duals=frozenset(_folded(file.get("duals", {}))),
        ordinals=_turned(file.get("ordinals", {})),
        counts=file.get("counts", {}),
        nouns=dict.fromkeys((dual for noun in file.get("nouns", ()) for dual in _duals(fold(noun).text)), 2),
        weak=frozenset(fold(word).text for word in file["weak"]),
    )


def read(name: str) -> dict[str, Any]:
    """Return one of the files."""
    return tomllib.loads(resources.files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))


def any_of(words: Mapping[str, Any]) -> str:
    """Return an expression for any of `words`, the longest first."""
    return f"(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})"


def _months(language: str) -> set[str]:
    # Imported where it is used: Babel takes 50 ms.
    from babel.dates import get_month_names

    names = [
        name
        for locale in _CALENDARS[language]
        for width in ("wide", "abbreviated")
        for name in get_month_names(width, locale=locale).values()
    ]
    return {fold(name).text for name in names}


def _folded(table: Mapping[str, int]) -> dict[str, int]:
    return {fold(word).text: value for word, value in table.items()}


def _turned(table: Mapping[str, list[str]]) -> dict[str, int]:
    return {fold(word).text: int(value) for value, words in table.items() for word in words}


def _duals(noun: str) -> tuple[str, str]:
    stem = f"{noun[:-1]}ت" if noun.endswith("ه") else noun
    return f"{stem}ين", f"{stem}ان"
