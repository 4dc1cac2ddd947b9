"""JSON schema as a grammar of JSON in one fixed layout, that of Python's `json.dumps`.

llama.cpp's converter leaves white space free, ignores bounds and whatever else it does not know, and lets
quotes and controls into strings; so this one is our own. What it cannot promise, it refuses. Properties stand
in the order of the schema, those that are required first; others are not generated unless the schema asks.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from lamha.models.errors import GrammarBroken
from lamha.models.llm.grammar.combine import TYPES, Schema, apart, asked, fits, merged, types
from lamha.models.llm.grammar.digits import Bound, decimals, integers
from lamha.models.llm.grammar.matcher import Grammar
from lamha.models.llm.grammar.pattern import format_pattern, pattern
from lamha.models.llm.grammar.phrases import STRING_CHAR, Book, copied, dumps, literal, none_of, one_of

DEPTH = 64
"""Schemas inside schemas."""

_OF_TYPE = {
    "object": {"properties", "required", "additionalProperties"},
    "array": {"items", "prefixItems", "minItems", "maxItems"},
    "string": {"minLength", "maxLength", "pattern", "format", "x-copy"},
    "number": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
}
_KNOWN = {"type", "enum", "const", "$ref", "anyOf", "oneOf", "allOf"}.union(*_OF_TYPE.values())


def grammar(schema: Schema | bool, text: str = "", before: str = "", after: str = "") -> Grammar:
    """The grammar of the JSON that satisfies a schema; a string with `x-copy: true` is a piece of `text`,
    one with `x-copy: [texts…]` a piece of one of those.

    `before` is a text that stands before it, `after` an expression of GBNF for what stands behind.

    `GrammarBroken` where nothing satisfies it, or where that cannot be made sure.
    """
    try:
        root, found, rules = gbnf(schema, text).partition("\n")
        body = root.removeprefix("root ::= ")
        around = f"{literal(before)} ({body}) {after}" if before or after else body
        return Grammar.parse(f"root ::= {around}{found}{rules}")
    except GrammarBroken as error:
        if "begins with itself" in error.message:
            raise GrammarBroken(
                "a $ref of the schema leads back to itself", "let it lead further in"
            ) from error
        if "no text of up to" in error.message:
            raise GrammarBroken(
                "what satisfies the schema never ends, or is too long", "make a property optional on the way"
            ) from error
        raise


def gbnf(schema: Schema | bool, text: str = "") -> str:
    """The same in GBNF, which llama.cpp reads too; endless schemas are not refused here."""
    writer = _Writer(schema, text)
    try:
        root = writer.visit(schema, "#")
    except (
        TypeError,
        AttributeError,
        KeyError,
        UnicodeError,
    ) as error:  # a list where a name should be, and so on
        raise _broken(f"it is no JSON schema ({error})", "#", "check it against json-schema.org") from error
    return "\n".join(f"{name} ::= {body}" for name, body in {"root": root, **writer.book.rules}.items())


class _Writer:
    def __init__(self, schema: Schema | bool, text: str) -> None:
        self.book = Book()
        self._schema, self._text = schema, text
        self._references: dict[str, str] = {}
        self._depth = 0

    def visit(self, schema: Any, where: str) -> str:
        """An expression for what satisfies a schema; `where` is its JSON pointer, for messages."""
        if schema is False:
            raise _broken("nothing is allowed", where, "leave it out, or say what is wanted")
        if self._depth >= DEPTH:
            raise _broken(
                f"there are more than {DEPTH} schemas inside each other", where[:80], "make it flatter"
            )
        self._depth += 1
        expression = self._expression(schema, where)
        self._depth -= 1
        return expression

    def _expression(self, schema: Any, where: str) -> str:
        rest = {} if schema is True else self._checked(schema, where)
        if "$ref" in rest:
            return self._reference(rest, where)
        if "allOf" in rest:
            return self.visit(self._all(rest, where), f"{where}/allOf")
        for keyword in ("anyOf", "oneOf"):
            if keyword in rest:
                return self._any(rest, keyword, where)
        if "const" in rest or "enum" in rest:
            return self._constants(rest, where)
        return self._typed(rest, where)

    def _checked(self, schema: Any, where: str) -> dict[str, Any]:
        if not isinstance(schema, Mapping):
            raise _broken(f"{schema!r} is no schema", where, "write an object, true or false")
        rest = asked(schema)
        for key in rest:
            if key not in _KNOWN:
                raise _broken(
                    f"{key} cannot be followed", where, "leave it out, and check the value afterwards"
                )
        for kind in types(rest.get("type", "null")) or ["nothing"]:
            if kind not in TYPES:
                raise _broken(f"{kind} is no type", where, f"use one of {', '.join(TYPES)}")
        return rest

    def _reference(self, schema: Schema, where: str) -> str:
        target = schema["$ref"]
        if len(schema) > 1:
            others = {key: value for key, value in schema.items() if key != "$ref"}
            return self.visit(merged(self._target(target, where), others, where), f"{where}/$ref")
        found = self._target(target, where)
        if target not in self._references:
            name = self._references[target] = self.book.name()
            self.book.rules[name] = self.visit(found, target)
        return self._references[target]

    def _target(self, reference: Any, where: str) -> Any:
        if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
            raise _broken(
                f"{reference} is not in this schema", where, "copy it into $defs; nothing is fetched"
            )
        found: Any = self._schema
        for part in reference.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            if isinstance(found, list) and key.isascii() and key.isdecimal() and int(key) < len(found):
                found = found[int(key)]
            elif isinstance(found, Mapping) and key in found:
                found = found[key]
            else:
                raise _broken(f"{reference} leads nowhere", where, f"there is no {key}")
        return found

    def _plain(self, schema: Any, where: str) -> Schema:
        """A part of `allOf` as keywords, its references followed."""
        for _ in range(DEPTH):
            rest = {} if schema is True else self._checked(schema, where) if schema is not False else None
            if rest is None:
                raise _broken("nothing is allowed", where, "leave out the `false`")
            if "$ref" not in rest:
                return rest
            others = {key: value for key, value in rest.items() if key != "$ref"}
            found = self._target(rest["$ref"], where)
            schema = merged(found, others, where) if isinstance(found, Mapping) else found
        raise _broken("a $ref leads back to itself", where, "let it lead further in")

    def _all(self, schema: Schema, where: str) -> Schema:
        whole: Schema = {key: value for key, value in schema.items() if key != "allOf"}
        for index, part in enumerate(_list(schema["allOf"], "allOf", where)):
            whole = merged(whole, self._plain(part, f"{where}/allOf/{index}"), where)
        return whole

    def _any(self, schema: Schema, keyword: str, where: str) -> str:
        others = {key: value for key, value in schema.items() if key != keyword}
        parts = _list(schema[keyword], keyword, where)
        if keyword == "oneOf":
            self._refuse_overlap([self._plain(part, where) for part in parts], where)
        if others:
            parts = [merged(self._plain(part, where), others, where) for part in parts]
        ways = [self.visit(part, f"{where}/{keyword}/{index}") for index, part in enumerate(parts)]
        return self.book.add(" | ".join(ways))

    def _refuse_overlap(self, parts: list[Schema], where: str) -> None:
        for index, part in enumerate(parts):
            for other in parts[:index]:
                if not apart(part, other):
                    raise _broken(
                        "two of oneOf may hold at once", where, "use anyOf, or tell them apart by a const"
                    )

    def _constants(self, schema: Schema, where: str) -> str:
        values = _list(schema["enum"], "enum", where) if "enum" in schema else [schema["const"]]
        if "const" in schema and schema["const"] not in values:
            raise _broken("const is not in enum", where, "leave one of them out")
        values = [schema["const"]] if "const" in schema else values
        if others := schema.keys() - {"const", "enum", "type"}:
            raise _broken(f"{', '.join(sorted(others))} stands beside known values", where, "leave it out")
        for value in values:
            if "type" in schema and not any(fits(value, kind) for kind in types(schema["type"])):
                raise _broken(f"{value!r} is no {schema['type']}", where, "correct the type or the value")
        try:
            return one_of(self.book, map(dumps, values))
        except (TypeError, ValueError) as error:
            raise _broken(
                f"a value cannot be written as JSON ({error})", where, "correct the value"
            ) from error

    def _typed(self, schema: Schema, where: str) -> str:
        kinds = types(schema["type"]) if "type" in schema else self._implied(schema, where)
        if schema.get("x-copy", False) is not False and "string" not in kinds:
            raise _broken("x-copy is for strings", where, "name the type string")
        ways = [self.book.add(self._of(kind, schema, where)) for kind in dict.fromkeys(kinds)]
        return " | ".join(ways) if len(ways) == 1 else self.book.add(" | ".join(ways))

    def _implied(self, schema: Schema, where: str) -> list[str]:
        kinds = [kind for kind, keywords in _OF_TYPE.items() if keywords & schema.keys()]
        if len(kinds) > 1:
            raise _broken(f"it may be {' or '.join(kinds)}", where, "name the type")
        return kinds or [kind for kind in TYPES if kind != "integer"]

    def _of(self, kind: str, schema: Schema, where: str) -> str:
        match kind:
            case "object":
                return self._object(schema, where)
            case "array":
                return self._array(schema, where)
            case "string":
                return self._string(schema, where)
            case "number" | "integer":
                return _number(schema, kind == "integer", where)
            case "boolean":
                return '"true" | "false"'
        return '"null"'

    def _any_value(self) -> str:
        if "any" not in self._references:
            name = self._references["any"] = self.book.name()
            self.book.rules[name] = self._typed({}, "#")
        return self._references["any"]

    def _string(self, schema: Schema, where: str) -> str:
        keys = _OF_TYPE["string"] & schema.keys()
        if schema.get("x-copy", False) is not False:
            wanted = schema["x-copy"]
            texts = (
                [wanted] if isinstance(wanted, str) else wanted if isinstance(wanted, list) else [self._text]
            )
            return self._copied(texts, keys, where)
        expression = schema.get("pattern")
        if "format" in schema:
            expression = format_pattern(str(schema["format"]))
            if expression is None:
                raise _broken(f"the format {schema['format']} is not known", where, "use a pattern")
        if expression is None:
            least, most = _counts(schema, "Length", where)
            return rf'"\"" {_repeated(self.book.add(STRING_CHAR), least, most)} "\""'
        if len(keys - {"x-copy"}) > 1 or not isinstance(expression, str):
            raise _broken(f"{' and '.join(sorted(keys))} cannot be joined", where, "put all into one pattern")
        return pattern(expression)

    def _copied(self, texts: list[str], keys: set[str], where: str) -> str:
        if others := keys - {"x-copy"}:
            raise _broken(f"{', '.join(sorted(others))} stands beside x-copy", where, "leave it out")
        rules = [rule for text in texts if (rule := copied(self.book, text))]
        if not rules:
            raise _broken("there are no words to copy", where, "give the text that x-copy copies from")
        return " | ".join(rules)

    def _array(self, schema: Schema, where: str) -> str:
        least, most = _counts(schema, "Items", where)
        first = schema.get("prefixItems", [])
        if not isinstance(first, list):
            raise _broken("prefixItems is no list", where, "write a list of schemas")
        items = schema.get("items", not first)
        if items is False:
            most = len(first) if most is None else min(most, len(first))
        if most is not None and max(least, len(first)) > most:
            raise _broken(f"{max(least, len(first))} items are more than {most}", where, "correct the limits")
        ways = [self.book.add(self.visit(item, f"{where}/prefixItems/{i}")) for i, item in enumerate(first)]
        if most == len(ways):
            return _listed(ways)
        item = self.book.add(self.visit(items, f"{where}/items") if items is not True else self._any_value())
        return _array(ways, item, least, most)

    def _object(self, schema: Schema, where: str) -> str:
        properties, required = schema.get("properties", {}), schema.get("required", [])
        more = schema.get("additionalProperties", "properties" not in schema)
        if not isinstance(properties, Mapping) or not isinstance(required, list):
            raise _broken("properties is no object, or required no list", where, "correct the schema")
        missing = {name: more for name in required if name not in properties}
        if missing and "additionalProperties" not in schema:
            missing = dict.fromkeys(missing, True)
        wanted = {**properties, **missing}
        needs = [self._pair(name, wanted[name], where) for name in wanted if name in required]
        may = [
            self._pair(name, value, where)
            for name, value in wanted.items()
            if name not in required and value is not False
        ]
        return self._members(needs, may, self._others(wanted, more, where))

    def _pair(self, name: Any, schema: Any, where: str) -> str:
        key = str(name).replace("~", "~0").replace("/", "~1")
        value = self._any_value() if schema is True else self.visit(schema, f"{where}/properties/{key}")
        return self.book.add(f"{literal(dumps(str(name)) + ': ')} ({value})")

    def _others(self, wanted: Mapping[str, Any], more: Any, where: str) -> str:
        """A rule for a property that the schema does not name."""
        if more is False:
            return ""
        value = self._any_value() if more is True else self.visit(more, f"{where}/additionalProperties")
        return self.book.add(f'{none_of(self.book, wanted)} ": " ({value})')

    def _members(self, needs: list[str], may: list[str], other: str) -> str:
        """An object; `rest` goes on after a member, `begin` where none was written yet."""
        rest = begin = self.book.add(f'(", " {other})*' if other else '""')
        if other:
            begin = self.book.add(f"({other} {rest})?")
        for pair in reversed(may):
            begin = self.book.add(f"{pair} {rest} | {begin}")
            rest = self.book.add(f'(", " {pair})? {rest}')
        if needs:
            return f'''"{{" {' ", " '.join(needs)} {rest} "}}"'''
        return f'"{{" {begin} "}}"'


def _array(first: list[str], item: str, least: int, most: int | None) -> str:
    more = _repeated(f'(", " {item})', max(least - max(len(first), 1), 0), _less(most, max(len(first), 1)))
    if first:
        return f'''"[" {' ", " '.join(first)} {more} "]"'''
    return f'"[" {item} {more} "]"' if least else f'"[" ({item} {more})? "]"'


def _listed(items: list[str]) -> str:
    return f'''"[" {' ", " '.join(items)} "]"'''


def _less(number: int | None, by: int) -> int | None:
    return None if number is None else number - by


def _repeated(item: str, least: int, most: int | None) -> str:
    return f"{item}{{{least},{'' if most is None else most}}}"


def _number(schema: Schema, whole: bool, where: str) -> str:
    low = _bound(schema, "inimum", where, max)
    high = _bound(schema, "aximum", where, min)
    if whole:
        ways = integers(
            None if low is None else low[0].__floor__() + 1 if low[1] else low[0].__ceil__(),
            None if high is None else high[0].__ceil__() - 1 if high[1] else high[0].__floor__(),
        )
    else:
        ways = decimals(low, high)
    if not ways:
        raise _broken("no number is within the bounds", where, "let minimum be less than maximum")
    return ways


def _bound(schema: Schema, name: str, where: str, stricter: Any) -> Bound | None:
    found = []
    for key, excluded in (("m" + name, False), ("exclusiveM" + name, True)):
        if key not in schema:
            continue
        if not fits(schema[key], "number") or schema[key] - schema[key] != 0:
            raise _broken(f"{key} is no number", where, "write a number")
        number = schema[key]
        found.append((Fraction(number if isinstance(number, int) else repr(number)), excluded))
    if len(found) == 2 and found[0][0] == found[1][0]:
        return found[1]
    return stricter(found) if found else None


def _counts(schema: Schema, name: str, where: str) -> tuple[int, int | None]:
    least, most = schema.get(f"min{name}", 0), schema.get(f"max{name}")
    for count in (least, 0 if most is None else most):
        if not fits(count, "integer") or count < 0:
            raise _broken(f"{count!r} is no count", where, "write a whole number")
    if most is not None and least > most:
        raise _broken(f"min{name} {least} is more than max{name} {most}", where, "correct the limits")
    return int(least), None if most is None else int(most)


def _list(value: Any, keyword: str, where: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise _broken(f"{keyword} has nothing to choose from", where, "name at least one")
    return value


def _broken(message: str, where: str, hint: str) -> GrammarBroken:
    return GrammarBroken(f"the schema at {where}: {message}", hint)
