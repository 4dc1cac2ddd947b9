"""What can be known of a grammar's rules before anything is matched."""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush

from lamha.models.errors import GrammarBroken
from lamha.models.llm.grammar.charset import Chars
from lamha.models.llm.grammar.gbnf import Alternatives, Element, Rules

LONGEST = 10_000
"""A rule whose shortest text has more characters counts as one that never ends."""


def least_lengths(rules: list[Alternatives]) -> dict[int, int]:
    """The length in characters of the shortest text of each rule that has one.

    Knuth's generalisation of Dijkstra's algorithm (1977).
    """
    lengths, missing = list[int](), list[int]()
    waiting: dict[int, list[int]] = {}
    owners = list[int]()
    for rule, alternatives in enumerate(rules):
        for sequence in filter(_possible, alternatives):
            inner = [element for element in sequence if isinstance(element, int)]
            for element in inner:
                waiting.setdefault(element, []).append(len(owners))
            owners.append(rule)
            missing.append(len(inner))
            lengths.append(len(sequence) - len(inner))
    return _settled(owners, lengths, missing, waiting)


def _settled(
    owners: list[int], lengths: list[int], missing: list[int], waiting: dict[int, list[int]]
) -> dict[int, int]:
    least: dict[int, int] = {}
    heap = [(lengths[at], owners[at]) for at, count in enumerate(missing) if count == 0]
    heapify(heap)
    while heap:
        length, rule = heappop(heap)
        if rule in least or length > LONGEST:
            continue
        least[rule] = length
        for at in waiting.get(rule, ()):
            lengths[at] += length
            missing[at] -= 1
            if missing[at] == 0:
                heappush(heap, (lengths[at], owners[at]))
    return least


def _possible(sequence: list[Element]) -> bool:
    return all(isinstance(element, int) or element.ranges for element in sequence)


def refuse_left_recursion(rules: Rules, least: dict[int, int]) -> None:
    """`GrammarBroken` where a rule may begin with itself, be it after nothing: it would never be opened."""
    done: set[int] = set()
    for start in range(len(rules.alternatives)):
        path: dict[int, Iterator[int]] = {start: _firsts(rules.alternatives[start], least)}
        while path:
            rule, firsts = next(reversed(path.items()))
            following = next(firsts, None)
            if following is None:
                done.add(rule)
                del path[rule]
            elif following in path:
                raise GrammarBroken(
                    f"{_called(rules, path, following)} begins with itself",
                    "put what repeats behind the rest",
                )
            elif following not in done:
                path[following] = _firsts(rules.alternatives[following], least)


def _firsts(alternatives: Alternatives, least: dict[int, int]) -> Iterator[int]:
    for sequence in alternatives:
        for element in sequence:
            if isinstance(element, Chars):
                break
            yield element
            if least.get(element) != 0:
                break


def _called(rules: Rules, path: dict[int, Iterator[int]], begin: int) -> str:
    names = {number: name for name, number in rules.names.items()}
    circle = list(path)[list(path).index(begin) :]
    named = [names[rule] for rule in circle if rule in names]
    return f"the rule {named[0]}" if named else "a repetition of what may be empty"
