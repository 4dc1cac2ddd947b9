import pytest

from lamha.skills.wording import Wording

SAY = Wording(hello={"en": "Hello {name}", "ar": "مرحبا {name}", "zh": "你好{name}"})


@pytest.mark.parametrize(("language", "said"), [("en", "Hello A"), ("ar", "مرحبا A"), ("zh", "你好A")])
def test_a_sentence_in_each_language(language: str, said: str) -> None:
    assert SAY.language(language)("hello", name="A") == said


def test_english_where_the_language_is_unknown() -> None:
    assert SAY.language("fi")("hello", name="A") == "Hello A"


def test_braces_in_a_value_are_only_text() -> None:
    assert SAY.language("en")("hello", name="{name} {0}") == "Hello {name} {0}"


def test_a_missing_language_is_named() -> None:
    with pytest.raises(ValueError, match=r"without a language: bye\.ar, bye\.zh"):
        Wording(bye={"en": "Bye"})
