from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lamha.models.llm.spans import Candidates, Span
from lamha.skills import messages
from lamha.skills.api import Action, Card, Context, Moment, Names, Reply, action
from lamha.skills.arguments import Missing, Utterance, fill
from lamha.skills.contacts import Contacts
from lamha.skills.language import detect
from lamha.skills.storage import Storage

type Fill = Callable[..., dict[str, Any] | Missing]


class Chooser:
    """Stands in for the model where words are in doubt: the likeliest so far, or the last."""

    def __init__(self, *, last: bool = False) -> None:
        self.last = last
        self.asked: list[tuple[str, Candidates]] = []

    def copy(self, cue: str, candidates: Candidates) -> Span | None:
        self.asked.append((cue, candidates))
        chosen = max(candidates) if self.last else max(candidates, key=candidates.__getitem__)
        return Span(*chosen, 0.0)


PUT = ("Put [the milk] next to [the bread]", "Put [a cup] next to [a plate]", "Put [it] next to [that]")


@action(*PUT * 5)
def place(context: Context, first: Annotated[str, "thing"], second: Annotated[str, "place"]) -> Reply:
    """Put one thing next to another."""
    return Reply(Card(""), "")


SIZES = Names({"small": ("small", "صغير", "小"), "large": ("large", "big", "كبير", "大")})


@action("Order a small coffee")
def order(
    context: Context,
    size: Annotated[Literal["small", "large"], SIZES],
    milk: Literal["oat", "no"] | None = None,
) -> Reply:
    """Order a coffee."""
    return Reply(Card(""), "")


@pytest.fixture
def filled(storage: Storage, now: datetime) -> Fill:
    def run(wanted: Action, text: str) -> dict[str, Any] | Missing:
        return fill(wanted, Utterance(text, detect(text), now, Contacts(storage)), Chooser())

    return run


class Picks:
    """Stands in for a model that is sure which words are meant."""

    def __init__(self, text: str, meant: str) -> None:
        self.place = (text.find(meant), text.find(meant) + len(meant))

    def copy(self, _cue: str, candidates: Candidates) -> Span | None:
        return Span(*self.place, 0.0) if self.place in candidates else None


@pytest.mark.parametrize("meant", ["Bob", "Sara"])
def test_a_contact_within_the_message_is_not_whom_it_is_for(
    meant: str, storage: Storage, now: datetime
) -> None:
    text = "Tell Bob that Sara is here"
    found = fill(messages.draft, Utterance(text, "en", now, Contacts(storage)), Picks(text, meant))
    if meant == "Bob":
        assert missing(found) == ("contact", "unsaid", ())
    else:
        assert isinstance(found, dict)
        assert found["contact"].name == "Sara"


def missing(found: dict[str, Any] | Missing) -> tuple[str, str, tuple[str, ...]]:
    assert isinstance(found, Missing)
    return found.parameter.name, found.why, found.options


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Tell Zebulon I'm ten minutes late", "I'm ten minutes late"),
        ("قل لزيدون إنني سأتأخر", "إنني سأتأخر"),
        ("Send a message saying I'm late", "I'm late"),
        ("Tell I'm late", "I'm late"),
        ("Tell Anna I'm late", "I'm late"),
    ],
)
def test_a_contact_that_is_given_is_not_looked_for(
    actions: Mapping[str, Action], storage: Storage, now: datetime, text: str, words: str
) -> None:
    """Nor is the name that stands for nobody, or for two, a part of the message."""
    storage.add_contact("Anna Berg")
    anna = storage.add_contact("Anna Dahl")
    said = Utterance(text, detect(text), now, Contacts(storage))
    found = fill(actions["messages.draft"], said, Chooser(), {"contact": anna})
    assert found == {"contact": anna, "text": words}


def test_a_time_that_is_given_stands_for_the_one_said(
    actions: Mapping[str, Action], storage: Storage, now: datetime
) -> None:
    said = Utterance("Remind me yesterday at six to call Sara", "en", now, Contacts(storage))
    at_six = Moment(0, 0, now.replace(hour=18), "minute")
    found = fill(actions["reminders.add"], said, Chooser(), {"when": at_six})
    assert found == {"when": at_six, "text": "call Sara"}


@pytest.mark.parametrize(
    ("text", "contact", "words"),
    [
        ("Tell Sara I'm ten minutes late", "Sara", "I'm ten minutes late"),
        ("Text Sarah that the meeting is cancelled", "Sara", "the meeting is cancelled"),
        ("قل لسارة إنني سأتأخر", "Sara", "إنني سأتأخر"),
        ("告诉莎拉我晚到十分钟", "Sara", "我晚到十分钟"),
        ("Tell Sara that Lena is here", "Sara", "Lena is here"),
    ],
)
def test_contact_and_words(
    filled: Fill, actions: Mapping[str, Action], text: str, contact: str, words: str
) -> None:
    found = filled(actions["messages.draft"], text)
    assert isinstance(found, dict)
    assert (found["contact"].name, found["text"]) == (contact, words)


def test_an_unknown_contact_is_asked_for(filled: Fill, actions: Mapping[str, Action]) -> None:
    found = filled(actions["messages.draft"], "Tell Zebulon I'm late")
    assert missing(found) == ("contact", "unsaid", ())


