import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from lamha.models.errors import BudgetTooSmall
from lamha.models.llm.branch import Pool
from lamha.models.llm.budget import Budget
from lamha.models.llm.chat import frame
from lamha.models.llm.generate import Piece, text
from lamha.models.llm.model import LanguageModel
from lamha.models.llm.prefix import Prefixes

if TYPE_CHECKING:
    from lamha.models.llm.reading import Reading

pytestmark = pytest.mark.model

BRIEF = "You are a helpful assistant. Answer in one short sentence."
LONG = "Write a long story about a fisherman who finds a lamp."
SHORT = Budget(new=24)


@contextmanager
def counted(model: LanguageModel, each: Callable[[], None] = lambda: None) -> Iterator[list[int]]:
    """The sizes of all batches that are decoded inside; `each` is called before each."""
    sizes: list[int] = []
    whole = model.engine.decode
    model.engine.decode = lambda rows, **how: each() or sizes.append(len(rows)) or whole(rows, **how)
    try:
        yield sizes
    finally:
        del model.engine.decode


def last_position(model: LanguageModel, sequence: int) -> int:
    return model.engine._lib.llama_memory_seq_pos_max(model.engine._memory, sequence)


def held(model: LanguageModel) -> set[int]:
    return {n for n in range(model.engine.settings.sequences) if last_position(model, n) >= 0}


def alone(model: LanguageModel) -> None:
    """Empty the memory: scores depend a little on the cells that a sequence happens to lie in."""
    while model.prefixes.forget_oldest():
        pass


def answer(model: LanguageModel, words: str, budget: Budget = SHORT, cue: str = "") -> str:
    with model.read(words, BRIEF) as reading:
        return text(reading.write(cue, budget))


def plainly(model: LanguageModel, words: str, new: int) -> str:
    """Greedy decoding without any of what is tested here: all tokens are read again for each new one."""
    engine = model.engine
    around = frame(engine.metadata("tokenizer.chat_template"), BRIEF)
    prompt = engine.tokenize(around.before, special=True)
    prompt += engine.tokenize(words) + engine.tokenize(around.after, special=True)
    said: list[int] = []
    with model.pool.new() as branch:
        (logits,) = branch.read(prompt)
        for _ in range(new):
            token = int(logits.argmax())
            if engine.is_end(token):
                break
            said.append(token)
            (logits,) = branch.read([token])
    return b"".join(map(engine.piece, said)).decode("utf-8", "ignore")


@pytest.mark.parametrize("words", ["Capital of France?", "ما هي عاصمة فرنسا؟", "法国的首都是哪里？"])
@pytest.mark.parametrize("name", ["qwen", "smollm"])
def test_an_answer_is_what_a_plain_loop_gives(name: str, words: str, request: pytest.FixtureRequest) -> None:
    model = request.getfixturevalue(name)
    alone(model)
    wanted = plainly(model, words, 24)
    got = answer(model, words, Budget(new=34))
    assert got.strip()
    assert got.startswith(wanted) or wanted.startswith(got)


def test_the_other_family_is_known_by_its_own_file(smollm: LanguageModel, qwen: LanguageModel) -> None:
    assert smollm.identity != qwen.identity
    assert "Paris" in answer(smollm, "What is the capital of France?")
    assert smollm.feature_tokens.max() < smollm.engine.vocabulary_size < qwen.engine.vocabulary_size


@pytest.mark.parametrize("order", ["features first", "features last", "features twice", "no cue"])
def test_features_change_no_answer(smollm: LanguageModel, order: str) -> None:
    words = "What is the capital of France?"
    wanted = answer(smollm, words)
    with smollm.read(words, BRIEF) as alone:
        features = alone.features("The user wants to ")
    with smollm.read(words, BRIEF) as reading:
        if order == "features last":
            assert text(reading.write("", SHORT)) == wanted
        if order == "no cue":
            begin, same = reading.features("")
            np.testing.assert_array_equal(begin, same)
        got = [reading.features("The user wants to ") for _ in range(1 + (order == "features twice"))]
        assert text(reading.write("", SHORT)) == wanted
        assert text(reading.write("", SHORT)) == wanted
    for one in got:
        assert one.shape == (2, 1024)
        np.testing.assert_allclose(one, features, atol=1)


