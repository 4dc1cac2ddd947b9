import json
import re
from calendar import isleap
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamha.models.errors import GrammarBroken
from lamha.models.llm.grammar.matcher import Grammar
from lamha.models.llm.grammar.phrases import units
from lamha.models.llm.grammar.schema import _KNOWN, gbnf, grammar
from lamha.models.llm.library import bindings

NODE = {
    "type": "object",
    "properties": {"v": {"type": "integer"}, "n": {"$ref": "#/$defs/node"}},
    "required": ["v"],
}
COPY = {"type": "string", "x-copy": True}
ANY = [{}, True]


def writes(schema: Any, value: str, text: str = "") -> bool:
    matcher = grammar(schema, text).matcher().accept(value.encode())
    return matcher is not None and matcher.complete


def obj(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


@pytest.mark.parametrize(
    ("schema", "allowed", "refused"),
    [
        ({}, ["null", '{"a": [1, "b"]}', "-2.5"], ["", "nul"]),
        ({"type": "object"}, ["{}", '{"a": 1, "b": {}}'], ["[]", '{"a":1}', "{ }"]),
        (
            obj("b", a={"type": "null"}, b={"type": "boolean"}),
            ['{"b": true, "a": null}', '{"b": true}'],
            ["{}"],
        ),
        (
            obj(a=True, b=True, c=True),
            ['{"a": 1, "c": 2}', '{"b": 1}', "{}"],
            ['{"c": 1, "a": 2}', '{"d": 1}'],
        ),
        (
            obj("نوع", "类", نوع={"const": "رسالة"}, 类={"const": "消息"}),
            ['{"نوع": "رسالة", "类": "消息"}'],
            [],
        ),
        ({"required": ["a"]}, ['{"a": 1}', '{"a": 1, "b": 2}'], ["{}"]),
        (
            {
                "properties": {"ab": {"type": "null"}, 'q"': False},
                "additionalProperties": {"type": "integer"},
            },
            ['{"ab": null, "a": 1, "abc": 2, "": 3}', '{"b": 1}', "{}"],
            ['{"ab": 1}', '{"a": null}', r'{"\u0061b": 1}', r'{"q\"": 1}'],
        ),
        ({"type": "array", "items": {"type": "integer"}}, ["[]", "[1]", "[1, -2]"], ["[1,2]", "[,]", "[01]"]),
        ({"items": {"type": "null"}, "minItems": 2, "maxItems": 3}, ["[null, null]"], ["[null]", "[]"]),
        ({"type": "array", "maxItems": 0}, ["[]"], ["[1]"]),
        ({"prefixItems": [{"type": "null"}, {"const": 1}]}, ["[null, 1]"], ["[null]", "[null, 1, 1]"]),
        (
            {"prefixItems": [{"const": 1}], "items": {"const": 2}, "minItems": 2},
            ["[1, 2]", "[1, 2, 2]"],
            ["[1]"],
        ),
        ({"type": "string"}, ['""', '"a\\n\\"م"', '"你好"'], ['"\n"', '"\\u0061"', '"a"b"', '"\\"']),
        ({"minLength": 1, "maxLength": 2}, ['"a"', '"\\n好"'], ['""', '"abc"']),
        ({"type": ["string", "null"]}, ['"a"', "null"], ["1"]),
        ({"type": "boolean"}, ["true", "false"], ["null"]),
        (
            {"enum": ["a", "ab", 1, None, {"x": [1.5]}]},
            ['"a"', '"ab"', "1", "null", '{"x": [1.5]}'],
            ["a", '"abc"'],
        ),
        ({"const": {"k": "م"}}, ['{"k": "م"}'], ['{"k":"م"}']),
        ({"type": "integer"}, ["0", "-1", "9999999999999999"], ["-0", "01", "1.0", "1e3", "1" + "0" * 16]),
        ({"type": "number"}, ["0", "-1.5", "0.000001"], ["1e3", ".5", "1.", "01"]),
        (
            {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
            ["1", "0.5", "0.01", "1.0"],
            ["0", "0.0", "1.1"],
        ),
        ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, ["null", "1"], ["true"]),
        ({"anyOf": [obj("a", a=True), obj("b", b=True)], "type": "object"}, ['{"a": 1}', '{"b": 1}'], ["{}"]),
        (
            {"oneOf": [obj("k", k={"const": 1}), obj("k", k={"const": 2})]},
            ['{"k": 1}', '{"k": 2}'],
            ['{"k": 3}'],
        ),
        ({"allOf": [obj("a", a={"const": 1}), obj("b", b=True)]}, ['{"a": 1, "b": null}'], ['{"a": 1}']),
        ({"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"const": 1}}}, ["1"], ["2"]),
        ({"$ref": "#/$defs/node", "$defs": {"node": NODE}}, ['{"v": 1, "n": {"v": 2}}'], ['{"n": {"v": 2}}']),
        ({"pattern": r"^[a-c]+\d{2}(x|yz)?$"}, ['"ab12"', '"c00yz"'], ['"ab1"', '"12"']),
        ({"pattern": "^.$"}, ['"a"', r'"\""', r'"\\"', '"م"'], ['"""', '"\\"', '"ab"']),
        ({"pattern": r"[^a]\n"}, [r'"xx\"\nyy"'], ['"a\\n"', '"b\n"']),
        (
            {"format": "date"},
            ['"2026-02-28"'],
            ['"2026-02-30"', '"2100-02-29"', '"2026-02-29"', '"2026-13-01"', '"26-01-01"'],
        ),
        ({"format": "date-time"}, ['"2026-02-28T09:00:00Z"'], ['"2026-02-28"', '"2026-02-28T25:00:00Z"']),
        ({"title": "x", "x-unit": "m", "type": "null"}, ["null"], []),
    ],
)
def test_what_a_schema_allows(schema: Any, allowed: list[str], refused: list[str]) -> None:
    assert [value for value in allowed if not writes(schema, value)] == []
    assert [value for value in refused if writes(schema, value)] == []
    assert all(json.loads(value) is not ... for value in allowed)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (False, "nothing is allowed"),
        (3, "3 is no schema"),
        ({"enum": []}, "enum has nothing"),
        ({"anyOf": []}, "anyOf has nothing"),
        ({"allOf": 3}, "allOf has nothing"),
        ({"type": "strang"}, "strang is no type"),
        ({"type": []}, "is no type"),
        ({"type": [["string"]]}, "is no type"),
        ({"type": "integer", "enum": [1, "a"]}, "'a' is no integer"),
        ({"enum": [1], "const": 2}, "const is not in enum"),
        ({"enum": ["a"], "minLength": 2}, "minLength stands beside"),
        ({"const": float("nan")}, "cannot be written as JSON"),
        ({"enum": [{1}]}, "cannot be written as JSON"),
        ({"const": "\ud800"}, "never ends"),
        ({"minItems": 3, "maxItems": 2}, "minItems 3 is more than maxItems 2"),
        ({"prefixItems": [True, True], "maxItems": 1}, "2 items are more than 1"),
        ({"prefixItems": True}, "prefixItems is no list"),
        ({"minLength": 3, "maxLength": 2}, "minLength 3 is more than maxLength 2"),
        ({"minLength": -1}, "-1 is no count"),
        ({"maxLength": "a"}, "'a' is no count"),
        ({"minLength": 10**9}, "the grammar"),
        ({"type": "integer", "minimum": 3, "maximum": 2}, "no number is within"),
        ({"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 2}, "no number is within"),
        ({"minimum": 1, "exclusiveMaximum": 1}, "no number is within"),
        ({"minimum": 10**5000}, "no number is within"),
        ({"minimum": float("nan")}, "minimum is no number"),
        ({"maximum": True}, "maximum is no number"),
        ({"$ref": "#"}, "leads back to itself"),
        ({"allOf": [{"$ref": "#"}]}, "leads back to itself|inside each other"),
        ({"$ref": "#/$defs/x"}, "leads nowhere"),
        ({"$ref": "https://example.org/schema"}, "nothing is fetched"),
        ({"$ref": 3}, "is not in this schema"),
        (obj("n", n={"$ref": "#"}), "never ends"),
        (obj("a", a=False), "#/properties/a: nothing is allowed"),
        ({"properties": 3}, "properties is no object"),
        ({"properties": {"a/b": 3}}, "#/properties/a~1b: 3 is no schema"),
        ({"required": ["a"], "additionalProperties": False}, "#/properties/a: nothing is allowed"),
        ({"required": [["a"]]}, "no JSON schema"),
        ({"not": {}}, "not cannot be followed"),
        ({"if": {}, "then": {}}, "cannot be followed"),
        ({"type": "string", "maxLenght": 3}, "maxLenght cannot be followed"),
        ({"type": "array", "uniqueItems": True}, "uniqueItems cannot be followed"),
        ({"minLength": 1, "minItems": 1}, "it may be array or string"),
        ({"allOf": [{"type": "string"}, {"type": "null"}]}, "two different type"),
        ({"oneOf": [{"type": "integer"}, {"type": "number"}]}, "two of oneOf may hold"),
        ({"oneOf": [obj("a", a=True), obj("a", a=True, b=True)]}, "two of oneOf may hold"),
        ({"format": "email"}, "the format email is not known"),
        ({"format": "date", "pattern": "^a$"}, "cannot be joined"),
        ({"pattern": "("}, "cannot be followed"),
        ({"pattern": r"(a)\1"}, "groupref is not supported"),
        ({"pattern": "(?=a)"}, "assert is not supported"),
        ({"pattern": "(" * 999 + ")" * 999}, "more than 100 brackets"),
        (COPY, "no words to copy"),
        ({**COPY, "maxLength": 3}, "maxLength stands beside x-copy"),
        ({"type": "integer", "x-copy": True}, "x-copy is for strings"),
    ],
)
def test_what_cannot_be_satisfied_or_followed_is_named(schema: Any, message: str) -> None:
    with pytest.raises(GrammarBroken, match=message) as caught:
        grammar(schema)
    assert caught.value.hint


def test_no_depth_is_too_deep() -> None:
    deep: Any = {"type": "null"}
    for _ in range(200):
        deep = {"items": deep}
    chain = {f"d{i}": {"items": {"$ref": f"#/$defs/d{i + 1}"}} for i in range(500)}
    for schema in (deep, {"$ref": "#/$defs/d0", "$defs": {**chain, "d500": {}}}):
        with pytest.raises(GrammarBroken, match="inside each other"):
            grammar(schema)


def test_what_values_share_is_said_once() -> None:
    start = grammar(obj("do", do={"enum": ["set_timer", "set_reminder", "send"]})).matcher()
    assert start.forced() == '{"do": "se'
    then = start.accept(b'{"do": "set_r')
    assert then is not None
    assert then.forced() == 'eminder"}'
    assert writes({"enum": ["a" * n for n in range(300)]}, f'"{"a" * 299}"')


@pytest.mark.parametrize(
    ("text", "allowed", "refused"),
    [
        (
            "Tell Sara: “I'm late, sorry”!",
            ["Sara", "Sara:", "“I'm late, sorry”", "“I'm late", "I'm late,", "Tell Sara: “I'm"],
            ["", "sara", "Sar", "Tell  Sara", "I", ",", "late sorry", ", sorry", "!"],
        ),
        ("Wake me  at 7:30\nor\t8", ["at 7:30\\nor\\t8", "me  at", "8"], ["me at", "7", "30"]),
        ('say "hi" to a\\b', ['\\"hi\\"', '\\"hi', "a\\\\b", 'hi\\" to'], ['"hi"', "\\"]),
        (
            "أرسل رسالة لأحمد وسارة، غدًا",
            ["أحمد", "لأحمد", "سارة", "أحمد وسارة", "لأحمد وسارة،", "غدًا"],
            ["حمد", "أحمد و", "ل", "غد", "،"],
        ),
        (
            "给小李发消息：我晚点到。",
            ["小李", "我晚点到", "我晚点到。", "发消息：我"],
            ["小 李", "：", "李小"],
        ),
        ("王伟 said 👍🏽 ok", ["王伟", "伟 said 👍🏽", "👍🏽"], ["👍", "伟said"]),
        ("東京タワーへ", ["東京", "タワー", "東京タワーへ"], ["东京"]),
    ],
)
def test_copied_words(text: str, allowed: list[str], refused: list[str]) -> None:
    assert [span for span in allowed if not writes(COPY, f'"{span}"', text)] == []
    assert [span for span in refused if writes(COPY, f'"{span}"', text)] == []


@pytest.mark.parametrize("text", ["", " \n", "...؟", "。"])
def test_nothing_to_copy(text: str) -> None:
    with pytest.raises(GrammarBroken, match="no words to copy"):
        grammar(COPY, text)


@given(st.text(max_size=40), st.data())
def test_any_run_of_words_can_be_copied(text: str, data: st.DataObject) -> None:
    found = units(text)
    words = [unit for unit in found if unit.kind == "word"]
    assert all(text[unit.start : unit.end].strip() for unit in found)
    if not words:
        return
    first = data.draw(st.sampled_from(words))
    last = data.draw(st.sampled_from([word for word in words if word.start >= first.start]))
    span = json.dumps(text[first.start : last.end], ensure_ascii=False)
    if not re.search("[\ud800-\udfff]", text):
        assert writes(COPY, span, text)


def test_a_grammar_of_copied_words_is_as_long_as_the_text() -> None:
    short, long = (len(gbnf(COPY, "a new word " * count)) for count in (20, 200))
    assert long < 12 * short
    assert writes(COPY, '"word a new"', "a new word " * 200)


@given(st.integers(-2000, 2000), st.integers(0, 2000), st.integers(-2500, 4500))
def test_integers_between_bounds(low: int, width: int, number: int) -> None:
    schema = {"type": "integer", "minimum": low, "maximum": low + width}
    assert writes(schema, str(number)) == (low <= number <= low + width)


@given(
    st.decimals(-50, 50, places=2),
    st.decimals(0, 20, places=1),
    st.decimals(-60, 80, places=3),
    st.sampled_from(["inimum", "xclusiveMinimum"]),
)
def test_numbers_between_bounds(low: Any, width: Any, number: Any, kind: str) -> None:
    key = "m" + kind if kind == "inimum" else "e" + kind
    schema = {"type": "number", key: float(low), "maximum": float(low + width) + 1}
    if not number and str(number).startswith("-"):
        return
    above = number >= low if kind == "inimum" else number > low
    assert writes(schema, str(number)) == (above and number <= low + width + 1)


@given(
    st.dates()
    | st.integers(1, 2499).map(lambda year: date(4 * year, 2, 29) if isleap(4 * year) else date(year, 2, 28))
)
def test_dates(day: date) -> None:
    assert writes({"format": "date"}, f'"{day.isoformat()}"') == (1000 <= day.year < 3000)


SCHEMAS = st.recursive(
    st.sampled_from(
        [
            {"type": "integer", "minimum": -5, "maximum": 120},
            {"type": "string", "maxLength": 3},
            {"enum": ["تذكير", "تذكرة", "提醒", "x"]},
            {"type": ["null", "boolean"]},
            {"pattern": '^["a\\n]{1,2}$'},
        ]
    ),
    lambda inner: (
        st.dictionaries(st.sampled_from(["a", "م", "b c", "类", 'q"']), inner, min_size=1, max_size=3).map(
            lambda p: {"type": "object", "properties": p, "required": [*p][:1]}
        )
        | st.tuples(inner, st.integers(0, 2)).map(
            lambda p: {"type": "array", "items": p[0], "maxItems": p[1]}
        )
        | st.lists(inner, min_size=1, max_size=2).map(lambda ways: {"anyOf": ways})
    ),
    max_leaves=4,
)


@settings(max_examples=40)
@given(SCHEMAS, st.lists(st.sampled_from('"\\,]}:[{ -0159aنت提xn'), max_size=30))
def test_whatever_is_written_is_valid(schema: Any, wishes: list[str]) -> None:
    matcher, text = grammar(schema).matcher(), ""
    for wish in wishes:
        step = matcher.forced() or wish
        if after := matcher.accept(step.encode()):
            matcher, text = after, text + step
    value = json.loads(text + matcher.shortest())
    assert satisfies(value, schema)
    assert json.dumps(value, ensure_ascii=False) == text + matcher.shortest()


def satisfies(value: Any, schema: Any) -> bool:
    """The few keywords of the random schemas, once more and simply."""
    if "anyOf" in schema:
        return any(satisfies(value, way) for way in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    if "properties" in schema:
        return isinstance(value, dict) and fits_object(value, schema["properties"], schema["required"])
    if "items" in schema:
        within = isinstance(value, list) and len(value) <= schema["maxItems"]
        return within and all(satisfies(item, schema["items"]) for item in value)
    return fits_plain(value, schema)


def fits_object(value: dict[str, Any], properties: Any, required: list[str]) -> bool:
    known = value.keys() <= properties.keys() and set(required) <= value.keys()
    return known and all(satisfies(inner, properties[name]) for name, inner in value.items())


def fits_plain(value: Any, schema: Any) -> bool:
    if "pattern" in schema:
        return isinstance(value, str) and re.search(schema["pattern"], value) is not None
    if "maximum" in schema:
        return type(value) is int and -5 <= value <= 120
    if "maxLength" in schema:
        return isinstance(value, str) and len(value) <= 3
    return value is None or isinstance(value, bool)


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["string", "#", "object", "^a"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*_KNOWN, "$defs", "x-other"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=40)
@given(SCHEMAS)
def test_llama_cpps_converter_allows_it_too(schema: Any) -> None:
    try:
        theirs = Grammar.parse(bindings("llama_grammar").json_schema_to_gbnf(json.dumps(schema)))
    except GrammarBroken:  # it writes the pattern's newline wrongly
        return
    after = theirs.matcher().accept(grammar(schema).matcher().shortest().encode())
    assert after is not None
    assert after.complete


@given(JUNK)
def test_junk_is_refused_or_satisfiable(schema: Any) -> None:
    try:
        made = grammar(schema, "a word")
    except GrammarBroken:
        return
    json.loads(made.matcher().shortest())
    assert isinstance(made, Grammar)
