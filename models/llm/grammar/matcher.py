"""Which texts a grammar allows, character by character, for tokens that may end inside a character.

A push-down automaton as llama.cpp's (`src/llama-grammar.cpp`): a state is a set of stacks, each with the
characters that may come next on its top. States are kept, so that text met before costs a look into a table.
"""

from codecs import utf_8_decode
from collections.abc import Iterable, Sequence
from typing import Self

from lamha.models.errors import GrammarBroken
from lamha.models.llm.grammar import gbnf
from lamha.models.llm.grammar.charset import LAST, Chars
from lamha.models.llm.grammar.gbnf import Element, Rules
from lamha.models.llm.grammar.productive import LONGEST, least_lengths, refuse_left_recursion

STACKS = 4096
"""So many ways to read one text, or rules to try for its next character, and the grammar is too ambiguous."""
FORCED = 256
"""Characters that are looked ahead at most."""
KEPT = 100_000
"""Steps from state to state that are remembered; then they are found anew."""


class _Place:
    """An element of an alternative, with what stands after it; `least` characters finish the alternative."""

    __slots__ = ("element", "following", "least")

    def __init__(self, element: Element, following: "_Place | None", own: int) -> None:
        self.element = element
        self.following = following
        self.least: int = own + (following.least if following else 0)


class _Stack:
    """The place that comes next, and the stack to go on with after it; equal ones are identical."""

    __slots__ = ("below", "least", "place")

    def __init__(self, place: _Place, below: "_Stack | None") -> None:
        self.place = place
        self.below = below
        self.least: int = place.least + (below.least if below else 0)


class _State(dict[str, "_State | None"]):
    """The states after each character that was asked for so far, None where it is not allowed."""

    __slots__ = ("_grammar", "complete", "tops")

    def __init__(self, grammar: "Grammar", stacks: Iterable[_Stack], complete: bool) -> None:
        self._grammar = grammar
        self.complete = complete
        self.tops = [(s.place.element, s) for s in stacks if isinstance(s.place.element, Chars)]

    def __missing__(self, char: str) -> "_State | None":
        stacks = [stack for chars, stack in self.tops if char in chars]
        following = self._grammar.after(stacks) if stacks else None
        self._grammar.remember()
        self[char] = following
        return following

    @property
    def only(self) -> str | None:
        """The character that must come next, if there is but one and the text may not end here."""
        if self.complete or not self.tops:
            return None
        first = self.tops[0][0].single
        return first if all(chars.single == first for chars, _ in self.tops) else None

    def shortest(self, low: int, high: int) -> str:
        """The character from code point `low` to `high` from where the fewest others finish the text."""
        ways = [(s.least, *chars.plainest(low, high)) for chars, s in self.tops if chars.overlaps(low, high)]
        return min(ways)[-1]


class Grammar:
    """Rules that make sense: all are defined, none begins with itself, `root` has a finite text."""

    def __init__(self, rules: Rules) -> None:
        least, root = least_lengths(rules.alternatives), rules.names["root"]
        refuse_left_recursion(rules, least)
        if root not in least:
            raise GrammarBroken(
                f"the grammar allows no text of up to {LONGEST} characters", "give each repetition an end"
            )
        self._rules = [
            [_places(sequence, least) for sequence in alternatives if _ends(sequence, least)]
            for alternatives in rules.alternatives
        ]
        self._stacks: dict[tuple[_Place, _Stack | None], _Stack] = {}
        self._states: dict[tuple[bool, frozenset[_Stack]], _State] = {}
        self._steps = 0
        self._start = self._settled([(place, None) for place in self._rules[root]])

    @classmethod
    def parse(cls, gbnf_text: str) -> Self:
        """A grammar in llama.cpp's notation; `GrammarBroken` where it is wrong, endless or too large."""
        return cls(gbnf.read(gbnf_text))

    def matcher(self) -> "Matcher":
        """Before the first character."""
        return Matcher(self._start)

    def after(self, stacks: Iterable[_Stack]) -> _State:
        """The state after a character that the tops of these stacks allow."""
        return self._settled([(stack.place.following, stack.below) for stack in stacks])

    def remember(self) -> None:
        """Count one more step; where there are too many, forget them all."""
        self._steps += 1
        if self._steps > KEPT:
            for state in self._states.values():
                state.clear()
            self._states.clear()
            self._stacks.clear()
            self._steps = 0

    def _settled(self, todo: list[tuple[_Place | None, _Stack | None]]) -> _State:
        """Opens rules until every stack has characters on its top."""
        complete, tops = False, dict[_Stack, None]()
        seen: set[_Stack] = set()
        while todo:
            place, below = todo.pop()
            if place is None:
                if below is None:
                    complete = True
                else:
                    todo.append((below.place, below.below))
                continue
            stack = self._stack(place, below)
            if stack in seen:
                continue
            seen.add(stack)
            if len(seen) > STACKS:
                raise GrammarBroken(f"there are more than {STACKS} ways to go on", "say it less ambiguously")
            if isinstance(place.element, Chars):
                tops[stack] = None
            else:
                rest = self._stack(place.following, below) if place.following else below
                todo.extend((start, rest) for start in self._rules[place.element])
        return self._state(tops, complete)

    def _stack(self, place: _Place, below: _Stack | None) -> _Stack:
        stack = self._stacks.get((place, below))
        if stack is None:
            stack = self._stacks[place, below] = _Stack(place, below)
        return stack

    def _state(self, tops: Iterable[_Stack], complete: bool) -> _State:
        key = complete, frozenset(tops)
        state = self._states.get(key)
        if state is None:
            state = self._states[key] = _State(self, tops, complete)
        return state


