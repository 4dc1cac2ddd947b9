"""Fixed beginnings of prompts: decoded once, branched for nothing, and kept on disk for the next process.

In memory the least recently used is forgotten first; on disk likewise (`saved.py`).
"""

from collections import OrderedDict
from typing import Protocol

from lamha.models.llm.branch import Branch, Pool

WORTH_SAVING = 24
"""Tokens; fewer are computed as fast as a file is read and checked."""


class Shelf(Protocol):
    """Where states are kept between processes."""

    def load(self, identity: str, tokens: tuple[int, ...]) -> bytes | None:
        """The state of these tokens; None where there is none to believe."""
        ...

    def keep(self, identity: str, tokens: tuple[int, ...], state: bytes) -> None:
        """Keep a state."""
        ...


class Prefixes:
    """At most `capacity` prefixes kept in the engine's memory."""

    def __init__(self, pool: Pool, capacity: int = 8, shelf: Shelf | None = None) -> None:
        self._pool = pool
        self._capacity = capacity
        self._shelf = shelf
        self._kept: OrderedDict[tuple[object, ...], Branch] = OrderedDict()
        pool.relief = self.forget_oldest  # a prefix can be read again

    def has(self, tokens: tuple[int, ...]) -> bool:
        """Whether a branch costs nothing."""
        return self._key(tokens) in self._kept

    def branch(self, tokens: tuple[int, ...]) -> Branch:
        """A new branch that has read `tokens`; they are decoded only the first time."""
        key = self._key(tokens)
        if key not in self._kept:
            self._kept[key] = self._read(tokens)
            if len(self._kept) > self._capacity:
                self.forget_oldest()
        trunk = self._kept.pop(key)  # not to be forgotten where the fork needs room
        try:
            return trunk.fork()
        finally:
            self._kept[key] = trunk

    def forget_oldest(self) -> bool:
        """Give back the memory of the prefix last asked for the longest ago; False where there is none."""
        if not self._kept:
            return False
        self._kept.popitem(last=False)[1].close()
        return True

    def _key(self, tokens: tuple[int, ...]) -> tuple[object, ...]:
        return (*self._pool.engine.adapters, *tokens)

    def _read(self, tokens: tuple[int, ...]) -> Branch:
        branch = self._pool.new()
        try:
            if not self._restored(branch, tokens):
                branch.read(tokens, scored=())
                self._save(branch, tokens)
        except BaseException:
            branch.close()
            raise
        return branch

    def _restored(self, branch: Branch, tokens: tuple[int, ...]) -> bool:
        if self._shelf is None or len(tokens) < WORTH_SAVING:
            return False
        state = self._shelf.load(self._pool.engine.state_identity, tokens)
        return state is not None and branch.restore(state, len(tokens))

    def _save(self, branch: Branch, tokens: tuple[int, ...]) -> None:
        if self._shelf is not None and len(tokens) >= WORTH_SAVING:
            state = self._pool.engine.state(branch.sequence)
            self._shelf.keep(self._pool.engine.state_identity, tokens, state)
