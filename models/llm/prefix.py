"""Fixed beginnings of prompts: decoded once and branched; the least recently used is forgotten first."""

from collections import OrderedDict

from lamha.models.llm.branch import Branch, Pool


class Prefixes:
    """At most `capacity` prefixes kept in the engine's memory."""

    def __init__(self, pool: Pool, capacity: int = 8) -> None:
        self._pool = pool
        self._capacity = capacity
        self._kept: OrderedDict[tuple[int, ...], Branch] = OrderedDict()
        pool.relief = self.forget_oldest  # a prefix can be read again

    def branch(self, tokens: tuple[int, ...]) -> Branch:
        """A new branch that has read `tokens`; they are decoded only the first time."""
        if tokens not in self._kept:
            self._kept[tokens] = self._read(tokens)
            if len(self._kept) > self._capacity:
                self.forget_oldest()
        self._kept.move_to_end(tokens)
        return self._kept[tokens].fork()

    def forget_oldest(self) -> bool:
        """Give back the memory of the prefix last asked for the longest ago; False where there is none."""
        if not self._kept:
            return False
        self._kept.popitem(last=False)[1].close()
        return True

    def _read(self, tokens: tuple[int, ...]) -> Branch:
        branch = self._pool.new()
        try:
            branch.read(tokens, scored=())
        except BaseException:
            branch.close()
            raise
        return branch
