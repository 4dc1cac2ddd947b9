"""Copying instead of inventing: which words of a text does the model mean?

The model has read a cue that ends with an opening quote. The likeliest first tokens give the span's start;
after each word that follows, the chance of a closing quote gives its end. Nothing but a piece of the text can
come out, and it costs two batches however many spans there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lamha.models.llm.branch import Branch
from lamha.models.llm.engine import Engine, Logits, Row

STARTS = 3
"""How many starts are followed to their ends."""
CLOSERS = ('"', '".', '"\n', '",', '."', '!"', '?"', '。"')


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of a text, and how likely the model finds them (a natural logarithm)."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class _Path:
    """A start, the tokens from there on, and which of them end a candidate: token index → end in characters."""

    start: int
    score: float
    tokens: list[int]
    ends: dict[int, int]


def choose(
    branch: Branch, logits: Logits, text: str, starts: Sequence[int], ends: Sequence[int]
) -> tuple[Span | None, int]:
    """The likeliest span from one of `starts` to one of `ends` (offsets in `text`), and the tokens it cost."""
    engine = branch.pool.engine
    paths = _paths(engine, _log_softmax(logits), text, starts, ends)
    rows, children = _batch(branch, paths)
    try:
        scores = engine.decode(rows) if rows else []
    finally:
        for child in children:
            child.close()
    spans = list(_spans(engine, paths, scores))
    return max(spans, key=lambda span: span.score, default=None), len(rows)


def _paths(
    engine: Engine, logs: NDArray[np.float32], text: str, starts: Sequence[int], ends: Sequence[int]
) -> list[_Path]:
    stop = max(ends, default=0)
    candidates = []
    for start in starts:
        if start < stop:
            tokens = engine.tokenize(text[start:stop])
            found = _ends(engine, tokens, text[start:stop], {end - start for end in ends if end > start})
            candidates.append(_Path(start, float(logs[tokens[0]]), tokens, {i: start + e for i, e in found.items()}))
    best = sorted((path for path in candidates if path.ends), key=lambda path: -path.score)[:STARTS]
    return _within(best, engine.settings.batch)


def _within(paths: list[_Path], room: int) -> list[_Path]:
    """As many paths, best first, as one batch holds."""
    kept: list[_Path] = []
    for path in paths:
        room -= len(path.tokens)
        if room < 0:
            break
        kept.append(path)
    return kept


def _ends(engine: Engine, tokens: Sequence[int], text: str, ends: set[int]) -> dict[int, int]:
    """Token index → character offset, for the tokens after which a candidate ends."""
    offsets = {len(text[:end].encode()): end for end in ends}
    found, size = {}, 0
    for index, token in enumerate(tokens):
        size += len(engine.piece(token))
        if size in offsets:
            found[index] = offsets[size]
    return found


def _batch(branch: Branch, paths: Sequence[_Path]) -> tuple[list[Row], list[Branch]]:
    rows: list[Row] = []
    children = [branch.fork() for _ in paths]
    for path, child in zip(paths, children, strict=True):
        rows += [Row(t, branch.length + i, child.sequence, i in path.ends) for i, t in enumerate(path.tokens)]
    return rows, children


def _spans(engine: Engine, paths: Sequence[_Path], scores: Sequence[Logits]) -> list[Span]:
    closers = sorted({engine.tokenize(text)[0] for text in CLOSERS})
    rest, spans = iter(scores), []
    for path in paths:
        going_on = 0.0
        for end in path.ends.values():
            closing = np.exp(_log_softmax(next(rest))[closers]).sum()
            spans.append(Span(path.start, end, path.score + going_on + float(np.log(closing + 1e-9))))
            going_on += float(np.log1p(-min(closing, 1 - 1e-6)))
    return spans


def _log_softmax(logits: Logits) -> NDArray[np.float32]:
    shifted = logits - logits.max()
    return shifted - np.log(np.exp(shifted).sum(dtype=np.float64)).astype(np.float32)
