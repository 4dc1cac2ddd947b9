from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from lamha.device.hud import terminal
from lamha.device.hud.text import clean
from lamha.skills.api import Card

FRAME = "╭─╮│╰╯"


def bare(text: str) -> str:
    return "".join(c for c in text if not c.isspace() and c not in f"{FRAME}\u2067\u2069\u200b")


def test_golden(named_card: tuple[str, Card], golden: Path, update_golden: bool) -> None:
    name, card = named_card
    path = golden / f"{name}.txt"
    box = terminal.show(card) + "\n"
    if update_golden:
        path.write_text(box, encoding="utf-8")
    assert box == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [20, 44, 80])
def test_the_frame_is_straight_in_every_language(named_card: tuple[str, Card], width: int) -> None:
    lines = terminal.show(named_card[1], width).split("\n")
    assert {cell_len(line) for line in lines} == {width}
    assert all(line[0] in FRAME and line[-1] in FRAME for line in lines)


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=80), st.sampled_from(["en", "ar", "zh"]), st.integers(1, 60))
def test_nothing_is_lost(text: str, language: str, width: int) -> None:
    box = terminal.show(Card("", text, language=language), width)
    assert bare(box) == bare(clean(text))
    assert {cell_len(line) for line in box.split("\n")} == {max(width, terminal.NARROWEST)}


def test_arabic_is_isolated_and_stands_right() -> None:
    line = terminal.show(Card("", "مرحبا Sara", language="ar"), 30).split("\n")[1]
    assert line.endswith("\u2067مرحبا Sara\u2069 │")


def test_a_long_title_moves_into_the_box() -> None:
    box = terminal.show(Card("word " * 20, "body"), 30)
    assert "word" not in box.split("\n")[0]
    assert box.count("word") == 20


def test_the_footer_stands_below_as_it_is() -> None:
    box = terminal.show(Card("Title", "body"), 30, footer="route 12 ms · first word 345 ms\n80 tokens")
    assert box.split("\n")[-2:] == ["route 12 ms · first word 345 ms", "80 tokens"]


def test_colour_only_where_asked() -> None:
    assert "\x1b" not in terminal.show(Card("Title", "body", "hint"))
    assert "\x1b[" in terminal.show(Card("Title", "body", "hint"), color=True)
