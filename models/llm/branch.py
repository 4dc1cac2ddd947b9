"""Sequences as objects: a branch grows, forks for nothing, and gives its number back."""

from collections.abc import Callable, Collection, Sequence
from typing import Self

from lamha.models.llm.engine import Engine, Logits, Row


class Pool:
    """The free sequence numbers of an engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._free = list(range(engine.settings.sequences))

    def new(self) -> "Branch":
        """An empty branch."""
        return Branch(self, self._free.pop(), 0)

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
        self.pool.engine.copy(self.sequence, child.sequence)
        child.length = self.length
        return child

    def read(
        self,
        tokens: Sequence[int],
        scored: Collection[int] | None = None,
        between: Callable[[], None] = lambda: None,
    ) -> list[Logits]:
        """Read more tokens in chunks, calling `between` before each.

        Returns the scores after each token whose index is in `scored`; after the last one where it is None.
        """
        engine = self.pool.engine
        wanted = {len(tokens) - 1} if scored is None else scored
        logits: list[Logits] = []
        for start in range(0, len(tokens), engine.settings.batch):
            between()
            chunk = tokens[start : start + engine.settings.batch]
            logits += engine.decode(
                [Row(t, self.length + i, self.sequence, start + i in wanted) for i, t in enumerate(chunk)]
            )
            self.length += len(chunk)
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
