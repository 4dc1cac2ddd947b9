"""The numbers of an expression in a variable, "2x² - 7x + 3 = 0", with the signs before them."""

import re
from collections.abc import Iterator
from fractions import Fraction

from lamha.skills.quantities.numbers import RAISED, Kind, Number

_NUMBER = r"(?:\d{1,15}(?:\.\d{1,15})?|(?<!\d)\.\d{1,15})"
_POWER = rf"(?:\^\(?[-−–]?\d{{1,2}}\)?|[{RAISED}]{{1,3}})"
_ALONE = "(?![^\\W\u3400-\u9fff])"  # Chinese needs no space between words
_VARIABLE = rf"(?:[xyzntسص]{_POWER}?{_ALONE})"
_TERM = rf"(?:{_NUMBER}?{_VARIABLE}|{_NUMBER}{_POWER}?{_ALONE}(?![.,:/]\d))"
_MINUS = "[-−–]"
_JOINT = rf"(?: ?\){{0,4}}{_POWER}? ?(?:[-−–+*/·×=<>≤≥]=?) ?{_MINUS}? ?\({{0,4}}{_MINUS}?|\()"
_EXPRESSION = re.compile(
    rf"(?<![^\W_\u3400-\u9fff])(?<![-.^_@/])(?:{_MINUS} ?)?\({{0,4}}{_TERM}(?P<more>(?:{_JOINT}{_TERM})+)?"
)
_FACTOR = re.compile(r"\d[xyzntسص]")
# "T-5" and "n-95" are names of things.
_SURE = re.compile(rf"=|\d[xyzntسص]|[xyzntسص]{_POWER}| [-−–+*/·×<>≤≥] ")
_VARIABLES = re.compile("[xyzntسص]")
_RAISED_FACTOR = re.compile(rf"\d[xyzntسص]{_POWER}")
_COEFFICIENT = re.compile(
    rf"(?<![\d.])(?:(?P<minus>{_MINUS}) ?)?\(?(?P<number>{_NUMBER})(?P<times>[xyzntسص(])?"
)


def coefficients(text: str) -> Iterator[Number]:
    """Find the numbers in such expressions in folded text, where exponents are none."""
    if not _VARIABLES.search(text):
        return
    found = [(match, _is_sure(match)) for match in _EXPRESSION.finditer(text)]
    if any(sure for _, sure in found):
        for match, sure in found:
            if sure or _FACTOR.search(match[0]):
                yield from _in(match[0], match.start())


def _is_sure(expression: re.Match[str]) -> bool:
    said = expression[0]
    if not expression["more"]:
        return bool(_RAISED_FACTOR.search(said))
    return bool(_SURE.search(said) and _VARIABLES.search(said))


def _in(expression: str, offset: int) -> Iterator[Number]:
    plain = re.sub(_POWER, lambda power: "_" * len(power[0]), expression)
    for match in _COEFFICIENT.finditer(plain):
        value, start = Fraction(match["number"]), match.start("minus" if match["minus"] else "number")
        sign = -1 if match["minus"] else 1
        kind: Kind = "term" if match["times"] or sign < 0 else "digits"
        yield Number(offset + start, offset + match.end("number"), sign * value, kind, "." in match["number"])
