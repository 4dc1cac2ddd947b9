from hypothesis import given
from hypothesis import strategies as st

from lamha.models.llm.branch import Pool
from lamha.models.llm.budget import Spent
from lamha.models.llm.generate import Steps, tokens
from lamha.models.llm.lookup import Lookup

TEXT = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]


def test_what_follows_in_the_text_is_the_guess() -> None:
    assert Lookup(TEXT, 15)([0, 3, 4]) == [5, 6, 7, 8]


def test_the_longest_match_counts_and_of_these_the_last() -> None:
    assert Lookup([1, 2, 3, 9, 2, 3, 7, 0, 2, 3, 8], 2)([1, 2, 3]) == [9, 2]
    assert Lookup([2, 3, 7, 0, 2, 3, 8, 5], 2)([2, 3]) == [8, 5]


def test_no_guess_without_a_match_or_at_the_end() -> None:
    for said in ([], [3], [4, 3], [11, 12]):
        assert list(Lookup(TEXT, 15)(said)) == []


def test_guesses_grow_while_they_are_right_and_shrink_when_they_are_wrong() -> None:
    lookup, source = Lookup(range(100), 15), list(range(100))
    said = source[:2]
    for wanted in (4, 8, 15, 15):
        assert len(lookup(said)) == wanted
        said = source[: len(said) + wanted]
    said += [50, 51]
    lookup(said)
    assert len(lookup([*said, 52, 99, 52, 53])) == 1


@given(
    st.lists(st.integers(1, 4), max_size=60),
    st.lists(st.integers(1, 4), min_size=1, max_size=40),
    st.integers(1, 8),
)
def test_what_is_said_never_depends_on_guesses(
    fake_engine, source: list[int], script: list[int], width: int
) -> None:
    """The engine says the script whatever it reads; a guess that is wrong is taken back."""

    def said(steps: Steps) -> tuple[list[int], list[int], int]:
        engine = fake_engine(settings=None)
        engine.settings = type(engine.settings)(context=999)
        engine.scores = lambda read: engine.one([[*script, 0][min(len(read), len(script))]])
        spent = Spent()
        with Pool(engine).new() as branch:
            out = []
            for token in tokens(branch, engine.scores([]), steps, spent):
                out.append(token)
                if token == 0:
                    break
            return out, engine.sequences[branch.sequence][: len(out) - 1], spent.tokens_out

    plain, read, out = said(Steps())
    assert plain == [*script, 0]
    assert out == len(plain)
    guess = Lookup(source, width - 1) if width > 1 else (lambda _: ())
    assert said(Steps(guess=guess, width=width)) == (plain, read, out)
