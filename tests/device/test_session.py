import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from lamha.device.session import UTTERANCE, Session
from lamha.device.turn import Event, Heard, Routed, Turn, Word
from lamha.models.errors import StorageBroken
from lamha.models.speech.asr import Transcript
from lamha.skills.api import Action, Card, Reply, Storage, Writing
from lamha.skills.router import Router
from lamha.skills.testing import FakeModel

type Sessions = Callable[..., Session]
QUESTION = "What is the capital of Japan?"


def turn(events: list[Event]) -> Turn:
    assert isinstance(events[-1], Turn)
    return events[-1]


@pytest.fixture
def broken(
    fake_router: Router, actions: Mapping[str, Action], storage: Storage, now: datetime
) -> Callable[[Callable[..., Any]], Session]:
    """A session whose `ask.answer` is another function."""

    def make(function: Callable[..., Any]) -> Session:
        mine = {**actions, "ask.answer": replace(actions["ask.answer"], function=function)}
        return Session(FakeModel("one two"), fake_router, mine, storage, lambda: now)

    return make


def test_events_come_in_order(fake_session: Sessions) -> None:
    events = list(fake_session("It is Tokyo.").ask(QUESTION))
    assert [type(event) for event in events] == [Heard, Routed, Word, Word, Word, Turn]
    whole = turn(events)
    assert events[:2] == [whole.heard, whole.routed]
    assert "".join(event.text for event in events if isinstance(event, Word)) == "It is Tokyo."
    assert whole.reply.card.body == "It is Tokyo."
    assert whole.routed.action == "ask.answer"
    assert whole.spent.tokens_out == 3


def test_an_action_that_says_nothing_on_its_way(fake_session: Sessions, storage: Storage) -> None:
    events = list(fake_session().ask("Tell Sara I'm ten minutes late"))
    assert [type(event) for event in events] == [Heard, Routed, Turn]
    assert turn(events).routed.arguments == {"contact": "Sara", "text": "I'm ten minutes late"}
    assert [draft.text for draft in storage.drafts()] == ["I'm ten minutes late"]


def test_speech_brings_its_own_numbers(fake_session: Sessions) -> None:
    events = list(fake_session().hear(Transcript("Show my reminders", "en", 2.5, 240.0, 0.9)))
    heard = turn(events).heard
    assert (heard.seconds, heard.confidence, turn(events).timings.recognise) == (2.5, 0.9, 240.0)


def test_times_are_monotone(fake_session: Sessions) -> None:
    for words in (QUESTION, "Tell Sara I'm late", "Turn on the lights", ""):
        times = turn(list(fake_session("It is Tokyo.").ask(words))).timings
        assert 0 <= times.route <= times.first_word <= times.total


@pytest.mark.parametrize("words", [QUESTION, "Tell Sara I'm late", "告诉小李我晚到十分钟", ""])
def test_a_turn_is_json(fake_session: Sessions, words: str) -> None:
    whole = turn(list(fake_session("Tokyo.").ask(words))).as_json()
    assert json.loads(json.dumps(whole, ensure_ascii=False)) == whole
    assert whole["heard"]["text"] == words
    assert set(whole["timings_ms"]) == {"recognise", "route", "first_word", "total"}


@pytest.mark.parametrize("words", ["", "   ", "\n\t", "?!", "…", "،", "。", "\u200f"])
def test_nothing_was_said(fake_session: Sessions, words: str, storage: Storage) -> None:
    whole = turn(list(fake_session().ask(words)))
    assert whole.routed.action is None
    assert whole.reply.card.title == "I heard nothing"
    assert whole.spent.tokens_out == 0


@pytest.mark.parametrize(
    "words", ["Don't tell Sara I'm late", "别告诉小李我晚到十分钟", "لا ترسل رسالة إلى سارة"]
)
def test_a_negated_command_does_nothing(fake_session: Sessions, words: str, storage: Storage) -> None:
    whole = turn(list(fake_session().ask(words)))
    assert (whole.routed.action, whole.reply.card.kind) == (None, "refusal")
    assert storage.drafts() == []


def test_what_is_missing_is_asked_for(fake_session: Sessions, storage: Storage) -> None:
    whole = turn(list(fake_session().ask("Tell Zebulon I'm ten minutes late")))
    assert (whole.reply.card.kind, whole.reply.card.title) == ("question", "Who is it for?")
    assert storage.drafts() == []


