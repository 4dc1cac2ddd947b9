"""Up to which width does this board compute a batch bit for bit as it computes single tokens?

llama.cpp has other kernels for wider batches, and some round otherwise: on x86-64 a Q4_K_M file differs from
4 tokens on by up to 0.45 in a score, a Q4_0 file not at all. Up to that width several tokens a step change no
reply.

With one decode thread that holds for any context. With several, llama.cpp sums the attention of one token
in as many parts as there are threads once more than 256 cells of the context are used, so that even plain
decoding then depends on the number of threads, by as little.
"""

from collections.abc import Sequence

import numpy as np

from lamha.models.llm.branch import Pool
from lamha.models.llm.engine import Logits

_WIDTHS = (2, 3, 4, 5, 6, 8, 12, 16)


def widest(pool: Pool, limit: int = _WIDTHS[-1]) -> int:
    """The most tokens of one batch whose scores are those of single tokens; 1 where no batch is alike."""
    settings = pool.engine.settings
    limit = min(limit, settings.batch, max(settings.scored, settings.sequences))
    widths = [width for width in _WIDTHS if width <= limit]
    size, best = pool.engine.vocabulary_size, 1
    with pool.new() as single, pool.new() as batch:
        for width in widths:
            tokens = [(single.length + index) * 7919 % size for index in range(width)]
            alone = [scores for token in tokens for scores in single.read([token])]
            if not _equal(alone, batch.read(tokens, scored=range(width))):
                break
            best = width
    return best


def _equal(left: Sequence[Logits], right: Sequence[Logits]) -> bool:
    return all(np.array_equal(one, other) for one, other in zip(left, right, strict=True))
