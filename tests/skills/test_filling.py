"""Filling from evidence and what a probe says of it, on a model that takes the first of everything."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lamha.skills.contacts import Contacts, Known
from lamha.skills.filling import Filled, Gap, Slot, Weighed, fill, settle, weigh
from lamha.skills.language import detect
from lamha.skills.learnt import Learnt
from lamha.skills.pointing import Pointing
from lamha.skills.testing import FakeGlance, FakeModel
from lamha.skills.tools import Tool, tools
from lamha.skills.values import Absent, Open, Said, Sure, evidence

type Fill = Callable[..., Filled]

INTEGER = {"type": "integer"}
WHO = {"type": "string", "x-lamha": "contact"}
SIZE = {"type": "string", "enum": ["small", "large"]}
WORDS = {"type": "string", "description": "what to write"}


class Sayings:
    """A judge that is told what was said, and which values are meant."""

    def __init__(self, said: float = 0.9, right: float = 0.9, **slots: float) -> None:
        self._said, self._right, self._slots = said, right, slots

    def said(self, _state: NDArray[np.float32], slot: Slot) -> float:
        return self._slots.get(slot.name, self._said)

    def right(self, states: NDArray[np.float32], _slot: Slot) -> Sequence[float]:
        return [self._right] * len(states)

    def where(self, _state: NDArray[np.float32], along: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.zeros((2, len(along)), np.float32)


def of(required: list[str] | None = None, **properties: Any) -> Tool:
    needed = list(properties) if required is None else required
    (tool,) = tools([{"name": "act", "parameters": {"properties": properties, "required": needed}}])
    return tool


@pytest.fixture
def said(now: datetime) -> Callable[[str], Said]:
    return lambda text: Said(text, detect(text), now, Contacts(Known(["Sara", "Sami"])))


@pytest.fixture
def filled(said: Callable[[str], Said]) -> Fill:
    """A tool filled from an utterance; `answers` as a keyword."""

    def run(tool: Tool, text: str, judge: Any = None, **answers: str) -> Filled:
        model, words = FakeModel(), said(text)
        glance = FakeGlance(text, ("",))
        return fill(tool, words, glance, 0, judge or Sayings(), lambda: model.read(text, ""), answers)

    return run


def test_what_code_is_sure_of_needs_no_model(said: Callable[[str], Said]) -> None:
    def read() -> Any:
        raise AssertionError("the model is not asked")

    tool, text = of(who=WHO, n=INTEGER), "give Sara 5"
    found = fill(tool, said(text), FakeGlance(text, ("",)), 0, Sayings(), read, {})
    assert found == Filled({"who": "Sara", "n": 5}, 1.0)


def test_a_tool_without_parameters(filled: Fill) -> None:
    assert filled(of(), "anything") == Filled({}, 1.0)


def test_arguments_come_in_the_order_of_the_schema(filled: Fill) -> None:
    found = filled(of(text=WORDS, n=INTEGER, who=WHO), "tell Sara the milk is gone, 5 times")
    assert list(found.arguments) == ["text", "n", "who"]
    assert found.arguments["text"] in "tell Sara the milk is gone, 5 times"


@pytest.mark.parametrize(
    ("tool", "text", "gap"),
    [
        (of(n=INTEGER), "set it", Gap("n", "unsaid")),
        (of(n={**INTEGER, "maximum": 3}), "set it to 5", Gap("n", "impossible", ("3",))),
        (of(who=WHO), "call Bob", Gap("who", "unsaid")),
        (of(a=INTEGER, who=WHO), "call Sara", Gap("a", "unsaid")),
    ],
)
def test_what_is_required_and_missing_is_a_gap(filled: Fill, tool: Tool, text: str, gap: Gap) -> None:
    found = filled(tool, text)
    assert (found.gap, found.arguments) == (gap, {})


def test_what_is_optional_and_missing_is_left_out(filled: Fill) -> None:
    assert filled(of([], n=INTEGER, who=WHO), "call Sara").arguments == {"who": "Sara"}


@pytest.mark.parametrize(("likely", "arguments"), [(0.95, {"size": "small"}), (0.01, {})])
def test_the_judge_tells_what_was_said_for_a_choice(filled: Fill, likely: float, arguments: Any) -> None:
    found = filled(of([], size=SIZE), "a tiny one", Sayings(likely))
    assert found.arguments == arguments
    assert found.confidence == pytest.approx(max(likely, 1 - likely))


@pytest.mark.parametrize(("likely", "gap"), [(0.9, Gap("size", "unknown", ("small", "large"))), (0.6, None)])
def test_an_optional_value_that_a_choice_does_not_have_is_asked_about_where_it_was_surely_said(
    filled: Fill, likely: float, gap: Gap | None
) -> None:
    found = filled(of([], size=SIZE), "a purple one", Sayings(likely, right=0.1))
    assert (found.gap, found.arguments) == (gap, {})


def test_two_choices_of_the_same_values_take_different_ones(filled: Fill) -> None:
    found = filled(of(old=SIZE, new=SIZE), "from a tiny one to a huge one")
    assert sorted(found.arguments.values()) == ["large", "small"]


def test_a_choice_that_nothing_was_said_for_is_asked_for_with_its_options(filled: Fill) -> None:
    assert filled(of(size=SIZE), "one", Sayings(0.01)).gap == Gap("size", "unsaid", ("small", "large"))


def test_a_value_that_is_hardly_meant_is_not_taken(filled: Fill) -> None:
    doubtful = Sayings(0.95, right=0.001)
    assert filled(of([], size=SIZE), "a tiny one", doubtful).arguments == {}
    gap = filled(of(size=SIZE), "a tiny one", doubtful).gap
    assert gap == Gap("size", "unknown", ("small", "large"))


def test_one_number_is_no_two(filled: Fill) -> None:
    found = filled(of(x=INTEGER, y=INTEGER), "move it to 5", Sayings(0.9, x=0.6))
    assert found.gap == Gap("x", "unsaid")
    two = filled(of(x=INTEGER, y=INTEGER), "move it to 5 and 7")
    assert two.arguments == {"x": 5, "y": 7}


def test_two_choices_from_the_same_values_differ(filled: Fill) -> None:
    unit = {"type": "string", "enum": ["km", "miles"]}
    found = filled(of(**{"from": unit, "to": unit}), "convert km to miles")
    assert found.arguments == {"from": "km", "to": "miles"}


@pytest.mark.parametrize(
    ("schema", "text", "answer", "value"),
    [
        (WORDS, "write that down, buy milk", "buy milk", "buy milk"),
        (SIZE, "one, large", "large", "large"),
        (INTEGER, "set it, five", "five", 5),
        (WHO, "call, Sami", "Sami", "Sami"),
    ],
)
def test_an_answer_for_one_parameter(filled: Fill, schema: Any, text: str, answer: str, value: Any) -> None:
    assert filled(of(p=schema), text, p=answer).arguments == {"p": value}


@pytest.mark.parametrize("answer", ["hmm", "😀", "purple", ""])
def test_an_answer_that_is_no_value_is_not_taken(filled: Fill, answer: str) -> None:
    assert filled(of(n=INTEGER), f"set it, {answer}", n=answer).gap == Gap("n", "unsaid")


def test_lists_and_objects_keep_to_their_schema(filled: Fill) -> None:
    place = {"type": "object", "properties": {"x": INTEGER}, "required": ["x"]}
    items = {"type": "array", "items": {"type": "string"}}
    assert filled(of(where=place), "put a pin at 5").arguments == {"where": {"x": 5}}
    (listed,) = filled(of(things=items), "buy milk and bread").arguments.values()
    assert listed
    assert all(isinstance(each, str) for each in listed)


def test_what_is_weighed(said: Callable[[str], Said], taught: Learnt) -> None:
    tool, text = of(["size"], size=SIZE, n=INTEGER, who=WHO), "call Sara"
    known = evidence(tool, said(text))
    weighed = weigh(tool, known, FakeGlance(text, ("",)), 0, taught)
    assert list(weighed) == ["size"]  # code knows the others
    assert isinstance(known["who"], Sure)
    assert set(weighed["size"].right) == {0, 1}
    assert 0 <= weighed["size"].said <= 1
    assert 0.5 <= weighed["size"].certainty <= 1
    assert isinstance(settle(weighed)["size"], Open | Absent)
    assert weigh(tool, {"who": known["who"]}, FakeGlance(text, ("",)), 0, taught) == {}


@pytest.mark.parametrize("text", ["", "😀", "a" * 10_000, "שלום", "\u202e5\u202c", "5 " * 999])
@pytest.mark.parametrize("likely", [0.0, 0.5, 1.0])
def test_any_words_fill_or_leave_a_gap(filled: Fill, text: str, likely: float) -> None:
    every = {"n": INTEGER, "who": WHO, "size": SIZE, "text": WORDS, "on": {"type": "boolean"}}
    every["list"] = {"type": "array", "items": {"type": "string"}}
    for required in ([], list(every)):
        found = filled(of(required, **every), text, Sayings(likely, likely))
        assert 0 <= found.confidence <= 1
        assert found.gap is None or found.gap.name in every
        assert found.gap is not None or found.arguments.keys() >= set(required)


@pytest.mark.parametrize(
    ("right", "clear"),
    [((0.1, 0.02), True), ((0.1, 0.09), True), ((0.05, 0.01), False), ((0.1, 0.1, 0.1), False)],
)
def test_one_value_stands_out_where_only_a_value_was_said(right: tuple[float, ...], clear: bool) -> None:
    values = ["small", "large", "huge"][: len(right)]
    slot = Slot(of(size=SIZE), "size", Open({"enum": values}))
    weighed = Weighed(slot, 0.9, dict(enumerate(right)), Pointing(np.zeros(0), np.zeros(0), ()))
    assert weighed.clear == clear
    assert weighed.likeliest() == Sure("small")
