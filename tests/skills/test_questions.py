from collections.abc import Callable, Mapping
from datetime import datetime

import pytest

from lamha.skills import questions
from lamha.skills.api import Action, Card, Contact, Moment, Parameter, Reply
from lamha.skills.arguments import Missing
from lamha.skills.moods import Mood
from lamha.skills.wording import LANGUAGES

CONTACT, MOMENT = Parameter("contact", "contact", "contact"), Parameter("when", "moment", "when")
WORDS, CHOICE = Parameter("text", "words", "message"), Parameter("target", "choice", "language")


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_of_them(language: str, golden: Callable[[str, Mapping[str, Reply]], None]) -> None:
    asked = {
        "no contact": Missing(CONTACT, "unsaid"),
        "several contacts": Missing(CONTACT, "ambiguous", ("Anna Berg", "Anna Dahl")),
        "no time": Missing(MOMENT, "unsaid"),
        "a past time": Missing(MOMENT, "past"),
        "no words": Missing(WORDS, "unsaid"),
        "no choice": Missing(CHOICE, "unsaid", ("en", "ar", "zh")),
    }
    replies = {case: questions.ask_back(missing, language) for case, missing in asked.items()}
    replies["a refusal"] = questions.refuse("Turn on the lights", language)
    replies["nothing heard"] = questions.nothing_heard(language)
    replies["stopped"] = questions.stopped(language)
    replies["failed"] = questions.failed("the disk has no room", language)
    golden(f"questions.{language}", replies)


MOODS: tuple[Mood, ...] = ("negated", "reported", "hypothetical", "about", "retracted")
NOTHING: tuple[questions.Nothing, ...] = ("unconfirmed", "uncancelled", "unrepeated")


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_nothing_is_done(language: str, golden: Callable[[str, Mapping[str, Reply]], None]) -> None:
    replies = {mood: questions.refuse_mood(mood, "Tell Sara I'm late", language) for mood in MOODS}
    golden(f"moods.{language}", replies)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_continues_a_conversation(
    language: str,
    now: datetime,
    actions: Mapping[str, Action],
    golden: Callable[[str, Mapping[str, Reply]], None],
) -> None:
    sara, at_six = Contact(1, "Sara Ali", (), ""), Moment(0, 0, now.replace(hour=18), "minute")
    draft = (actions["messages.draft"], {"contact": sara, "text": "{I'm} late"})
    remind = (actions["reminders.add"], {"text": "call John", "when": at_six})
    done = Reply(
        Card("Reminder", "Call John\ntoday at 18:00", "Saved"), "Reminder today at 18:00: call John."
    )
    wrong = questions.failed("the disk has no room", language)
    replies = {
        "before what cannot be undone": questions.confirm([draft], now, language),
        "before two": questions.confirm([draft, remind], now, language),
        "no": questions.dropped(language),
        "undone": questions.cancelled([done], language),
        "not to be undone": questions.final(language),
        "two": questions.together([done, done], [], language),
        "the second failed": questions.together([done, wrong], [], language),
        "the first failed": questions.together([wrong], ["call John"], language),
        "in place of another": questions.hinted(done, "replaced", language=language),
        "besides another": questions.hinted(done, "stays", language=language),
        "something else": questions.hinted(done, "dropped", language=language),
    }
    replies |= {what: questions.nothing_to(what, language) for what in NOTHING}
    golden(f"conversation.{language}", replies)


def test_what_an_action_does_not_get_is_not_asked_about(now: datetime, actions: Mapping[str, Action]) -> None:
    card = questions.confirm([(actions["translate.translate"], {"phrase": "hi"})], now, "en").card
    assert card.body == "Say a phrase in another language.\nphrase: hi"


def test_an_utterance_with_braces_is_only_text() -> None:
    assert "{0} {name}" in questions.refuse("{0} {name}", "en").card.body
