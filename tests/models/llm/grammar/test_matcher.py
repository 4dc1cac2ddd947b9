from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lamha.models.errors import GrammarBroken
from lamha.models.llm.grammar import matcher as module
from lamha.models.llm.grammar.charset import Chars
from lamha.models.llm.grammar.matcher import Grammar, Matcher

JSON = r"""
# llama.cpp's own
root ::= object
value ::= object | array | string | number | ("true" | "false" | "null") ws
object ::=
  "{" ws (
    string ":" ws value
    ("," ws string ":" ws value)*
  )? "}" ws
array ::= "[" ws ( value ("," ws value)* )? "]" ws
string ::=
  "\"" (
    [^"\\\x7F\x00-\x1F] |
    "\\" (["\\bfnrt] | "u" [0-9a-fA-F]{4}) # escapes
  )* "\"" ws
number ::= ("-"? ([0-9] | [1-9] [0-9]{0,15})) ("." [0-9]+)? ([eE] [-+]? [0-9] [1-9]{0,15})? ws
ws ::= | " " | "\n" [ \t]{0,20}
"""
ALPHABET = "abم"
"""Of the random grammars: one character of two bytes is in it."""


def matches(gbnf: str, text: str) -> bool:
    matcher = Grammar.parse(gbnf).matcher().accept(text.encode())
    return matcher is not None and matcher.complete


def after(gbnf: str, text: str = "") -> Matcher:
    matcher = Grammar.parse(gbnf).matcher().accept(text.encode())
    assert matcher is not None
    return matcher


@pytest.mark.parametrize(
    ("gbnf", "allowed", "refused"),
    [
        ('root ::= "a" | "b" "c"', ["a", "bc"], ["", "b", "ab", "abc"]),
        ('root ::= "ab"*', ["", "ab", "abab"], ["a", "aba"]),
        ('root ::= ("a" | "b")+ "c"?', ["a", "bac"], ["", "c", "cc"]),
        ('root ::= "a"{2} "b"{1,} "c"{0,2}', ["aab", "aabbcc"], ["ab", "aa", "aabccc"]),
        ('root ::= "a"{ 0 } "b"', ["b"], ["ab"]),
        ("root ::= [a-c] [^a-c] .", ["axy", "c!م", "a\n\n"], ["aay", "xxx", "ax"]),
        ("root ::= [-a] [a-] [^]", ["-ax", "a-x"], ["bax"]),
        (r'root ::= "\x41\u0645\U0001F600\t\r\n\\\"\[\]"', ['Aم😀\t\r\n\\"[]'], ["A"]),
        (r"root ::= [\x41-\x43\]\\]", ["A", "C", "]", "\\"], ["D", "x"]),
        ('root ::= one-2\n\none-2 ::=\n  "x" |\n  "y" # or\n', ["x", "y"], ["xy"]),
        ('root ::= (\n "x"\n |\n "y"\n)\r\n', ["x", "y"], [""]),
        ('root ::= "(" root? ")"', ["()", "((()))"], ["(", "())"]),
        ('root ::= "" | "你好" [一-龥]', ["", "你好吗"], ["你好", "你好a"]),
        (JSON, ['{"a": [1, -2.5e+3, "م\\u0645"], "b": {}}'], ["[]", '{"a"}', '{"a": 01}']),
    ],
)
def test_the_notation(gbnf: str, allowed: list[str], refused: list[str]) -> None:
    assert [text for text in allowed if not matches(gbnf, text)] == []
    assert [text for text in refused if matches(gbnf, text)] == []


