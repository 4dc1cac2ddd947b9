from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from lamha.models.llm.branch import Pool
from lamha.models.llm.budget import Budget, Clock, Spent
from lamha.models.llm.engine import Settings
from lamha.models.llm.generate import Limits, generate, text
from lamha.models.llm.model import LanguageModel
from lamha.models.llm.thinking import BEGIN, END, begun, think

ANSWER = ("It", " is", " ten")
BRIEF = "You are a helpful assistant. Answer in one short sentence."


@dataclass
class Said:
    text: str
    finish: str | None
    read: str
    spent: Spent = field(default_factory=Spent)


type Say = Callable[..., Said]


@pytest.fixture
def say(fake_engine) -> Say:
    """A model that thinks so until the thought is closed, by whomever, and then answers."""

    def run(
        *thought: str,
        budget: Budget = Budget(thinking=9),  # noqa: B008 - it does not change
        inside: bool = False,
        context: int = 999,
        cancel_after: int | None = None,
        words: int = 1,
    ) -> Said:
        engine = fake_engine(*thought, *ANSWER)
        engine.settings = Settings(context=context)
        plain, limits, spent = engine.tokenize, Limits(budget), Spent()
        limits.clock = Clock(budget.done_ms, now=lambda: engine.seconds)

        def tokenize(said: str, *, special: bool = False) -> list[int]:
            known = special and said.encode() in engine._pieces
            return [engine._pieces.index(said.encode())] if known else plain(said)

        def scores(read: Sequence[int]):
            ends = [at for at in range(len(read)) if END in written(read[: at + 1])]
            begin, script = (ends[0] + 1, ANSWER) if ends else (0, thought)
            at = sum(token >= 256 for token in read[begin:])
            return engine.one([engine._pieces.index(script[at].encode(), 256) if at < len(script) else 0])

        def written(read: Sequence[int]) -> str:
            return b"".join(map(engine.piece, read)).decode()

        engine.tokenize, engine.scores = tokenize, scores
        with Pool(engine).new() as branch:
            (logits,) = branch.read([1] * words)
            if cancel_after is not None:
                begin = engine.decoded
                engine.each = lambda: engine.decoded - begin >= cancel_after and limits.cancel.set()
            logits = think(branch, logits, limits, spent, inside=inside)
            pieces = list(generate(branch, logits, limits, spent))
            read = written(engine.sequences[branch.sequence][words:])
        return Said(text(pieces), pieces[-1].finish, read, spent)

    return run


def test_a_thought_is_not_part_of_the_answer(say: Say) -> None:
    said = say(BEGIN, "so", " so", END)
    assert (said.text, said.finish, said.spent.tokens_thought) == ("It is ten", "end", 4)
    assert said.read == f"{BEGIN}so so{END}\n\nIt is ten"


def test_a_thought_without_end_is_ended(say: Say) -> None:
    said = say(BEGIN, *(f" {number}" for number in range(50)), budget=Budget(thinking=4))
    assert (said.text, said.spent.tokens_thought) == ("It is ten", 4)
    assert said.read == f"{BEGIN} 0 1 2\n{END}\n\nIt is ten"


def test_a_model_that_answers_at_once(say: Say) -> None:
    said = say("Ten", ".")
    assert (said.text, said.read, said.spent.tokens_thought) == ("Ten.", "Ten.", 0)


def test_what_begins_like_a_mark_is_an_answer(fake_engine) -> None:
    engine, spent = fake_engine(), Spent()
    engine.scores = lambda read: engine.one([[*b"<th>", 0][len(read)]])
    with Pool(engine).new() as branch:
        logits = think(branch, engine.scores([]), Limits(Budget(thinking=9)), spent)
        assert branch.length == 0
        assert text(generate(branch, logits, Limits(), spent)) == "<th>"


def test_an_end_in_many_tokens(say: Say) -> None:
    said = say(BEGIN, "so", "</thi", "nk>\n")
    assert (said.text, said.read) == ("It is ten", f"{BEGIN}so{END}\n\n\nIt is ten")


def test_a_template_that_begins_the_thought(say: Say) -> None:
    said = say("so", END, inside=True)
    assert (said.text, said.spent.tokens_thought) == ("It is ten", 2)
    said = say("so", " so", inside=True, budget=Budget(thinking=1))
    assert (said.text, said.spent.tokens_thought) == ("It is ten", 1)


@pytest.mark.parametrize("inside", [True, False])
def test_no_thought_where_none_is_allowed(say: Say, inside: bool) -> None:
    said = say(*([] if inside else [BEGIN]), "so", " so", inside=inside, budget=Budget(thinking=0))
    assert said.text == "It is ten"
    assert "so" not in said.read


def test_an_end_in_the_middle_of_a_thought(say: Say) -> None:
    said = say(BEGIN, "so")
    assert (said.text, said.read) == ("It is ten", f"{BEGIN}so\n{END}\n\nIt is ten")


def test_cancelled_in_the_middle_of_a_thought(say: Say) -> None:
    said = say(BEGIN, *(f" {number}" for number in range(50)), cancel_after=3)
    assert (said.finish, said.spent.tokens_thought) == ("cancelled", 4)


def test_at_most_half_of_the_time_is_thought(say: Say) -> None:
    thought = [f" {number}" for number in range(500)]
    said = say(BEGIN, *thought, budget=Budget(thinking=400, done_ms=400))
    assert 18 <= said.spent.tokens_thought <= 20  # ten milliseconds each
    assert said.text == "It is ten"


def test_a_thought_that_fills_the_context(say: Say) -> None:
    said = say(BEGIN, *(f" {number}" for number in range(50)), budget=Budget(thinking=99), context=40)
    assert said.text.startswith("It")
    assert said.spent.tokens_thought > 20


def test_two_replies_may_think_as_much_as_one(fake_engine) -> None:
    engine, spent = fake_engine(*map(str, range(99))), Spent()
    engine.settings = Settings(context=999)
    for _ in range(2):
        with Pool(engine).new() as branch:
            think(branch, engine.scores([]), Limits(Budget(thinking=5)), spent, inside=True)
    assert spent.tokens_thought == 10


@pytest.mark.parametrize(
    ("after", "inside"),
    [("", False), (f"{BEGIN}\n", True), (f"{BEGIN}\n\n{END}\n\n", False), (f"{END}{BEGIN}", True)],
)
def test_begun(after: str, inside: bool) -> None:
    assert begun(after) is inside


@pytest.fixture
def reasoning(qwen: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> Iterator[LanguageModel]:
    """A model whose template begins a thought."""
    monkeypatch.setattr(qwen, "_template", qwen._template + f"{BEGIN}\n")
    monkeypatch.setattr(qwen, "_frames", {})
    yield qwen


@pytest.mark.model
@pytest.mark.parametrize("thinking", [0, 1, 8])
def test_a_real_model_thinks_no_more_than_it_may(reasoning: LanguageModel, thinking: int) -> None:
    with reasoning.read(
        "What is the capital of France?", BRIEF, Budget(new=24, thinking=thinking)
    ) as reading:
        pieces = list(reading.write())
    assert "Paris" in text(pieces)
    assert "think>" not in text(pieces)
    assert pieces[-1].spent.tokens_thought == reading.spent.tokens_thought <= thinking
    assert pieces[-1].spent.thought_ms > 0
    assert len([piece for piece in pieces if piece.text]) > 1
