"""Pieces of an utterance that the model points at."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lamha.skills.pointing import Pointing, given_out, items, pieces_at, without


def letters(text: str, first: int, last: int) -> Pointing:
    """Every letter is a token; one is the likeliest first, another the likeliest last."""
    places = [(at, at + 1) for at in range(len(text))]
    return Pointing(_peak(len(text), first), _peak(len(text), last), places)


def _peak(size: int, at: int) -> NDArray[np.float32]:
    odds = np.full(size, -9, np.float32)
    odds[at : at + 1] = 0
    return odds


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("tell Anna I'm late, please", "I'm late"),
        ("who wrote The Old Man and the Sea?", "The Old Man and the Sea"),
        ("أرسل لسارة إني تأخرت", "سارة"),
        ("提醒我明天给妈妈打电话吧", "给妈妈打电话"),
        ("what is f(x) here", "f(x)"),
        ("call #404 now", "#404"),
    ],
)
def test_the_likeliest_piece(text: str, wanted: str) -> None:
    start = text.index(wanted)
    place, score = letters(text, start, start + len(wanted) - 1).best(text, [(0, len(text))])[0]
    assert (text[slice(*place)], score) == (wanted, 0)


def test_within_one_token_the_whole_word_is_taken() -> None:
    one = Pointing(np.zeros(1, np.float32), np.zeros(1, np.float32), [(0, 5)])
    assert one.best("كتابي", [(0, 5)])[0][0] == (0, 5)
    assert one.best("لسارة", [(0, 5)])[0][0] == (1, 5)


def test_what_was_not_read_is_no_piece() -> None:
    text = "one two three"
    read = Pointing(np.zeros(1, np.float32), np.zeros(1, np.float32), [(4, 7)])
    assert text[slice(*read.best(text, [(0, 13)])[0][0])] == "two"
    assert read.best(text, [(8, 13)]) == []
    assert read.at((0, 3)) == -np.inf


@given(
    st.text(st.sampled_from("ab و،ل好。'-)(\u202e😀"), max_size=30),
    st.data(),
    st.integers(0, 29),
    st.integers(0, 29),
)
def test_what_comes_out_lies_within_a_piece_and_holds_a_word(
    text: str, data: st.DataObject, first: int, last: int
) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    for (a, b), _ in letters(text, first, last).best(text, [(start, end)]):
        assert start <= a < b <= end
        assert text[a:b].strip()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("milk, eggs, and brown bread", ["milk", "eggs", "brown bread"]),
        ("the hammer or a saw & nails", ["the hammer", "a saw", "nails"]),
        ("خبز وحليب و بيض", ["خبز", "حليب", "بيض"]),
        ("ورد، وسكر", ["ورد", "سكر"]),
        ("苹果、香蕉和橙子", ["苹果", "香蕉", "橙子"]),
        ("sandpaper", ["sandpaper"]),
        ("", []),
    ],
)
def test_the_items_of_a_list(text: str, wanted: list[str]) -> None:
    assert [text[slice(*place)] for place in items(text, (0, len(text)))] == wanted


SPANS = st.tuples(st.integers(0, 20), st.integers(0, 20)).map(lambda ends: (min(ends), max(ends)))


@given(st.lists(SPANS, max_size=4))
def test_without(taken: list[tuple[int, int]]) -> None:
    left = without([(0, 10), (12, 20)], taken)
    everything = {*range(10), *range(12, 20)}
    assert {at for place in left for at in range(*place)} == everything.difference(
        *(range(*t) for t in taken)
    )


def test_pieces_follow_one_another() -> None:
    assert pieces_at("a b a b", ["a", "b", "b"]) == [(0, 1), (2, 3), (6, 7)]
    assert pieces_at("a b", ["c"]) == []


def test_candidates_are_given_out_together() -> None:
    one, other = (0, 1), (2, 3)
    likely = [(other, -0.1), (one, -1.0)]  # would take the second, too, but can do with the first
    found = given_out({"x": likely, "y": [(other, -0.1), (one, -9.0)]})
    assert found == {"x": (one, -1.0), "y": (other, -0.1)}
    assert given_out({"x": likely[:1], "y": likely[:1]}) == dict.fromkeys("xy", (other, -0.1))
    assert given_out({"x": [((0, 9), -1.0), (one, -2.0)], "y": [(other, -1.0)]})["x"][0] == one
    assert given_out({"x": [], "y": likely}) == {"y": (other, -0.1)}
    assert given_out({}) == {}
