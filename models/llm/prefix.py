"""Fixed beginnings of prompts: decoded once and branched; the least recently used is forgotten first."""

from collections import OrderedDict

from lamha.models.llm.branch import Branch, Pool


class Prefixes:
    """At most `capacity` prefixes kept in the engine's memory."""

    def __init__(self, pool: Pool, capacity: int = 8) -> None:
        self._pool = pool
        self._capacity = capacity
        self._kept: OrderedDict[tuple[int, ...], Branch] = OrderedDict()

    def branch(self, tokens: tuple[int, ...]) -> Branch:
        """A new branch that has read `tokens`; they are decoded only the first time."""
        kept = self._kept.get(tokens)
        if kept is None:
            kept = self._pool.new()
            kept.read(tokens, scored=())
            self._kept[tokens] = kept
            if len(self._kept) > self._capacity:
                self._kept.popitem(last=False)[1].close()
        self._kept.move_to_end(tokens)
        return kept.fork()
