"""Tools: actions as data, with a name, a line of description and a JSON schema; examples where there are any.

A skill's `Action` is one, and so is anything in the form that other assistants publish.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lamha.models.errors import ToolsBroken
from lamha.skills.api import Action, Parameter
from lamha.skills.examples import plain

type Schema = Mapping[str, Any]

TYPES = {
    "dict": "object",
    "tuple": "array",
    "list": "array",
    "float": "number",
    "double": "number",
    "int": "integer",
    "bool": "boolean",
    "str": "string",
    "any": "string",
}
"""Other names that published tools give to JSON's types."""
_KNOWN = {"object", "array", "number", "integer", "boolean", "string"}
_PYTHON = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "array": "list"}
_SCALARS = (str, int, float, bool, type(None))
_SHOWN = 24  # parameters that the model is shown: those that are required first
_LONGEST = 160  # characters of one description that the model is shown
_DEEPEST = 6


@dataclass(frozen=True)
class Tool:
    """What can be called: `parameters` is a schema of type object, in JSON's own names of types."""

    name: str
    description: str
    parameters: Schema
    examples: tuple[str, ...] = ()
    """What a person may say; without the marks of copied words."""
    action: Action | None = field(default=None, compare=False)
    """The skill's own, where it is one."""

    @property
    def properties(self) -> Mapping[str, Schema]:
        """The parameters by name."""
        return self.parameters["properties"]  # type: ignore[no-any-return]

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the parameters that a call cannot do without."""
        return self.parameters["required"]  # type: ignore[no-any-return]


def tools(given: Iterable[Tool | Action | Mapping[str, Any]]) -> tuple[Tool, ...]:
    """What can be called, of tools in any form; `ToolsBroken` says which is none, and why."""
    if isinstance(given, Mapping | str) or not isinstance(given, Iterable):
        raise ToolsBroken("tools come as a list", 'give [{"name": …, "description": …, "parameters": …}]')
    found = tuple(_tool(each, number) for number, each in enumerate(given, 1))
    names = [tool.name for tool in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ToolsBroken(f"two tools are named {twice}", "give each a name of its own")
    return found


def of_action(name: str, action: Action) -> Tool:
    """A skill's action as a tool."""
    properties = {parameter.name: _of_parameter(parameter) for parameter in action.parameters}
    required = tuple(p.name for p in action.parameters if p.required)
    parameters = {"type": "object", "properties": properties, "required": required}
    return Tool(name, action.description, parameters, tuple(map(plain, action.examples)), action)


def signature(tool: Tool) -> str:
    """A tool as the head of a Python function, which small models that write code know best."""
    names = [*tool.required, *(name for name in tool.properties if name not in tool.required)]
    shown = [name for name in tool.properties if name in names[:_SHOWN]]
    arguments = ", ".join(_argument(tool, name) for name in shown)
    lines = "".join(f"        {name}: {_line(tool.properties[name])}\n" for name in shown)
    described = f"{_short(tool.description)}\n" + (f"\n    Args:\n{lines}" if lines else "")
    return f'def {tool.name.replace(".", "_")}({arguments}):\n    """{described}    """'


def spoken(name: str) -> str:
    """A programmer's name in words: `set_oven`, `setOven` and `oven.set` all have spaces instead."""
    return " ".join(re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name))).lower()


def _tool(given: Any, number: int) -> Tool:
    if isinstance(given, Tool):
        return given
    if isinstance(given, Action):
        return of_action(given.name, given)
    if not isinstance(given, Mapping):
        raise ToolsBroken(f"tool {number} is {type(given).__name__}, not an object", "give it a name")
    given = given.get("function", given) if given.get("type") == "function" else given
    if not isinstance(given, Mapping):
        raise ToolsBroken(f"tool {number} is a function that is no object", "give it a name")
    name, description = given.get("name"), given.get("description") or ""
    if not isinstance(name, str) or not name.strip():
        raise ToolsBroken(f"tool {number} has no name", 'give it a "name"')
    if not isinstance(description, str):
        raise ToolsBroken(f"the description of {name} is no text", "write a line")
    examples = given.get("examples") or ()
    if not isinstance(examples, list | tuple) or not all(isinstance(example, str) for example in examples):
        raise ToolsBroken(f"the examples of {name} are no list of texts", "give a list of utterances")
    parameters = _object(given.get("parameters") or {}, name, 0)
    return Tool(name, description, parameters, tuple(map(plain, examples)))


