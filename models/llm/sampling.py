"""Samplers are functions from scores and the tokens so far to the next token; a factory composes them."""

from collections.abc import Callable, Sequence

import numpy as np

from lamha.models.llm.engine import Logits

type Sampler = Callable[[Logits, Sequence[int]], int]


def greedy(logits: Logits, _tokens: Sequence[int]) -> int:
    """The likeliest token."""
    return int(logits.argmax())


def sampler(
    temperature: float = 0.0, top_p: float = 1.0, repetition: float = 1.0, seed: int | None = None
) -> Sampler:
    """A sampler of these settings; temperature 0 is greedy, repetition > 1 discourages what was said.

    The repetition penalty is CTRL's (Keskar et al. 2019), top-p is Holtzman et al. 2020.
    """
    random = np.random.default_rng(seed)

    def choose(logits: Logits, tokens: Sequence[int]) -> int:
        scores = _penalised(logits, tokens, repetition) if repetition != 1.0 else logits
        if temperature <= 0:
            return int(scores.argmax())
        return _nucleus(scores / temperature, top_p, random)

    return choose


def _penalised(logits: Logits, tokens: Sequence[int], repetition: float) -> Logits:
    said = np.unique(np.asarray(tokens, dtype=np.int64))
    scores = logits.copy()
    scores[said] = np.where(scores[said] > 0, scores[said] / repetition, scores[said] * repetition)
    return scores


def _nucleus(scores: Logits, top_p: float, random: np.random.Generator) -> int:
    order = np.argsort(-scores)
    odds = np.exp(scores[order] - scores[order[0]])
    odds /= odds.sum()
    kept = int(np.searchsorted(np.cumsum(odds), top_p)) + 1
    odds = odds[:kept] / odds[:kept].sum()
    return int(order[random.choice(len(odds), p=odds)])
