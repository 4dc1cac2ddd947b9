"""Deadlines, on a clock of the tests' own: every decode takes as long as they say."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.models.llm.branch import Pool
from lamha.models.llm.budget import Budget, Clock
from lamha.models.llm.engine import Settings
from lamha.models.llm.generate import Piece, text
from lamha.models.llm.grammar.constrained import DRAFT
from lamha.models.llm.model import LanguageModel
from lamha.models.llm.reading import Prompt, Reading

BRIEF = "You are a helpful assistant. Answer in one short sentence."
STEP = 10.0  # milliseconds of a fake decode
SAID = ("Yes", ".", " It", " is", ".")
LONG = {
    "en": "The market opens at nine and the bakery next to it sells warm bread. " * 20,
    "ar": "السوق يفتح في التاسعة والمخبز بجانبه يبيع خبزا ساخنا. " * 20,
    "zh": "市场九点开门，旁边的面包店卖热面包。" * 30,
}


@dataclass
class Rates:
    prefill_ms: float
    decode_ms: float


@dataclass
class Told:
    reading: Reading
    pieces: list[Piece]
    first_ms: float
    done_ms: float


type Tell = Callable[..., Told]


def told(
    engine: Any,
    words: str,
    budget: Budget,
    rates: Rates | None = None,
    slower: float = 1.0,
) -> Told:
    waited = [0.0]
    engine.settings = Settings(context=9999, batch=64)
    engine.each = lambda: waited.append(STEP / 1000 * (slower - 1))
    clock = Clock(budget.reading_ms, now=lambda: engine.seconds + sum(waited))
    prompt, features = Prompt(engine.tokenize(words), [1] * 8), np.arange(4)
    branch, pieces, times = Pool(engine).new(), list[Piece](), list[float]()
    with Reading(branch, prompt, words, words, budget, clock, Event(), features, rates=rates) as reading:
        for piece in reading.write():
            pieces.append(piece)
            times.append(clock.elapsed)
    return Told(reading, pieces, times[0], times[-1])


@pytest.fixture
def tell(fake_engine) -> Tell:
    """What a reading of these words says, and when."""

    def run(words: str, budget: Budget, script: Sequence[str] = SAID, **how: Any) -> Told:
        return told(fake_engine(*script), words, budget, **how)

    return run


def whole(found: Told) -> None:
    """The words are what was said, or a beginning of it, in whole characters; and there is an answer."""
    reading = found.reading
    assert reading.said.startswith(reading.words)
    assert "�" not in reading.words
    assert reading.words
    assert reading.shortened == (reading.spent.tokens_cut > 0)
    assert text(found.pieces).strip()


@pytest.mark.parametrize("words", LONG.values(), ids=LONG)
@pytest.mark.parametrize("rates", [None, Rates(STEP / 64, STEP)])
@pytest.mark.parametrize("slower", [1.0, 3.0])
def test_the_first_word_is_in_time_whatever_a_step_takes(
    tell: Tell, words: str, rates: Rates | None, slower: float
) -> None:
    found = tell(words, Budget(first_ms=150), rates=rates, slower=slower)
    whole(found)
    assert found.reading.shortened
    assert found.first_ms <= 150 + STEP * slower
    assert (text(found.pieces), found.pieces[-1].finish) == ("Yes. It is.", "end")


def test_words_that_can_be_read_in_time_are_read_whole(tell: Tell) -> None:
    found = tell(LONG["en"], Budget(first_ms=1000), rates=Rates(STEP / 64, STEP))
    whole(found)
    assert not found.reading.shortened


def test_a_slow_board_reads_a_little_and_answers(tell: Tell) -> None:
    found = tell(LONG["ar"], Budget(first_ms=1), rates=Rates(50, 200), slower=20)
    whole(found)
    assert found.reading.shortened
    assert found.first_ms <= 4 * STEP * 20


@given(
    st.text(min_size=1, max_size=400),
    st.floats(0.1, 500),
    st.floats(0.01, 50),
    st.floats(0.1, 200),
    st.floats(1, 9),
)
def test_whatever_is_said_and_however_fast_the_board(
    fake_engine, words: str, first: float, prefill: float, decode: float, slower: float
) -> None:
    budget, rates = Budget(first_ms=first), Rates(prefill, decode)
    found = told(fake_engine(*SAID), words.replace("\0", ""), budget, rates=rates, slower=slower)
    assert found.reading.said.startswith(found.reading.words)
    assert found.reading.shortened == (found.reading.spent.tokens_cut > 0)
    assert (text(found.pieces), found.pieces[-1].finish) == ("".join(SAID), "end")


SENTENCES = (" One", " is", " here", ".", " Two", " is", " there", ".", *(f" so{i}" for i in range(90)))


def test_done_in_time_and_at_a_sentence_end(tell: Tell) -> None:
    found = tell("Hello", Budget(done_ms=100), SENTENCES)
    assert found.pieces[-1].finish == "time"
    assert text(found.pieces) == " One is here. Two is there."
    assert found.done_ms <= 100


def test_done_near_the_time_where_there_is_no_sentence_end(tell: Tell) -> None:
    found = tell("Hello", Budget(done_ms=100, new=80), [f" so{i}" for i in range(90)])
    assert found.pieces[-1].finish == "time"
    assert 100 <= found.done_ms <= 100 + STEP


@pytest.mark.parametrize("slower", [1.0, 4.0])
def test_what_can_be_written_in_time_is_planned(tell: Tell, slower: float) -> None:
    script = [f" so{i}" for i in range(90)]
    found = tell("Hello", Budget(done_ms=200), script, rates=Rates(1, STEP), slower=slower)
    assert found.pieces[-1].finish == ("tokens" if slower == 1 else "time")
    assert found.done_ms <= 200 + STEP * slower
    assert found.reading.spent.tokens_out == found.pieces[-1].spent.tokens_out > 1


@contextmanager
def paced(model: LanguageModel, milliseconds: Callable[[int], float]) -> Iterator[Callable[[], float]]:
    """A clock by which a batch of so many tokens takes so long."""
    passed, plain = [0.0], model.engine.decode

    def decode(rows: Any, **how: bool) -> Any:
        passed[0] += milliseconds(len(rows)) / 1000
        return plain(rows, **how)

    model.engine.decode = decode
    try:
        yield lambda: passed[0]
    finally:
        del model.engine.decode


@pytest.mark.model
@pytest.mark.parametrize("words", LONG.values(), ids=LONG)
def test_long_words_of_a_real_model_are_cut_in_time(smollm: LanguageModel, words: str) -> None:
    smollm.warm(BRIEF)
    with (
        paced(smollm, lambda rows: 2.0 * rows + 10) as now,
        smollm.read(words, BRIEF, Budget(prompt=300, new=12)) as reading,
    ):
        reading.clock = Clock(300, now=now)
        times = [(piece, reading.clock.elapsed) for piece in reading.write()]
    pieces, first = [piece for piece, _ in times], times[0][1]
    whole(Told(reading, pieces, first, times[-1][1]))
    assert reading.shortened
    assert first <= 300 + 2.0 * 64 + 10
    assert pieces[-1].finish in ("end", "tokens")


@pytest.mark.model
def test_a_real_model_is_done_in_time(smollm: LanguageModel) -> None:
    smollm.warm(BRIEF)
    with (
        paced(smollm, lambda _: 20.0) as now,
        smollm.read("Write a long story about a fisherman.", BRIEF, Budget(new=300, done_ms=1e9)) as reading,
    ):
        reading.clock, reading.budget = Clock(250, now=now), Budget(new=300, done_ms=500)
        pieces = list(reading.write())
    assert pieces[-1].finish == "time"
    assert reading.clock.elapsed <= 520
    assert text(pieces).strip()


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*properties]}


TASKS = {
    "en": (
        "Tell Sara that I am late because of the rain",
        obj(
            to={"type": "string", "x-copy": True},
            text={"type": "string", "minLength": 1},
            urgent={"type": "boolean"},
        ),
    ),
    "ar": (
        "ذكرني بموعد الطبيب غدا في الساعة الخامسة",
        obj(
            التذكير={"type": "string"},
            الساعة={"type": "integer", "minimum": 0, "maximum": 23},
            tags={"type": "array", "items": {"enum": ["البيت", "البنك"]}, "minItems": 1},
        ),
    ),
    "zh": (
        "给小李发消息说我晚点到",
        obj(
            收件人={"type": "string", "x-copy": True}, 内容={"type": "string", "minLength": 2}, n={"const": 3}
        ),
    ),
}


def satisfies(value: Any, schema: Mapping[str, Any], said: str) -> bool:
    assert [*value] == schema["required"]
    for name, wanted in schema["properties"].items():
        found = value[name]
        if wanted.get("x-copy"):
            assert found
            assert found in said
        if wanted.get("type") == "string":
            assert len(found) >= wanted.get("minLength", 0)
        if wanted.get("type") == "integer":
            assert 0 <= found <= 23
        if wanted.get("type") == "array":
            assert found
            assert set(found) <= set(wanted["items"]["enum"])
    return True


@pytest.mark.model
@pytest.mark.parametrize(("words", "schema"), TASKS.values(), ids=TASKS)
def test_json_is_whole_whichever_limit_ends_it(
    smollm: LanguageModel, words: str, schema: Mapping[str, Any]
) -> None:
    finishes = []
    with smollm.read(words, "Write this as JSON.") as reading:
        for new in (*range(1, 21), 30, 40, 96):
            pieces = list(reading.write("", Budget(new=new), schema=schema))
            finishes.append(pieces[-1].finish)
            assert satisfies(json.loads(text(pieces)), schema, words)
            assert pieces[-1].spent.tokens_out <= new
    assert finishes[0] == "tokens"
    assert set(finishes) <= {"tokens", "end", "loop"}
    assert finishes.count("end") < 20  # a limit is said to be one


@pytest.mark.model
@pytest.mark.parametrize(("words", "schema"), TASKS.values(), ids=TASKS)
def test_json_is_whole_where_the_time_ends_it(
    smollm: LanguageModel, words: str, schema: Mapping[str, Any]
) -> None:
    with paced(smollm, lambda _: 10.0) as now, smollm.read(words, "Write this as JSON.") as reading:
        reading.features("")
        for milliseconds in (1, 40, 90, 170):
            reading.clock = Clock(None, now=now)
            reading.budget = Budget(done_ms=milliseconds)
            *_, last = pieces = list(reading.write("", schema=schema))
            assert satisfies(json.loads(text(pieces)), schema, words)
            assert last.finish in ("time", "end", "tokens")
            if last.finish == "time":
                assert reading.clock.elapsed <= milliseconds + 10 * (DRAFT + 1)


@pytest.mark.model
def test_a_full_context_ends_an_answer_and_leaves_json_whole(gguf: Callable[[str], Path]) -> None:
    small = Settings(context=256, batch=32, sequences=4, scored=4)
    words, schema = "Count from one to a thousand.", obj(numbers={"type": "string", "minLength": 3})
    with LanguageModel(gguf("smollm2-135m"), small) as model:
        with model.read(words, BRIEF) as reading:
            free = 256 - reading.branch.length - len(reading.pending)
            cue = " and" * (free - 20)
            plain = list(reading.write(cue, Budget(new=900), sampler=lambda _, said: 100 + len(said)))
            whole_json = list(reading.write(cue, Budget(new=900), schema=schema))
        assert plain[-1].finish == "context"
        assert whole_json[-1].finish in ("context", "end")
        assert len(json.loads(text(whole_json))["numbers"]) >= 3


@pytest.mark.model
@pytest.mark.parametrize("context", [40, 64, 100])
def test_a_tiny_context_is_planned_for(gguf: Callable[[str], Path], context: int) -> None:
    small = Settings(context=context, batch=16, sequences=3, scored=3)
    for words in LONG.values():
        with LanguageModel(gguf("smollm2-135m"), small) as model, model.read(words, "Be brief.") as reading:
            assert reading.shortened
            pieces = list(reading.write())
            used = reading.branch.length + pieces[-1].spent.tokens_out
            assert pieces[-1].finish is not None
            assert used <= context