def _object(schema: Any, where: str, depth: int) -> dict[str, Any]:
    if not isinstance(schema, Mapping):
        raise ToolsBroken(f"the parameters of {where} are no JSON schema", "give an object")
    if depth > _DEEPEST:
        raise ToolsBroken(f"the parameters of {where} are nested too deep", f"{_DEEPEST} levels are the most")
    properties = schema.get("properties") or {}
    if not isinstance(properties, Mapping):
        raise ToolsBroken(f"the properties of {where} are no object", "give a schema by name")
    read = {str(name): _schema(each, f"{where}.{name}", depth) for name, each in properties.items()}
    required = schema.get("required") or ()
    if isinstance(required, str) or not isinstance(required, Iterable):
        raise ToolsBroken(f"what {where} requires is no list", "give a list of names")
    needed = tuple(name for name in read if name in required)
    return {**schema, "type": "object", "properties": read, "required": needed}


def _schema(schema: Any, where: str, depth: int) -> Schema:
    if not isinstance(schema, Mapping):
        raise ToolsBroken(f"{where} is no JSON schema", 'give an object such as {"type": "string"}')
    if depth > _DEEPEST:
        raise ToolsBroken(f"the parameters of {where} are nested too deep", f"{_DEEPEST} levels are the most")
    schema = {**schema, "enum": [schema["const"]]} if "const" in schema else schema
    kind = _kind(schema, where)
    _check(schema, where)
    if kind == "object":
        return _object(schema, where, depth + 1)
    if kind == "array":
        items = _schema(schema.get("items") or {"type": "string"}, f"{where}[]", depth + 1)
        return {**schema, "type": kind, "items": items}
    return {**schema, "type": kind}


def _check(schema: Schema, where: str) -> None:
    """What code relies on later, so that it fails here and not in the middle of a turn."""
    enum = schema.get("enum", [None])
    if not isinstance(enum, list | tuple) or not enum:
        raise ToolsBroken(f"the enum of {where} has no values", "give a list of values")
    if not all(isinstance(value, _SCALARS) for value in enum):
        raise ToolsBroken(f"the enum of {where} holds lists or objects", "give texts or numbers")
    for bound in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems"):
        if isinstance(schema.get(bound, 0), bool) or not isinstance(schema.get(bound, 0), int | float):
            raise ToolsBroken(f"the {bound} of {where} is no number", "give a number")
    names = schema.get("x-names", {})
    if not isinstance(names, Mapping) or not all(isinstance(each, list | tuple) for each in names.values()):
        raise ToolsBroken(f"the x-names of {where} are no lists by value", 'give {"value": ["a name"]}')


def _kind(schema: Schema, where: str) -> str:
    kind = schema.get("type", "string")
    if isinstance(kind, list | tuple):
        kind = next((each for each in kind if each != "null"), "string")
    kind = TYPES.get(str(kind), str(kind))
    if kind not in _KNOWN:
        raise ToolsBroken(f"{where} is of type {kind}", f"use one of {', '.join(sorted(_KNOWN))}")
    return kind


def _of_parameter(parameter: Parameter) -> Schema:
    described = {"type": "string", "description": parameter.description}
    if parameter.kind == "contact":
        return {**described, "x-lamha": "contact"}
    if parameter.kind == "moment":
        return {**described, "format": "date-time"}
    if parameter.kind == "choice":
        return {**described, "enum": list(parameter.choices), "x-names": parameter.choices}
    return described


def _argument(tool: Tool, name: str) -> str:
    return f"{name}: {_hint(tool.properties[name])}" + ("" if name in tool.required else " = None")


def _hint(schema: Schema) -> str:
    if "enum" in schema:
        return f"Literal[{', '.join(map(repr, schema['enum'][:_SHOWN]))}]"
    if schema["type"] == "array":
        return f"list[{_hint(schema['items'])}]"
    return _PYTHON.get(str(schema["type"]), "dict")


def _line(schema: Schema) -> str:
    nested = "; ".join(_nested(schema))
    return _short(schema.get("description", "")) + (f" ({nested})" if nested else "")


def _nested(schema: Schema) -> Iterator[str]:
    inner: Schema = schema.get("items", {}) if schema["type"] == "array" else schema
    nested = inner.get("properties", {}) if inner.get("type") == "object" else {}
    for name, each in nested.items():
        yield f"{name}: {_hint(each)}"


def _short(text: Any) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
