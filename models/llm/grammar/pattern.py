"""Regular expressions of JSON schema as GBNF of JSON strings.

llama.cpp's own converter copies `.` and classes as they are, and so lets a quote into the string.
"""

import re
from importlib import import_module
from typing import Any
from warnings import catch_warnings, simplefilter

from lamha.models.errors import GrammarBroken
from lamha.models.llm.grammar.charset import Chars, Range
from lamha.models.llm.grammar.phrases import STRING_CHAR, literal

BRACKETS = 100
"""A pattern with more of them is not read."""
FORMATS = {
    "date": r"^{date}$",
    "time": r"^{time}$",
    "date-time": r"^{date}T{time}$",
    "uuid": r"^[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}}$",
}
"""RFC 3339 with the days that each month has, from the year 1000 to 2999."""
_DATE = (
    r"(?:(?:[12]\d(?:0[48]|[2468][048]|[13579][26])|(?:1[26]|2[048])00)-02-29"
    r"|[12]\d{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8])))"
)
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)"
_CATEGORIES: dict[str, list[Range]] = {  # ECMA 262's, which JSON schema means
    "DIGIT": [(0x30, 0x39)],
    "WORD": [(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)],
    "SPACE": [(0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x2028, 0x2029), (0x3000, 0x3000), (0xFEFF, 0xFEFF)],
}
_NO_JSON = [(0x00, 0x1F), (0x22, 0x22), (0x5C, 0x5C), (0x7F, 0x7F)]
_ESCAPES = {'"': r"\"", "\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"}


def format_pattern(name: str) -> str | None:
    """The pattern of a format's strings, None for a format that is not known."""
    return FORMATS[name].format(date=_DATE, time=_TIME) if name in FORMATS else None


def pattern(expression: str) -> str:
    """GBNF of the JSON strings that match; like a search, so anything may be around where no `^` or `$` is.

    `GrammarBroken` for look-around, back references and whatever is no pattern.
    """
    tree = _tree(expression)
    begins = bool(tree) and _is_anchor(tree[0], "AT_BEGINNING")
    ends = bool(tree) and _is_anchor(tree[-1], "AT_END")
    inner = _sequence(tree[begins : len(tree) - ends], expression)
    anything = f"({STRING_CHAR})*"
    return rf'"\"" {"" if begins else anything} {inner} {"" if ends else anything} "\""'


def _tree(expression: str) -> list[Any]:
    if expression.count("(") > BRACKETS:
        raise GrammarBroken(f"a pattern has more than {BRACKETS} brackets", "say it shorter")
    parser = import_module("re._parser")  # of the standard library, which has no public one
    try:
        with catch_warnings():
            simplefilter("ignore")
            return list(parser.parse(expression))
    except (re.error, OverflowError) as error:
        raise _refused(expression, str(error)) from error


def _is_anchor(node: tuple[Any, Any], name: str) -> bool:
    return str(node[0]) == "AT" and str(node[1]) == name


def _sequence(nodes: Any, expression: str) -> str:
    return " ".join(_node(str(kind), value, expression) for kind, value in nodes) or '""'


def _node(kind: str, value: Any, expression: str) -> str:
    match kind:
        case "LITERAL":
            return _chars([(value, value)])
        case "NOT_LITERAL":
            return _chars([(value, value)], negated=True)
        case "ANY":
            return _chars([(0x0A, 0x0A), (0x0D, 0x0D), (0x2028, 0x2029)], negated=True)
        case "IN":
            negated = str(value[0][0]) == "NEGATE"
            return _chars([r for part in value[negated:] for r in _ranges(part)], negated=negated)
        case "BRANCH":
            return f"({' | '.join(_sequence(way, expression) for way in value[1])})"
        case "SUBPATTERN" if not value[1] and not value[2]:
            return f"({_sequence(value[3], expression)})"
        case "MAX_REPEAT" | "MIN_REPEAT":
            least, most, inner = value
            return f"({_sequence(inner, expression)}){_times(int(least), most)}"
    raise _refused(expression, f"{kind.lower().replace('_', ' ')} is not supported here")


def _times(least: int, most: Any) -> str:
    if str(most) == "MAXREPEAT":
        return {0: "*", 1: "+"}.get(least, f"{{{least},}}")
    return f"{{{least},{int(most)}}}"


def _ranges(part: tuple[Any, Any]) -> list[Range]:
    kind, value = str(part[0]), part[1]
    if kind == "RANGE":
        return [(value[0], value[1])]
    if kind == "LITERAL":
        return [(value, value)]
    name = str(value).removeprefix("CATEGORY_")
    others = Chars.of(_CATEGORIES[name.removeprefix("NOT_")], negated=True)
    return list(others.ranges) if name.startswith("NOT_") else _CATEGORIES[name]


def _chars(ranges: list[Range], *, negated: bool = False) -> str:
    """A set of characters inside a JSON string, escaped where they must be; controls without a short
    escape are left out.
    """
    wanted = Chars.of(ranges, negated=negated)
    plain = Chars.of([*Chars.of(wanted.ranges, negated=True).ranges, *_NO_JSON], negated=True)
    ways = [literal(written) for char, written in _ESCAPES.items() if char in wanted]
    if plain.ranges:
        inside = "".join(rf"\U{low:08X}-\U{high:08X}" for low, high in plain.ranges)
        ways.append(f"[{inside}]" if plain.single is None else literal(plain.single))
    return f"({' | '.join(ways)})" if len(ways) != 1 else ways[0]


def _refused(expression: str, why: str) -> GrammarBroken:
    return GrammarBroken(f"the pattern {expression} cannot be followed: {why}", "write a simpler pattern")
