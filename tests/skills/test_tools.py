import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.models.errors import ToolsBroken
from lamha.skills.api import Action
from lamha.skills.tools import Tool, of_action, signature, spoken, tools


def given_tool(**parameter: Any) -> dict[str, Any]:
    """A tool of one parameter, `p`."""
    return {"name": "act", "parameters": {"type": "object", "properties": {"p": parameter}}}


def only(raw: Any) -> Tool:
    (tool,) = tools([raw])
    return tool


@pytest.mark.parametrize(
    ("named", "kind"),
    [
        ("dict", "object"),
        ("float", "number"),
        ("double", "number"),
        ("int", "integer"),
        ("bool", "boolean"),
        ("str", "string"),
        ("any", "string"),
        ("tuple", "array"),
        ("list", "array"),
        (["string", "null"], "string"),
        (["null", "integer"], "integer"),
        (["null"], "string"),
        ("number", "number"),
    ],
)
def test_other_names_of_types(named: Any, kind: str) -> None:
    assert only(given_tool(type=named)).properties["p"]["type"] == kind


def test_a_parameter_without_a_type_is_words() -> None:
    assert only(given_tool()).properties["p"]["type"] == "string"


def test_types_are_read_at_every_depth() -> None:
    inner = {"type": "dict", "properties": {"x": {"type": "float"}}, "required": ["x", "y"]}
    tool = only(given_tool(type="tuple", items=inner, minItems=1))
    items = tool.properties["p"]["items"]
    assert (tool.properties["p"]["type"], tool.properties["p"]["minItems"]) == ("array", 1)
    assert (items["type"], items["properties"]["x"]["type"], items["required"]) == (
        "object",
        "number",
        ("x",),
    )
    assert only(given_tool(type="list")).properties["p"]["items"]["type"] == "string"


def test_the_form_of_other_assistants() -> None:
    plain = {**given_tool(type="int"), "description": "Do it."}
    assert only({"type": "function", "function": plain}) == only(plain)
    assert only({"type": "function", **plain}) == only(plain)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"parameters": None},
        {"parameters": {}},
        {"parameters": {"type": "object", "properties": {}}},
        {"parameters": {"type": "object", "properties": {}, "required": ["nothing"]}},
    ],
    ids=str,
)
def test_no_parameters_at_all(parameters: dict[str, Any]) -> None:
    tool = only({"name": "stop", **parameters})
    assert (tool.properties, tool.required) == ({}, ())
    assert signature(tool) == 'def stop():\n    """\n    """'


def test_what_is_required_but_no_property_is_not_required() -> None:
    raw = given_tool(type="string")
    raw["parameters"]["required"] = ["q", "p"]
    assert only(raw).required == ("p",)


def test_tools_stay_in_order_and_pass_through(actions: dict[str, Action]) -> None:
    action = actions["messages.draft"]
    first, second = only({"name": "b"}), of_action("a", action)
    assert [tool.name for tool in tools(iter([first, second, action, {"name": "z"}]))] == [
        "b",
        "a",
        action.name,
        "z",
    ]
    assert tools([first])[0] is first
    assert tools([]) == ()


def test_an_action_as_a_tool(actions: dict[str, Action]) -> None:
    tool = of_action("messages.draft", actions["messages.draft"])
    assert tool.properties["contact"]["x-lamha"] == "contact"
    assert set(tool.required) == {"contact", "text"}
    assert not any("[" in example for example in tool.examples)
    when = of_action("reminders.add", actions["reminders.add"]).properties["when"]
    assert when["format"] == "date-time"


def deep(levels: int, **around: Any) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        key = {"items": schema} if around.get("type") == "array" else {"properties": {"x": schema}}
        schema = {**around, **key}
    return schema


