from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.models.llm.branch import Pool
from lamha.models.llm.budget import Budget, Clock, Spent
from lamha.models.llm.generate import Limits, Piece, Steps, generate, text


@dataclass
class Said:
    pieces: list[Piece]
    spent: Spent
    decoded: int

    @property
    def text(self) -> str:
        return text(self.pieces)

    @property
    def finish(self) -> str | None:
        return self.pieces[-1].finish


type Say = Callable[..., Said]


@pytest.fixture(scope="module")
def say(fake_engine) -> Say:
    def run(
        *script: str | bytes, budget: Budget | None = None, stops: Sequence[str] = (), cancel_after: int = -1
    ) -> Said:
        engine = fake_engine(*script)
        engine.settings = type(engine.settings)(context=999)
        limits, spent = Limits(budget or Budget(), stops), Spent()
        limits.clock = Clock(limits.budget.done_ms, now=lambda: engine.seconds)
        if cancel_after == 0:
            limits.cancel.set()
        engine.each = lambda: limits.cancel.set() if engine.decoded + 2 >= cancel_after > 0 else None
        with Pool(engine).new() as branch:
            pieces = list(generate(branch, engine.scores([]), limits, spent))
        assert [piece.finish is None for piece in pieces] == [True] * (len(pieces) - 1) + [False]
        return Said(pieces, spent, engine.decoded)

    return run


def test_the_model_ends(say: Say) -> None:
    said = say("It ", "is ", "open")
    assert (said.text, said.finish) == ("It is open", "end")
    assert (said.spent.tokens_out, said.decoded) == (4, 3)


def test_the_model_says_nothing(say: Say) -> None:
    said = say()
    assert (said.text, said.finish, said.decoded) == ("", "end", 0)


def test_a_stop_string_ends(say: Say) -> None:
    said = say("one", "\n", "\nt", "wo", stops=["\n\n"])
    assert (said.text, said.finish) == ("one", "stop")
    assert (said.spent.tokens_out, said.decoded) == (3, 2)


def test_the_beginning_of_a_stop_string_is_text_at_the_end(say: Say) -> None:
    assert say("one", "\n", stops=["\n\n"]).text == "one\n"


def test_a_stop_string_at_the_end_of_the_budget_is_a_stop(say: Say) -> None:
    assert say("one", "\n", budget=Budget(new=2), stops=["\n"]).finish == "stop"


@pytest.mark.parametrize("new", [1, 2, 3])
def test_tokens_end(say: Say, new: int) -> None:
    said = say("a", " b", " c", " d", budget=Budget(new=new))
    assert (said.text, said.finish) == ("a b c"[: 2 * new - 1], "tokens")
    assert (said.spent.tokens_out, said.decoded) == (new, new - 1)


def test_time_ends(say: Say) -> None:
    said = say("a", " b", " c", " d", " e", budget=Budget(done_ms=25))
    assert (said.text, said.finish, said.decoded) == ("a b c d", "time", 3)


def test_never_an_empty_answer_however_late(say: Say) -> None:
    said = say("\n", " ", *(bytes([byte]) for byte in "好".encode()), "吗", budget=Budget(done_ms=1e-9))
    assert (said.text, said.finish) == ("\n 好", "time")
    late = say(" ", b"\xe5", b"\xa5", b"\xbd", "吗", budget=Budget(done_ms=5))
    assert (late.text, late.finish) == (" 好", "time")


def test_over_before_the_first_token(fake_engine) -> None:
    engine, spent = fake_engine("a", " b"), Spent()
    limits = Limits(Budget(done_ms=1))
    limits.clock.started -= 1
    with Pool(engine).new() as branch:
        pieces = list(generate(branch, engine.scores([]), limits, spent))
    assert (text(pieces), pieces[-1].finish, engine.decoded) == ("a", "time", 0)


@pytest.mark.parametrize("after", [0, 2, 3])
def test_cancelled_after_the_token_that_is_there(say: Say, after: int) -> None:
    said = say("a", "b", "c", "d", cancel_after=after)
    assert said.finish == "cancelled"
    assert said.spent.tokens_out == max(1, after)


