"""Which of the known things a picture shows: linear discriminant analysis, shrunken, in closed form.

What differs between photos of one thing is held against differences; see Friedman 1989, "Regularized
discriminant analysis". With few things known, the plain distance does it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Matrix = NDArray[np.floating[Any]]

_SHRINKAGE = 0.3
_ENOUGH = 30  # photos of things that are known from several, to learn what differs between them
_MOST = 4000  # photos that it is learnt from
# The odds that the best is right, from how alike it is and by how much more than the second.
_ALIKE, _AHEAD, _BASE = 5.8, 19.8, -4.7


@dataclass(frozen=True, slots=True)
class Ranked:
    """A label, the cosine, from -1 to 1, and how likely it is that the picture shows this and no stranger."""

    label: int
    similarity: float
    confidence: float


class Gallery:
    """`vectors` has shape (photos, dimension); `labels` says of each photo what it shows."""

    def __init__(self, vectors: Matrix, labels: Sequence[int]) -> None:
        self._names, self._of = np.unique(np.asarray(labels, np.int64), return_inverse=True)
        self._vectors = vectors.astype(np.float32)

    def rank(self, look: Matrix, limit: int = 20) -> list[Ranked]:
        """The likeliest labels, best first; `look` has shape (dimension,). Empty where nothing is known."""
        if not len(self._names):
            return []
        alike = self._prototypes @ _unit((look - self._centre) @ self._whitening)
        order = np.argsort(-alike)[: max(2, limit)]
        second = alike[order[1]] if len(order) > 1 else 0.0
        found = []
        for at in order:
            ahead = alike[at] - (second if at == order[0] else alike[order[0]])
            odds = _BASE + _ALIKE * alike[at] + _AHEAD * ahead
            found.append(Ranked(int(self._names[at]), float(alike[at]), float(1 / (1 + np.exp(-odds)))))
        return found

    @cached_property
    def _centre(self) -> Matrix:
        return self._vectors.mean(axis=0) if self._learns else np.zeros(self._vectors.shape[1], np.float32)

    @cached_property
    def _learns(self) -> bool:
        counts = np.bincount(self._of)
        return int(counts[counts > 1].sum()) >= _ENOUGH

    @cached_property
    def _whitening(self) -> Matrix:
        """Shape (dimension, dimension): what makes the spread within things round."""
        size = self._vectors.shape[1]
        if not self._learns:
            return np.eye(size, dtype=np.float32)
        of, vectors = self._of[:_MOST], self._vectors[:_MOST]
        within = vectors - _means(vectors, of)[of]
        spread = within.T @ within / max(1, len(within) - len(np.unique(of)))
        level = float(np.trace(spread)) / size
        rounded = (1 - _SHRINKAGE) * spread + _SHRINKAGE * level * np.eye(size, dtype=np.float32)
        inverse: Any = np.linalg.inv(np.linalg.cholesky(rounded))
        return np.asarray(inverse.T, np.float32)

    @cached_property
    def _prototypes(self) -> Matrix:
        return _unit((_means(self._vectors, self._of) - self._centre) @ self._whitening)


def _means(vectors: Matrix, of: NDArray[np.int64]) -> Matrix:
    """Shape (labels, dimension)."""
    sums = np.zeros((int(of.max()) + 1, vectors.shape[1]), np.float32)
    np.add.at(sums, of, vectors)
    counts: Matrix = np.maximum(np.bincount(of), 1)[:, None].astype(np.float32)
    return np.asarray(sums / counts, np.float32)


def _unit(vectors: Matrix) -> Matrix:
    unit: Matrix = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return unit
