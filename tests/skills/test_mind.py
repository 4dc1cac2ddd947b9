import json
from collections.abc import Iterator
from threading import Event

import pytest

from lamha.models.llm.budget import Finish, Spent
from lamha.models.llm.generate import Piece
from lamha.models.llm.model import LanguageModel
from lamha.skills.mind import CUT, TurnMind
from lamha.skills.testing import FakeModel


def pieces(text: str, finish: Finish) -> Iterator[Piece]:
    yield Piece(text, Spent())
    yield Piece("", Spent(), finish)


@pytest.mark.parametrize(
    ("text", "finish", "shown"),
    [
        ("It is blue.", "tokens", "It is blue."),
        ("It is", "tokens", f"It is{CUT}"),
        ("天空", "time", f"天空{CUT}"),
        ("天空。", "time", "天空。"),
        ("It is", "context", f"It is{CUT}"),
        ("It is", "end", "It is"),
        ("It is", "stop", "It is"),
        ("It is", "cancelled", "It is"),
    ],
)
def test_what_a_budget_cut_is_marked(text: str, finish: Finish, shown: str) -> None:
    with FakeModel().read("hello", "") as reading:
        mind = TurnMind(FakeModel(), reading, Event())
        assert "".join(mind._text(pieces(text, finish), whole=False)) == shown
        assert mind.finish == finish
        assert "".join(mind._text(pieces(text, finish), whole=True)) == text


def test_all_that_was_spent_is_counted() -> None:
    model = FakeModel("one two", "three")
    with model.read("hello", "") as reading:
        mind = TurnMind(model, reading, Event())
        reading.features("")
        assert "".join(mind.write()) == "one two"
        assert "".join(mind.compose("Translate", "words")) == "three"
        assert (mind.spent.tokens_in, mind.spent.tokens_out) == (5, 3)
    assert model.asked == [("", "hello", ""), ("Translate", "words", "")]


def test_a_cancelled_mind_says_no_more() -> None:
    cancel = Event()
    model = FakeModel("one two three")
    with model.read("hello", "", None, cancel) as reading:
        words = TurnMind(model, reading, cancel).write()
        assert next(words) == "one"
        cancel.set()
        assert list(words) == []


@pytest.mark.model
@pytest.mark.parametrize("words", ["Call Sara at nine", "اتصل بسارة الساعة التاسعة", "九点给小李打电话"])
def test_json_by_a_schema(language_model: LanguageModel, words: str) -> None:
    """A skill gets JSON that satisfies its schema, from the words and from a text of its own."""
    schema = {
        "type": "object",
        "properties": {"who": {"type": "string", "x-copy": True}, "far": {"type": "boolean"}},
        "required": ["who", "far"],
    }
    with language_model.read(words, "Fill in the form.") as reading:
        mind = TurnMind(language_model, reading, Event())
        for text in (mind.write(schema=schema), mind.compose("Fill in.", words, schema=schema)):
            form = json.loads("".join(text))
            assert form["who"] in words
            assert form["far"] in (True, False)
