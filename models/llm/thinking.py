"""Reasoning models think before they answer: for as long as the budget has room, and no longer.

When the room is used up the end of the thought is written for the model, which then answers from what it has
(budget forcing, Muennighoff et al. 2025).
"""

import time

from lamha.models.errors import BudgetTooSmall
from lamha.models.llm.branch import Branch
from lamha.models.llm.budget import Spent
from lamha.models.llm.engine import Logits
from lamha.models.llm.generate import Limits

BEGIN, END = "<think>", "</think>"
_SHARE = 0.5
"""Of the time for the whole answer, if there is a deadline."""
_ROOM = 16
"""Tokens of a thought that are given up for an answer where the context is full."""


def begun(after: str) -> bool:
    """Whether a chat template leaves the model in the middle of a thought."""
    return BEGIN in after and END not in after.rpartition(BEGIN)[2]


def think(branch: Branch, logits: Logits, limits: Limits, spent: Spent, *, inside: bool = False) -> Logits:
    """Let the model think, if it begins to; the scores where its answer begins.

    `inside` says that the prompt has begun the thought already. A thought that the budget has no room for,
    or the context, is ended where it is.
    """
    thought, started = _Thought(branch, logits), time.perf_counter()
    if not inside and not thought.begins():
        return thought.logits  # it answers at once
    try:
        while not thought.ended and not _enough(limits, thought.tokens):
            thought.go_on()
        return thought.close()
    finally:
        spent.tokens_thought += thought.tokens
        spent.thought_ms += (time.perf_counter() - started) * 1000


class _Thought:
    """What the model thinks, token by token, after what the branch has read."""

    def __init__(self, branch: Branch, logits: Logits) -> None:
        self.logits = logits
        self.tokens = 0
        self.ended = False
        self._branch, self._engine = branch, branch.pool.engine
        self._start = branch.length
        self._text = b""

    def begins(self) -> bool:
        """Whether the model begins to think; if not, nothing was read.

        Some write the mark in several tokens, and what begins like it is no thought yet.
        """
        marks, logits = self._engine.tokenize(BEGIN, special=True), self.logits
        for mark in marks:
            if int(logits.argmax()) != mark:
                self._branch.rewind(self._start)
                return False
            (logits,) = self._branch.read([mark])
        self.logits, self.tokens, self._start = logits, len(marks), self._branch.length
        return True

    def go_on(self) -> None:
        """One token more, if the model has one and the context room for it."""
        token = int(self.logits.argmax())
        if self._engine.is_end(token):
            self.ended = True
            return
        try:
            (self.logits,) = self._branch.read([token])
        except BudgetTooSmall:
            self.ended = True
            return
        self.tokens += 1
        self._text += self._engine.piece(token, special=True)
        self.ended = self._closed

    def close(self) -> Logits:
        """Write the end, unless the model did; where the context is full, over the last of the thought."""
        end = self._engine.tokenize("\n\n" if self._closed else f"\n{END}\n\n", special=True)
        try:
            (logits,) = self._branch.read(end)
        except BudgetTooSmall:
            self._branch.rewind(max(self._branch.length - _ROOM - len(end), self._start))
            (logits,) = self._branch.read(self._engine.tokenize(f"\n{END}\n\n", special=True))
        return logits

    @property
    def _closed(self) -> bool:
        return self._text.rstrip().endswith(END.encode())


def _enough(limits: Limits, tokens: int) -> bool:
    return tokens >= limits.budget.thinking or limits.cancel.is_set() or limits.clock.passed(_SHARE)