def test_too_long_an_utterance_is_shortened_and_said_so(fake_session: Sessions, storage: Storage) -> None:
    text = "Tell Sara " + "I'm ten minutes late " * 60
    whole = turn(list(fake_session().ask(text)))
    assert whole.reply.card.hint == "Too long: only the beginning was read"
    (draft,) = storage.drafts()
    assert len(draft.text) < UTTERANCE.prompt
    assert draft.text.lower() in text.lower()


def test_the_note_on_length_is_in_the_wearers_language(fake_session: Sessions) -> None:
    text = "Translate this into Chinese: " + "good morning " * 100
    whole = turn(list(fake_session("早上好").ask(text)))
    assert whole.reply.card.language == "zh"
    assert whole.reply.card.hint.startswith("Too long")


def test_cancel_from_another_thread(broken: Callable[[Callable[..., Any]], Session]) -> None:
    """The model writes for ever; the wearer does not wait."""
    started = threading.Event()

    def endless(context: Any) -> Writing:
        for text in context.mind.write():
            started.set()
            assert cancelled.wait(10)
            yield text
        return Reply(Card("stopped"), "")

    session, cancelled = broken(endless), threading.Event()

    def cancel() -> None:
        started.wait(10)
        session.cancel()
        cancelled.set()

    with_cancel = threading.Thread(target=cancel)
    with_cancel.start()
    words = [event.text for event in session.ask(QUESTION) if isinstance(event, Word)]
    with_cancel.join()
    assert words == ["one"]
    assert turn(list(session.ask("Show my reminders"))).reply.card.title == "Your reminders"


def test_cancelled_before_the_deed_nothing_is_done(fake_session: Sessions, storage: Storage) -> None:
    session = fake_session()
    events = session.ask("Tell Sara I'm ten minutes late")
    for event in events:
        if isinstance(event, Routed):
            session.cancel()
    assert isinstance(event, Turn)
    assert event.reply.card.title == "Stopped"
    assert storage.drafts() == []


def _raises(context: Any) -> Reply:
    raise ZeroDivisionError("half")


def _raises_later(context: Any) -> Writing:
    yield "It is"
    raise ZeroDivisionError("half")


def _raises_ours(context: Any) -> Reply:
    raise StorageBroken("the database is damaged", "move it away")


def _gives_nothing(context: Any) -> Any:
    return None


def _yields_nothing(context: Any) -> Any:
    yield from context.mind.write()


def _yields_numbers(context: Any) -> Any:
    yield 7


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (_raises, "ZeroDivisionError: half"),
        (_raises_later, "ZeroDivisionError: half"),
        (_raises_ours, "the database is damaged: move it away"),
        (_gives_nothing, "TypeError: an action gave back NoneType, not a Reply"),
        (_yields_nothing, "TypeError: an action gave back NoneType, not a Reply"),
        (_yields_numbers, "TypeError: an action yielded int, not text"),
    ],
)
def test_a_broken_skill_ends_its_turn_and_nothing_else(
    broken: Callable[[Callable[..., Any]], Session], function: Callable[..., Any], why: str
) -> None:
    session = broken(function)
    card = turn(list(session.ask(QUESTION))).reply.card
    assert card.kind == "error"
    assert why in card.body
    assert turn(list(session.ask("Show my reminders"))).reply.card.kind == "list"


@pytest.mark.parametrize("events", range(4))
def test_leaving_half_way_leaves_all_whole(
    broken: Callable[[Callable[..., Any]], Session], storage: Storage, events: int
) -> None:
    closed: list[str] = []

    def saving(context: Any) -> Writing:
        try:
            yield from context.mind.write()
            context.storage.add_contact("too late")
        finally:
            closed.append("action")
        return Reply(Card(""), "")

    session, before = broken(saving), storage.contacts()
    turning = session.ask(QUESTION)
    for _ in range(events):
        next(turning)
    turning.close()  # type: ignore[attr-defined]
    assert storage.contacts() == before
    assert closed == (["action"] if events > 2 else [])
    assert turn(list(session.ask("Show my reminders"))).reply.card.kind == "list"
    assert storage._database.read("PRAGMA integrity_check") == [("ok",)]
