"""A glance: what words mean after each of several fixed beginnings, without an answer being begun.

The words are read behind every beginning in shared batches, up to the middle of the model only (see
`inner.py`), at about half of what reading them for an answer costs.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from lamha.models.llm.branch import Branch, Pool
from lamha.models.llm.budget import Spent
from lamha.models.llm.engine import Adapter, Engine, Row, Settings
from lamha.models.llm.prefix import Prefixes, Shelf

type States = NDArray[np.float32]
"""Shape (texts, width)."""

CONTEXT, SEQUENCES, SCORED = 3072, 64, 64
_FORKS = 16  # at once; each is a sequence, and its tokens are cells of the context


@dataclass
class Glance:
    """Words behind each of several beginnings. Use it in a `with`; its memory is free afterwards."""

    branches: Sequence[Branch]
    states: States
    """The state where an answer would begin, for each beginning."""
    spent: Spent
    _handles: ExitStack = field(default_factory=ExitStack)

    def close(self) -> None:
        """Give the memory back."""
        self._handles.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def after(self, index: int, cues: Sequence[str]) -> States:
        """The states after each of some texts with which the answer behind one beginning might begin."""
        branch = self.branches[index]
        texts = [branch.pool.engine.tokenize(cue) for cue in cues]
        found = []
        for first in range(0, len(texts), _FORKS):
            some = texts[first : first + _FORKS]
            with ExitStack() as stack:
                children = [stack.enter_context(branch.fork()) for _ in some]
                found.append(_read(children, some, self.spent))
        return np.concatenate(found)


class Glances:
    """The engine that glances: its own memory of beginnings, on the weights that another engine shares."""

    def __init__(self, of: Engine, shelf: Shelf | None = None) -> None:
        settings = Settings(
            context=CONTEXT,
            batch=of.settings.batch,
            sequences=SEQUENCES,
            scored=SCORED,
            threads=of.threads,
            layer=layer(of),
            workers=of.settings.workers,
        )
        self.engine = Engine(of.path, settings)
        self.pool = Pool(self.engine)
        self.prefixes = Prefixes(self.pool, SEQUENCES // 2, shelf)

    def close(self) -> None:
        """Free the memory."""
        self.engine.close()

    def look(self, beginnings: Sequence[tuple[int, ...]], words: Sequence[int], *adapters: Adapter) -> Glance:
        """Read words behind each beginning; only beginnings that were not read before cost more."""
        spent = Spent()
        self.engine.adapt(*adapters)
        with ExitStack() as stack:
            branches = [stack.enter_context(self.prefixes.branch(tokens)) for tokens in beginnings]
            states = _read(branches, [words] * len(branches), spent)
            return Glance(branches, states, spent, stack.pop_all())


def layer(engine: Engine) -> int:
    """The layer whose state a glance gives: the middle one."""
    return engine.weights.layers // 2


def _read(branches: Sequence[Branch], texts: Sequence[Sequence[int]], spent: Spent) -> States:
    """Read a text on each branch, as many as fit one batch at a time; the states after their last tokens."""
    started = time.perf_counter()
    found = [state for batch in _batches(branches, texts) for state in _decode(batch)]
    spent.prefill_ms += (time.perf_counter() - started) * 1000
    spent.tokens_in += sum(map(len, texts))
    return np.stack(found)


type _Batch = list[tuple[Branch, Sequence[int]]]


def _batches(branches: Sequence[Branch], texts: Sequence[Sequence[int]]) -> Iterator[_Batch]:
    batch: _Batch = []
    rows = 0
    for branch, text in zip(branches, texts, strict=True):
        settings = branch.pool.engine.settings
        if batch and (rows + len(text) > settings.batch or len(batch) == settings.scored):
            yield batch
            batch, rows = [], 0
        batch.append((branch, text))
        rows += len(text)
    if batch:
        yield batch


def _decode(batch: _Batch) -> list[States]:
    if len(batch) == 1:
        ((branch, text),) = batch
        return branch.read(text)
    rows = []
    for branch, text in batch:
        rows += [Row(t, branch.length + i, branch.sequence, i == len(text) - 1) for i, t in enumerate(text)]
    states = batch[0][0].pool.decode(rows)
    for branch, text in batch:
        branch.length += len(text)
    return states
