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

CONTEXT, SEQUENCES = 3072, 64
_FORKS = 16  # at once; each is a sequence, and its tokens are cells of the context


@dataclass
class Glance:
    """Words behind each of several beginnings. Use it in a `with`; its memory is free afterwards."""

    branches: Sequence[Branch]
    words: Sequence[States]
    """The states along the words, for each beginning; the last one is where an answer would begin."""
    places: Sequence[tuple[int, int]]
    """The characters of the words that each token stands for, as many as there are tokens of the words."""
    spent: Spent
    _handles: ExitStack = field(default_factory=ExitStack)

    @property
    def states(self) -> States:
        """Shape (beginnings, width): the state where an answer would begin."""
        return np.stack([states[-1] for states in self.words])

    def along(self, index: int) -> tuple[States, Sequence[tuple[int, int]]]:
        """Shape (tokens, width): the states along the words behind one beginning; and their characters."""
        return self.words[index][: len(self.places)], self.places

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
        found: list[NDArray[np.float32]] = []
        for first in range(0, len(texts), _FORKS):
            some = texts[first : first + _FORKS]
            with ExitStack() as stack:
                children = [stack.enter_context(branch.fork()) for _ in some]
                found += [states[-1] for states in _read(children, some, self.spent)]
        return np.stack(found)


@dataclass(frozen=True, slots=True)
class Words:
    """Tokens of a text, and the characters (start and end) that each stands for."""

    tokens: Sequence[int]
    places: Sequence[tuple[int, int]]

    @classmethod
    def of(cls, engine: Engine, text: str, most: int) -> Self:
        """A text; of a long one the first tokens, `most` together with the last few."""
        tokens, places = engine.tokenize(text), token_places(engine, text)
        if len(tokens) <= most:
            return cls(tokens, places)
        first, last = most * 3 // 4, most // 4
        return cls(tokens[:first] + tokens[-last:], places[:first] + places[-last:])


def token_places(engine: Engine, text: str) -> list[tuple[int, int]]:
    """Which characters (start and end) each token of a text stands for, those it holds a part of included."""
    owner = [index for index, char in enumerate(text) for _ in char.encode()]
    places, begin = [], 0
    for token in engine.tokenize(text):
        end = begin + len(engine.piece(token))
        held = owner[begin:end]
        places.append((held[0], held[-1] + 1) if held else (len(text), len(text)))
        begin = end
    return places


class Glances:
    """The engine that glances: its own memory of beginnings, on the weights that another engine shares."""

    def __init__(self, of: Engine, shelf: Shelf | None = None) -> None:
        settings = Settings(
            context=CONTEXT,
            batch=of.settings.batch,
            sequences=SEQUENCES,
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

    def look(
        self, beginnings: Sequence[tuple[int, ...]], words: Words, after: Sequence[int], *adapters: Adapter
    ) -> Glance:
        """Read words behind each beginning; only beginnings that were not read before cost more."""
        spent = Spent()
        self.engine.adapt(*adapters)
        with ExitStack() as stack:
            branches = [stack.enter_context(self.prefixes.branch(tokens)) for tokens in beginnings]
            states = _read(branches, [[*words.tokens, *after]] * len(branches), spent)
            return Glance(branches, states, words.places, spent, stack.pop_all())


def layer(engine: Engine) -> int:
    """The layer whose state a glance gives: the middle one."""
    return engine.weights.layers // 2


def _read(branches: Sequence[Branch], texts: Sequence[Sequence[int]], spent: Spent) -> list[States]:
    """Read a text on each branch, as many as fit one batch at a time; the states after their tokens."""
    started = time.perf_counter()
    found = [state for batch in _batches(branches, texts) for state in _decode(batch)]
    spent.prefill_ms += (time.perf_counter() - started) * 1000
    spent.tokens_in += sum(map(len, texts))
    return found


type _Batch = list[tuple[Branch, Sequence[int]]]


def _batches(branches: Sequence[Branch], texts: Sequence[Sequence[int]]) -> Iterator[_Batch]:
    batch: _Batch = []
    rows = 0
    for branch, text in zip(branches, texts, strict=True):
        settings = branch.pool.engine.settings
        if batch and rows + len(text) > settings.batch:
            yield batch
            batch, rows = [], 0
        batch.append((branch, text))
        rows += len(text)
    if batch:
        yield batch


def _decode(batch: _Batch) -> list[States]:
    if len(batch) == 1:
        ((branch, text),) = batch
        return [np.stack(branch.read(text, range(len(text))))]
    rows = []
    for branch, text in batch:
        rows += [Row(t, branch.length + i, branch.sequence, scored=True) for i, t in enumerate(text)]
    states = iter(batch[0][0].pool.decode(rows))
    for branch, text in batch:
        branch.length += len(text)
    return [np.stack([next(states) for _ in text]) for _, text in batch]
