"""JSON schemas put together: what `allOf` asks, what stands beside an `anyOf`, what `oneOf` forbids."""

from collections.abc import Mapping
from typing import Any

from lamha.models.errors import GrammarBroken

type Schema = Mapping[str, Any]

ANNOTATIONS = frozenset(
    (
        *("title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"),
        *("$schema", "$id", "$comment", "$defs", "definitions"),
    )
)
"""Keywords that ask nothing of a value."""
TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")


def asked(schema: Schema) -> dict[str, Any]:
    """The keywords that do ask something; `x-…` are annotations too, all but `x-copy`."""
    return {
        key: value
        for key, value in schema.items()
        if key not in ANNOTATIONS and (key == "x-copy" or not key.startswith("x-"))
    }


def merged(first: Schema, second: Schema, where: str) -> Schema:
    """What asks both at once; `GrammarBroken` where that takes more than putting their keywords together."""
    both = asked(first) | asked(second)
    for key in asked(first).keys() & asked(second).keys():
        both[key] = _both(key, first[key], second[key], where)
    return both


def _both(key: str, first: Any, second: Any, where: str) -> Any:
    if first == second:
        return first
    if key == "required":
        return [*first, *(name for name in second if name not in first)]
    if key == "properties":
        shared = {k: merged(first[k], second[k], f"{where}/{k}") for k in first.keys() & second.keys()}
        return {**first, **second, **shared}
    if key == "type" and (common := _common(types(first), types(second))):
        return common
    raise GrammarBroken(f"two different {key} at {where} are more than can be joined", "write one schema")


def _common(first: list[str], second: list[str]) -> list[str]:
    whole = [kind for kind in ("integer",) if kind in first + second and "number" in first + second]
    return [kind for kind in TYPES if (kind in first and kind in second) or kind in whole]


def types(value: object) -> list[str]:
    """The types that the keyword `type` names."""
    return (
        [value]
        if isinstance(value, str)
        else [str(kind) for kind in value]
        if isinstance(value, list)
        else []
    )


def fits(value: object, kind: str) -> bool:
    """Whether a value is of a type."""
    match kind:
        case "integer":
            return not isinstance(value, bool) and isinstance(value, int | float) and value == value // 1
        case "number":
            return not isinstance(value, bool) and isinstance(value, int | float)
    kinds = {"object": Mapping, "array": list, "string": str, "boolean": bool}
    return isinstance(value, kinds[kind]) if kind in kinds else value is None


def apart(first: Schema, second: Schema) -> bool:
    """Whether no value that is generated for one satisfies the other: sure where True."""
    for known, other in ((_known(first), second), (_known(second), first)):
        kinds = types(other.get("type"))
        if known and kinds and not any(fits(value, kind) for value in known for kind in kinds):
            return True
    if _known(first) and _known(second):
        return not any(value == other for value in _known(first) for other in _known(second))
    ours, theirs = types(first.get("type")), types(second.get("type"))
    if ours and theirs and not _common(ours, theirs):
        return True
    return _names_apart(first, second) or _properties_apart(first, second)


def _known(schema: Schema) -> list[Any]:
    return [schema["const"]] if "const" in schema else list(schema.get("enum", []))


def _names_apart(first: Schema, second: Schema) -> bool:
    """Objects of which each needs a property that the other never has, since others are not generated."""
    return all(
        not one.get("additionalProperties")
        and set(other.get("required", [])) - set(one.get("properties", {}))
        for one, other in ((first, second), (second, first))
    )


def _properties_apart(first: Schema, second: Schema) -> bool:
    needed = set(first.get("required", [])) & set(second.get("required", []))
    pairs = [(first.get("properties", {}).get(k), second.get("properties", {}).get(k)) for k in needed]
    return any(isinstance(a, Mapping) and isinstance(b, Mapping) and apart(a, b) for a, b in pairs)
