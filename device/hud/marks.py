"""The small outlines that tell the kinds of card apart without colour."""

from math import cos, pi, sin

from lamha.device.hud.page import Mark, Role
from lamha.skills.api import CardKind

type Stroke = tuple[tuple[float, float], ...]


def _arc(x: float, y: float, radius: float, start: float, end: float, steps: int = 24) -> Stroke:
    """Points of an arc; angles in turns, clockwise from three o'clock."""
    turns = [start + (end - start) * i / steps for i in range(steps + 1)]
    return tuple((x + radius * cos(2 * pi * t), y + radius * sin(2 * pi * t)) for t in turns)


# In a box of 24 by 24.
ICONS: dict[CardKind, tuple[Stroke, ...]] = {
    "answer": (),
    "question": (
        _arc(12, 12, 11, 0, 1, 40),
        (*_arc(12, 9.6, 3.4, -0.5, 0.14, 12), (12, 13.2), (12, 14.2)),
        ((12, 17.6), (12, 17.7)),
    ),
    "error": (
        ((12, 2), (23, 21.5), (1, 21.5), (12, 2), (23, 21.5)),
        ((12, 9.5), (12, 14.5)),
        ((12, 18), (12, 18.1)),
    ),
    "refusal": (_arc(12, 12, 11, 0, 1, 40), ((7, 12), (17, 12))),
    "draft": (
        ((3, 21), (4.3, 15.6), (16.6, 3.3), (20.7, 7.4), (8.4, 19.7), (3, 21), (4.3, 15.6)),
        ((13.6, 6.3), (17.7, 10.4)),
    ),
    "list": (
        *(((8, y), (22, y)) for y in (5.0, 12.0, 19.0)),
        *(((2.5, y), (2.6, y)) for y in (5.0, 12.0, 19.0)),
    ),
}


def icon(kind: CardKind, x: float, y: float, size: float) -> list[Mark]:
    """The outline of a kind in a square box at x, y; none for a plain answer."""
    scale = size / 24
    return [
        Mark(tuple((round(x + px * scale, 2), round(y + py * scale, 2)) for px, py in stroke), 2.0, "title")
        for stroke in ICONS[kind]
    ]


def stroke(role: Role, width: float, *points: tuple[float, float]) -> Mark:
    """A line through points, to a hundredth of a pixel."""
    return Mark(tuple((round(x, 2), round(y, 2)) for x, y in points), width, role)
