"""Which words carry a command, and which are its cargo? Learnt from an action's own examples.

"Remind me to [call Sara] at six": *remind*, *me*, *to* stand outside the marks in many examples, so they are
likely outside in a new utterance too. A naive Bayes odds a word; words never seen lean inside.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from lamha.skills.examples import Unit, parse, units

UNSEEN = 0.75
"""The chance that a word which no example has is cargo."""


class Carrier:
    """Word odds from marked examples; `score` says how well a span explains an utterance."""

    def __init__(self, marked: Iterable[str], resolved: Collection[str] = ()) -> None:
        """Learn from examples; `resolved` words are found by code, so that where they stand says nothing."""
        self._inside: Counter[str] = Counter()
        self._outside: Counter[str] = Counter()
        for example in map(parse, marked):
            for unit in units(example.text) if example.spans else ():
                if unit.text in resolved:
                    continue
                inside = any(start <= unit.start < end for start, end in example.spans)
                (self._inside if inside else self._outside)[unit.text] += 1

    def carries(self, unit: Unit) -> bool:
        """Whether the examples know this word, and rather outside their marks than inside."""
        return self._outside[unit.text] > self._inside[unit.text]

    def score(self, said: Sequence[Unit], start: int, end: int) -> float:
        """Log odds of the span `start` to `end` (characters) against an even guess; higher is better."""
        return sum(self._log(unit.text, start <= unit.start < end) for unit in said)

    def _log(self, word: str, inside: bool) -> float:
        seen_in, seen_out = self._inside[word], self._outside[word]
        cargo = (seen_in + UNSEEN) / (seen_in + seen_out + 1)
        return math.log(max(cargo if inside else 1 - cargo, 0.02))
