"""A page as the glass shows it: black is transparent, and only the green channel is lit."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from lamha.device.hud.fonts import Fonts, harfbuzz
from lamha.device.hud.layout import layout
from lamha.device.hud.page import Line, Mark, Page, Role, Screen
from lamha.skills.api import Card

if TYPE_CHECKING:
    from PIL.Image import Image

LEVELS: dict[Role, int] = {"body": 235, "title": 165, "hint": 130, "frame": 70}
"""How bright each role is, of 255: what is read first is brightest, the rest would only ghost."""

FINE = 4  # strokes are drawn so many times larger and averaged


def render(page: Page | Card, fonts: Fonts | None = None) -> "Image":
    """An RGB image with red and blue at zero; the fonts are the model store's unless given."""
    from PIL import Image, ImageChops

    fonts = fonts or stored_fonts()
    page = layout(page, fonts) if isinstance(page, Card) else page
    light = _strokes(page.marks, page.screen)
    for line in page.lines:
        light = ImageChops.lighter(light, _text(line, fonts, page.screen))
    dark = Image.new("L", light.size)
    return Image.merge("RGB", (dark, light, dark))


def save(card: Page | Card, path: Path, fonts: Fonts | None = None) -> None:
    """Write a card as a PNG file."""
    render(card, fonts).save(path, format="PNG", optimize=True)


def stored_fonts() -> Fonts:
    """The fonts of the model store; ModelMissing says which to pull."""
    from lamha.models.store import Store

    return Fonts.from_store(Store())


def _text(line: Line, fonts: Fonts, screen: Screen) -> "Image":
    """A line's coverage, times the brightness of its role."""
    from PIL import Image

    hb = harfbuzz()
    raster = hb.RasterDraw()
    for span in line.spans:
        font = fonts.font(span.script, line.weight)
        scale = line.size / font.face.upem
        x = span.x
        for glyph in fonts.glyphs(span.text, span.script, span.rtl, line.weight):
            at = (x + glyph.dx * line.size, screen.height - line.baseline + glyph.dy * line.size)
            raster.transform = (scale, 0, 0, scale, *at)
            raster.draw_glyph(font, glyph.index)
            x += glyph.advance * line.size
    raster.extents = hb.RasterExtents(0, 0, screen.width, screen.height, 0)
    drawn: Any = raster.render()
    size = (drawn.extents.width, drawn.extents.height)
    light = Image.frombytes("L", size, drawn.buffer, "raw", "L", drawn.extents.stride, -1)
    return light.point([coverage * LEVELS[line.role] // 255 for coverage in range(256)])


def _strokes(marks: tuple[Mark, ...], screen: Screen) -> "Image":
    from PIL import Image, ImageDraw

    fine = Image.new("L", (screen.width * FINE, screen.height * FINE))
    pen = ImageDraw.Draw(fine)
    for mark in marks:
        points = [(x * FINE, y * FINE) for x, y in mark.points]
        radius = mark.width * FINE / 2
        pen.line(points, LEVELS[mark.role], round(mark.width * FINE), joint="curve")
        for x, y in (points[0], points[-1]):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), LEVELS[mark.role])
    return fine.reduce(FINE)
