"""Choosing only tokens that a grammar allows, and knowing what must come next without asking the model."""

from collections.abc import Iterator, Sequence
from itertools import takewhile

import numpy as np

from lamha.models.errors import GrammarBroken
from lamha.models.llm.engine import Engine, Logits
from lamha.models.llm.grammar.matcher import Grammar, Matcher

TRIED = (64, 1024)
"""How many of the likeliest tokens are tried before all are."""
DRAFT = 12
"""Tokens that are known ahead at most."""
TRIED_AFTER = 8
"""Characters after a text that are tried, to see whether they change its last token."""


class Constrained:
    """The likeliest token that the grammar allows. It remembers what was said: one for each generation."""

    def __init__(self, engine: Engine, grammar: Grammar) -> None:
        self._engine = engine
        self._begin = self._matcher = grammar.matcher()
        self._said: list[int] = []
        self._pieces: dict[int, bytes | None] = {}

    def __call__(self, logits: Logits, said: Sequence[int]) -> int:
        """Of the tokens that the grammar allows exactly the likeliest; an end where the text is complete.

        `GrammarBroken` where the model has no token for what the grammar asks.
        """
        self._follow(said)
        if self.over:
            return self._engine.end
        token = int(logits.argmax())
        if self._allows(token):
            return token
        for token in _likeliest(logits):
            if self._allows(token):
                return token
        raise GrammarBroken("the model cannot write what the grammar asks for", "choose another model")

    def forced(self, said: Sequence[int]) -> list[int]:
        """At most `DRAFT` tokens of the text that must follow, as the model's tokenizer cuts it.

        Without what may be part of a longer token: which one, only the scores can tell. An end is among them.
        """
        self._follow(said)
        text = self._matcher.forced()
        after = self._matcher.accept(text.encode())
        if after is None:
            return []
        tokens = self._engine.tokenize(text)
        for char in after.following()[:TRIED_AFTER]:
            longer = self._engine.tokenize(text + char)
            tokens = [a for a, b in takewhile(_same, zip(tokens, longer, strict=False))]
        return [*tokens, self._engine.end][:DRAFT] if after.over else tokens[:DRAFT]

    def closing(self, said: Sequence[int] | None = None) -> str:
        """The shortest text that makes `said` complete, or else what was said at the last call.

        It stands after the last whole character: the first bytes of one that has no end yet are in it again.
        """
        self._follow(self._said if said is None else said)
        return self._matcher.shortest()

    @property
    def complete(self) -> bool:
        """Whether what was said may end here."""
        return self._matcher.complete

    @property
    def over(self) -> bool:
        """Whether what was said must end here."""
        return self._matcher.over

    def _follow(self, said: Sequence[int]) -> None:
        known = len(self._said)
        if list(said[:known]) != self._said:  # somebody went back
            self._matcher, known = self._begin, 0
        self._said = list(said)
        for token in said[known:]:
            following = self._after(token)
            if following is None:
                raise GrammarBroken(
                    f"the token {token} is not allowed here", "ask this sampler for each token"
                )
            self._matcher = following

    def _allows(self, token: int) -> bool:
        return self._after(token) is not None

    def _after(self, token: int) -> Matcher | None:
        """What follows a token; an end leaves all as it is, a control token is never allowed."""
        piece = self._piece(token)
        if piece is None:
            return self._matcher if self._matcher.complete else None
        return self._matcher.accept(piece) if piece else None

    def _piece(self, token: int) -> bytes | None:
        """The bytes of a token, None for one that ends."""
        if token not in self._pieces:
            self._pieces[token] = None if self._engine.is_end(token) else self._engine.piece(token)
        return self._pieces[token]


def _same(pair: tuple[int, int]) -> bool:
    return pair[0] == pair[1]


def _likeliest(logits: Logits) -> Iterator[int]:
    """All tokens, the likeliest first, of equals the lower number; sorted as far as is asked for."""
    done = 0
    for count in (*(size for size in TRIED if size < len(logits)), len(logits)):
        least = np.partition(logits, -count)[-count]
        tokens = np.flatnonzero(logits >= least)  # with all that are as likely as the last
        order = tokens[np.argsort(-logits[tokens], kind="stable")]
        yield from map(int, order[done:])
        done = len(order)
