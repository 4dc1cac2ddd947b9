"""Numbers between bounds, written as GBNF: what JSON schema's `minimum` and `maximum` mean digit by digit."""

from fractions import Fraction
from math import ceil, floor

DIGITS = 16
"""Digits before the point at most, so that a number stays exact as an integer of 64 bits."""
DECIMALS = 6
"""Digits behind the point at most."""
LARGEST = 10**DIGITS - 1

type Bound = tuple[Fraction, bool]
"""A number, and whether it is itself excluded."""


def integers(low: int | None, high: int | None) -> str:
    """All integers from `low` to `high`, both included, of up to `DIGITS` digits; "" where there is none."""
    low, high = (
        max(-LARGEST, -LARGEST if low is None else low),
        min(LARGEST, LARGEST if high is None else high),
    )
    return " | ".join(_signed(low, high, 0))


def decimals(low: Bound | None, high: Bound | None) -> str:
    """All numbers between two bounds with up to `DECIMALS` decimals; "" where there is none."""
    if low is None and high is None:
        return f'"-"? ("0" | [1-9] [0-9]{{0,{DIGITS - 1}}}) ("." [0-9]{{1,{DECIMALS}}})?'
    low, high = low or (Fraction(-LARGEST), False), high or (Fraction(LARGEST), False)
    ways = []
    for places in range(DECIMALS + 1):
        scale = 10**places
        most = LARGEST * scale
        ways += _signed(max(_first(low, scale), -most), min(_last(high, scale), most), places)
    return " | ".join(ways)


def _first(bound: Bound, scale: int) -> int:
    scaled = bound[0] * scale
    return floor(scaled) + 1 if bound[1] else ceil(scaled)


def _last(bound: Bound, scale: int) -> int:
    scaled = bound[0] * scale
    return ceil(scaled) - 1 if bound[1] else floor(scaled)


def _signed(low: int, high: int, places: int) -> list[str]:
    """Integers in units of the last of `places` decimals; never a minus before a zero."""
    ways = []
    if high >= max(low, 0):
        ways += _naturals(max(low, 0), high, places)
    if low <= min(high, -1):
        ways.append(f'"-" ({" | ".join(_naturals(max(1, -high), -low, places))})')
    return ways


def _naturals(low: int, high: int, places: int) -> list[str]:
    """One way for each number of digits, those of which every number is meant taken together."""
    ways, full = [], list[int]()
    for size in range(max(len(str(low)), places + 1), max(len(str(high)), places + 1) + 1):
        least = 0 if size == places + 1 else 10 ** (size - 1)
        first, last = max(low, least), min(high, 10**size - 1)
        if size > 1 and first == 10 ** (size - 1) and last == 10**size - 1 and not places:
            full.append(size)
        elif first <= last:
            ways.append(_same_length(str(first).zfill(size), str(last).zfill(size), places))
    if full:
        ways.append(f"[1-9] [0-9]{{{full[0] - 1},{full[-1] - 1}}}")
    return ways


def _same_length(low: str, high: str, places: int) -> str:
    """Strings of digits between two as long as each other, a point before the last `places`."""
    point = '"." ' if places and len(low) == places else ""
    if not low:
        return '""'
    if set(low) == {"0"} and set(high) == {"9"}:
        return _free(len(low), places)
    first, last = int(low[0]), int(high[0])
    if first == last:
        return f'{point}"{first}" {_same_length(low[1:], high[1:], places)}'
    rest, ways = len(low) - 1, []
    if low[1:].strip("0"):
        ways.append(f'"{first}" {_same_length(low[1:], "9" * rest, places)}')
        first += 1
    if high[1:].strip("9"):
        ways.append(f'"{last}" {_same_length("0" * rest, high[1:], places)}')
        last -= 1
    if first <= last:
        ways.append(f"[{first}-{last}] {_free(rest, places)}")
    return f"{point}({' | '.join(ways)})"


def _free(size: int, places: int) -> str:
    before = max(size - places, 0) if places else size
    behind = size - before
    whole = f"[0-9]{{{before}}}" if before else ""
    point = '"."' if places and size >= places else ""
    return f"{whole} {point} {f'[0-9]{{{behind}}}' if behind else ''}".strip() or '""'
