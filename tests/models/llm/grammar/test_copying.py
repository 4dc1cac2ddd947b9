import pytest

from lamha.models.errors import GrammarBroken
from lamha.models.llm.grammar.schema import grammar

TEXTS = ["the milk", "أحمد وسارة", "小李"]
COPY = {"type": "string", "x-copy": TEXTS}


def writes(found: object, value: str) -> bool:
    matcher = found.matcher().accept(value.encode())
    return matcher is not None and matcher.complete


@pytest.mark.parametrize("copied", ["the milk", "milk", "أحمد", "أحمد وسارة", "小李"])
def test_a_piece_of_one_of_several_texts(copied: str) -> None:
    assert writes(grammar(COPY), f'"{copied}"')
    assert writes(grammar(COPY, "other words"), f'"{copied}"')
    assert writes(grammar({"type": "array", "items": COPY}), f'["{copied}"]')


@pytest.mark.parametrize("invented", ["", "milk 小李", "the milk أحمد", "the", "words", "mil"])
def test_no_piece_goes_over_from_one_text_to_the_next(invented: str) -> None:
    found = grammar({**COPY, "x-copy": ["milk", *TEXTS[1:]]}, "the words")
    assert not writes(found, f'"{invented}"')


def test_texts_without_words_are_left_out() -> None:
    assert writes(grammar({"type": "string", "x-copy": ["...", "milk", ""]}), '"milk"')
    for texts in ([], ["", "..."]):
        with pytest.raises(GrammarBroken, match="no words to copy"):
            grammar({"type": "string", "x-copy": texts}, "")


@pytest.mark.parametrize(
    ("before", "after", "allowed", "refused"),
    [
        (" ", "", [' "a"', ' "b"'], ['"a"', '  "a"', ' "a",']),
        (" ", "[,}\\]]", [' "a",', ' "b"}', ' "a"]'], [' "a"', '"a",', ' "a",,']),
        ("", "[,}]", ['"a",'], ['"a"']),
        ('{"k": "', '"!"', ['{"k": ""a"!'], ['"a"!']),
        ("\n\\", "", ['\n\\"b"'], ['"b"']),
        ("", "", ['"a"'], [' "a"']),
    ],
)
def test_what_stands_around_a_value(before: str, after: str, allowed: list[str], refused: list[str]) -> None:
    found = grammar({"enum": ["a", "b"]}, "", before, after)
    assert [value for value in allowed if not writes(found, value)] == []
    assert [value for value in refused if writes(found, value)] == []


def test_what_stands_around_a_value_with_rules_of_its_own() -> None:
    schema = {
        "$ref": "#/$defs/n",
        "$defs": {"n": {"anyOf": [{"type": "null"}, {"items": {"$ref": "#/$defs/n"}}]}},
    }
    schema["$defs"]["n"]["anyOf"][1]["type"] = "array"
    found = grammar(schema, "", " ", "[,]")
    assert writes(found, " [[null], null],")
    assert not writes(found, " [[null], null]")
    assert writes(grammar({"type": "string", "x-copy": True}, "the milk", " ", "[}]"), ' "the milk"}')