@pytest.mark.parametrize(
    ("gbnf", "message"),
    [
        ("", "no rule named root"),
        ('top ::= "a"', "no rule named root"),
        ('root ::= "a"\n\nx = "b"', "line 3"),
        ('root ::= "a\n', "line 1"),
        ("root ::= [a", "line 1"),
        ('root ::= ("a"\n"b"', "line 1 .* a bracket is not closed"),
        ('root ::= "a" )', "makes no sense here"),
        ("root ::= *", "makes no sense here"),
        ('root ::= "a"{2,1}', "2,1"),
        ('root ::= "a"{,1}', "cannot be read"),
        ('root ::= "a"\nroot ::= "b"', "line 2 .* defined twice"),
        ('root "a"', "`::=` was expected"),
        ('"a"', "a rule's name was expected"),
        (r'root ::= "\q"', "no escape"),
        (r'root ::= "\x4"', "no escape"),
        ("root ::= [b-a]", "the range b-a is empty"),
        ('root ::= "a"\nx ::= y | "a"', "line 2 .* the rule y is not defined"),
        ('root ::= root "a" | "b"', "the rule root begins with itself"),
        ('root ::= x\nx ::= "a"? y\ny ::= x "b" | "c"', "the rule . begins with itself"),
        ('root ::= ("a"*)*', "a repetition of what may be empty"),
        ('root ::= "a" root', "allows no text"),
        ('root ::= "a" x\nx ::= x2\nx2 ::= "b" x', "allows no text"),
        ("root ::= []", "allows no text"),
        (r"root ::= [\uD800-\uDFFF]", "allows no text"),
    ],
)
def test_what_is_no_grammar_is_named(gbnf: str, message: str) -> None:
    with pytest.raises(GrammarBroken, match=message) as caught:
        Grammar.parse(gbnf)
    assert caught.value.hint


@pytest.mark.parametrize(
    "gbnf",
    [
        'root ::= "a"{999999999}',
        'root ::= ("a"{1000}){1000}',
        'root ::= ((("a"{0,99}){0,99}){0,99}){0,99}',
        "root ::= " + '"a"{9999} ' * 99,
        'root ::= r0 "!"\n' + "".join(f"r{i} ::= r{i + 1} r{i + 1}\n" for i in range(99)) + 'r99 ::= "a"',
        "root ::= " + "(" * 9_999,
        'root ::= "' + "a" * 992_000 + '"',
    ],
)
def test_a_bomb_is_refused(gbnf: str) -> None:
    with pytest.raises(GrammarBroken):
        Grammar.parse(gbnf)


def test_no_depth_is_too_deep() -> None:
    assert matches("root ::= " + "(" * 2_000 + '"a"' + ")" * 2_000, "a")
    nested = after(JSON, '{"a":' + "[" * 2_000)
    closing = nested.shortest()
    assert closing == "]" * 2_000 + "}"
    assert nested.accept(closing.encode())


def test_too_many_ways_are_refused() -> None:
    doubling = 'root ::= s "!"\ns ::= "a" s x | "a" s y | ""\nx ::= "x"\ny ::= "y"'
    with pytest.raises(GrammarBroken, match="ways to go on"):
        after(doubling, "a" * 99)


def test_a_dead_end_is_not_entered() -> None:
    assert Grammar.parse('root ::= "a" | "b" x\nx ::= "c" x').matcher().accept(b"b") is None


def test_what_must_follow() -> None:
    assert after('root ::= "abc" [de]').forced() == "abc"
    assert after('root ::= "ab" | "ac"').forced() == "a"
    assert after('root ::= "a" "b"?').forced() == "a"
    assert after('root ::= ("ab" | "a" "b") "c"').forced() == "abc"
    assert after('root ::= "a"{999}').forced() == "a" * module.FORCED
    inside = Grammar.parse('root ::= "مم"').matcher().accept("م".encode()[:1])
    assert inside is not None
    assert (inside.forced(), inside.shortest(), inside.complete) == ("", "مم", False)


def test_the_shortest_end_is_plain() -> None:
    assert after("root ::= [^x]").shortest() == "a"
    assert after("root ::= [3-9] [\x00-\x20A]").shortest() == "3A"
    assert after('root ::= "a" "b"{3} | "a" "c"').shortest() == "ac"
    assert after(JSON, '{"a": "x').shortest() == '"}'


def test_the_end() -> None:
    assert not after('root ::= "a"').complete
    assert (after('root ::= "a"', "a").complete, after('root ::= "a"', "a").over) == (True, True)
    assert (after('root ::= "a"+', "a").complete, after('root ::= "a"+', "a").over) == (True, False)


