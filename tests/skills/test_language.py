import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.skills.language import detect, digits


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("tell Sara I'm late", "en"),
        ("ｗｉｄｅ", "en"),
        ("قل لسارة إنني متأخر", "ar"),
        ("告诉莎拉我晚十分钟到", "zh"),
        ("translate مرحبا", "en"),
        ("ترجم hello إلى العربية", "ar"),
        ("打开wifi好不好吧", "zh"),
        ("پیام", "ar"),
    ],
)
def test_most_letters_win(text: str, language: str) -> None:
    assert detect(text) == language


@pytest.mark.parametrize("text", ["", "12:30", "٦", "?!", "🙂"])
def test_no_letters_give_the_default(text: str) -> None:
    assert detect(text) == "en"
    assert detect(text, "zh") == "zh"


def test_a_tie_goes_to_the_default() -> None:
    assert detect("ab 你好", "zh") == "zh"
    assert detect("ab 你好", "en") == "en"


@pytest.mark.parametrize(
    ("text", "ascii_text"), [("٦:٣٠", "6:30"), ("۷", "7"), ("１０分", "10分"), ("十分", "十分"), ("½²", "½²")]
)
def test_digits(text: str, ascii_text: str) -> None:
    assert digits(text) == ascii_text


@given(st.text())
def test_any_text(text: str) -> None:
    assert detect(text) in ("en", "ar", "zh")
    assert len(digits(text)) == len(text)
    assert digits(digits(text)) == digits(text)
