"""Which words were meant for a parameter: the model's state points at the first and the last of them.

Nothing is written: what comes out is a piece of the utterance, from the beginning of a word to the end of
one, and it costs no decoding beyond the glance.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from lamha.models.llm.grammar.phrases import STEM, units
from lamha.skills.values import Place

_OPENING, _CLOSING = "([{<#@", ")]}>%"
_TO = "ل"
FEW, _MOST = 6, 5
"""Candidates of so many parameters of which every way to give them out is weighed."""
_BETWEEN = re.compile(
    r"\s*[,;،؛、，；]\s*(?:(?:and|or)\b\s*)?|\s+(?:and|or|plus|as well as)\s+|\s*&\s*"
    r"|\s*(?:和|跟|与|以及|还有|或者?)\s*|\s+(?:و|أو|او)\s+",
    re.IGNORECASE,
)
"""What stands between the items of a list."""
_ATTACHED = re.compile(rf"(?<=\S)\s+و(?=\w{{{STEM},}})")


type Candidate = tuple[Place, float]
"""Characters of the words, and how likely they are meant (a natural logarithm)."""


@dataclass(frozen=True)
class Pointing:
    """How likely (a natural logarithm) the words for a parameter begin, and end, with each token."""

    first: NDArray[np.float32]
    last: NDArray[np.float32]
    places: Sequence[Place]
    """The characters of each token."""

    @cached_property
    def _begins(self) -> dict[int, float]:
        """By the character that a token holds: the score of the words beginning there."""
        tokens = reversed([*zip(self.first, self.places, strict=True)])
        return {at: float(score) for score, place in tokens for at in range(*place)}

    @cached_property
    def _ends(self) -> dict[int, float]:
        return {
            at + 1: float(score)
            for score, place in zip(self.last, self.places, strict=True)
            for at in range(*place)
        }

    def at(self, place: Place) -> float:
        """How likely it is exactly these characters; -inf where they were not read."""
        return self._begins.get(place[0], -np.inf) + self._ends.get(place[1], -np.inf)

    def best(self, text: str, pieces: Iterable[Place]) -> list[Candidate]:
        """The likeliest runs of words within pieces of the text, best first.

        Of two that begin or end within the same token the longer one is taken, which breaks no word; but an
        Arabic ل before a word is nearly always "to" (42 of 53 such words of the tool sets).
        """
        found = [each for piece in pieces for each in self._best_within(text, piece)]
        return sorted(found, key=lambda each: -each[1])[:FEW]

    def _best_within(self, text: str, piece: Place) -> list[Candidate]:
        starts, ends, words = _bounds(text, piece)
        starts = [start for start in starts if start in self._begins]
        ends = [end for end in reversed(ends) if end in self._ends]
        if not starts or not ends:
            return []
        scores = np.add.outer([self._begins[at] for at in starts], [self._ends[at] for at in ends])
        word = [words[min(bisect_left(words, at), len(words) - 1)] for at in starts]
        inside = np.maximum(word, starts)
        scores[np.greater_equal.outer(inside, ends)] = -np.inf
        best = np.argsort(-scores, axis=None, kind="stable")[:FEW]
        pairs = [np.unravel_index(index, scores.shape) for index in best]
        return [((starts[a], ends[b]), float(scores[a, b])) for a, b in pairs if scores[a, b] > -np.inf]


def _bounds(text: str, piece: Place) -> tuple[list[int], list[int], list[int]]:
    """Where runs of words may begin and end, with brackets; and where words begin."""
    begin, end = piece
    found = [(unit.kind, begin + unit.start, begin + unit.end) for unit in units(text[begin:end])]
    starts = [start for kind, start, _ in found if kind != "mark" or text[start] in _OPENING]
    to = {stop for kind, start, stop in found if kind == "prefix" and text[start] == _TO}
    starts.sort(key=lambda start: start not in to)
    ends = [stop for kind, _, stop in found if kind == "word" or text[stop - 1] in _CLOSING]
    words = [start for kind, start, _ in found if kind == "word"]
    return starts, ends if words else [], words


def without(pieces: Iterable[Place], taken: Iterable[Place]) -> list[Place]:
    """Pieces of a text without what is taken of it."""
    left = list(pieces)
    for start, end in taken:
        cut = [((a, min(b, start)), (max(a, end), b)) for a, b in left]
        left = [(a, b) for both in cut for a, b in both if a < b]
    return left


def pieces_at(text: str, pieces: Sequence[str]) -> list[Place]:
    """Where pieces of a text stand that follow one another."""
    found, begin = [], 0
    for piece in pieces:
        at = text.find(piece, begin)
        if at >= 0:
            found.append((at, at + len(piece)))
            begin = at + len(piece)
    return found


def items(text: str, place: Place) -> list[Place]:
    """The items of a list that was said in one go."""
    start, end = place
    cuts = [match.span() for match in _BETWEEN.finditer(text, start, end)]
    cuts += [match.span() for match in _ATTACHED.finditer(text, start, end)]
    found, begin = [], start
    for first, last in (*sorted(cuts), (end, end)):
        if first > begin:
            found.append((begin, first))
        begin = max(begin, last)
    return found


def given_out(candidates: Mapping[str, Sequence[Candidate]]) -> dict[str, Candidate]:
    """One of its candidates for each parameter, no two touching where that can be: together the likeliest."""
    some = {name: sorted(mine, key=lambda each: -each[1])[:FEW] for name, mine in candidates.items() if mine}
    best = {name: mine[0] for name, mine in some.items()}
    if len(some) > _MOST or not _touching(best.values()):
        return best
    ways = (way for way in product(*some.values()) if not _touching(way))
    likeliest = max(ways, key=lambda way: sum(score for _, score in way), default=tuple(best.values()))
    return dict(zip(some, likeliest, strict=True))


def _touching(candidates: Iterable[Candidate]) -> bool:
    places = sorted(place for place, _ in candidates)
    return any(second[0] < first[1] for first, second in pairwise(places))
