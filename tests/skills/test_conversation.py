from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from lamha.skills.api import Card, Reply
from lamha.skills.conversation import Call, Conversation

CALL = Call("messages.draft", {"text": "late"}, "Tell Sara I'm late", "en")


@pytest.fixture
def said(now: datetime) -> Conversation:
    return Conversation(now, "en", Reply(Card("Shall I do this?"), ""), awaiting=(CALL,))


@pytest.mark.parametrize(
    ("seconds", "remembered", "awaited"),
    [(0, True, True), (60, True, True), (61, True, False), (120, True, False), (121, False, False)],
)
def test_it_is_forgotten(
    said: Conversation, now: datetime, seconds: int, remembered: bool, awaited: bool
) -> None:
    later = now + timedelta(seconds=seconds)
    assert (said.remembered(later), said.awaited(later)) == (remembered, awaited)


def test_a_clock_that_is_set_back_proves_nothing(said: Conversation, now: datetime) -> None:
    before = now - timedelta(seconds=1)
    assert (said.remembered(before), said.awaited(before)) == (False, False)


def test_an_hour_that_comes_twice_is_an_hour(said: Conversation, now: datetime) -> None:
    """Summer time ends at four, when it is three again."""
    first = now.replace(month=10, day=25, hour=3, minute=59, second=30)
    again = now.replace(month=10, day=25, hour=3, minute=0, fold=1)
    assert replace(said, at=first).remembered(again)
    assert not replace(said, at=first.replace(minute=0)).remembered(again)


def test_nothing_is_awaited_where_nothing_was_asked(said: Conversation, now: datetime) -> None:
    assert not replace(said, awaiting=()).awaited(now)
