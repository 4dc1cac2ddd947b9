import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.skills.nearest import nearest
from lamha.skills.tools import tools

ROOMS = {"type": "string", "enum": ["kitchen", "bathroom"]}
RAW = [
    {"name": "setOven", "description": "Heat the oven."},
    {
        "name": "light",
        "description": "Switch a lamp.",
        "parameters": {"properties": {"room": ROOMS, "dimmedTo": {"type": "integer"}}},
    },
    {"name": "alarm", "description": "Wake the user.", "examples": ["أيقظني غدا", "明天叫醒我"]},
    *({"name": f"thing_{i}", "description": f"Does {i}."} for i in range(200)),
]
TOOLS = {tool.name: tool for tool in tools(RAW)}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("heat it", "setOven"),
        ("the oven", "setOven"),
        ("OVENS", "setOven"),
        ("in the bathroom", "light"),
        ("is it dimmed", "light"),
        ("wake me", "alarm"),
        ("أيقظني الآن", "alarm"),
        ("明天叫醒我吧", "alarm"),
    ],
)
def test_names_descriptions_values_and_examples_are_compared(text: str, name: str) -> None:
    assert name in nearest(TOOLS, text, 2)


def test_the_order_stays_that_of_the_tools() -> None:
    found = nearest(TOOLS, "wake the lamp in the oven", 3)
    assert found == ["setOven", "light", "alarm"]


@pytest.mark.parametrize("most", [len(TOOLS), len(TOOLS) + 1])
def test_where_all_have_room_none_is_left_out(most: int) -> None:
    assert nearest(TOOLS, "", most) == list(TOOLS)
    assert nearest({}, "anything", most) == []


@given(st.text(max_size=40), st.integers(1, 20))
def test_no_more_than_are_wanted_and_none_twice(text: str, most: int) -> None:
    found = nearest(TOOLS, text, most)
    assert len(found) == most
    assert found == [name for name in TOOLS if name in set(found)]