def test_words_are_read_once(smollm: LanguageModel) -> None:
    smollm.warm(BRIEF)
    with counted(smollm) as sizes, smollm.read("Where am I?", BRIEF) as reading:
        assert sizes == []
        reading.features("The user wants to ")
        pieces = list(reading.write("It is", Budget(new=4)))
    suffixes = sum(len(smollm.engine.tokenize(cue)) for cue in ("The user wants to ", "It is"))
    words = len(smollm.engine.tokenize("Where am I?"))
    after = len(smollm.engine.tokenize(smollm._frame("", thinking=False).after, special=True))
    assert sum(sizes) == words + after + suffixes + pieces[-1].spent.tokens_out - 1
    assert reading.spent.tokens_in == words + after + suffixes
    assert reading.spent.tokens_out == pieces[-1].spent.tokens_out <= 4


def test_prefixes_of_a_real_model(smollm: LanguageModel) -> None:
    pool = Pool(smollm.engine)
    pool._free = [smollm.pool._free.pop() for _ in range(4)]
    lent = list(pool._free)
    prefixes = Prefixes(pool, capacity=2)
    one, two, three = (
        tuple(smollm.engine.tokenize(f"{word} is a word.")) for word in ("Sun", "Moon", "Star")
    )

    def scores(prefix: tuple[int, ...]) -> np.ndarray:
        with prefixes.branch(prefix) as branch:
            (logits,) = branch.read(smollm.engine.tokenize(" And so is"))
            return logits

    with counted(smollm) as sizes:
        first = scores(one)
        alone = sum(sizes)
        assert (scores(one) == first).all()
        assert sum(sizes) == 2 * alone - len(one)
        for prefix in (two, three):
            scores(prefix)
        sizes.clear()
        np.testing.assert_array_equal(scores(one), first)
        assert sum(sizes) == alone
    while prefixes.forget_oldest():
        pass
    smollm.pool.relief = smollm.prefixes.forget_oldest
    smollm.pool._free += lent


def test_an_answer_comes_in_pieces(qwen: LanguageModel) -> None:
    with qwen.read("What is the capital of France?", BRIEF) as reading:
        pieces = list(reading.write("", SHORT))
    assert len([piece for piece in pieces if piece.text]) > 3
    assert [piece.finish for piece in pieces[:-1]] == [None] * (len(pieces) - 1)
    assert pieces[-1].finish == "end"
    assert pieces[-1].spent.prefill_ms > 0 < pieces[-1].spent.decode_ms


def test_a_stop_string(qwen: LanguageModel) -> None:
    whole = answer(qwen, "What is the capital of France?")
    assert "Paris" in whole
    with qwen.read("What is the capital of France?", BRIEF) as reading:
        pieces = list(reading.write("", SHORT, ["Pari", "nothing"]))
    assert (text(pieces), pieces[-1].finish) == (whole[: whole.find("Paris")], "stop")


@pytest.mark.parametrize("new", [1, 2, 17])
def test_a_token_budget(smollm: LanguageModel, new: int) -> None:
    with counted(smollm) as sizes, smollm.read(LONG, BRIEF) as reading:
        *_, last = reading.write("", Budget(new=new))
        prompt = reading.spent.tokens_in
    assert last.finish == "tokens"
    assert 1 <= last.spent.tokens_out <= new
    assert sum(sizes) == prompt + last.spent.tokens_out - 1


def test_a_deadline(qwen: LanguageModel) -> None:
    qwen.warm(BRIEF)
    with qwen.read(LONG, BRIEF) as reading:
        pieces = list(reading.write("", Budget(new=400, done_ms=300)))
    assert pieces[-1].finish == "time"
    assert text(pieces).strip()