def test_two_people_of_one_name_are_asked_about(
    filled: Fill, actions: Mapping[str, Action], storage: Storage
) -> None:
    for name in ("Anna Berg", "Anna Dahl"):
        storage.add_contact(name)
    found = filled(actions["messages.draft"], "Tell Anna we need milk")
    assert missing(found) == ("contact", "ambiguous", ("Anna Berg", "Anna Dahl"))
    sure = filled(actions["messages.draft"], "Tell Anna Dahl we need milk")
    assert isinstance(sure, dict)
    assert sure["contact"].name == "Anna Dahl"


@pytest.mark.parametrize("text", ["Tell Sara", "告诉莎拉", "قل لسارة"])
def test_missing_words_are_asked_for(filled: Fill, actions: Mapping[str, Action], text: str) -> None:
    assert missing(filled(actions["messages.draft"], text)) == ("text", "unsaid", ())


def test_a_time_is_resolved_and_not_copied(
    filled: Fill, actions: Mapping[str, Action], now: datetime
) -> None:
    found = filled(actions["reminders.add"], "Remind me in ten minutes to check the oven")
    assert isinstance(found, dict)
    assert found["when"].at == now + timedelta(minutes=10)
    assert found["text"] == "check the oven"


def test_a_time_that_is_not_said_is_asked_for(filled: Fill, actions: Mapping[str, Action]) -> None:
    assert missing(filled(actions["reminders.add"], "Remind me to call Sara")) == ("when", "unsaid", ())


def test_a_time_that_has_passed_is_refused(filled: Fill, actions: Mapping[str, Action]) -> None:
    found = filled(actions["reminders.add"], "Remind me today at 8:00 in the morning to call Sara")
    assert missing(found) == ("when", "past", ())


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("a small one", "small"),
        ("A BIG one", "large"),
        ("كوب كبير", "large"),
        ("大杯", "large"),
        ("小杯", "small"),
        ("要large的", "large"),
        ("not small but large", "large"),
    ],
)
def test_a_choice_by_name(filled: Fill, text: str, size: str) -> None:
    assert filled(order, text) == {"size": size}


def test_names_inside_other_words_are_none(filled: Fill) -> None:
    assert missing(filled(order, "smaller, bigger, enlarged")) == ("size", "unsaid", ("small", "large"))


def test_an_optional_choice_is_filled_only_where_it_is_said(filled: Fill) -> None:
    assert filled(order, "a small one with oat milk") == {"size": "small", "milk": "oat"}
    assert filled(order, "a small one") == {"size": "small"}


@pytest.mark.parametrize(
    ("text", "phrase", "target"),
    [
        ("How do you say I love Chinese food in Arabic?", "I love Chinese food", "ar"),
        ("Translate where is the station into Chinese", "where is the station", "zh"),
        ("mountain用中文怎么说？", "mountain", "zh"),
        ("كيف أقول صباح الخير بالصينية؟", "صباح الخير", "zh"),
        ("谢谢用English怎么说？", "谢谢", "en"),
    ],
)
def test_a_language_and_a_phrase(
    filled: Fill, actions: Mapping[str, Action], text: str, phrase: str, target: str
) -> None:
    assert filled(actions["translate.translate"], text) == {"phrase": phrase, "target": target}


def test_words_never_overlap_what_is_taken(filled: Fill) -> None:
    found = filled(place, "Put the lamp next to the door")
    assert isinstance(found, dict)
    assert found["first"] != found["second"]
    assert not set(found["first"].split()) & set(found["second"].split()) - {"the"}


def test_in_doubt_the_model_is_asked_with_the_description(
    storage: Storage, now: datetime, actions: Mapping[str, Action]
) -> None:
    """The examples have John as a carrier; here he is part of the message."""
    chooser, text = Chooser(last=True), "Tell Sara that John is here"
    found = fill(actions["messages.draft"], Utterance(text, "en", now, Contacts(storage)), chooser)
    ((cue, candidates),) = chooser.asked
    assert cue == 'The message is: "'
    assert "John is here" in [text[slice(*place)] for place in candidates]
    assert isinstance(found, dict)
    assert found["text"] == text[slice(*max(candidates))]


def test_without_doubt_it_is_not_asked(
    storage: Storage, now: datetime, actions: Mapping[str, Action]
) -> None:
    chooser = Chooser()
    said = Utterance("Remind me at six to feed the hungry cats", "en", now, Contacts(storage))
    fill(actions["reminders.add"], said, chooser)
    assert chooser.asked == []


PHRASES = st.sampled_from(
    [
        "Tell Sara",
        "Remind me to",
        "at six",
        "in Arabic",
        "translate",
        "قل لسارة",
        "告诉小李",
        "明天",
        "غدا",
        "[",
        "]",
    ]
)
TEXTS = st.lists(st.one_of(PHRASES, st.text(max_size=12)), max_size=6).map(" ".join)


@given(text=TEXTS, name=st.sampled_from(["messages.draft", "translate.translate", "reminders.add"]))
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_is_said_words_are_copied_and_never_invented(
    filled: Fill, actions: Mapping[str, Action], text: str, name: str
) -> None:
    found = filled(actions[name], text)
    if isinstance(found, dict):
        copied = [found[p.name] for p in actions[name].parameters if p.kind == "words"]
        assert copied
        assert all(words and words in text for words in copied)


@given(text=st.lists(st.sampled_from(["put", "next", "to", "the", "lamp", "门", "باب", "..."]), max_size=9))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_two_copied_arguments_share_no_word(filled: Fill, text: list[str]) -> None:
    numbered = " ".join(f"{word}{index}" for index, word in enumerate(text))
    found = filled(place, numbered)
    if isinstance(found, dict):
        assert not set(found["first"].split()) & set(found["second"].split())