class Matcher:
    """Where a text stands in a grammar. Matchers do not change: `accept` makes the next one."""

    __slots__ = ("_pending", "_state")

    def __init__(self, state: _State, pending: bytes = b"") -> None:
        self._state = state
        self._pending = pending

    def accept(self, data: bytes) -> "Matcher | None":
        """After more bytes of UTF-8, which may end inside a character; None where they are not allowed.

        `GrammarBroken` where the text can be read in too many ways.
        """
        try:
            text, used = utf_8_decode(self._pending + data, "strict", False)
        except UnicodeDecodeError:
            return None
        state: _State | None = self._state
        for char in text:
            if state is None:
                return None
            state = state[char]
        rest = (self._pending + data)[used:]
        if state is None or (rest and not _begun(state, rest)):
            return None
        return Matcher(state, rest)

    @property
    def complete(self) -> bool:
        """Whether the text may end here."""
        return self._state.complete and not self._pending

    @property
    def over(self) -> bool:
        """Whether the text must end here."""
        return self.complete and not self._state.tops

    def forced(self) -> str:
        """The longest text that must follow, of at most `FORCED` characters; nothing inside a character."""
        text, state = list[str](), None if self._pending else self._state
        while state is not None and len(text) < FORCED and (char := state.only):
            text.append(char)
            state = state[char]
        return "".join(text)

    def following(self) -> list[str]:
        """A plain character of each set of those that may come next; nothing inside a character."""
        sets = [] if self._pending else self._state.tops
        return sorted({chars.plainest(0, LAST)[1] for chars, _ in sets})

    def shortest(self) -> str:
        """A shortest text that makes the whole one complete: always the same, and plain where it can be.

        It stands after the last whole character: the first bytes of one that has no end yet are in it again.
        """
        text = list[str]()
        state: _State | None = self._state
        low, high = _completions(self._pending) if self._pending else (0, LAST)
        while state is not None and not (state.complete and low == 0):
            text.append(state.shortest(low, high))
            state, low, high = state[text[-1]], 0, LAST
        return "".join(text)


def _begun(state: _State, pending: bytes) -> bool:
    low, high = _completions(pending)
    return any(chars.overlaps(low, high) for chars, _ in state.tops)


def _completions(pending: bytes) -> tuple[int, int]:
    """The first and the last code point whose UTF-8 begins so; surrogates may be between them."""
    first = pending[0]
    size = 2 if first < 0xE0 else 3 if first < 0xF0 else 4
    code = first & (0x7F >> size)
    for byte in pending[1:]:
        code = code << 6 | byte & 0x3F
    missing = 6 * (size - len(pending))
    least = (0x80, 0x800, 0x10000)[size - 2]  # less would have been written with fewer bytes
    return max(code << missing, least), min(((code + 1) << missing) - 1, LAST)


def _places(sequence: Sequence[Element], least: dict[int, int]) -> _Place | None:
    place: _Place | None = None
    for element in reversed(sequence):
        place = _Place(element, place, 1 if isinstance(element, Chars) else least[element])
    return place


def _ends(sequence: Sequence[Element], least: dict[int, int]) -> bool:
    """Whether an alternative has a finite text; without the others nothing that is allowed is a dead end."""
    return all(element in least if isinstance(element, int) else element.ranges for element in sequence)
