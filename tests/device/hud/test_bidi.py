from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.device.hud import bidi

CONFORMANCE = Path("/usr/share/unicode/BidiCharacterTest.txt")
EXPLICIT = {"LRE", "RLE", "LRO", "RLO", "PDF", "B"}


def display(text: str, base: int) -> str:
    levels = bidi.levels(text, base)
    runs = bidi.visual_runs(levels)
    return "".join("".join(text[i] for i in (run[::-1] if levels[run[0]] % 2 else run)) for run in runs)


@pytest.mark.parametrize(
    ("text", "base", "expected"),
    [
        ("abc", 0, "abc"),
        ("אבג", 1, "גבא"),
        ("abc אבג def", 0, "abc גבא def"),
        ("אבג abc דהו", 1, "והד abc גבא"),
        ("אב 18:30 גד", 1, "דג 18:30 בא"),  # W4: a time stays in order
        ("ابج 10-20", 1, "20-10 جبا"),  # after an Arabic letter the digits are Arabic numbers
        ("אב 10% גד", 1, "דג 10% בא"),  # W5: a terminator joins its number
        ("אב (abc) גד", 1, "דג )abc( בא"),  # N0: brackets follow the paragraph around them
        ("a (אב) b", 0, "a (בא) b"),
        ("אב abc, de גד", 1, "דג abc, de בא"),
        ("a \u2067אב 1\u2069 b", 0, "a \u20671 בא\u2069 b"),  # an isolate is one neutral thing outside
        ("אב \u206612 34\u2069", 1, "\u206912 34\u2066 בא"),
        ("12 34", 1, "34 12"),
    ],
)
def test_known_orders(text: str, base: int, expected: str) -> None:
    assert display(text, base) == expected


def test_a_mark_takes_the_level_of_its_letter() -> None:
    assert bidi.levels("a\u0301 ب\u064e", 0) == [0, 0, 0, 1, 1]


@pytest.mark.parametrize(("text", "level"), [("abc", 0), ("12 אב", 1), ("\u2067אב\u2069 a", 0), ("12", None)])
def test_the_base_is_the_first_strong_letter_outside_isolates(text: str, level: int | None) -> None:
    assert bidi.base_level(bidi.classes(text)) == level


@given(
    st.text(alphabet=st.sampled_from("ab אב 12٣(+-.,%)[\u2066\u2067\u2068\u2069\u0301\u200d")),
    st.integers(0, 1),
)
def test_every_character_is_shown_once(text: str, base: int) -> None:
    assert sorted(display(text, base)) == sorted(text)
    assert all(level >= base for level in bidi.levels(text, base))


@pytest.mark.skipif(not CONFORMANCE.exists(), reason="needs Debian's package unicode-data")
def test_unicode_conformance() -> None:
    with CONFORMANCE.open() as file:
        cases = (line.strip().split(";") for line in file if line[0] not in "#\n")
        for codes, _, base, expected, _ in islice(cases, 0, None, 40):
            text = "".join(chr(int(code, 16)) for code in codes.split())
            if EXPLICIT.isdisjoint(bidi.classes(text)):
                _compare(text, int(base), expected.split())


def _compare(text: str, base: int, expected: list[str]) -> None:
    levels = bidi.levels(text, base)
    for i in range(len(text) - 1, -1, -1):  # rule L1: blanks that end a line; layout trims them
        if bidi.bidirectional(text[i]) not in ("WS", "BN", "LRI", "RLI", "FSI", "PDI", "S"):
            break
        levels[i] = base
    inner = [base if bidi.bidirectional(c) == "S" else level for c, level in zip(text, levels, strict=True)]
    if "S" not in bidi.classes(text):
        assert [e for e in expected if e != "x"] == [
            str(level) for level, e in zip(inner, expected, strict=True) if e != "x"
        ]