@pytest.mark.parametrize("name", ["qwen", "smollm"])
def test_cancelled_from_another_thread(name: str, request: pytest.FixtureRequest) -> None:
    model, cancel, there = request.getfixturevalue(name), threading.Event(), threading.Event()
    model.warm(BRIEF)
    before = held(model)
    stopper = threading.Thread(target=lambda: there.wait(30) and cancel.set())
    stopper.start()
    with model.read(LONG, BRIEF, cancel=cancel) as reading:
        pieces: list[Piece] = []
        for piece in reading.write("", Budget(new=400)):
            pieces.append(piece)
            if len(pieces) == 3:
                there.set()
                stopper.join()
                at = piece.spent.tokens_out
        assert (pieces[-1].finish, pieces[-1].spent.tokens_out) == ("cancelled", at)
        sequence = reading.branch.sequence
    assert last_position(model, sequence) == -1
    assert held(model) == before
    assert answer(model, "What is the capital of France?").strip()


def test_cancelled_while_the_words_are_read(smollm: LanguageModel) -> None:
    cancel = threading.Event()
    words = "Where is the pharmacy? " * 20
    with smollm.read(words, BRIEF, cancel=cancel) as reading:
        with counted(smollm, cancel.set) as sizes:
            pieces = list(reading.write("", SHORT))
        assert [(piece.text, piece.finish) for piece in pieces] == [("", "cancelled")]
        assert sum(sizes) <= smollm.engine.settings.batch < len(smollm.engine.tokenize(words))
        cancel.clear()
        late = text(reading.write("", SHORT))
    assert late == answer(smollm, words) != ""


def test_an_answer_that_nobody_reads_to_its_end(smollm: LanguageModel) -> None:
    smollm.warm(BRIEF)
    before = held(smollm)
    for _ in range(30):
        with smollm.read(LONG, BRIEF) as reading:
            pieces = reading.write("", Budget(new=50))
            next(pieces)
            assert len(held(smollm)) == len(before) + 2
            pieces.close()
            assert reading.spent.tokens_out == 1
            assert len(held(smollm)) == len(before) + 1
    assert held(smollm) == before


@pytest.mark.parametrize(
    "words",
    [
        "The shop is open. It costs 3.5 euros to enter. " * 9 + "Is it far?",
        "المتجر مفتوح الآن. الدخول مجاني للأطفال. " * 9 + "هل هو بعيد؟",
        "商店开着。儿童免费入场。" * 12 + "远吗？",
    ],
)
def test_long_words_are_cut_at_a_sentence_end(smollm: LanguageModel, words: str) -> None:
    with smollm.read(words, BRIEF, Budget(prompt=80)) as reading:
        assert reading.shortened
        assert words.startswith(reading.words)
        assert reading.words[-1] in ".。"
        assert len(reading.words) > 25
        assert len(reading.pending) <= 80
        whole = len(smollm.engine.tokenize(words))
        assert reading.spent.tokens_cut == whole - len(reading.pending.words)
        assert text(reading.write("", Budget(new=4))).strip()
    with smollm.read(words[:40], BRIEF, Budget(prompt=300)) as reading:
        assert not reading.shortened


@pytest.mark.parametrize("words", ["😀", "👩‍🚀👩‍🚀", "x" * 999, "\n" * 99, ""])
def test_any_words_fit_any_room(smollm: LanguageModel, words: str) -> None:
    for room in (1, 2, 5):
        after = len(smollm.engine.tokenize(smollm._frame("", thinking=False).after, special=True))
        with smollm.read(words, BRIEF, Budget(prompt=after + room)) as reading:
            assert len(reading.pending) <= after + room
            assert reading.features("It is").shape == (2, 1024)


def test_no_room_for_words(smollm: LanguageModel) -> None:
    with pytest.raises(BudgetTooSmall, match="no room"):
        smollm.read("Hello", BRIEF, Budget(prompt=2))


def test_more_than_the_context_holds(smollm: LanguageModel) -> None:
    before = held(smollm)
    with smollm.read("word " * 900, BRIEF, Budget(prompt=800)) as reading:
        assert reading.shortened
        *_, last = reading.write("", Budget(new=1000))
    assert last.finish in ("end", "loop", "context")
    with pytest.raises(BudgetTooSmall, match="fixed tokens leave no room in a context of 512"):
        smollm.read("Hello", "word " * 520)
    assert held(smollm) <= before
    assert "Paris" in answer(smollm, "What is the capital of France?")


