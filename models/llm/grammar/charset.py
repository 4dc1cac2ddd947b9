"""Sets of characters as sorted ranges of code points. Surrogates, which UTF-8 cannot write, are in none."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

LAST = 0x10FFFF
"""The last code point of Unicode."""
SURROGATES = (0xD800, 0xDFFF)
PLAIN = "a0A _-"
"""What is taken first where any of a set's characters will do; then comes what is lowest."""

type Range = tuple[int, int]
"""The first and the last code point."""


@dataclass(frozen=True, slots=True)
class Chars:
    """A set of characters: ranges that neither touch nor overlap, in order. Make one with `of`."""

    ranges: tuple[Range, ...]

    @classmethod
    def of(cls, ranges: Iterable[Range], *, negated: bool = False) -> "Chars":
        """The characters of some ranges in any order, or all others."""
        kept = _complement(ranges) if negated else ranges
        return cls(tuple(_complement([*_complement(kept), SURROGATES])))

    def __contains__(self, char: str) -> bool:
        return self.overlaps(code := ord(char), code)

    def overlaps(self, low: int, high: int) -> bool:
        """Whether a code point from `low` to `high` is in the set."""
        at = bisect_right(self.ranges, (high, LAST)) - 1
        return at >= 0 and self.ranges[at][1] >= low

    @property
    def single(self) -> str | None:
        """The one character of the set; None where there are more, or none."""
        if len(self.ranges) != 1 or self.ranges[0][0] != self.ranges[0][1]:
            return None
        return chr(self.ranges[0][0])

    def plainest(self, low: int, high: int) -> tuple[int, str]:
        """The best character from `low` to `high` to stand for all of them, after its rank: less is better.

        `ValueError` where there is none.
        """
        for rank, char in enumerate(PLAIN):
            if low <= ord(char) <= high and char in self:
                return rank, char
        inside = [(max(a, low), min(b, high)) for a, b in self.ranges if a <= high and b >= low]
        if not inside:
            raise ValueError(f"no character from {low:#x} to {high:#x} is in the set")
        firsts = (chr(code) for a, b in inside for code in range(a, min(a + 32, b) + 1))
        printable = next(filter(str.isprintable, firsts), None)
        return (len(PLAIN), printable) if printable else (len(PLAIN) + 1, chr(inside[0][0]))


def _complement(ranges: Iterable[Range]) -> list[Range]:
    others, free = [], 0
    for low, high in sorted(ranges):
        if low > free:
            others.append((free, low - 1))
        free = max(free, high + 1)
    if free <= LAST:
        others.append((free, LAST))
    return others
