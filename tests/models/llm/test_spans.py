import pytest

from lamha.models.llm.branch import Branch, Pool
from lamha.models.llm.engine import Logits, Settings
from lamha.models.llm.spans import CLOSERS, choose

TEXT = "tell Sara I am late"
CLOSING = [closer.encode()[0] for closer in CLOSERS]


@pytest.fixture
def meant(fake_engine):
    """A branch and scores of a model that means these words."""

    def begin(words: str, **settings: int) -> tuple[Branch, Logits]:
        engine = fake_engine(settings=Settings(**{"batch": 99, "sequences": 6, "scored": 9, **settings}))

        def scores(read: list[int]) -> Logits:
            return engine.one(CLOSING if bytes(read) == words.encode() else [ord("~")])

        engine.scores = scores
        return Pool(engine).new(), engine.one(words.encode()[:1])

    return begin


def spans(text: str) -> dict[tuple[int, int], float]:
    starts = [0, *(i + 1 for i, c in enumerate(text) if c == " ")]
    ends = [*(i for i, c in enumerate(text) if c == " "), len(text)]
    return {(start, end): 0.0 for start in starts for end in ends if start < end}


@pytest.mark.parametrize("words", ["Sara", "I am late", "tell", "tell Sara I am late", "late"])
def test_the_words_that_are_meant(meant, words: str) -> None:
    branch, logits = meant(words)
    span, cost = choose(branch, logits, TEXT, spans(TEXT))
    assert TEXT[span.start : span.end] == words
    assert 0 < cost < 40
    assert span.score <= 0


@pytest.mark.parametrize(("text", "words"), [("كلم بسارة", "بسارة"), ("给 小明 打电话", "小明")])
def test_offsets_are_characters(meant, text: str, words: str) -> None:
    branch, logits = meant(words)
    span, _ = choose(branch, logits, text, spans(text))
    assert text[span.start : span.end] == words


def test_what_is_known_before_counts(meant) -> None:
    branch, logits = meant("Sara")
    candidates = {**spans(TEXT), (10, 19): 99.0}
    span, _ = choose(branch, logits, TEXT, candidates)
    assert (span.start, span.end) == (10, 19)


@pytest.mark.parametrize("candidates", [{}, {(4, 4): 0.0}])
def test_nothing_to_choose_from(meant, candidates: dict[tuple[int, int], float]) -> None:
    branch, logits = meant("Sara")
    assert choose(branch, logits, TEXT, candidates) == (None, 0)


@pytest.mark.parametrize("small", [{"batch": 5}, {"scored": 1}])
def test_a_small_batch_still_gives_a_candidate(meant, small: dict[str, int]) -> None:
    branch, logits = meant("Sara", **small)
    span, cost = choose(branch, logits, TEXT, spans(TEXT))
    assert TEXT[span.start : span.end] == "Sara"
    assert cost <= 5 or "scored" in small


def test_all_branches_are_given_back(meant) -> None:
    branch, logits = meant("Sara")
    for _ in range(20):
        choose(branch, logits, TEXT, spans(TEXT))
    others = [branch.fork() for _ in range(4)]  # one is left, and two are wanted
    with pytest.raises(ValueError, match="sequences"):
        choose(branch, logits, TEXT, spans(TEXT))
    assert branch.fork().sequence not in {branch.sequence, *(other.sequence for other in others)}
