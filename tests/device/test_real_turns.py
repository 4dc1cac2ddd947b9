"""Whole turns on the real model, in three languages, typed and spoken."""

from pathlib import Path

import pytest

from lamha.device import audio
from lamha.device.assistant import open_ears
from lamha.device.session import Session
from lamha.device.turn import Heard, Routed, Turn
from lamha.models.errors import ModelMissing
from lamha.skills.api import Storage
from lamha.skills.language import detect

pytestmark = pytest.mark.model


def turn(session: Session, text: str) -> Turn:
    heard, routed, *_, whole = session.ask(text)
    assert isinstance(heard, Heard)
    assert isinstance(routed, Routed)
    assert isinstance(whole, Turn)
    return whole


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What is the capital of France?", "Paris"),
        ("ما هي عاصمة فرنسا؟", ""),  # the small model does not know it in Arabic
        ("法国的首都是哪里？", "巴黎"),
    ],
)
def test_a_question(session: Session, question: str, answer: str) -> None:
    whole = turn(session, question)
    assert whole.routed.action == "ask.answer"
    assert answer in whole.reply.card.body
    assert detect(whole.reply.card.body) == detect(question)
    assert whole.reply.speech == whole.reply.card.body
    assert 0 < whole.timings.route < whole.timings.first_word < whole.timings.total
    assert whole.spent.tokens_in > 0
    assert whole.spent.tokens_out > 0


@pytest.mark.parametrize(
    ("text", "phrase", "into"),
    [
        ("How do you say thank you in Chinese?", "thank you", "zh"),
        ("كيف أقول صباح الخير بالإنجليزية؟", "صباح الخير", "en"),
        ("谢谢用英语怎么说？", "谢谢", "en"),
    ],
)
def test_a_translation(session: Session, text: str, phrase: str, into: str) -> None:
    whole = turn(session, text)
    assert whole.routed.action == "translate.translate"
    assert whole.routed.arguments == {"phrase": phrase, "target": into}
    assert whole.reply.card.hint.startswith(phrase)
    assert detect(whole.reply.card.body, "") == into


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Tell Sara I'm ten minutes late", "I'm ten minutes late"),
        ("قل لسارة إنني سأتأخر عشر دقائق اليوم", "إنني سأتأخر عشر دقائق اليوم"),
        ("告诉莎拉我晚到二十分钟", "我晚到二十分钟"),
    ],
)
def test_a_message(session: Session, storage: Storage, text: str, words: str) -> None:
    whole = turn(session, text)
    assert whole.routed.action == "messages.draft"
    assert whole.reply.card.kind == "draft"
    assert [(draft.contact_id, draft.text) for draft in storage.drafts()] == [(1, words)]
    assert whole.spent.tokens_out == 0


@pytest.mark.parametrize(
    ("text", "show", "words", "due"),
    [
        (
            "Remind me tomorrow at nine to water the plants",
            "What are my reminders today?",
            "water the plants",
            "2026-03-05T09:00",
        ),
        ("ذكرني غدا الساعة السابعة أن أتصل بسارة", "أرني تذكيراتي", "أتصل بسارة", "2026-03-05T07:00"),
        ("明天早上八点提醒我给小李打电话", "我现在有哪些提醒？", "给小李打电话", "2026-03-05T08:00"),
    ],
)
def test_a_reminder_and_the_list(
    session: Session, storage: Storage, text: str, show: str, words: str, due: str
) -> None:
    assert turn(session, text).routed.action == "reminders.add"
    (kept,) = storage.reminders()
    assert kept.text.endswith(words)
    assert kept.due.isoformat().startswith(due)
    listed = turn(session, show)
    assert listed.routed.action == "reminders.show"
    assert words in listed.reply.card.body


@pytest.mark.parametrize(
    "text", ["Turn off the kitchen lights", "أطفئ أنوار المطبخ", "把厨房的灯关掉", "Don't tell Sara I'm late"]
)
def test_a_refusal_does_nothing(session: Session, storage: Storage, text: str) -> None:
    whole = turn(session, text)
    assert (whole.routed.action, whole.reply.card.kind) == (None, "refusal")
    assert storage.drafts() == storage.reminders() == []


def test_cancel_ends_a_long_answer(session: Session) -> None:
    events = session.ask("Explain how a refrigerator works")
    for _ in range(4):
        next(events)
    session.cancel()
    *_, last = events
    assert isinstance(last, Turn)
    assert last.spent.tokens_out < 10
    assert turn(session, "What is the capital of France?").reply.card.body


def test_many_turns_do_not_fill_the_memory(session: Session) -> None:
    for number in range(40):
        next(iter(events := session.ask(f"What is {number} plus one?")))
        next(events)
        events.close()  # type: ignore[attr-defined]
    assert turn(session, "What is the capital of France?").reply.card.body


@pytest.mark.parametrize("name", ["00.wav", "03.wav"])
def test_a_spoken_command_that_no_skill_can_do_is_refused(
    session: Session, data: Path, storage: Storage, name: str
) -> None:
    try:
        recogniser, _ = open_ears()
    except ModelMissing as error:
        pytest.skip(str(error))
    recording = audio.read(data / "speech" / "office-lights" / name)
    *_, whole = session.hear(recogniser.transcribe(recording))
    assert isinstance(whole, Turn)
    assert "office" in whole.heard.text.lower()
    assert whole.heard.seconds > 1
    assert whole.timings.recognise > 0
    assert whole.routed.action is None
    assert storage.drafts() == storage.reminders() == []
