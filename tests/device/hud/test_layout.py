import json
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lamha.device.hud.fonts import Fonts
from lamha.device.hud.layout import layout
from lamha.device.hud.page import Page, Screen
from lamha.device.hud.text import ELLIPSIS, clean
from lamha.skills.api import Card

BITS = [
    *(
        "word ",
        "12:30 ",
        "x" * 40,
        " ",
        "\n",
        "مرحبا ",
        "بـ",
        "١٢ ",
        "你好，",
        "“世界”。",
        "（",
        "e\u0301",
        "👍🏽",
        "👩\u200d👧",
    ),
    *(
        "\u200f",
        "\u2067",
        "\u2069",
        "\u202e",
        "\x00",
        "\u200b",
        "\u3000",
        "\u0651",
        "ﷺ",
        "(",
        ")",
        "https://a.b/c",
        "한국",
    ),
    *("\U000e0041", "\ufe0f", "\u00ad", "𒀱", "+358 40 123 4567 "),
]
anything = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(BITS), max_size=60).map("".join))
cards = st.builds(
    Card,
    title=anything,
    body=st.one_of(anything, anything.map(lambda text: text * 40)),
    hint=anything,
    kind=st.sampled_from(["answer", "draft", "list", "question", "refusal", "error"]),
    language=st.sampled_from(["en", "ar", "zh", "ja-JP", ""]),
)
screens = st.sampled_from([Screen(), Screen(), Screen(640, 480), Screen(240, 240)])


def inked(text: str) -> str:
    return "".join(char for char in text if not char.isspace() and char != "\u200b")


def shown(page: Page, role: str) -> str:
    return inked("".join(line.text for line in page.lines if line.role == role))


def test_golden(named_card: tuple[str, Card], fonts: Fonts, golden: Path, update_golden: bool) -> None:
    name, card = named_card
    page = json.loads(json.dumps(asdict(layout(card, fonts))))
    path = golden / f"{name}.json"
    if update_golden:
        path.write_text(json.dumps(page, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert page == json.loads(path.read_text(encoding="utf-8"))


@settings(max_examples=80, deadline=None)
@given(cards, screens)
@example(Card("0" * 12, ":", "0" * 15, "list"), Screen(240, 240))  # no room for any of the body
def test_any_card_stays_on_the_screen_and_whole(fonts: Fonts, card: Card, screen: Screen) -> None:
    page = layout(card, fonts, screen)
    for line in page.lines:
        assert line.x >= 0
        assert line.y >= 0
        assert line.x + line.width <= screen.width
        assert line.y + line.height <= screen.height
        assert sorted("".join(span.text for span in line.spans)) == sorted(line.text)
    for x, y in (point for mark in page.marks for point in mark.points):
        assert 0 <= x <= screen.width
        assert 0 <= y <= screen.height
    tops = [line.y for line in page.lines]
    assert tops == sorted(tops)
    for role, text in (("title", card.title), ("body", card.body), ("hint", card.hint)):
        check_whole(page, role, inked(clean(text)))


def check_whole(page: Page, role: str, wanted: str) -> None:
    seen = shown(page, role)
    if seen != wanted:
        assert page.cut
        assert seen.endswith(ELLIPSIS) or not seen
        assert wanted.startswith(seen.removesuffix(ELLIPSIS))


def test_a_short_answer_is_large_and_a_long_one_small(fonts: Fonts) -> None:
    sizes = [layout(Card("", text), fonts).lines[0].size for text in ("18:30", "word " * 40, "word " * 120)]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 3


def test_a_cut_ends_at_a_sentence_and_says_so(fonts: Fonts) -> None:
    page = layout(Card("", "One sentence of the answer. " * 60), fonts)
    assert page.cut
    assert page.lines[-1].text.endswith("answer.\u00a0…")


def test_nothing_to_say_is_an_empty_page(fonts: Fonts) -> None:
    page = layout(Card("", " \n "), fonts)
    assert (page.lines, page.marks, page.cut) == ((), (), False)


def test_arabic_stands_right_with_names_and_digits_in_their_own_order(fonts: Fonts) -> None:
    page = layout(Card("", "اتصل بـ Sara Johnson الساعة 18:30", language="ar"), fonts)
    assert page.lines[0].rtl
    assert page.lines[0].x + page.lines[0].width == pytest.approx(page.screen.width - 26, abs=0.1)
    words = [span.text.strip() for line in page.lines for span in reversed(line.spans)]
    assert words == ["اتصل بـ", "Sara Johnson", "الساعة", "18:30"]


def test_a_chinese_line_does_not_begin_with_a_closing_mark(fonts: Fonts) -> None:
    page = layout(Card("", "你好，世界。" * 30, language="zh"), fonts)
    assert not [line.text for line in page.lines if line.text[0] in "，。"]


def test_each_kind_but_the_answer_has_a_sign(fonts: Fonts) -> None:
    kinds = ("draft", "list", "question", "refusal", "error")
    strokes = {layout(Card("Title", "", kind=kind), fonts).marks for kind in kinds}
    assert len(strokes) == len(kinds)
    assert all(len(marks) > 1 for marks in strokes)
    assert len(layout(Card("Title"), fonts).marks) == 1  # the rule alone
