"""A laid out card as plain data: what stands where, in pixels from the top left corner."""

from dataclasses import dataclass
from typing import Literal

from lamha.device.hud.fonts import Script
from lamha.skills.api import CardKind

type Role = Literal["title", "body", "hint", "frame"]


@dataclass(frozen=True, slots=True)
class Screen:
    """The glass, in pixels."""

    width: int = 480
    height: int = 640


@dataclass(frozen=True, slots=True)
class Span:
    """Text in one font and direction, as written; `x` is its left edge."""

    text: str
    script: Script
    rtl: bool
    x: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text: its box, and its spans from left to right."""

    text: str
    """As written, blanks at the end left out."""
    role: Role
    size: int
    weight: int
    x: float
    y: float
    """The top of the box."""
    width: float
    height: float
    baseline: float
    """The y on which the letters stand."""
    rtl: bool
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A stroke: points joined by lines of `width` pixels with round ends."""

    points: tuple[tuple[float, float], ...]
    width: float
    role: Role


@dataclass(frozen=True, slots=True)
class Page:
    """A card on a screen. `cut` says that text was left out, which the last line marks with …"""

    screen: Screen
    kind: CardKind
    language: str
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...]
    cut: bool = False
