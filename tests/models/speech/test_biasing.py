from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.models.speech.asr import Said, Transcript
from lamha.models.speech.audio import Audio
from lamha.models.speech.biasing import ANY, Choice, Vocabulary, alike, choose, corrected, proposals

SILENCE = Audio(np.zeros(16_000, np.float32))
PEOPLE = Vocabulary(phrases={ANY: ("Sara", "Xavier", "سارة", "莎拉"), "en": ("office lights",)})


class Fixed:
    """A judge with its mind made up."""

    def __init__(self, **nats: float) -> None:
        self.nats = nats
        self.asked: list[str] = []

    def evidence(self, audio: Audio, texts: Sequence[str], prior: float = 1.0) -> list[float]:
        self.asked += texts
        return [next((n for word, n in self.nats.items() if word in text), 0.0) for text in texts]


def heard(text: str, language: str = "en", **doubts: float) -> Transcript:
    parts = list(text) if language == "zh" else [f" {word}" for word in text.split()]
    words = tuple(Said(part, doubts.get(part.strip(" .?"), 0.99)) for part in parts)
    return Transcript(text, language, 1, 1, 0.9, words)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Sara", "Sarah"), ("Cormac", "Kormak"), ("سارة", "Sara"), ("莎拉", "Shala"), ("Stephen", "Steven")],
)
def test_what_sounds_alike(one: str, other: str) -> None:
    assert alike(one, other) > 75


def test_what_does_not() -> None:
    assert alike("Sara", "Dmitri") < 40
    assert alike("", "Sara") == 0
    assert alike("…", "?") == 0


@given(st.text(max_size=12))
def test_likeness_of_any_text(text: str) -> None:
    assert 0 <= alike(text, "Sara") <= 100


def test_a_doubtful_word_becomes_the_name_it_sounds_like() -> None:
    judge = Fixed(Xavier=10, Savior=12)
    found = corrected(heard("Call Savior.", Savior=0.4), SILENCE, judge, PEOPLE)
    assert found.text == "Call Xavier."
    assert "".join(word.text for word in found.words).strip() == found.text
    assert judge.asked[0] == "Call Savior."


def test_not_where_the_sound_fits_much_worse() -> None:
    judge = Fixed(Xavier=10, Savior=17)
    assert corrected(heard("Call Savior.", Savior=0.4), SILENCE, judge, PEOPLE).text == "Call Savior."


def test_a_word_that_was_heard_clearly_is_never_replaced() -> None:
    judge = Fixed(Xavier=99)
    assert corrected(heard("Call Savior."), SILENCE, judge, PEOPLE).text == "Call Savior."
    assert judge.asked == []


def test_weights_count() -> None:
    seldom = Vocabulary(phrases=PEOPLE.phrases, weights={"Xavier": -9})
    transcript = heard("Call Savior.", Savior=0.4)
    assert corrected(transcript, SILENCE, Fixed(Xavier=12, Savior=12), seldom) == transcript


def test_phrases_of_several_words() -> None:
    texts = [p.text for p in proposals(heard("Turn on the of his lights", of=0.5, his=0.5), PEOPLE)]
    assert "Turn on the office lights" in texts


def test_an_arabic_particle_stays() -> None:
    texts = [p.text for p in proposals(heard("اتصل بصارة", "ar", بصارة=0.3), PEOPLE)]
    assert "اتصل بسارة" in texts


def test_chinese_names_need_no_spaces() -> None:
    texts = [p.text for p in proposals(heard("打电话给沙拉", "zh", 沙=0.4), PEOPLE)]
    assert "打电话给莎拉" in texts


def test_what_is_right_already_is_not_proposed() -> None:
    assert proposals(heard("Call sara", sara=0.3), Vocabulary(phrases={"en": ("Sara",)})) == []


@given(
    st.lists(st.tuples(st.sampled_from(["sarah", "call", "x", "لسارة", "?"]), st.floats(0, 1)), max_size=8)
)
def test_proposals_of_any_words(words: list[tuple[str, float]]) -> None:
    said = tuple(Said(f" {text}", probability) for text, probability in words)
    text = "".join(word.text for word in said).strip()
    for each in proposals(Transcript(text, "en", 1, 1, 0.5, said), PEOPLE):
        assert each.text != text
        assert each.phrase in each.text


def test_choice() -> None:
    assert choose(["yes", "no"], [2.5, 3.5]) == Choice("no", 3.5)
    assert choose(["yes", "no"], [1.0, 0.5]) is None
    assert choose(["yes", "no"], [1.0, 0.5], enough=0.5) == Choice("yes", 1.0)
    assert choose([], []) is None


def test_a_name_in_place_of_two_words_needs_more_evidence() -> None:
    bonuses = {each.text: each.bonus for each in proposals(heard("Call sa rah", sa=0.5, rah=0.5), PEOPLE)}
    assert bonuses["Call Sara"] == bonuses["Call Sara rah"] - 3
