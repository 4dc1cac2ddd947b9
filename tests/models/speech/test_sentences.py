from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.models.speech.sentences import sentences


def letter_by_letter(text: str) -> list[str]:
    return [sentence.strip() for sentence in sentences(text)]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("It is six. Shall I call? Yes!", ["It is six.", "Shall I call?", "Yes!"]),
        ("At 7.30 it was 3.5 °C.", ["At 7.30 it was 3.5 °C."]),
        ("Dr. Ali and Mrs. Berg met J. Smith.", ["Dr. Ali and Mrs. Berg met J. Smith."]),
        ('He said "Go." Then he left.', ['He said "Go."', "Then he left."]),
        ("الساعة السادسة. هل أتصل؟ نعم", ["الساعة السادسة.", "هل أتصل؟", "نعم"]),
        ("现在六点。要打电话吗？好的！", ["现在六点。", "要打电话吗？", "好的！"]),
        ("one\ntwo", ["one", "two"]),
        ("so… on", ["so…", "on"]),
        (
            "This is a rather long sentence that goes on for quite a while, and then it goes on some more",
            [
                "This is a rather long sentence that goes on for quite a while,",
                "and then it goes on some more",
            ],
        ),
        ("", []),
    ],
)
def test_each_as_soon_as_it_is_whole(text: str, whole: list[str]) -> None:
    assert letter_by_letter(text) == whole


def test_it_does_not_wait_for_the_next() -> None:
    given_so_far = []

    def pieces() -> Iterator[str]:
        for piece in ("One. ", "Two", ". Three"):
            given_so_far.append(piece)
            yield piece

    assert next(sentences(pieces())) == "One. "
    assert given_so_far == ["One. "]


@given(st.lists(st.text(alphabet="ab .,!?。，\n؟،1", max_size=90), max_size=6))
def test_nothing_is_lost(pieces: list[str]) -> None:
    found = list(sentences(pieces))
    assert "".join(found) == "".join(pieces)
    assert all(found)
