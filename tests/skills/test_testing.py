"""The harness that plugin writers use."""

from datetime import datetime
from pathlib import Path

import pytest

from lamha.models.llm.budget import Budget
from lamha.skills.api import Card, Context, Reply, Writing, action
from lamha.skills.testing import FakeModel, context, run


@action("Say hello")
def hello(context: Context) -> Writing:
    """Say hello."""
    said = ""
    for text in context.mind.write():
        said += text
        yield text
    return Reply(Card(context.utterance, said), said)


def test_an_action_can_be_run_by_hand(tmp_path: Path, now: datetime) -> None:
    asked = context("Say hello", tmp_path, now, replies=["hello there"])
    shown, reply = run(hello(asked))
    assert shown == "hello there"
    assert reply == Reply(Card("Say hello", "hello there"), "hello there")
    assert asked.storage.contacts() == []


def test_a_reply_without_words_on_the_way() -> None:
    reply = Reply(Card("done"), "done")
    assert run(reply) == ("", reply)


def test_the_fake_reads_within_a_budget() -> None:
    reading = FakeModel().read("One sentence. Another one.", "", Budget(prompt=15))
    assert reading.words == "One sentence."
    assert reading.shortened
    assert not FakeModel().read("One.", "").shortened


def test_the_fake_tells_texts_apart_by_their_words() -> None:
    one, same, other = (FakeModel().read(text, "").features("") for text in ("a b", "B a", "c"))
    assert (one == same).all()
    assert (one != other).any()


def test_a_reply_that_nobody_queued_is_told(tmp_path: Path, now: datetime) -> None:
    with pytest.raises(LookupError, match="no reply is queued for: Say hello"):
        run(hello(context("Say hello", tmp_path, now)))


def test_the_fake_copies_the_likeliest() -> None:
    reading = FakeModel().read("tell Sara hi", "")
    span = reading.copy("", {(0, 4): 0.1, (10, 12): 0.9})
    assert span is not None
    assert (span.start, span.end) == (10, 12)
    assert reading.copy("", {}) is None
