from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps

from lamha.device.hud.fonts import Fonts
from lamha.device.hud.png import render
from lamha.models.errors import ModelMissing
from lamha.models.paths import models_dir
from lamha.models.store import Store
from lamha.models.vision.ocr import PaddleReader, TesseractReader, _lines
from lamha.models.vision.photo import Photo, read
from lamha.skills.api import Card

MODELS = models_dir()


def written(*lines: str) -> Photo:
    image = Image.new("RGB", (640, 80 * len(lines) + 40), "white")
    face = ImageFont.load_default(40)
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((30, 80 * number + 30), line, "black", face)
    return Photo(np.asarray(image))


@pytest.fixture(scope="module")
def paddle() -> PaddleReader:
    return PaddleReader()


@pytest.mark.model
def test_printed_lines_from_the_top(paddle: PaddleReader) -> None:
    lines = paddle.read(written("Ingredients: wheat flour", "Best before 12.05.2027"))
    assert [line.text for line in lines] == ["Ingredients: wheat flour", "Best before 12.05.2027"]
    assert min(line.confidence for line in lines) > 0.8


def shown(card: Card) -> Photo:
    """A card as the glass shows it, dark on light: the shapes of Arabic letters need more than Pillow."""
    try:
        fonts = Fonts.from_store(Store(MODELS))
    except ModelMissing as missing:
        pytest.skip(str(missing))
    image = ImageOps.invert(render(card, fonts).convert("L")).convert("RGB")
    return Photo(np.asarray(image.resize((image.width * 2, image.height * 2))))


@pytest.mark.model
def test_chinese(paddle: PaddleReader) -> None:
    lines = paddle.read(shown(Card("配料", "小麦粉，白砂糖", language="zh")))
    assert "小麦粉" in "".join(line.text for line in lines)


@pytest.mark.model
def test_arabic() -> None:
    if not TesseractReader.has("ara"):
        pytest.skip("tesseract with Arabic is not installed (tesseract-ocr-ara)")
    lines = TesseractReader("ara").read(shown(Card("حليب طازج", "سكر وقمح", language="ar")))
    assert "حليب" in " ".join(line.text for line in lines)


@pytest.mark.model
def test_nothing_to_read(paddle: PaddleReader) -> None:
    assert paddle.read(Photo(np.full((240, 320, 3), 255, np.uint8))) == ()


@pytest.mark.model
def test_a_real_pack(paddle: PaddleReader, data: Path) -> None:
    pack = sorted((data / "products/check/Alpro-Blueberry-Soyghurt").glob("*.jpg"))[0]
    assert any("alpro" in line.text.lower() for line in paddle.read(read(pack)))


def test_the_table_of_tesseract() -> None:
    head = "\t".join(["level"] * 12)
    rows = [
        "5\t1\t1\t1\t1\t1\t0\t0\t9\t9\t95.5\tحليب",
        "5\t1\t1\t1\t1\t2\t0\t0\t9\t9\t90.0\tطازج",
        "5\t1\t1\t1\t2\t1\t0\t0\t9\t9\t20.0\tx",
        "4\t1\t1\t1\t2\t0\t0\t0\t9\t9\t-1\t",
        "broken",
    ]
    (line,) = _lines("\n".join([head, *rows]))
    assert line.text == "حليب طازج"
    assert line.confidence == pytest.approx(0.9)
