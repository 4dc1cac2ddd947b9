"""Numbers in folded text, as digits and as words, put together: three quarters, two and a half million."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Literal

from lamha.skills.quantities.vocabulary import Vocabulary

type Kind = Literal["digits", "words", "part", "slash", "ordinal", "unit", "alone", "term", "scientific"]

VULGAR = {
    chr(code): chr(0xE000 + index) for index, code in enumerate((*range(0xBC, 0xBF), *range(0x2150, 0x215F)))
}
"""Fractions of one character, which folding would run into the digits before them, and their stand-ins."""

SUPERSCRIPTS = {character: chr(0xE100 + index) for index, character in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹⁻")}
"""The same for exponents: "10²" is no 102."""
RAISED = "".join(SUPERSCRIPTS.values())

_EXPONENT = str.maketrans({stand_in: str(index) for index, stand_in in enumerate(RAISED[:-1])})
_MINUS = str.maketrans(f"−–{RAISED[-1]}", "---")
# "1e5" may be an identifier, "1e-5" and "1.0e5" are none.
_SCIENTIFIC = re.compile(
    r"(?<![\w.,^])(?P<digits>\d{1,15}(?P<point>\.\d{1,15})?)(?:e(?P<e>(?(point)[-+−–]?|[-+−–])\d{1,2})"
    rf"| ?[x×*·] ?10(?:\^\(?(?P<to>[-+−–]?\d{{1,2}})\)?|(?P<raised>[{RAISED}]{{1,3}})))(?!\w|\.\d)"
)
_BLOB = re.compile(r"(?:(?<![\w.])\.)?\d(?:[\d.,:/⁄٫٬\-–]*\d)?")
_PLAIN = re.compile(
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,2}(?:,\d{2})+,\d{3}|\d{1,3}(?:٬\d{3})+(?:٫\d+)?|\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?|\d*[.٫]\d+|\d+"
)
_RANGE = re.compile(r"\d{1,3}(?:\.\d+)?[-–]\d{1,3}(?:\.\d+)?|\d{4}[-–]\d{4}")
_SLASH = re.compile(r"(\d{1,3})[/⁄]([1-9]\d{0,2})")
_ORDINAL = re.compile(r"(?:st|nd|rd|th)(?!\w)")
_THOUSANDS = re.compile(r"(k|mn|mln|bn|tn)(?![^\W_])")
_MILLIONS = re.compile(r"(m|b)(?![^\W_])")
_MONEY = re.compile(r"[$€£¥] ?$")
_SUFFIXES = {
    "k": 10**3,
    "m": 10**6,
    "mn": 10**6,
    "mln": 10**6,
    "b": 10**9,
    "bn": 10**9,
    "tn": 10**12,
}
_LONGEST = 15  # digits; beyond, floats are not exact, and nobody counts that far


@dataclass(frozen=True, slots=True)
class Number:
    """A number at `start:end` of the folded text."""

    start: int
    end: int
    value: Fraction
    kind: Kind
    point: bool = False
    """Whether it was said as a decimal."""
    scale: int = 1
    """What a fraction behind it counts: "two million and a half"."""
    unit: str | None = None
    """Of words that say both at once: "ساعتين"."""


def joined(numbers: Iterable[Number], text: str, known: Vocabulary) -> list[Number]:
    """Put together what makes one number; `numbers` may overlap."""
    found = _apart(numbers)
    for join in (_sum, _product, _sum):
        found = _pairs(found, partial(join, text=text, known=known))
    return found


def _apart(numbers: Iterable[Number]) -> list[Number]:
    """Give the leftmost, of those the longest, none over another."""
    kept: list[Number] = []
    for number in sorted(numbers, key=lambda number: (number.start, -number.end)):
        if not kept or number.start >= kept[-1].end:
            kept.append(number)
    return kept


def _pairs(numbers: list[Number], join: Callable[[Number, Number], Number | None]) -> list[Number]:
    done: list[Number] = []
    for number in numbers:
        both = join(done[-1], number) if done else None
        done[-1:] = [both] if both else [*done[-1:], number]
    return done


def _sum(left: Number, right: Number, text: str, known: Vocabulary) -> Number | None:
    if (
        left.kind not in ("digits", "words", "unit", "alone")
        or right.kind not in ("part", "slash")
        or right.value >= 1
    ):
        return None
    gap = text[left.end : right.start]
    written = right.kind == "slash" and gap in ("", " ") and left.kind == "digits" and not left.point
    if not written and not known.sum.fullmatch(gap):
        return None
    return replace(left, end=right.end, value=left.value + right.value * left.scale, point=False)


def _product(left: Number, right: Number, text: str, known: Vocabulary) -> Number | None:
    if left.kind in ("ordinal", "unit", "alone", "term", "scientific") or not known.product.fullmatch(
        text[left.end : right.start]
    ):
        return None
    if right.kind == "part" and left.kind in ("digits", "words") and 0 < left.value < 100:
        return replace(left, end=right.end, value=left.value * right.value, kind="part")
    if right.kind == "ordinal" and left.value == 1 and right.value > 2 and left.kind == "words":
        return replace(left, end=right.end, value=1 / right.value, kind="part")
    scale = known.scales.get(text[right.start : right.end])
    if scale and text[right.start : right.end] != "couple":
        end, value = right.end, left.value * scale
        return replace(left, end=end, value=value, point=False, scale=scale, kind="words")
    return None


def written(text: str) -> Iterator[Number]:
    """Find numbers in digits; times, dates, versions and telephone numbers are none."""
    for blob in _BLOB.finditer(text):
        yield from _classified(blob, text)
    yield from _scientific(text)
    for original, stand_in in VULGAR.items():
        for match in re.finditer(stand_in, text):
            yield Number(match.start(), match.end(), _vulgar(original), "slash")


def _scientific(text: str) -> Iterator[Number]:
    for match in _SCIENTIFIC.finditer(text):
        exponent = (match["e"] or match["to"] or match["raised"]).translate(_EXPONENT).translate(_MINUS)
        if re.fullmatch(r"[-+]?\d+", exponent):
            value = Fraction(match["digits"]) * Fraction(10) ** int(exponent)
            # From there on, floats stand further apart than whole numbers.
            yield Number(*match.span(), value, "scientific", point=value >= 10**_LONGEST)


def _classified(blob: re.Match[str], text: str) -> Iterator[Number]:
    said, start = blob[0], blob.start()
    if _PLAIN.fullmatch(said):
        yield from _number(start, said, text)
    elif (match := _SLASH.fullmatch(said)) and 0 < int(match[1]) < int(match[2]):
        yield Number(start, blob.end(), Fraction(int(match[1]), int(match[2])), "slash")
    elif _RANGE.fullmatch(said) or re.fullmatch(r"\d+(?:,\d+){2,}", said):
        for part in re.finditer(r"[\d.]+", said):
            yield from _number(start + part.start(), part[0], text)


def _number(start: int, said: str, text: str) -> Iterator[Number]:
    if sum(map(str.isdecimal, said)) > _LONGEST:
        return
    end = start + len(said)
    if suffix := _ORDINAL.match(text, end):
        yield Number(start, suffix.end(), Fraction(_decimal(said)), "ordinal")
        return
    suffixes = (_THOUSANDS, _MILLIONS) if _MONEY.search(text, 0, start) else (_THOUSANDS,)
    point = bool(re.search(r"[.٫]\d+$", said)) and said.count(".") < 2
    value, scale = Fraction(_decimal(said)), 1
    if suffix := next(filter(None, (suffix.match(text, end) for suffix in suffixes)), None):
        scale, end, point = _SUFFIXES[suffix[1]], suffix.end(), False
    yield Number(start, end, value * scale, "digits", point, scale)


def _decimal(said: str) -> str:
    if said.count(".") > 1:
        return said.replace(".", "").replace(",", ".")
    return said.replace(",", "").replace("٬", "").replace("٫", ".")


def _vulgar(character: str) -> Fraction:
    return Fraction(unicodedata.numeric(character)).limit_denominator(10)
