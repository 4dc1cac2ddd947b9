"""Texts that begin alike, read once: a tree of pieces, each of which sees itself and what it grew from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Piece:
    """Tokens, and the piece they follow: its index in the tree, None for a beginning."""

    tokens: Sequence[int]
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class Packed:
    """A tree in one row of tokens, as a model reads it; each array has as many rows as there are tokens."""

    tokens: NDArray[np.int64]
    positions: NDArray[np.int64]
    seen: NDArray[np.bool_]
    """Shape (tokens, tokens): what each token sees."""
    starts: NDArray[np.int64]
    """The first token of each piece."""
    ends: NDArray[np.int64]
    """The last one."""


def packed(pieces: Sequence[Piece]) -> Packed:
    """A tree in one row; parents stand before their children."""
    sizes = [len(piece.tokens) for piece in pieces]
    starts = np.cumsum([0, *sizes])
    count = int(starts[-1])
    positions = np.zeros(count, np.int64)
    seen = np.zeros((count, count), np.bool_)
    for index, piece in enumerate(pieces):
        start, end = starts[index], starts[index + 1]
        first = 0
        if piece.parent is not None:
            last = starts[piece.parent + 1] - 1
            first = positions[last] + 1
            seen[start:end] = seen[last]
        positions[start:end] = np.arange(first, first + end - start)
        seen[start:end, start:end] = np.tri(end - start, dtype=np.bool_)
    tokens = np.concatenate([np.asarray(piece.tokens, np.int64) for piece in pieces])
    return Packed(tokens, positions, seen, starts[:-1], starts[1:] - 1)