BROKEN: dict[str, tuple[Any, str]] = {
    "object": ({"name": "a"}, "tools come as a list"),
    "text": ("[]", "tools come as a list"),
    "number": (5, "tools come as a list"),
    "nothing": (None, "tools come as a list"),
    "item": ([{"name": "a"}, 1], "tool 2 is int, not an object"),
    "null item": ([None], "tool 1 is NoneType, not an object"),
    "function no object": ([{"type": "function", "function": 3}], "tool 1"),
    "no name": ([{"description": "x"}], "tool 1 has no name"),
    "blank name": ([{"name": "  "}], "tool 1 has no name"),
    "name no text": ([{"name": 3}], "tool 1 has no name"),
    "empty function": ([{"type": "function", "function": {}}], "tool 1 has no name"),
    "one name twice": ([{"name": "a"}, {"name": "b"}, {"name": "a"}], "two tools are named a"),
    "description": ([{"name": "a", "description": 3}], "description of a is no text"),
    "examples text": ([{"name": "a", "examples": "do it"}], "examples of a are no list of texts"),
    "examples number": ([{"name": "a", "examples": 3}], "examples of a are no list of texts"),
    "examples items": ([{"name": "a", "examples": ["x", 3]}], "examples of a are no list of texts"),
    "parameters": ([{"name": "a", "parameters": [1]}], "parameters of a are no JSON schema"),
    "properties": ([{"name": "a", "parameters": {"properties": [1]}}], "properties of a are no object"),
    "property": ([{"name": "a", "parameters": {"properties": {"p": 3}}}], r"a\.p is no JSON schema"),
    "required text": ([{"name": "a", "parameters": {"required": "p"}}], "what a requires is no list"),
    "required number": ([{"name": "a", "parameters": {"required": 3}}], "what a requires is no list"),
    "enum empty": ([given_tool(enum=[])], r"enum of act\.p has no values"),
    "enum text": ([given_tool(enum="ab")], r"enum of act\.p has no values"),
    "enum null": ([given_tool(enum=None)], r"enum of act\.p has no values"),
    "type": ([given_tool(type="blob")], r"act\.p is of type blob"),
    "type null": ([given_tool(type=None)], r"act\.p is of type None"),
    "type object": ([given_tool(type={})], r"act\.p is of type"),
    "type lists": ([given_tool(type=[["string"]])], r"act\.p is of type"),
    "items": ([given_tool(type="array", items=[1])], r"act\.p\[\] is no JSON schema"),
    "type of items": ([given_tool(type="array", items={"type": "blob"})], r"act\.p\[\] is of type blob"),
    "deep objects": ([given_tool(**deep(9, type="object"))], "nested too deep"),
    "deep arrays": ([given_tool(**deep(5000, type="array"))], "nested too deep"),
}


@pytest.mark.parametrize(("raw", "message"), BROKEN.values(), ids=BROKEN)
def test_what_is_no_tool_is_named(raw: Any, message: str) -> None:
    with pytest.raises(ToolsBroken, match=message) as caught:
        tools(raw)
    assert caught.value.hint


OVEN = {
    "name": "oven.heat",
    "description": "Heat the\n  oven.",
    "parameters": {
        "type": "dict",
        "properties": {
            "degrees": {"type": "float", "description": "Temperature in °C"},
            "mode": {"type": "string", "enum": ["fan", "grill"]},
            "dishes": {"type": "array", "items": {"type": "str"}, "description": "What is in it"},
            "steps": {
                "type": "tuple",
                "items": {
                    "type": "dict",
                    "properties": {"minutes": {"type": "int"}, "fan": {"type": "bool"}},
                },
            },
            "door": {"type": "object", "description": "x" * 200},
        },
        "required": ["degrees"],
    },
}
SIGNATURE = f'''def oven_heat(degrees: float, mode: Literal['fan', 'grill'] = None, \
dishes: list[str] = None, steps: list[dict] = None, door: dict = None):
    """Heat the oven.

    Args:
        degrees: Temperature in °C
        mode:{" "}
        dishes: What is in it
        steps:  (minutes: int; fan: bool)
        door: {"x" * 159}…
    """'''


def test_a_signature() -> None:
    assert signature(only(OVEN)) == SIGNATURE


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("set_oven", "set oven"),
        ("setOven", "set oven"),
        ("oven.set", "oven set"),
        ("SET-OVEN2", "set oven2"),
        ("__x__", "x"),
        ("اسم_الغرفة", "اسم الغرفة"),
        ("房间", "房间"),
        ("_", ""),
    ],
)
def test_a_name_in_words(name: str, words: str) -> None:
    assert spoken(name) == words


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KINDS = st.sampled_from(["string", "integer", "array", "object", "dict", "any"])
SCHEMAS: st.SearchStrategy[Any] = st.deferred(
    lambda: (
        JSON
        | st.fixed_dictionaries(
            {},
            optional={
                "type": KINDS | JSON,
                "enum": JSON,
                "description": JSON,
                "items": SCHEMAS,
                "properties": JSON | st.dictionaries(st.text(max_size=3), SCHEMAS, max_size=3),
                "required": JSON,
            },
        )
    )
)
TOOLS = st.fixed_dictionaries(
    {"name": st.just("act") | JSON},
    optional={
        "type": st.just("function"),
        "function": JSON,
        "description": st.text(max_size=9) | JSON,
        "parameters": SCHEMAS,
        "examples": JSON,
    },
)


@given(JSON | st.lists(TOOLS, max_size=3))
def test_any_json_is_tools_or_said_to_be_none(raw: Any) -> None:
    try:
        found = tools(json.loads(json.dumps(raw)))
    except ToolsBroken as broken:
        assert broken.hint
        return
    assert all(signature(tool).startswith("def ") for tool in found)
