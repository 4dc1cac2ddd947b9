"""Reads GBNF, the notation for grammars of llama.cpp (`grammars/README.md` there), into numbered rules.

Groups and repetitions become rules of their own. Nothing here calls itself: no brackets are too deep.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, NoReturn

from lamha.models.errors import GrammarBroken
from lamha.models.llm.grammar.charset import LAST, Chars, Range

ELEMENTS = 50_000
"""A grammar may have so many, counted as if every repetition were written out."""
CHARACTERS = 200_000
"""And its text so many."""

type Element = Chars | int
"""One of these characters, or all of the rule of this number."""
type Alternatives = list[list[Element]]

_CHAR = r"\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\[trn\\\"\[\]]|[^\\]"
_CHARS = re.compile(rf"({_CHAR})(?:-({_CHAR}))?", re.DOTALL)
_LITERAL = re.compile(_CHAR, re.DOTALL)
_CONTROL = {"t": "\t", "r": "\r", "n": "\n"}
_TOKEN = re.compile(
    r"(?P<space>[ \t]+|\#[^\r\n]*)|(?P<newline>\r\n|\r|\n)|(?P<name>[A-Za-z0-9-]+)|(?P<define>::=)"
    r"|(?P<literal>\"(?:\\.|[^\"\\])*\")|(?P<chars>\[(?:\\.|[^\]\\])*\])|(?P<any>\.)"
    r"|(?P<repeat>[*+?]|\{\s*\d{1,9}\s*(?:,\s*(?:\d{1,9}\s*)?)?\})|(?P<open>\()|(?P<close>\))|(?P<or>\|)",
    re.DOTALL,
)


@dataclass
class Rules:
    """Rules by their numbers; `names` has those that were named, and `root` among them."""

    names: dict[str, int] = field(default_factory=dict)
    alternatives: list[Alternatives] = field(default_factory=list)


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


class _Item(NamedTuple):
    """What a repetition sign repeats, and how many elements it would be if all were written out."""

    elements: list[Element]
    weight: int


@dataclass
class _Group:
    """The alternatives of a bracket or a rule which is being read; the last one grows."""

    line: int
    alternatives: list[list[_Item]] = field(default_factory=lambda: [[]])

    @property
    def items(self) -> list[_Item]:
        return self.alternatives[-1]


def read(text: str) -> Rules:
    """The rules of a grammar; `GrammarBroken` names the line where it is none."""
    if len(text) > CHARACTERS:
        raise GrammarBroken(f"the grammar has {len(text)} characters", f"say it in {CHARACTERS}")
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._token = next(self._tokens)
        self._rules = Rules()
        self._used: dict[str, int] = {}
        self._defined: set[str] = set()
        self._size = 0

    def read(self) -> Rules:
        self._newlines()
        while self._token.kind != "end":
            self._rule()
            self._newlines()
        for name, line in self._used.items():
            if name not in self._defined:
                _broken(line, f"the rule {name} is not defined", f"write `{name} ::= …`")
        if "root" not in self._defined:
            raise GrammarBroken("the grammar has no rule named root", "name the rule to begin with `root`")
        return self._rules

    def _rule(self) -> None:
        name, line = self._expect("name", "a rule's name"), self._token.line
        self._expect("define", "`::=`")
        if name in self._defined:
            _broken(line, f"the rule {name} is defined twice", "join the two with `|`")
        self._defined.add(name)
        group = self._groups(_Group(line))
        self._rules.alternatives[self._number(name)] = [_joined(items) for items in group.alternatives]
        self._grow(sum(map(len, self._rules.alternatives[self._number(name)])), line)

    def _groups(self, rule: _Group) -> _Group:
        """Reads to the end of a rule; what is in brackets is held on a stack."""
        self._newlines()
        groups = [rule]
        while self._token.kind not in ("end", "newline") or len(groups) > 1:
            kind, text, line = self._token
            self._advance()
            match kind:
                case "newline":
                    pass
                case "or":
                    groups[-1].alternatives.append([])
                    self._newlines()
                case "open":
                    groups.append(_Group(line))
                case "close" if len(groups) > 1:
                    inner = groups.pop()
                    groups[-1].items.append(self._grouped(inner))
                case "repeat" if groups[-1].items:
                    groups[-1].items[-1] = self._repeated(groups[-1].items[-1], text, line)
                case "end":
                    _broken(groups[-1].line, "a bracket is not closed", "write `)`")
                case _:
                    groups[-1].items.append(
                        _Item(elements := self._elements(kind, text, line), len(elements))
                    )
        return rule

    def _elements(self, kind: str, text: str, line: int) -> list[Element]:
        match kind:
            case "name":
                self._used.setdefault(text, line)
                return [self._number(text)]
            case "literal":
                codes = [_code(char) for char in _whole(_LITERAL, text[1:-1], line)]
                return [Chars.of([(code, code)]) for code in codes]
            case "chars":
                return [_chars(text[1:-1], line)]
            case "any":
                return [Chars.of([(0, LAST)])]
        return _broken(line, f"`{text}` makes no sense here")

    def _grouped(self, group: _Group) -> _Item:
        weight = sum(item.weight for items in group.alternatives for item in items)
        alternatives = [_joined(items) for items in group.alternatives]
        return _Item(
            alternatives[0] if len(alternatives) == 1 else [self._new(alternatives, group.line)], weight
        )

    def _repeated(self, item: _Item, sign: str, line: int) -> _Item:
        least, most = _bounds(sign)
        if most is not None and most < least:
            _broken(line, f"nothing is repeated {sign} times", "write the smaller number first")
        weight = item.weight * max(least + (most is None), most or 0)
        if weight > ELEMENTS:
            _broken(line, f"{sign} makes {weight} elements of {item.weight}", "repeat it less often")
        unit: list[Element] = item.elements if len(item.elements) == 1 else [self._new([item.elements], line)]
        rest: list[Element] = []
        if most is None:
            star = self._new([[]], line)
            self._rules.alternatives[star] = [[*unit, star], []]
            rest = [star]
        for _ in range((most or 0) - least):
            rest = [self._new([[*unit, *rest], []], line)]
        return _Item([*unit * least, *rest], weight)

    def _new(self, alternatives: Alternatives, line: int) -> int:
        self._grow(1 + sum(map(len, alternatives)), line)
        self._rules.alternatives.append(alternatives)
        return len(self._rules.alternatives) - 1

    def _grow(self, elements: int, line: int) -> None:
        self._size += elements
        if self._size > ELEMENTS:
            _broken(line, f"the grammar has more than {ELEMENTS} elements", "repeat less, or say it shorter")

    def _number(self, name: str) -> int:
        if name not in self._rules.names:
            self._rules.names[name] = len(self._rules.alternatives)
            self._rules.alternatives.append([])
        return self._rules.names[name]

    def _newlines(self) -> None:
        while self._token.kind == "newline":
            self._advance()

    def _expect(self, kind: str, what: str) -> str:
        if self._token.kind != kind:
            _broken(self._token.line, f"{what} was expected, not `{self._token.text}`")
        return self._advance()

    def _advance(self) -> str:
        text = self._token.text
        self._token = next(self._tokens, self._token)
        return text


def _tokens(text: str) -> Iterator[_Token]:
    at, line = 0, 1
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            _broken(line, f"`{text[at : at + 20]}` cannot be read", "close what was opened; see GBNF's guide")
        if match.lastgroup != "space":
            yield _Token(str(match.lastgroup), match[0], line)
        line += match[0].count("\n")
        at = match.end()
    yield _Token("end", "the end", line)


def _whole(pattern: re.Pattern[str], text: str, line: int) -> list[str]:
    """All of a text in matches of the pattern."""
    found, at = [], 0
    while at < len(text):
        match = pattern.match(text, at)
        if match is None:
            _broken(line, f"`{text[at : at + 2]}` is no escape", r"write `\\` for a backslash")
        found.append(match[0])
        at = match.end()
    return found


def _chars(text: str, line: int) -> Chars:
    negated = text.startswith("^")
    ranges: list[Range] = []
    for part in _whole(_CHARS, text[negated:], line):
        match = _CHARS.fullmatch(part)
        first, last = match.groups() if match else ("", None)
        ranges.append((_code(first), _code(last or first)))
        if ranges[-1][0] > ranges[-1][1]:
            _broken(line, f"the range {part} is empty", "write the lower character first")
    return Chars.of(ranges, negated=negated)


def _code(char: str) -> int:
    """The code point of a character as it is written, perhaps with a backslash."""
    if len(char) > 2:
        return int(char[2:], 16)
    return ord(_CONTROL.get(char[-1], char[-1]) if len(char) == 2 else char)


def _bounds(sign: str) -> tuple[int, int | None]:
    if sign in "*+?":
        return int(sign == "+"), 1 if sign == "?" else None
    least, comma, most = sign.strip("{}").partition(",")
    if not comma:
        return int(least), int(least)
    return int(least), int(most) if most.strip() else None


def _joined(items: list[_Item]) -> list[Element]:
    return [element for item in items for element in item.elements]


def _broken(line: int, message: str, hint: str = "see llama.cpp's guide to GBNF") -> NoReturn:
    raise GrammarBroken(f"line {line} of the grammar: {message}", hint)
