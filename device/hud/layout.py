"""A card onto a screen: title at the top, body below it, hint at the foot."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from lamha.device.hud import marks
from lamha.device.hud.fit import PARAGRAPH_GAP, Fitted, fit_box, fit_rows
from lamha.device.hud.fonts import Fonts
from lamha.device.hud.page import Line, Mark, Page, Role, Screen, Span
from lamha.device.hud.text import CJK, clean, is_rtl, primary, rtl_text
from lamha.device.hud.wrap import Row, Typesetter
from lamha.skills.api import Card

MARGIN = 26
TITLE, HINT, ICON = 24, 20, 24
RTL_LARGER = 2  # Arabic letters are smaller in their em than Latin ones
HALF_BLANK = frozenset("“‘（「『《【〈〔")  # a full-width character with ink only in its right half
TITLE_WEIGHT, BODY_WEIGHT = 560, 420
GAP = 12  # between an icon and its title
HEAD_GAP, FOOT_GAP = 16, 20  # between title, rule and body; between body and hint
INSET = {"draft": 20, "list": 26}
BASELINE = {"latin": 0.36, "cjk": 0.38, "arabic": 0.3}  # in em below the middle of a line


@dataclass(frozen=True, slots=True)
class _Column:
    """Where text may stand, and against which side it is set."""

    left: float
    right: float
    rtl: bool

    @property
    def width(self) -> float:
        return self.right - self.left

    def inset(self, start: float) -> "_Column":
        """Narrower at the side where lines begin."""
        return _Column(self.left + start * (not self.rtl), self.right - start * self.rtl, self.rtl)

    def start(self, offset: float = 0) -> float:
        """The x so far from where lines begin."""
        return self.right - offset if self.rtl else self.left + offset


@dataclass(frozen=True, slots=True)
class _Part:
    """Lines and strokes of a title, body or hint, and how tall they are."""

    lines: tuple[Line, ...] = ()
    marks: tuple[Mark, ...] = ()
    height: float = 0
    cut: bool = False


def layout(card: Card, fonts: Fonts, screen: Screen | None = None) -> Page:
    """Place a card; text that is too long is set smaller, then cut and marked with an ellipsis."""
    screen = screen or Screen()
    rtl = is_rtl(card.language)
    column = _Column(MARGIN, screen.width - MARGIN, rtl)
    # The Chinese font has one weight: beside it a heavier Latin name would shout.
    bold = BODY_WEIGHT if primary(card.language) in CJK else TITLE_WEIGHT
    head = _head(card, _setter(card, fonts, rtl, bold), column)
    plain = _setter(card, fonts, rtl, BODY_WEIGHT)
    foot = _foot(card, plain, column, screen)
    below = screen.height - MARGIN - foot.height - (FOOT_GAP if foot.height else 0)
    body = _body(card, plain, column, MARGIN + head.height, below)
    parts = (head, body, foot)
    return Page(
        screen,
        card.kind,
        card.language,
        tuple(line for part in parts for line in part.lines),
        tuple(mark for part in parts for mark in part.marks),
        any(part.cut for part in parts),
    )


def _setter(card: Card, fonts: Fonts, rtl: bool, weight: int) -> Typesetter:
    return Typesetter(fonts, card.language, rtl, weight)


def _head(card: Card, setter: Typesetter, column: _Column) -> _Part:
    title = clean(card.title)
    icon = bool(marks.ICONS[card.kind])
    if not title and not icon:
        return _Part()
    beside = column.inset(ICON + GAP if icon else 0)
    fitted = fit_rows(setter, title, beside.width, TITLE + RTL_LARGER * column.rtl, most=2)
    lines = tuple(_lines(fitted, beside, MARGIN, "title", setter.weight))
    first = fitted.leading
    tall = max((line.y + line.height - MARGIN for line in lines), default=first)
    left = column.start(ICON if column.rtl else 0)
    drawn = marks.icon(card.kind, left, MARGIN + (first - ICON) / 2, ICON)
    under = MARGIN + tall + HEAD_GAP / 2
    rule = marks.stroke("frame", 1.5, (column.left, under), (column.right, under))
    return _Part(lines, (*drawn, rule), tall + HEAD_GAP * 1.5, fitted.cut)


def _foot(card: Card, setter: Typesetter, column: _Column, screen: Screen) -> _Part:
    hint = clean(card.hint)
    if not hint:
        return _Part()
    beside = column.inset(18)
    fitted = fit_rows(setter, hint, beside.width, HINT + RTL_LARGER * column.rtl, most=2)
    tall = fitted.leading * sum(map(len, fitted.block))
    top = screen.height - MARGIN - tall
    lines = tuple(_lines(fitted, beside, top, "hint", setter.weight))
    middle = top + fitted.leading / 2
    points = [(column.start(x), middle + y) for x, y in ((1, -6), (7, 0), (1, 6))]
    return _Part(lines, (marks.stroke("hint", 2.0, *points),), tall, fitted.cut)


def _body(card: Card, setter: Typesetter, column: _Column, top: float, bottom: float) -> _Part:
    body = clean(card.body)
    if not body:
        return _Part()
    aligned = _Column(column.left, column.right, rtl_text(body, column.rtl))
    bullets = card.kind == "list" and not any(line[:1] in "-•*·–0123456789" for line in body.split("\n"))
    inset = INSET.get(card.kind, 0) if bullets or card.kind == "draft" else 0
    fitted = fit_box(setter, body, column.width - inset, bottom - top, large=card.kind != "list")
    lines = tuple(_lines(fitted, aligned.inset(inset), top, "body", setter.weight))
    drawn = _bullets(fitted, lines, aligned) if bullets and lines else []
    if card.kind == "draft" and lines:
        x, last = aligned.start(1), lines[-1]
        drawn = [marks.stroke("frame", 2.0, (x, top + 4), (x, last.y + last.height - 4))]
    return _Part(lines, tuple(drawn), bottom - top, fitted.cut)


def _bullets(fitted: Fitted, lines: tuple[Line, ...], column: _Column) -> list[Mark]:
    """A dash before each item."""
    first = accumulate((len(rows) for rows in fitted.block[:-1]), initial=0)
    middles = [lines[i].baseline - 0.3 * fitted.size for i in first]
    return [marks.stroke("title", 2.0, (column.start(2), y), (column.start(12), y)) for y in middles]


def _lines(fitted: Fitted, column: _Column, top: float, role: Role, weight: int) -> Iterator[Line]:
    scripts = {script for rows in fitted.block for row in rows for script in row.scripts}
    drop = fitted.leading / 2 + min((BASELINE[script] for script in scripts), default=0) * fitted.size
    for rows in fitted.block:
        for row in rows:
            x = (
                column.right - row.width * fitted.size
                if column.rtl
                else column.left - _hang(row, fitted.size)
            )
            yield _line(row, fitted, x, top, drop, role, weight)
            top += fitted.leading
        top += PARAGRAPH_GAP * fitted.size


def _hang(row: Row, size: int) -> float:
    """How far the blank half of an opening Chinese bracket hangs out of the column, in pixels."""
    first = row.pieces[0] if row.pieces else None
    return size / 2 if first and first.script == "cjk" and first.text[0] in HALF_BLANK else 0


def _line(row: Row, fitted: Fitted, x: float, top: float, drop: float, role: Role, weight: int) -> Line:
    edges = list(accumulate((piece.width * fitted.size for piece in row.pieces), initial=x))
    spans = tuple(
        Span(piece.text, piece.script, piece.rtl, round(edge, 2))
        for piece, edge in zip(row.pieces, edges, strict=False)
    )
    return Line(
        text=row.text,
        role=role,
        size=fitted.size,
        weight=weight,
        x=round(x, 2),
        y=round(top, 2),
        width=round(row.width * fitted.size, 2),
        height=round(fitted.leading, 2),
        baseline=float(round(top + drop)),
        rtl=row.rtl,
        spans=spans,
    )
