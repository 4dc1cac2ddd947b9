import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from lamha.device.hud import png
from lamha.device.hud.fonts import Fonts
from lamha.skills.api import Card

TOLERANCE = 3.0  # of 255, mean over the pixels that are lit in either


def test_golden(named_card: tuple[str, Card], fonts: Fonts, golden: Path, update_golden: bool) -> None:
    name, card = named_card
    path = golden / f"{name}.png"
    if update_golden:
        png.save(card, path, fonts)
    drawn = np.asarray(png.render(card, fonts), np.int16)[..., 1]
    with Image.open(path) as image:
        known = np.asarray(image.convert("RGB"), np.int16)[..., 1]
    assert drawn.shape == known.shape
    lit = (drawn > 0) | (known > 0)
    assert np.abs(drawn - known)[lit].mean() < TOLERANCE


def test_only_the_green_channel_is_lit_and_little_of_it(named_card: tuple[str, Card], fonts: Fonts) -> None:
    image = png.render(named_card[1], fonts)
    assert (image.mode, image.size) == ("RGB", (480, 640))
    red, green, blue = np.moveaxis(np.asarray(image), -1, 0)
    assert not red.any()
    assert not blue.any()
    assert 0 < (green > 0).mean() < 0.16


def test_joined_arabic_is_not_the_letters_one_by_one(fonts: Fonts) -> None:
    joined = fonts.glyphs("سلام", "arabic", True, 400)
    apart = [fonts.glyphs(letter, "arabic", True, 400)[0].index for letter in "سلام"]
    assert {glyph.index for glyph in joined}.isdisjoint(apart[1:3])
    assert [glyph.cluster for glyph in joined] == sorted((g.cluster for g in joined), reverse=True)


def test_a_saved_card_can_be_read_back(fonts: Fonts, tmp_path: Path) -> None:
    png.save(Card("Title", "Body"), tmp_path / "card.png", fonts)
    with Image.open(tmp_path / "card.png") as image:
        assert image.size == (480, 640)


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=40))
def test_anything_can_be_drawn(fonts: Fonts, text: str) -> None:
    png.render(Card("", text), fonts)


@pytest.mark.parametrize("module", ["layout", "png", "terminal"])
def test_importing_is_cheap(module: str) -> None:
    code = f"import sys, lamha.device.hud.{module}; print({{'PIL', 'uharfbuzz', 'rich'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
