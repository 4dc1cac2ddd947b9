"""What works at any time and without the model: stop, say it again, louder, slower.

Only words that are nothing but such a control count: "stop the timer" and "louder in the kitchen" are
requests like any other, and so is "cancel that", which takes back what was done.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Literal, get_args

from lamha.skills.moods import heard

type Control = Literal["stop", "repeat", "louder", "quieter", "slower", "faster"]

CONTROLS: tuple[Control, ...] = get_args(Control.__value__)
_USUAL = 6
_MARKS = re.compile(r"[\s.,!?،؛؟。，！？…]+")


def control(text: str) -> Control | None:
    """The control that is all of a text, in English, Arabic or Chinese."""
    said = _bare(text)
    return next((name for name, form in _forms().items() if form.fullmatch(said)), None)


def commands(language: str) -> tuple[str, ...]:
    """The usual ways to say each in a language, without what may stand before and after."""
    file = _file()
    return tuple(phrase for name in CONTROLS for phrase in file[name][language].split("|")[:_USUAL])


@cache
def _file() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(resources.files(__package__).joinpath("controls.toml").read_text("utf-8"))


@cache
def _forms() -> Mapping[Control, re.Pattern[str]]:
    file = _file()
    please, after = (_any(file[name].values()) for name in ("please", "after"))
    return {
        name: re.compile(f"(?:{please} ?)*{_any(file[name].values())}(?: ?{after})*") for name in CONTROLS
    }


def _any(tables: Iterable[str]) -> str:
    """Any of the phrases; Latin and Arabic words stand apart from others, Chinese needs no space."""
    phrases = {_bare(phrase) for table in tables for phrase in table.split("|")}
    return f"(?:{'|'.join(_apart(phrase) for phrase in sorted(phrases, key=len, reverse=True))})"


def _apart(phrase: str) -> str:
    return re.escape(phrase) if phrase > "\u3400" else rf"\b{re.escape(phrase)}\b"


def _bare(text: str) -> str:
    return _MARKS.sub(" ", heard(text)).strip()
