from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from lamha.skills.amending import Answer, amended, answered, joined
from lamha.skills.api import Action, Moment, Parameter, Storage
from lamha.skills.arguments import Missing, Utterance
from lamha.skills.contacts import Contacts
from lamha.skills.conversation import Asked, Call
from lamha.skills.followups import followup
from lamha.skills.language import detect

type Said = Callable[[str], Utterance]
WHEN, WHO = Parameter("when", "moment", "when"), Parameter("contact", "contact", "person")
WHICH = Parameter("target", "choice", "language", {"en": ("English",), "zh": ("Chinese", "中文")})


@pytest.fixture
def said(storage: Storage, now: datetime) -> Said:
    return lambda text: Utterance(text, detect(text), now, Contacts(storage))


@pytest.fixture
def answer(said: Said) -> Callable[..., Any]:
    def give(parameter: Parameter, text: str, *options: str) -> Any:
        asked = Asked(Call("a.b", {}, "…", "en"), Missing(parameter, "unsaid", options))
        return answered(asked, said(text), followup(text))

    return give


@pytest.mark.parametrize(
    ("text", "hour", "surely"),
    [
        ("at six", 18, True),
        ("six", 18, True),
        ("maybe at six please", 18, True),
        ("call Sara at six", 18, False),
        ("no, at seven", 19, True),
        ("七点", 19, True),
        ("السابعة", 19, True),
    ],
)
def test_a_time(answer: Callable[..., Any], text: str, hour: int, surely: bool) -> None:
    found = answer(WHEN, text)
    assert isinstance(found, Answer)
    assert (found.value.at.hour, found.surely) == (hour, surely)


@pytest.mark.parametrize(
    "text",
    ["I don't know", "not at six", "remind me to call my brother at six", "Show my reminders", "Sara"],
)
def test_no_time(answer: Callable[..., Any], text: str) -> None:
    assert answer(WHEN, text) is None


def test_a_time_that_has_passed(answer: Callable[..., Any]) -> None:
    assert answer(WHEN, "yesterday at six") == Missing(WHEN, "past")


@pytest.mark.parametrize(
    ("text", "value"), [("Chinese", "zh"), ("in Chinese please", "zh"), ("the second", "zh"), ("中文", "zh")]
)
def test_a_choice(answer: Callable[..., Any], text: str, value: str) -> None:
    assert answer(WHICH, text, "en", "zh") == Answer(value, surely=True)


def test_somebody_who_is_gone_by_now_cannot_be_picked(answer: Callable[..., Any]) -> None:
    assert answer(WHO, "the first one", "Anna Berg", "Anna Dahl") is None


@pytest.mark.parametrize(
    ("days", "hour", "new", "expected"),
    [
        (0, 18, "seven", (4, 19, 0)),
        (0, 18, "at half past seven", (4, 19, 30)),
        (1, 9, "ten", (5, 10, 0)),
        (1, 18, "seven", (5, 19, 0)),
        (1, 9, "seven in the evening", (5, 19, 0)),
        (0, 18, "tomorrow", (5, 18, 0)),
        (0, 18, "tomorrow morning", (5, 9, 0)),
        (0, 18, "tomorrow at eight", (5, 8, 0)),
        (1, 8, "Friday", (6, 8, 0)),
        (1, 8, "today", (4, 9, 0)),
        (0, 18, "in ten minutes", (4, 9, 10)),
        (1, 8, "الساعة السابعة", (5, 7, 0)),
        (1, 8, "九点", (5, 9, 0)),
    ],
)
def test_a_time_keeps_what_is_left_open(
    actions: Mapping[str, Action],
    said: Said,
    now: datetime,
    days: int,
    hour: int,
    new: str,
    expected: tuple[int, int, int],
) -> None:
    old = Moment(0, 0, now.replace(hour=hour) + timedelta(days=days), "minute")
    call = Call("reminders.add", {"text": "call", "when": old}, "…", "en")
    found = amended(actions["reminders.add"], call, said(new))
    assert isinstance(found, Mapping)
    at = found["when"].at
    assert (at.day, at.hour, at.minute) == expected
    assert found["text"] == "call"


@pytest.mark.parametrize(
    ("new", "old", "contact", "text"),
    [
        ("Omar", "Sara", "Omar", "Sam is late"),
        ("to Omar", None, "Omar", "Sam is late"),
        ("Omar", "Sam", "Sara", "Omar is late"),
        ("we are here", None, "Sara", "we are here"),
        ("Omar is late", None, "Sara", "Omar is late"),
        ("early", "late", "Sara", "Sam is early"),
    ],
)
def test_the_argument_that_the_words_fit(
    actions: Mapping[str, Action],
    said: Said,
    storage: Storage,
    new: str,
    old: str | None,
    contact: str,
    text: str,
) -> None:
    call = Call("messages.draft", {"contact": storage.contacts()[0], "text": "Sam is late"}, "…", "en")
    found = amended(actions["messages.draft"], call, said(new), old)
    assert isinstance(found, Mapping)
    assert (found["contact"].name, found["text"]) == (contact, text)


def test_no_words_where_none_are_wanted(actions: Mapping[str, Action], said: Said) -> None:
    call = Call("messages.draft", {"text": "late"}, "…", "en")
    assert amended(actions["messages.draft"], call, said("early"), words=False) is None
    assert amended(actions["reminders.show"], call, said("early")) is None


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "Remind me at six"), ("zh", "Remind me，at six"), ("ar", "Remind me at six")],
)
def test_what_is_said_later_is_put_behind(language: str, expected: str) -> None:
    assert joined("Remind me ", " at six", language) == expected
