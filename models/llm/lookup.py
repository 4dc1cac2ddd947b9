"""Prompt lookup: what a reply is likely to say next, where it repeats the text it is about.

After "prompt lookup decoding" (Saxena 2023) and reference-guided speculation (Yang et al. 2023): the last
tokens of the reply are searched in the prompt, and what follows them there is the guess. A guess costs little
where it is wrong and changes nothing, for the loop checks every token of it.
"""

from collections.abc import Iterator, Sequence

NGRAMS = (4, 3, 2)
"""How many of the last tokens must be found; a longer match is the better guess."""
_FIRST = 4


class Lookup:
    """Guesses for one reply from the tokens of its prompt. Guesses grow while they are right."""

    def __init__(self, source: Sequence[int], longest: int) -> None:
        self._source = list(source)
        self._longest = longest
        self._room = min(_FIRST, longest)
        self._guess: Sequence[int] = ()
        self._at = 0

    def __call__(self, said: Sequence[int]) -> Sequence[int]:
        """The tokens that probably follow `said`, all that was said so far; none where nothing is found."""
        self._learn(said)
        self._guess, self._at = self._find(said), len(said)
        return self._guess

    def _learn(self, said: Sequence[int]) -> None:
        if not self._guess:
            return
        right = sum(1 for _ in _common(self._guess, said[self._at :]))
        whole = right == len(self._guess)
        self._room = min(self._room * 2, self._longest) if whole else max(right, 1)

    def _find(self, said: Sequence[int]) -> Sequence[int]:
        for size in NGRAMS:
            wanted = list(said[-size:])
            if len(wanted) < size:
                continue
            for at in range(len(self._source) - size - 1, -1, -1):
                if self._source[at : at + size] == wanted:
                    return self._source[at + size : at + size + self._room]
        return ()


def _common(left: Sequence[int], right: Sequence[int]) -> Iterator[int]:
    for one, other in zip(left, right, strict=False):
        if one != other:
            return
        yield one
