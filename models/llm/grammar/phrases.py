"""Strings as GBNF: a few that are known, all but those, and pieces of a text. Rules are added to a `Book`."""

import json
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from os.path import commonprefix
from typing import Literal, NamedTuple

CHAR = r'[^"\\\x00-\x1F\x7F]'
"""What stands in a JSON string as it is."""
STRING_CHAR = rf'{CHAR} | "\\" ["\\/bfnrt]'
"""No \\u escapes: they hide text from whoever reads it, cost tokens and can write halves of characters."""
PREFIXES = "وفبلك"
"""Arabic words of one letter which are written as part of the next word."""
STEM = 3
"""Letters that are left of a word at least when such a prefix is taken off."""
JOINERS = "'’.-@_:/"
"""Inside a word or a number these are part of it: 7:30, O'Brien, well-known."""


@dataclass
class Book:
    """Named rules in GBNF; equal ones are one."""

    rules: dict[str, str] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def name(self) -> str:
        """A name for a rule that is written later: to `rules`."""
        name = f"r{len(self.rules)}"
        self.rules[name] = ""
        return name

    def add(self, body: str) -> str:
        """The name of a rule with this body."""
        if body not in self._names:
            self._names[body] = self.name()
            self.rules[self._names[body]] = body
        return self._names[body]


def literal(text: str) -> str:
    """A text in quotes, as GBNF writes it."""
    escaped = text.replace("\\", r"\\").replace('"', r"\"")
    return f'"{"".join(c if c.isprintable() else rf"\U{ord(c):08X}" for c in escaped)}"'


def dumps(value: object) -> str:
    """JSON in the one layout there is: a space after each colon and comma; `ValueError` for a NaN."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def one_of(book: Book, texts: Iterable[str]) -> str:
    """A rule for exactly these texts, as a trie: once they have branched the rest is forced."""
    name = book.name()
    todo = [(name, sorted(set(texts)))]
    while todo:
        rule, group = todo.pop()
        ways = []
        for shared, rests in _branches(group):
            if len(rests) > 1:
                todo.append((book.name(), rests))
                ways.append(f"{literal(shared)} {todo[-1][0]}")
            else:
                ways.append(literal(shared + rests[0]))
        book.rules[rule] = " | ".join(ways)
    return name


def none_of(book: Book, texts: Collection[str]) -> str:
    """A rule for JSON strings without escapes that are none of these."""
    name, rest = book.name(), book.add(rf'{CHAR}* "\""')
    todo = [(name, sorted({t for t in texts if dumps(t) == f'"{t}"'}))]
    while todo:
        rule, group = todo.pop()
        firsts = sorted({text[0] for text in group if text})
        ways = [] if "" in group else [r'"\""']
        for first in firsts:
            todo.append((book.name(), [text[1:] for text in group if text.startswith(first)]))
            ways.append(f"{literal(first)} {todo[-1][0]}")
        others = CHAR.replace("]", "".join(rf"\U{ord(first):08X}" for first in firsts) + "]")
        book.rules[rule] = " | ".join([*ways, f"{others} {rest}"])
    return book.add(rf'"\"" {name}')


def _branches(group: list[str]) -> Iterator[tuple[str, list[str]]]:
    for _, same in groupby(group, key=lambda text: text[:1]):
        texts = list(same)
        shared = commonprefix(texts)  # noqa: RUF071 - character by character is what is meant
        yield shared, [text[len(shared) :] for text in texts]


class Unit(NamedTuple):
    """Characters `start` to `end` of a text. A span is more than marks, and does not end with a prefix."""

    kind: Literal["word", "mark", "prefix"]
    start: int
    end: int


def units(text: str) -> list[Unit]:
    """The words of a text with the marks between them; each Chinese or Japanese character is a word.

    Words are what white space and punctuation leave; `JOINERS` between two letters or digits part nothing.
    Of an Arabic word its one-letter `PREFIXES` are units of their own, so that what follows can be copied.
    """
    found: list[Unit] = []
    for at in range(len(text)):
        kind = _kind(text, at)
        if kind == "space":
            continue
        if kind == "word" and found and found[-1].kind == "word" and found[-1].end == at:
            found[-1] = Unit("word", found[-1].start, at + 1)
        else:
            found.append(Unit("mark" if kind == "mark" else "word", at, at + 1))
    return [part for unit in _apart(found, text) for part in _stemmed(unit, text)]


def _apart(found: Iterable[Unit], text: str) -> Iterator[Unit]:
    for unit in found:
        start = unit.start
        for at in range(unit.start + 1, unit.end):
            if _ideograph(text[at]) or (_ideograph(text[at - 1]) and not unicodedata.combining(text[at])):
                yield Unit(unit.kind, start, at)
                start = at
        yield Unit(unit.kind, start, unit.end)


def _kind(text: str, at: int) -> str:
    char = text[at]
    if char.isspace():
        return "space"
    if not unicodedata.category(char).startswith("P"):
        return "word"
    inside = 0 < at < len(text) - 1 and text[at - 1].isalnum() and text[at + 1].isalnum()
    return "word" if char in JOINERS and inside else "mark"


def _ideograph(char: str) -> bool:
    """Han, Kana and their kin."""
    return "\u3005" <= char <= "\u3007" or "\u3040" <= char <= "\u30ff" or _han(ord(char))


def _han(code: int) -> bool:
    return 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x3FFFF


def _stemmed(unit: Unit, text: str) -> Iterator[Unit]:
    start = unit.start
    while text[start] in PREFIXES and unit.end - start > STEM:
        yield Unit("prefix", start, start + 1)
        start += 1
    yield Unit(unit.kind, start, unit.end)


def copied(book: Book, text: str) -> str | None:
    """A rule for a JSON string with whole words of a text, as they stand there; None where it has no word.

    One rule for each unit, so its size is that of the text.
    """
    found = units(text)
    if not found:
        return None
    begins: list[str] = []
    inside, outside = "", ""  # the rule to go on with after a word, and before the first one
    following = [*found[1:], Unit("mark", len(text), len(text))]
    for unit, after in reversed([*zip(found, following, strict=True)]):
        said, gap = (escaped(text[a:b]) for a, b in ((unit.start, unit.end), (unit.end, after.start)))
        go_on = f"{literal(gap)} {inside}" if inside else ""
        before = f"{literal(said)} {outside}" if outside and not gap else ""
        if unit.kind == "prefix":
            inside = book.add(f"{literal(said)} {go_on}")
        else:
            inside = book.add(f"{literal(said)} ({go_on})?" if go_on else literal(said))
        outside = inside if unit.kind == "word" else book.add(before) if before else ""
        if outside:
            begins.append(outside)
    return book.add(rf'"\"" ({" | ".join(reversed(begins))}) "\""') if begins else None


def escaped(text: str) -> str:
    """A text as it stands inside a JSON string."""
    return dumps(text)[1:-1]