@pytest.mark.parametrize(
    "words",
    ["Repeat after me: 你好，世界！", "Repeat after me: مرحبا", "Repeat after me: 👩‍🚀🎉🍉🦉"],
)
def test_characters_are_never_broken(qwen: LanguageModel, words: str) -> None:
    for new in (5, 6, 7, 20):
        with qwen.read(words, "Repeat.") as reading:
            assert "�" not in text(reading.write("", Budget(new=new)))


def test_the_first_token_is_not_doubled(smollm: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    (first,) = smollm.engine.tokenize("<|im_start|>", special=True)
    (other,) = smollm.engine.tokenize("<|endoftext|>", special=True)
    monkeypatch.setitem(smollm.engine.weights.__dict__, "bos", [first])
    assert smollm._begin("<|im_start|>user\n")[:2].count(first) == 1
    assert smollm._begin("user\n")[0] == first
    monkeypatch.setitem(smollm.engine.weights.__dict__, "bos", [other])
    assert smollm._begin("<|im_start|>user\n")[:2] == (other, first)


def test_a_model_that_repeats_itself_is_ended(smollm: LanguageModel) -> None:
    with smollm.read("Say it again and again.", "Repeat.") as reading:
        pieces = list(reading.write(" no no no no no no no no", Budget(new=60)))
    assert pieces[-1].finish == "loop"
    assert pieces[-1].spent.tokens_out < 20
    assert text(pieces).count("no") <= 2


def test_a_reading_outlived_by_nothing(smollm: LanguageModel) -> None:
    with smollm.read("Hello", BRIEF) as reading:
        late = reading.write("", SHORT)
    with pytest.raises((ValueError, RuntimeError)):
        next(late)
    assert answer(smollm, "Hello").strip()


def test_a_model_closed_before_its_reading(gguf: Callable[[str], Path], smollm: LanguageModel) -> None:
    small = replace(smollm.engine.settings, context=128, batch=32)
    with LanguageModel(gguf("smollm2-135m"), small) as model:
        reading = model.read("Hello", BRIEF)
        pieces = reading.write("", SHORT)
        next(pieces)
    with pytest.raises(RuntimeError, match="closed"):
        list(pieces)
    reading.close()


COPIES = [
    ("Tell Sara that I am late", 'The name of the person is: "', "Sara"),
    ("أخبر سارة أنني سأتأخر", 'The name of the person is: "', "سارة"),
    ("告诉小明我要迟到了", 'The name of the person is: "', "小明"),
]


@pytest.mark.parametrize(("words", "cue", "wanted"), COPIES)
@pytest.mark.parametrize("name", ["qwen", "smollm"])
def test_copies_are_candidates(
    name: str, words: str, cue: str, wanted: str, request: pytest.FixtureRequest
) -> None:
    model = request.getfixturevalue(name)
    breaks = [i for i in range(len(words) + 1) if not words.isascii() or not words[i : i + 1].strip()]
    starts = [0, *(i + 1 for i in breaks if words[i : i + 1] == " ")] if " " in words else breaks[:-1]
    ends = [i for i in range(1, len(words) + 1) if not words[i : i + 1].strip() or " " not in words]
    candidates = {(start, end): 0.0 for start in starts for end in ends if start < end}
    reading: Reading
    with model.read(words, BRIEF) as reading:
        span = reading.copy(cue, candidates)
        answered = text(reading.write("", Budget(new=3)))
    assert (span.start, span.end) in candidates
    if name == "qwen":
        assert words[span.start : span.end] == wanted
    assert answered == answer(model, words, Budget(new=3))


def test_a_copy_of_nothing(smollm: LanguageModel) -> None:
    with smollm.read("Hello", BRIEF) as reading:
        assert reading.copy('The name is: "', {}) is None
