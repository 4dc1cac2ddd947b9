"""Sequences as objects: a branch grows, forks for nothing, and gives its number back."""

from collections.abc import Callable, Collection, Sequence
from itertools import batched
from typing import Self

from lamha.models.errors import BudgetTooSmall
from lamha.models.llm.engine import Engine, Logits, Row


class Pool:
    """The free sequence numbers of an engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.relief: Callable[[], bool] = lambda: False
        """Forgets something that can be read again; False where there is nothing left to forget."""
        self._free = list(range(engine.settings.sequences))

    def new(self) -> "Branch":
        """An empty branch."""
        while not self._free:
            if not self.relief():
                raise BudgetTooSmall(
                    f"all {self.engine.settings.sequences} sequences are in use", "close some readings"
                )
        return Branch(self, self._free.pop(), 0)

    def decode(self, rows: Sequence[Row]) -> list[Logits]:
        """As the engine's; what is kept only to save time makes room where the context is full."""
        while True:
            try:
                return self.engine.decode(rows)
            except BudgetTooSmall:
                if not self.relief():
                    raise

    def give_back(self, sequence: int) -> None:
        """Forget a sequence; its number can be used again."""
        self.engine.forget(sequence)
        self._free.append(sequence)


class Branch:
    """A sequence of tokens that the model has read. Use it in a `with`: its memory is free afterwards."""

    def __init__(self, pool: Pool, sequence: int, length: int) -> None:
        self.pool = pool
        self.sequence = sequence
        self.length = length

    def fork(self) -> "Branch":
        """Another branch that begins with all that this one has read; costs no decoding."""
        child = self.pool.new()
        try:
            self.pool.engine.copy(self.sequence, child.sequence)
        except BaseException:
            child.close()
            raise
        child.length = self.length
        return child

    def read(
        self,
        tokens: Sequence[int],
        scored: Collection[int] | None = None,
        between: Callable[[], None] = lambda: None,
    ) -> list[Logits]:
        """Read more tokens in chunks, calling `between` before each; all of them, or none where one fails.

        Returns the scores after each token whose index is in `scored`; after the last one where it is None.
        """
        wanted, begin = {len(tokens) - 1} if scored is None else scored, self.length
        rows = [Row(t, begin + i, self.sequence, i in wanted) for i, t in enumerate(tokens)]
        logits: list[Logits] = []
        try:
            for chunk in batched(rows, self.pool.engine.settings.batch):
                between()
                logits += self.pool.decode(chunk)
                self.length += len(chunk)
        except BaseException:
            if self.length > begin:
                self.rewind(begin)
            raise
        return logits

    def rewind(self, length: int) -> None:
        """Forget all but the first `length` tokens."""
        self.pool.engine.forget(self.sequence, length)
        self.length = length

    def close(self) -> None:
        """Give the memory back; twice is once."""
        if self.sequence >= 0:
            self.pool.give_back(self.sequence)
            self.sequence = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
