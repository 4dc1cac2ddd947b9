"""Reasoning models think before they answer: for as long as the budget has room, and no longer.

When the room is used up the end of the thought is written for the model, which then answers from what it has
(budget forcing, Muennighoff et al. 2025).
"""

import time

from lamha.models.llm.branch import Branch
from lamha.models.llm.budget import Spent
from lamha.models.llm.engine import Logits
from lamha.models.llm.generate import Limits

BEGIN, END = "<think>", "</think>"
_SHARE = 0.5
"""Of the time for the whole answer, if there is a deadline."""


def begun(after: str) -> bool:
    """Whether a chat template leaves the model in the middle of a thought."""
    return BEGIN in after and END not in after.rpartition(BEGIN)[2]


def think(branch: Branch, logits: Logits, limits: Limits, spent: Spent, *, inside: bool = False) -> Logits:
    """Let the model think, if it begins to; the scores where its answer begins.

    `inside` says that the prompt has begun the thought already.
    """
    engine = branch.pool.engine
    (first, *_) = engine.tokenize(BEGIN, special=True)
    if not inside and int(logits.argmax()) != first:
        return logits  # it answers at once
    thought, started = b"", time.perf_counter()
    while not _enough(limits, spent):
        token = int(logits.argmax())
        if engine.is_end(token):
            break
        (logits,) = branch.read([token])
        spent.tokens_thought += 1
        thought += engine.piece(token, special=True)
        if thought.rstrip().endswith(END.encode()):
            break
    closed = thought.rstrip().endswith(END.encode())
    (logits,) = branch.read(engine.tokenize("\n\n" if closed else f"\n{END}\n\n", special=True))
    spent.thought_ms += (time.perf_counter() - started) * 1000
    return logits


def _enough(limits: Limits, spent: Spent) -> bool:
    full = spent.tokens_thought >= limits.budget.thinking
    return full or limits.cancel.is_set() or limits.clock.passed(_SHARE)
