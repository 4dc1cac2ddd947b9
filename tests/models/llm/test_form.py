from typing import Any

import numpy as np
import pytest

from lamha.models.llm.budget import Budget
from lamha.models.llm.model import LanguageModel

pytestmark = pytest.mark.model
SYSTEM = (
    "You call functions. Copy the values from what the user says.\n\ndef send(to: str, text: str, how: str):"
)
WORDS = {
    "en": "Tell Sara that the milk is gone",
    "ar": "قل لسارة إن الحليب انتهى",
    "zh": "告诉小李牛奶喝完了",
}
COPY = {"type": "string", "x-copy": True}


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
@pytest.mark.parametrize("new", [1, 2, 32])
def test_only_what_the_schema_allows_is_written(qwen: LanguageModel, words: str, new: int) -> None:
    pieces = [words[: len(words) // 2].strip(), "小 kitchen"]
    with qwen.read(words, SYSTEM, Budget(prompt=160, new=64)) as reading, reading.form() as form:
        form.put('{"to":')
        assert form.write(COPY, new) in words
        form.put(', "text":')
        copied = form.write({"type": "string", "x-copy": pieces}, new)
        assert copied
        assert any(copied in piece for piece in pieces)
        form.put(', "how":')
        assert form.write({"enum": ["letter", "رسالة", "信"]}, new) in ("letter", "رسالة", "信")
        form.put(', "loud":')
        assert form.write({"type": "boolean"}, new) in (True, False)
        form.put(', "count":')
        assert form.write({"type": "integer", "minimum": 3, "maximum": 5}, new) in (3, 4, 5)
        form.put(', "all":')
        listed = form.write({"type": "array", "items": COPY, "minItems": 1, "maxItems": 2}, new)
        assert 1 <= len(listed) <= 2
        assert all(each in words for each in listed)


@pytest.mark.parametrize("schema", [COPY, {"enum": ["a", "b"]}, {"type": "string"}], ids=str)
def test_nothing_need_be_put_first(qwen: LanguageModel, schema: dict[str, Any]) -> None:
    with qwen.read(WORDS["en"], SYSTEM) as reading, reading.form() as form:
        assert isinstance(form.write(schema), str)


def test_what_was_put_is_read(qwen: LanguageModel) -> None:
    schema = {"type": "string", "x-copy": ["Sara", "the milk"]}
    found = []
    for cue in ('{"name_of_the_person":', '{"what_is_gone":'):
        with qwen.read(WORDS["en"], SYSTEM) as reading, reading.form() as form:
            form.put(cue)
            found.append(form.write(schema))
    assert found[0] == "Sara"
    assert found[1] in ("milk", "the milk")


def test_a_form_leaves_the_reading_as_it_was(qwen: LanguageModel) -> None:
    with qwen.read(WORDS["en"], SYSTEM) as reading:
        before, length = reading.answer_logits().copy(), reading.branch.length
        free, spent = len(qwen.pool._free), reading.spent.tokens_out
        with reading.form() as form:
            form.put('{"to":')
            form.write(COPY)
        assert len(qwen.pool._free) == free
        assert reading.branch.length == length
        assert np.array_equal(reading.answer_logits(), before)
        assert reading.spent.tokens_out > spent
        first = "".join(piece.text for piece in reading.write())
    with qwen.read(WORDS["en"], SYSTEM) as reading:
        assert first == "".join(piece.text for piece in reading.write())


def test_two_forms_of_one_reading_write_the_same(qwen: LanguageModel) -> None:
    written = []
    with qwen.read(WORDS["en"], SYSTEM) as reading:
        for _ in range(2):
            with reading.form() as form:
                form.put('{"text":')
                written.append(form.write(COPY))
    assert written[0] == written[1]
