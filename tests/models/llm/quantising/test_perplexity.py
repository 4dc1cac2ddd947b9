import math
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lamha.models.llm.engine import Engine, Logits, Row, Settings
from lamha.models.llm.quantising.perplexity import perplexity, texts


class Alike:
    """Every byte is a token, and the scores of what follows come from a function of the one before."""

    def __init__(self, scores: Callable[[int], Logits], **settings: int) -> None:
        self.settings = Settings(**{"context": 64, "batch": 8, "scored": 8, **settings})
        self.bos = [1]
        self.scores = scores
        self.read: list[Row] = []
        self.forgotten = 0

    def tokenize(self, text: str) -> list[int]:
        return list(text.encode())

    def forget(self, sequence: int, start: int = 0) -> None:
        assert (sequence, start) == (0, 0)
        self.forgotten = len(self.read)

    def decode(self, rows: Collection[Row], **_: bool) -> list[Logits]:
        for row in rows:
            assert row.scored
            assert row.position == len(self.read) - self.forgotten
            self.read.append(row)
        assert len(rows) <= self.settings.batch
        return [self.scores(row.token) for row in rows]


def on(engine: Any, text: str) -> float:
    return perplexity(engine, text)


def test_a_model_that_knows_nothing_is_surprised_by_every_token_alike() -> None:
    assert on(Alike(lambda _: np.zeros(256, np.float32)), "abc def ghi jkl") == pytest.approx(256)


def test_one_that_is_right_is_never_surprised() -> None:
    after = dict(zip(b"\x01abcd", b"abcde", strict=True))
    right = Alike(lambda token: np.eye(256, dtype=np.float32)[after[token]] * 1e4)
    assert on(right, "abcde") == pytest.approx(1)


def test_large_scores_overflow_nowhere() -> None:
    for size in (1e4, -1e4, 1e30):
        assert on(Alike(lambda _, size=size: np.full(256, size, np.float32)), "abc") == pytest.approx(256)


@pytest.mark.parametrize("context", [5, 8, 9, 64])
def test_a_long_text_is_read_in_parts_that_each_begin_anew(context: int) -> None:
    engine = Alike(lambda _: np.zeros(256, np.float32), context=context)
    assert on(engine, "a text of some forty tokens, all of them alike") == pytest.approx(256)
    assert sum(row.position == 0 for row in engine.read) == math.ceil(46 / (context - 1))
    assert max(row.position for row in engine.read) < context
    assert engine.forgotten == len(engine.read)


def test_a_text_without_a_second_token_is_an_error() -> None:
    with pytest.raises(ValueError, match="one token"):
        on(Alike(lambda _: np.zeros(256, np.float32)), " ")


def test_the_texts_are_there_in_every_language() -> None:
    assert {language: len(text) > 250 for language, text in texts().items()} == dict.fromkeys(
        ("en", "ar", "zh"), True
    )


@pytest.mark.model
def test_it_is_what_the_scores_of_a_real_model_say(gguf: Callable[[str], Path]) -> None:
    text = "The ferry leaves at a quarter past seven, and the gulls have the quay to themselves."
    settings = Settings(context=256, batch=7, sequences=1, scored=7)
    with Engine(gguf("smollm2-135m"), settings) as engine:
        measured = perplexity(engine, text)
        tokens, likelihood = engine.bos + engine.tokenize(text), 0.0
        for position, token in enumerate(tokens[:-1]):  # one at a time, and the softmax written out
            (scores,) = engine.decode([Row(token, position, 0, True)])
            odds = np.exp(scores.astype(np.longdouble))
            likelihood += float(np.log(odds[tokens[position + 1]] / odds.sum()))
    assert measured == pytest.approx(math.exp(-likelihood / (len(tokens) - 1)), rel=0.01)
    assert 2 < measured < 200
