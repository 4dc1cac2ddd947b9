"""Text into a box: as large as reads well, smaller where it must, cut where nothing else helps."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from lamha.device.hud.text import ELLIPSIS, breaks, clause_breaks, clusters, sentence_ends
from lamha.device.hud.wrap import Paragraph, Row, Typesetter

type Block = tuple[tuple[Row, ...], ...]
"""Paragraphs of rows."""

LONGEST = 2000  # characters: more than the smallest size shows on a whole screen
LEADING = {"latin": 1.34, "cjk": 1.48, "arabic": 1.52}  # in em: Arabic reaches further up and down
PARAGRAPH_GAP = 0.45  # in em
LARGE = ((44, 2), (36, 4))  # sizes for a text of so few rows: read at a glance
SIZES = (30, 28, 26, 24, 22)
SENTENCES_FROM = 0.6  # a cut goes back to a sentence's end where that keeps this much of the text
WORDS_FROM = 0.3  # and to a word's end where that keeps this much


@dataclass(frozen=True, slots=True)
class Fitted:
    """Rows at a size in pixels; `cut` when text was left out."""

    block: Block
    size: int
    cut: bool = False

    @property
    def leading(self) -> float:
        """From line to line, in pixels."""
        return leading(self.block) * self.size


def leading(block: Block) -> float:
    """From line to line, in em: one rhythm for the whole block."""
    scripts = {script for rows in block for row in rows for script in row.scripts}
    return max((LEADING[script] for script in scripts), default=LEADING["latin"])


def height(block: Block) -> float:
    """In em, from the top of the first line to the bottom of the last."""
    gaps = max(0, len(block) - 1) * PARAGRAPH_GAP
    return sum(map(len, block)) * leading(block) + gaps


def fit_rows(setter: Typesetter, text: str, width: float, size: int, most: int) -> Fitted:
    """A text of one size in at most so many rows; `width` in pixels."""
    return _cut(setter, text.replace("\n", " "), width / size, size, lambda block: _rows(block) <= most)


def fit_box(setter: Typesetter, text: str, width: float, tall: float, large: bool = True) -> Fitted:
    """A text in a box of pixels: large when short, down to the smallest size, then cut."""
    paragraphs = _paragraphs(setter, text[:LONGEST])
    for size, most in () if len(text) > LONGEST else (*LARGE * large, *((size, LONGEST) for size in SIZES)):
        if size > SIZES[-1] and _breaks_words(paragraphs, width / size):
            continue
        block = _block(setter, paragraphs, width / size)
        if _rows(block) <= most and height(block) * size <= tall:
            balanced = _balance(setter, paragraphs, width / size, _rows(block)) if most < LONGEST else block
            return Fitted(balanced, size)
    size = SIZES[-1]
    return _cut(setter, text, width / size, size, lambda block: height(block) * size <= tall)


def _paragraphs(setter: Typesetter, text: str) -> list[Paragraph]:
    return [setter.paragraph(line) for line in text.split("\n") if line]


def _block(setter: Typesetter, paragraphs: list[Paragraph], width: float) -> Block:
    return tuple(tuple(setter.wrap(paragraph, width)) for paragraph in paragraphs)


def _rows(block: Block) -> int:
    return sum(map(len, block))


def _breaks_words(paragraphs: list[Paragraph], width: float) -> bool:
    """Whether something between two possible line ends is wider than a line."""
    return any(
        paragraph.reach[end] - paragraph.reach[start] > width
        for paragraph in paragraphs
        for start, end in zip((0, *paragraph.ends), paragraph.ends, strict=False)
    )


def _balance(setter: Typesetter, paragraphs: list[Paragraph], width: float, rows: int) -> Block:
    """The narrowest block of as many rows, so that none is left with one short word.

    Chinese rows end with a clause where that takes no more of them.
    """
    by_clause = [replace(paragraph, ends=tuple(clause_breaks(paragraph.text))) for paragraph in paragraphs]
    if not _breaks_words(by_clause, width) and _rows(_block(setter, by_clause, width)) <= rows:
        paragraphs = by_clause
    best = _block(setter, paragraphs, width)
    for step in range(1, 12):
        narrower = width * (1 - step / 24)
        block = _block(setter, paragraphs, narrower)
        if _rows(block) > rows or _breaks_words(paragraphs, narrower):
            break
        best = block
    return best


def _cut(setter: Typesetter, text: str, width: float, size: int, fits: Callable[[Block], bool]) -> Fitted:
    text, rest = text[:LONGEST], text[LONGEST:]
    whole = _block(setter, _paragraphs(setter, text), width)
    if fits(whole) and not rest:
        return Fitted(whole, size)
    for shorter in _shorter(text, _kept(text, whole, fits)):
        block = _block(setter, _paragraphs(setter, shorter), width)
        if fits(block):
            return Fitted(block, size, cut=True)
    return Fitted((), size, cut=True)


def _kept(text: str, block: Block, fits: Callable[[Block], bool]) -> int:
    """How many characters of the text stand on the rows that fit."""
    offset = 0
    shown: Block = ()
    for rows in block:
        for i, row in enumerate(rows):
            if not fits((*shown, rows[: i + 1])):
                return offset
            offset = text.index(row.text, offset) + len(row.text)
        shown = (*shown, rows)
    return offset


def _shorter(text: str, kept: int) -> Iterator[str]:
    """The text with less and less of it, and a mark where it was cut."""
    for end in reversed(sentence_ends(text[:kept] + "\n")[:-1]):
        if end >= kept * SENTENCES_FROM:
            yield _ended(text[:end], gap="\u00a0")
    words = [end for end in breaks(text[:kept]) if end >= kept * WORDS_FROM]
    letters = [end for end in clusters(text[:kept]) if end > 0]
    for end in (*reversed(words), *reversed(letters)):
        yield _ended(text[:end].rstrip(" ,;:،؛，；：、-"), gap="")
    yield ELLIPSIS


def _ended(text: str, gap: str) -> str:
    text = text.rstrip()
    return text if text.endswith(ELLIPSIS) else text + (gap if text[-1:].isascii() else "") + ELLIPSIS
