from lamha.skills.carrier import Carrier
from lamha.skills.examples import units

REMIND = ("Remind me to [call Sara] at six", "Remind me to [buy bread]", "Remind me about [the rent]")


def best(carrier: Carrier, text: str) -> str:
    said = units(text)
    spans = [(first.start, last.end) for i, first in enumerate(said) for last in said[i:]]
    return text[slice(*max(spans, key=lambda span: carrier.score(said, *span)))]


def test_words_around_the_marks_are_not_cargo() -> None:
    assert best(Carrier(REMIND), "Remind me to water the plants") == "water the plants"


def test_case_does_not_matter() -> None:
    assert best(Carrier(REMIND), "REMIND ME TO sleep") == "sleep"


def test_examples_without_marks_teach_nothing() -> None:
    said = units("Remind me")
    assert Carrier(("Remind me",)).score(said, 0, 9) == Carrier(()).score(said, 0, 9)


def test_a_word_that_no_example_has_leans_inside() -> None:
    said = units("zebra")
    assert Carrier(REMIND).score(said, 0, 5) > Carrier(REMIND).score(said, 0, 0)


def test_one_word_alone_never_decides() -> None:
    """However often a word was a carrier, its odds stay bounded: it may be cargo today."""
    carrier = Carrier(REMIND * 1000)
    assert carrier.score(units("remind"), 0, 6) >= -4
