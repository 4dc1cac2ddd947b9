"""Copying instead of inventing: which words of a text does the model mean?

The model has read a cue that ends with an opening quote. The likeliest first tokens give the span's start;
after each word that follows, the chance of a closing quote gives its end. Nothing but a piece of the text can
come out, and it costs two batches however many spans there are.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from lamha.models.llm.branch import Branch
from lamha.models.llm.engine import Engine, Logits, Row, Settings

STARTS = 2
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
    """A start, the tokens from there on, and the ends: index of a token → offset in characters."""

    start: int
    score: float
    tokens: list[int]
    ends: dict[int, int]


type Candidates = Mapping[tuple[int, int], float]
"""Spans (start and end in characters) and what is known of them before the model is asked, as log odds."""


def choose(branch: Branch, logits: Logits, text: str, candidates: Candidates) -> tuple[Span | None, int]:
    """The likeliest of the candidates, and how many tokens it cost to find."""
    engine = branch.pool.engine
    paths = _paths(engine, _log_softmax(logits), text, candidates)
    rows = []
    with ExitStack() as children:
        for path in paths:
            rows += _rows(path, children.enter_context(branch.fork()))
        scores = branch.pool.decode(rows) if rows else []
    spans = _spans(engine, paths, scores)
    return max(spans, key=lambda span: span.score + candidates[span.start, span.end], default=None), len(rows)


def _paths(engine: Engine, logs: NDArray[np.float32], text: str, candidates: Candidates) -> list[_Path]:
    promise: dict[int, float] = {}
    paths: dict[int, _Path] = {}
    for start in sorted({start for start, _ in candidates}):
        ends = {end: prior for (s, end), prior in candidates.items() if s == start}
        tokens = engine.tokenize(text[start : max(ends)])
        if not tokens:
            continue
        found = _ends(engine, tokens, text[start:], {end - start for end in ends})
        paths[start] = _Path(start, float(logs[tokens[0]]), tokens, {i: start + e for i, e in found.items()})
        promise[start] = paths[start].score + max(ends.values())
    best = sorted((path for path in paths.values() if path.ends), key=lambda path: -promise[path.start])
    return _within(best[:STARTS], engine.settings)


def _within(paths: list[_Path], settings: Settings) -> list[_Path]:
    """As much of the paths, best first, as one batch holds and can score."""
    kept: list[_Path] = []
    room, scored = settings.batch, settings.scored
    for path in paths:
        ends = dict(islice(((i, end) for i, end in path.ends.items() if i < room), scored))
        if ends:
            tokens = path.tokens[: max(ends) + 1]
            kept.append(_Path(path.start, path.score, tokens, ends))
            room, scored = room - len(tokens), scored - len(ends)
    return kept


def _ends(engine: Engine, tokens: Sequence[int], text: str, ends: set[int]) -> dict[int, int]:
    """Token index → character offset, for the tokens after which a candidate ends."""
    offsets = {len(text[:end].encode("utf-8", "replace")): end for end in ends}
    found, size = {}, 0
    for index, token in enumerate(tokens):
        size += len(engine.piece(token))
        if size in offsets:
            found[index] = offsets[size]
    return found


def _rows(path: _Path, child: Branch) -> list[Row]:
    return [Row(t, child.length + i, child.sequence, i in path.ends) for i, t in enumerate(path.tokens)]


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
    return np.asarray(shifted - np.log(np.exp(shifted).sum()))
