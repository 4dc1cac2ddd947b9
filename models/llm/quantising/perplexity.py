"""How surprised a model is by texts that it has never seen: what a coarser copy of it loses, it loses here.

The texts are our own, so that none was trained on, and few: of two models on the same texts, a difference
of 2 % is noise (the standard error over all three languages), and so is one of 4 % in a single language.
"""

import math
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

import numpy as np

from lamha.models.llm.engine import Engine, Logits, Row


@cache
def texts() -> Mapping[str, str]:
    """What is read, by its language: en, ar, zh."""
    file = resources.files("lamha.models.llm.quantising") / "perplexity.toml"
    return tomllib.loads(file.read_text("utf-8"))


def perplexity(engine: Engine, text: str) -> float:
    """exp of the mean negative log-likelihood of a token; 1 is a model that knows every word beforehand.

    Needs sequence 0, and an engine that may score whole batches (`Settings.scored` = `Settings.batch`). A
    text longer than the context is read in parts that know nothing of each other. ValueError where
    nothing can be predicted, since the text has no second token.
    """
    tokens, width = engine.tokenize(text.strip()), engine.settings.context - len(engine.bos)
    parts = [engine.bos + tokens[start : start + width] for start in range(0, len(tokens), width)]
    losses = [loss for part in parts for loss in _losses(engine, part)]
    if not losses:
        raise ValueError("a text of one token says nothing of a model")
    return math.exp(sum(losses) / len(losses))


def _losses(engine: Engine, tokens: list[int]) -> Iterator[float]:
    """What every token but the first costs, in nats; the last one is predicted, never read."""
    engine.forget(0)
    try:
        for start in range(0, len(tokens) - 1, engine.settings.batch):
            end = min(start + engine.settings.batch, len(tokens) - 1)
            rows = [Row(tokens[position], position, 0, scored=True) for position in range(start, end)]
            yield from map(_loss, engine.decode(rows), tokens[start + 1 : end + 1])
    finally:
        engine.forget(0)


def _loss(scores: Logits, token: int) -> float:
    exact = scores.astype(np.float64)
    below = exact - exact.max()  # exp of a large score is infinite
    return float(np.log(np.exp(below).sum()) - below[token])