@pytest.mark.parametrize("data", [b"\xff", b"\xc0\x80", b"\xe0\x80", b"\xed\xa0\x80", b"\xf4\x90", b"\x80"])
def test_broken_characters_are_refused(data: bytes) -> None:
    assert Grammar.parse("root ::= .*").matcher().accept(data) is None


def test_half_a_character_needs_a_whole_one() -> None:
    matcher = Grammar.parse("root ::= [一-龥]").matcher()
    assert matcher.accept("好".encode()[:1]) is not None
    assert matcher.accept("م".encode()[:1]) is None
    assert matcher.accept(b"\xe0") is None
    assert matcher.accept(b"\xf0") is None


def test_what_is_remembered_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    text = '{"a": [1, 2, {"b": "العربية 中文"}]}'
    whole = after(JSON, text).shortest()
    monkeypatch.setattr(module, "KEPT", 3)
    matcher = after(JSON, text)
    assert (matcher.complete, matcher.shortest()) == (True, whole)


@given(st.sets(st.integers(0, 0x10FFFF), max_size=9), st.booleans(), st.integers(0, 0x10FFFF))
def test_sets_of_characters(codes: set[int], negated: bool, code: int) -> None:
    chars = Chars.of([(c, c) for c in codes], negated=negated)
    for asked in (code, *codes):
        assert (chr(asked) in chars) == (((asked in codes) != negated) and not 0xD800 <= asked <= 0xDFFF)
    assert Chars.of(chars.ranges) == chars


def expressions() -> st.SearchStrategy[str]:
    leaves = st.sampled_from(['"a"', '"b"', '"م"', '"ab"', "[ab]", "[^a]", ".", '""', "other"])
    signs = st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{2,}"])
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3).map(" ".join)
            | st.lists(inner, min_size=2, max_size=3).map(lambda ways: f"({' | '.join(ways)})")
            | st.tuples(inner, signs).map(lambda pair: f"({pair[0]}){pair[1]}")
        ),
        max_leaves=6,
    )


@st.composite
def grammars(draw: st.DrawFn) -> Grammar:
    try:
        return Grammar.parse(f"root ::= {draw(expressions())}\nother ::= {draw(expressions())}")
    except GrammarBroken:
        assume(False)
        raise


def allowed(matcher: Matcher) -> list[str]:
    return [char for char in ALPHABET if matcher.accept(char.encode())]


@settings(max_examples=40)
@given(grammars(), st.data())
def test_every_walk_can_end_wherever_its_bytes_are_cut(grammar: Grammar, data: st.DataObject) -> None:
    matcher, text = grammar.matcher(), ""
    for _ in range(data.draw(st.integers(0, 8))):
        if not (chars := allowed(matcher)):
            break
        text += data.draw(st.sampled_from(chars))
        matcher = grammar.matcher().accept(text.encode()) or pytest.fail(f"{text} was allowed in pieces")
    whole = text + matcher.shortest()
    cut = data.draw(st.integers(0, len(whole.encode())))
    begun = grammar.matcher().accept(whole.encode()[:cut])
    assert begun is not None
    ended = begun.accept(whole.encode()[cut:])
    assert ended is not None
    assert ended.complete
    finished = whole.encode()[:cut].decode(errors="ignore") + begun.shortest()
    assert after_whole(grammar, finished)


def after_whole(grammar: Grammar, text: str) -> bool:
    matcher = grammar.matcher().accept(text.encode())
    return matcher is not None and matcher.complete


@settings(max_examples=40)
@given(grammars())
def test_shortest_and_forced_are_what_trying_all_finds(grammar: Grammar) -> None:
    texts = ["".join(chars) for size in range(4) for chars in product(ALPHABET, repeat=size)]
    whole = [text for text in texts if after_whole(grammar, text)]
    start = grammar.matcher()
    if whole:
        assert len(start.shortest()) == len(whole[0])
    forced = start.forced()
    assert all(text.startswith(forced[: len(text)]) and len(text) >= len(forced) for text in whole)
    if len(forced) < 3:
        then = start.accept(forced.encode())
        assert then is not None
        others = [char for char in (*ALPHABET, "z") if then.accept(char.encode())]
        assert then.complete or len(others) != 1