def test_a_reply_is_closed_at_a_sentence_end(say: Say) -> None:
    said = say("It", " is.", " He", " is", " in", " it", " now.", " So", budget=Budget(new=10))
    assert (said.text, said.finish) == ("It is. He is in it now.", "tokens")
    assert said.decoded == said.spent.tokens_out - 1 == 6


def test_a_reply_is_closed_in_time(say: Say) -> None:
    said = say("It", " is.", " He", " is", " now.", " So", " it", budget=Budget(done_ms=50))
    assert (said.text, said.finish) == ("It is. He is now.", "time")


def test_a_number_is_not_cut_at_its_point(say: Say) -> None:
    said = say("It", " costs", " ", "3", ".", "5", " now", ".", " So", budget=Budget(new=6))
    assert said.text == "It costs 3.5"


def test_a_character_that_the_budget_cuts_is_not_shown(say: Say) -> None:
    one, two, three = (bytes([byte]) for byte in "好".encode())
    assert say("a", one, two, three, budget=Budget(new=3)).text == "a"
    assert say("a", one, two, three, budget=Budget(new=4)).text == "a好"
    assert [piece.text for piece in say("a", one, two, three).pieces] == ["a", "好", ""]


PHRASES = [[" no"], [" ana", " la"], ["我", "不", "知", "道"], [f" {word}" for word in "abcdefgh"]]


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_loop_is_ended_and_its_repeats_are_not_shown(say: Say, phrase: list[str]) -> None:
    said = say("So", *phrase * 20)
    assert (said.text, said.finish) == ("So" + "".join(phrase), "loop")
    assert said.spent.tokens_out == 1 + max(6, 3 * len(phrase))
    assert said.decoded == said.spent.tokens_out - 1


def test_a_phrase_with_a_repeat_in_it_is_shown_once(say: Say) -> None:
    assert say(*[" a", " b", " a"] * 9).text == " a b a"


@pytest.mark.parametrize("script", [["no", " no", " no"], [" ha"] * 5, [" to", " be", " or", " to", " be"]])
def test_saying_it_twice_is_no_loop(say: Say, script: list[str]) -> None:
    said = say(*script)
    assert (said.text, said.finish) == ("".join(script), "end")


@pytest.mark.parametrize("script", ["1000000000000", "1,000,000,000,000", "0.333333333333"])
def test_figures_are_no_loop(say: Say, script: str) -> None:
    said = say("x", *script)
    assert (said.text, said.finish) == ("x" + script, "end")


def test_figures_without_end_are_a_loop(say: Say) -> None:
    said = say("x", *"-" * 90)
    assert (said.text, said.finish, said.spent.tokens_out) == ("x-", "loop", 33)


def test_a_sentence_end_that_was_there_before_still_closes(say: Say) -> None:
    said = say("Yes", ".", " No", ".", " So", ".", budget=Budget(new=5))
    assert said.text == "Yes. No."


WORDS = st.lists(st.sampled_from(["a", " b", "c. ", "好", b"\xe5", b"\xa5\xbd", "\n", "0"]), max_size=40)


@given(WORDS, st.integers(1, 12), st.sampled_from([(), ("\n",), ("b", "c.")]), st.floats(0.001, 200))
def test_whatever_is_said_it_ends_once_and_in_its_budget(
    say: Say, script: list[str | bytes], new: int, stops: tuple[str, ...], milliseconds: float
) -> None:
    said = say(*script, budget=Budget(new=new, done_ms=milliseconds), stops=stops)
    assert said.finish in {"end", "stop", "loop", "tokens", "time"}
    assert 1 <= said.spent.tokens_out <= new
    assert said.decoded == said.spent.tokens_out - 1
    whole = b"".join(word.encode() if isinstance(word, str) else word for word in script)
    assert whole.decode("utf-8", "replace").startswith(said.text)


def test_what_is_made_whole_is_not_ended_at_a_sentence_end(fake_engine) -> None:
    """The full stop inside a JSON string is no place to stop."""
    engine = fake_engine('{"say": "', "Yes", ".", " No", ".", '"}', settings=None)
    steps, limits = Steps(closing=lambda said: f"<{len(said)}>"), Limits(Budget(new=5))
    with Pool(engine).new() as branch:
        pieces = list(generate(branch, engine.scores([]), limits, Spent(), steps))
    assert (text(pieces), pieces[-1].finish) == ('{"say": "Yes. No.<5>', "tokens")
