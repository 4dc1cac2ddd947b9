"""One paragraph of text into lines by measured width; lengths in em."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from lamha.device.hud import bidi
from lamha.device.hud.fonts import Fonts, Piece, Script
from lamha.device.hud.text import breaks, clusters, rtl_text, trimmed


@dataclass(frozen=True)
class Paragraph:
    """A text with all that does not depend on where its lines end."""

    text: str
    rtl: bool
    levels: tuple[int, ...]
    scripts: tuple[Script, ...]
    reach: tuple[float, ...]
    """The width of the text up to each offset, as if it stood on one line."""
    ends: tuple[int, ...]
    """Where a line may end."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a paragraph: its text as written, and its pieces from left to right."""

    text: str
    rtl: bool
    pieces: tuple[Piece, ...]

    @property
    def width(self) -> float:
        """In em."""
        return sum(piece.width for piece in self.pieces)

    @property
    def scripts(self) -> frozenset[Script]:
        """The fonts it needs."""
        return frozenset(piece.script for piece in self.pieces)


@dataclass(frozen=True)
class Typesetter:
    """Fonts at one weight, for a card in one language and direction."""

    fonts: Fonts
    language: str
    rtl: bool
    weight: int

    def paragraph(self, text: str) -> Paragraph:
        """Read a text once: directions, fonts, widths and where it may break."""
        rtl = rtl_text(text, self.rtl)
        levels = bidi.levels(text, int(rtl))
        scripts = self.fonts.scripts(text, levels, self.language)
        reach = tuple(accumulate(self._advances(text, levels, scripts), initial=0.0))
        return Paragraph(text, rtl, tuple(levels), tuple(scripts), reach, tuple(breaks(text)))

    def wrap(self, paragraph: Paragraph, width: float) -> list[Row]:
        """The paragraph's rows, none wider than `width` unless a single character is."""
        rows = []
        start = 0
        while start < len(paragraph.text):
            end, row = self._next(paragraph, start, width)
            rows.append(row)
            start = end
        return rows

    def _next(self, paragraph: Paragraph, start: int, width: float) -> tuple[int, Row]:
        fitting = bisect_right(paragraph.reach, paragraph.reach[start] + width) - 1
        row = None
        for end in self._ends(paragraph, start, fitting):
            row = self._row(paragraph, start, end)
            if row.width <= width:
                return end, row
        first = next(i for i in (*clusters(paragraph.text), len(paragraph.text)) if i > start)
        return first, self._row(paragraph, start, first)

    def _ends(self, paragraph: Paragraph, start: int, fitting: int) -> list[int]:
        """Where this row may end, the longest first; blanks may hang over, words break only alone."""
        text, ends = paragraph.text, paragraph.ends
        wanted = [end for end in ends if end > start and trimmed(text, start, end) <= fitting]
        if wanted:
            return wanted[::-1]
        return [i for i in reversed(clusters(text)) if start < i <= fitting]

    def _row(self, paragraph: Paragraph, start: int, end: int) -> Row:
        last = trimmed(paragraph.text, start, end)
        text = paragraph.text[start:last]
        pieces = self.fonts.pieces(
            text, paragraph.levels[start:last], paragraph.scripts[start:last], self.weight
        )
        return Row(text, paragraph.rtl, tuple(pieces))

    def _advances(self, text: str, levels: Sequence[int], scripts: Sequence[Script]) -> list[float]:
        """Each character's share of the width of the text on one line."""
        advances = [0.0] * len(text)
        for (script, level), group in groupby(range(len(text)), lambda i: (scripts[i], levels[i])):
            run = list(group)
            part = text[run[0] : run[-1] + 1]
            for glyph in self.fonts.glyphs(part, script, bool(level % 2), self.weight):
                advances[run[0] + glyph.cluster] += glyph.advance
        return advances
