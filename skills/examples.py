"""Reading examples: plain text, and which of its words an action copies."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MARK = re.compile(r"\[([^\]]*)\]")
_HAN = r"\u3400-\u9fff"
_MARKS = r"\u064b-\u065f\u0670"  # Arabic vowel signs are no letters, and stand inside words
_LETTERS = rf"(?:[^\W{_HAN}][{_MARKS}]*)+"
_UNIT = re.compile(rf"[{_HAN}]|{_LETTERS}(?:['’\-.]{_LETTERS})*")


@dataclass(frozen=True, slots=True)
class Unit:
    """A word, or one Chinese character, and where it stands."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Example:
    """An example without its marks, and the marked spans in characters."""

    text: str
    spans: tuple[tuple[int, int], ...]


def units(text: str) -> list[Unit]:
    """The words and Chinese characters of a text, in lower case, with their offsets."""
    return [Unit(match.group().lower(), *match.span()) for match in _UNIT.finditer(text)]


def parse(marked: str) -> Example:
    """`Tell Sara [I'm late]` → the text without brackets, and the span of what stood in them."""
    return Example(plain(marked), tuple(_spans(marked)))


def plain(marked: str) -> str:
    """An example as the wearer says it."""
    return _MARK.sub(r"\1", marked)


def _spans(marked: str) -> Iterator[tuple[int, int]]:
    for count, match in enumerate(_MARK.finditer(marked)):
        start = match.start() - 2 * count
        yield start, start + len(match.group(1))
