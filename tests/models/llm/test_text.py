from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.models.llm.text import StopFilter, characters, ends_sentence, shorten

TEXT = st.text(st.characters(codec="utf-8"))
FEW = st.text("ab<|。", max_size=30)


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    at = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in pairwise(at)]


@given(TEXT, st.lists(st.integers(0, 999)))
def test_characters_come_back_whole(text: str, cuts: list[int]) -> None:
    parts = list(characters(split(text.encode(), cuts)))
    assert "".join(parts) == text


@given(st.lists(st.binary(max_size=6)))
def test_broken_characters_never_raise(pieces: list[bytes]) -> None:
    assert "".join(characters(pieces)) == b"".join(pieces).decode("utf-8", "replace")


def test_a_character_comes_with_its_last_byte() -> None:
    one, two, three = (bytes([byte]) for byte in "好".encode())
    assert list(characters([one, two, three, b"!", one])) == ["", "", "好", "!", "", "�"]


@given(FEW, st.lists(st.text("ab<|。", max_size=4), max_size=3), st.lists(st.integers(0, 99)))
def test_nothing_of_a_stop_string_is_shown(text: str, stops: list[str], cuts: list[int]) -> None:
    at = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    held, shown = StopFilter(stops), ""
    for start, end in pairwise(at):
        shown += held.push(text[start:end])
        if held.stopped:
            break
    shown += held.flush()
    found = [(text.find(stop) + len(stop), text.find(stop)) for stop in stops if stop and stop in text]
    assert held.stopped == bool(found)
    assert shown == text[: min(found)[1] if found else len(text)]


def test_held_back_text_is_shown_once_it_is_no_stop() -> None:
    held = StopFilter(["\n\n"])
    assert [held.push("a\n"), held.push("b\n"), held.flush()] == ["a", "\nb", "\n"]


@pytest.mark.parametrize(
    "text",
    [
        "It is open.",
        "Is it open? ",
        'He said "yes."',
        "(It is open.)",
        "Well…",
        "Really?!",
        "هل هو مفتوح؟",
        "نعم، هو مفتوح.",
        "门开着。",
        "他说：“好。”",
        "真的吗？",
        "It was in 1999. He left!",
    ],
)
def test_a_sentence_ends(text: str) -> None:
    assert ends_sentence(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "It is",
        "It costs 3.",  # 50 may follow
        "يكلف 3.",
        "It costs 3.5",
        "Ask Dr.",
        "at 6 p.m.",
        "for e.g.",
        "First:\n1.",
        "门开着，",
        "هو مفتوح،",
        "lamha.py",
    ],
)
def test_a_sentence_does_not_end(text: str) -> None:
    assert not ends_sentence(text)


@pytest.mark.parametrize(
    ("text", "fits", "kept"),
    [
        ("It is open. It closes at six.", 20, "It is open."),
        ("It costs 3.5 euros in all.", 11, "It costs"),  # not "It costs 3."
        ("Ask Dr. Lee about it. Then go.", 25, "Ask Dr. Lee about it."),
        ("It opens at 6 p.m. on Sundays and at 8 else.", 30, "It opens at 6 p.m. on Sundays"),
        ('He said "yes." Then he left.', 20, 'He said "yes."'),
        ("hello world again", 11, "hello world"),
        ("hello world again", 10, "hello"),
        ("Hi. summarise all of these words here", 30, "Hi. summarise all of these"),
        ("abcdefgh", 3, "abc"),
        ("هو مفتوح. يغلق في السادسة مساء", 15, "هو مفتوح."),
        ("هل هو مفتوح؟ يغلق في السادسة مساء", 16, "هل هو مفتوح؟"),
        ("门开着。请进来坐一下", 6, "门开着。"),
        ("他说：“好。”然后走了", 8, "他说：“好。”"),
        ("价格是3.5元一共两份", 5, "价格是3."),
        ("请 把这个翻译成英文好吗", 8, "请 把这个翻译成"),
        ("\n\nabcdef", 4, "\n\nab"),
        ("😀😀", 0, ""),
        ("ab", -1, ""),
    ],
)
def test_shorten(text: str, fits: int, kept: str) -> None:
    assert shorten(text, fits) == kept


@given(st.text("ab .!?。؟\n3\"'”") | TEXT, st.integers(-3, 40))
def test_shortened_text_fits_and_is_a_beginning(text: str, fits: int) -> None:
    kept = shorten(text, fits)
    assert text.startswith(kept)
    assert len(kept) <= max(fits, 0) or kept == text
    assert (kept == text) if len(text) <= fits else len(kept) < len(text) or not text
