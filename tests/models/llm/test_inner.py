from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from lamha.models.llm.branch import Pool
from lamha.models.llm.engine import Engine, Row, Settings

pytestmark = pytest.mark.model
SMALL = {"context": 256, "batch": 64, "sequences": 4, "scored": 8}
TEXT = "Turn on the light in the kitchen, please."


@pytest.fixture(scope="module")
def path(gguf: Callable[[str], Path]) -> Path:
    return gguf("smollm2-135m")


def states(path: Path, layer: int, scored: set[int] | None = None) -> list[np.ndarray]:
    engine = Engine(path, Settings(**SMALL, layer=layer))
    try:
        with Pool(engine).new() as branch:
            return branch.read(engine.tokenize(TEXT), scored)
    finally:
        engine.close()


def test_the_state_is_that_of_a_layer(path: Path) -> None:
    engine = Engine(path, Settings(**SMALL))
    width, vocabulary = engine.weights.width, engine.vocabulary_size
    engine.close()
    (early,), (late,) = states(path, 3), states(path, 20)
    assert early.shape == late.shape == (width,)
    assert width != vocabulary
    assert np.isfinite(late).all()
    assert not np.allclose(early, late, atol=0.1)
    assert np.array_equal(states(path, 3)[0], early)


def test_only_the_wanted_rows_come_back(path: Path) -> None:
    first, last = states(path, 10, {0, 4})
    assert not np.allclose(first, last, atol=0.1)
    assert states(path, 10, set()) == []


def test_rows_of_two_sequences_do_not_mix(path: Path) -> None:
    engine = Engine(path, Settings(**SMALL, layer=10))
    try:
        tokens = engine.tokenize("light")[:1] + engine.tokenize("timer")[:1]
        rows = [Row(token, 0, sequence, True) for sequence, token in enumerate(tokens)]
        together = engine.decode(rows)
        for sequence, (row, state) in enumerate(zip(rows, together, strict=True)):
            engine.forget(sequence)
            (alone,) = engine.decode([row])
            assert np.allclose(alone, state, atol=0.1)
    finally:
        engine.close()


def test_the_layer_is_part_of_what_a_state_depends_on(path: Path) -> None:
    identities = set()
    for layer in (None, 3, 10):
        engine = Engine(path, Settings(**SMALL, layer=layer))
        identities.add(engine.state_identity)
        engine.close()
    assert len(identities) == 3
