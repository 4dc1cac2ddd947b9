"""Sequences as objects: a branch grows, forks for nothing, and gives its number back."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Protocol, Self

from lamha.models.errors import BudgetTooSmall
from lamha.models.llm.engine import Engine, Logits, Row, Threads

_ROWS = 4


class Pacer(Protocol):
    """The threads for each next step, given what the steps before took."""

    @property
    def threads(self) -> Threads:
        """What the next step is to be run with."""
        ...

    @property
    def prefill_ms(self) -> float:
        """Milliseconds to be expected for a token that is read in a batch."""
        ...

    @property
    def decode_ms(self) -> float:
        """Milliseconds to be expected for a token that is written."""
        ...

    def observe(self, tokens: int, milliseconds: float) -> None:
        """What a step of so many tokens took."""
        ...

    def rest(self, milliseconds: float) -> None:
        """Nothing was run for so long."""
        ...


class Pool:
    """The free sequence numbers of an engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.relief: Callable[[], bool] = lambda: False
        """Forgets something that can be read again; False where there is nothing left to forget."""
        self.pace: Pacer | None = None
        """Chooses the threads of each step, where the engine is calibrated."""
        self._ended = time.perf_counter()
        self._free = list(range(engine.settings.sequences))

    def new(self) -> "Branch":
        """An empty branch."""
        while not self._free:
            if not self.relief():
                raise BudgetTooSmall(
                    f"all {self.engine.settings.sequences} sequences are in use", "close some readings"
                )
        return Branch(self, self._free.pop(), 0)

    def decode(self, rows: Sequence[Row], *, lasting: bool = True) -> list[Logits]:
        """As the engine's; what is kept only to save time makes room where the context is full."""
        while True:
            try:
                return self._step(rows, lasting)
            except BudgetTooSmall:
                if not self.relief():
                    raise

    def _step(self, rows: Sequence[Row], lasting: bool) -> list[Logits]:
        if self.pace is None:
            return self.engine.decode(rows, lasting=lasting)
        started = time.perf_counter()
        self.pace.rest((started - self._ended) * 1000)
        self.engine.set_threads(self.pace.threads)
        logits = self.engine.decode(rows, lasting=lasting)
        self._ended = time.perf_counter()
        self.pace.observe(len(rows), (self._ended - started) * 1000)
        return logits

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
        *,
        lasting: bool = True,
    ) -> list[Logits]:
        """Read more tokens in chunks, calling `between` before each; all of them, or none where one fails.

        Returns the scores after each token whose index is in `scored`; after the last one where it is None.
        Those that are not `lasting` are overwritten by whatever is read next.
        """
        if self.sequence < 0:
            raise ValueError("this branch is closed")
        wanted, begin = {len(tokens) - 1} if scored is None else scored, self.length
        rows = [Row(t, begin + i, self.sequence, i in wanted) for i, t in enumerate(tokens)]
        logits: list[Logits] = []
        try:
            for chunk in _chunks(rows, self.pool.engine.settings.batch):
                between()
                logits += self.pool.decode(chunk, lasting=lasting or len(rows) > len(chunk))
                self.length += len(chunk)
        except BaseException:
            if self.length > begin:
                self.rewind(begin)
            raise
        return logits

    def restore(self, state: bytes, length: int) -> bool:
        """Remember the `length` tokens of another branch's state; False, and nothing, where it is no fit."""
        restored = self.pool.engine.restore(self.sequence, state)
        self.length = length if restored else 0
        return restored

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


def _chunks(rows: Sequence[Row], most: int) -> Iterator[Sequence[Row]]:
    """As few chunks as hold at most `most` rows each, and nearly equal, so that none is short.

    llama.cpp computes attention for 64 rows at once, and for fewer otherwise; and K-quants four rows at once.
    In chunks of 64 or more, all but the last a multiple of four, scores are those of one batch, bit for bit.
    """
    count, parts = len(rows), -(-len(rows) // most)
    if parts < 2:
        yield from [rows] if rows else []
        return
    while count - (parts - 1) * (size := _aligned(count // parts)) > most:
        parts += 1
    yield from (rows[part * size : (part + 1) * size] for part in range(parts - 1))
    yield rows[(parts - 1) * size :]


def _aligned(size: int) -> int:
    return size // _ROWS * _ROWS or size
