"""Three fonts, and what HarfBuzz makes of a run of text in one of them.

HarfBuzz both shapes and rasterises: the wheel of uharfbuzz needs nothing of the system, so the
same text gives the same pixels on every machine. Lengths here are in em: times a size, pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from unicodedata import category

from lamha.device.hud.bidi import visual_runs
from lamha.device.hud.text import CJK, is_mark, is_wide, primary

if TYPE_CHECKING:
    from lamha.models.store import Store

type Script = Literal["latin", "arabic", "cjk"]

_IGNORABLE = frozenset("\u00ad\u034f\u061c\u180e\ufeff")
_SHARED = frozenset("“”‘’…—·‥•→←↑↓")  # as wide as a character between Chinese ones


@dataclass(frozen=True, slots=True)
class Glyph:
    """One outline of a font; lengths in em, y up, `cluster` an offset in the shaped text."""

    index: int
    cluster: int
    advance: float
    dx: float
    dy: float


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of one script and direction, in the order they were written."""

    text: str
    script: Script
    rtl: bool
    width: float
    """In em."""


@dataclass(frozen=True)
class Fonts:
    """Font files: Latin (with Greek and Cyrillic), Arabic, and Chinese with Japanese."""

    latin: Path
    arabic: Path
    cjk: Path

    @classmethod
    def from_store(cls, store: "Store") -> "Fonts":
        """The fonts of the model store; ModelMissing names the first that is not there."""
        return cls(store.path("noto-sans"), store.path("noto-sans-arabic"), store.path("noto-sans-sc"))

    def path(self, script: Script) -> Path:
        """The file of one of the three."""
        return {"latin": self.latin, "arabic": self.arabic, "cjk": self.cjk}[script]

    def scripts(self, text: str, levels: Sequence[int], language: str) -> list[Script]:
        """Which font shows each character; a mark stays with the letter it stands on."""
        chinese = primary(language) in CJK
        chosen: list[Script] = []
        for i, char in enumerate(text):
            if chosen and is_mark(char) and (_invisible(char) or self._has(chosen[-1], char)):
                chosen.append(chosen[-1])
            else:
                wide = is_wide(char) or (chinese and char in _SHARED)
                order = _order(wide, bool(levels[i] % 2))
                chosen.append(next((script for script in order if self._has(script, char)), "latin"))
        return chosen

    def pieces(self, text: str, levels: Sequence[int], scripts: Sequence[Script], weight: int) -> list[Piece]:
        """One line of text, from left to right."""
        return [
            Piece(part, script, rtl, self.width(part, script, rtl, weight))
            for part, script, rtl in _runs(text, levels, scripts)
        ]

    def width(self, text: str, script: Script, rtl: bool, weight: int) -> float:
        """The advance of a run, in em."""
        return sum(glyph.advance for glyph in self.glyphs(text, script, rtl, weight))

    def glyphs(self, text: str, script: Script, rtl: bool, weight: int) -> tuple[Glyph, ...]:
        """A run's outlines, from left to right."""
        return _shape(self.path(script), weight, text, rtl)

    def font(self, script: Script, weight: int) -> Any:
        """The HarfBuzz font, scaled to its own units."""
        return _font(self.path(script), weight)

    def _has(self, script: Script, char: str) -> bool:
        return _font(self.path(script), 400).get_nominal_glyph(ord(char)) is not None


def _order(wide: bool, rtl: bool) -> tuple[Script, Script, Script]:
    if wide:
        return "cjk", "latin", "arabic"
    return ("arabic", "latin", "cjk") if rtl else ("latin", "arabic", "cjk")


def _runs(text: str, levels: Sequence[int], scripts: Sequence[Script]) -> list[tuple[str, Script, bool]]:
    runs = []
    for run in visual_runs(levels):
        rtl = bool(levels[run[0]] % 2)
        parts = [
            ("".join(text[i] for i in group), script, rtl)
            for script, group in groupby(run, scripts.__getitem__)
        ]
        runs += parts[::-1] if rtl else parts
    return runs


def _invisible(char: str) -> bool:
    return category(char) == "Cf" or char in _IGNORABLE or "\ufe00" <= char <= "\ufe0f"


def harfbuzz() -> Any:
    """The HarfBuzz module, imported when the first text is shaped."""
    import uharfbuzz  # type: ignore[import-untyped]  # ships no types

    return uharfbuzz


@cache
def _font(path: Path, weight: int) -> Any:
    hb = harfbuzz()
    font = hb.Font(hb.Face(hb.Blob.from_file_path(str(path))))
    font.set_variations({"wght": weight})
    return font


@lru_cache(maxsize=4096)
def _shape(path: Path, weight: int, text: str, rtl: bool) -> tuple[Glyph, ...]:
    font = _font(path, weight)
    em = font.face.upem
    buffer = harfbuzz().Buffer()
    buffer.add_str(text)
    buffer.direction = "rtl" if rtl else "ltr"
    buffer.guess_segment_properties()
    harfbuzz().shape(font, buffer)
    glyphs = [
        Glyph(info.codepoint, info.cluster, at.x_advance / em, at.x_offset / em, at.y_offset / em)
        for info, at in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True)
    ]
    again = [_same_box(*pair) for pair in pairwise(glyphs)]
    return tuple(glyph for glyph, drop in zip(glyphs, (False, *again), strict=False) if not drop)


def _same_box(before: Glyph, glyph: Glyph) -> bool:
    """Whether a glyph is one more box for a character that no font has, such as an emoji's skin tone."""
    return before.index == glyph.index == 0 and before.cluster == glyph.cluster
