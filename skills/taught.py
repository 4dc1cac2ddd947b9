"""What examples teach of a list of tools: which of them words are most like.

A probe on the model's middle state, fitted to the examples of this list (`probe.py`). It speaks only against
tools, never for one: examples sharpen the choice between tools, and make nothing likelier to be done.
"""

from collections.abc import Mapping, Sequence
from math import log
from pathlib import Path

import numpy as np

from lamha.models.llm.api import Model
from lamha.skills.probe import Probe, fit
from lamha.skills.router import SYSTEM
from lamha.skills.tools import Tool

MOST = -3.0
"""Log odds that a tool may lose at most."""
FEWEST = 3
"""Examples of a tool, below which they teach nothing."""


class Taught:
    """Learns when it is first asked; a list without examples costs nothing."""

    def __init__(self, model: Model, tools: Mapping[str, Tool], adapter: Path | None = None) -> None:
        self._model, self._adapter = model, adapter
        self._examples = {n: tool.examples for n, tool in tools.items() if len(tool.examples) >= FEWEST}
        self._probe: Probe | None = None

    def against(self, text: str) -> dict[str, float]:
        """What each tool with examples loses in log odds; the one most like the words loses nothing."""
        if len(self._examples) < 2:
            return {}
        self._probe = self._probe or self._fitted()
        chances = self._probe.probabilities(self._states([text])[0])
        best = max(chances.values())
        return {name: max(log(chance / best), MOST) for name, chance in chances.items() if chance > 0}

    def _fitted(self) -> Probe:
        named = [(name, example) for name, examples in self._examples.items() for example in examples]
        return fit(self._states([example for _, example in named]), [name for name, _ in named])

    def _states(self, texts: Sequence[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        """Shape (texts, 1, width)."""
        found = []
        for text in texts:
            with self._model.glance(text, [SYSTEM], self._adapter) as glance:
                found.append(glance.states)
        return np.stack(found)
