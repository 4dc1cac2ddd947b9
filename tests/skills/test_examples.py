import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.skills.examples import Example, parse, plain, units


@pytest.mark.parametrize(
    ("marked", "text", "spans"),
    [
        ("Show my reminders", "Show my reminders", ()),
        ("Tell Sara [I'm late]", "Tell Sara I'm late", ((10, 18),)),
        ("[Wake me] at seven", "Wake me at seven", ((0, 7),)),
        ("say [a] and [b]", "say a and b", ((4, 5), (10, 11))),
        ("把[早上好]翻译成英文", "把早上好翻译成英文", ((1, 4),)),
        ("قل [مرحبا]", "قل مرحبا", ((3, 8),)),
        ("nothing [] here", "nothing  here", ((8, 8),)),
        ("an open [ bracket", "an open [ bracket", ()),
    ],
)
def test_marks(marked: str, text: str, spans: tuple[tuple[int, int], ...]) -> None:
    assert parse(marked) == Example(text, spans)
    assert plain(marked) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I'll be there at 6.30!", ["i'll", "be", "there", "at", "6.30"]),
        ("告诉Sara我晚到", ["告", "诉", "sara", "我", "晚", "到"]),
        ("شكرًا جزيلاً", ["شكرًا", "جزيلاً"]),
        ("twenty-one", ["twenty-one"]),
        ("  …  ", []),
    ],
)
def test_units(text: str, words: list[str]) -> None:
    assert [unit.text for unit in units(text)] == words


@given(st.text())
def test_units_stand_where_they_say(text: str) -> None:
    for unit in units(text):
        assert text[unit.start : unit.end].lower() == unit.text
