from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from lamha.skills.api import Context, Moment, Reply, Storage
from lamha.skills.reminders import SAY, SHOWN, skill
from lamha.skills.testing import context, run

ADD, SHOW = skill.actions
TEXTS = {"en": "call Sara", "ar": "أن أتصل بسارة", "zh": "给小李打电话"}


@pytest.fixture
def asked(tmp_path: Path, now: datetime, storage: Storage) -> Callable[[str], Context]:
    return lambda language: replace(context("…", tmp_path, now, language), storage=storage)


@pytest.mark.parametrize("language", TEXTS)
def test_all_that_is_said(
    language: str,
    asked: Callable[[str], Context],
    now: datetime,
    storage: Storage,
    golden: Callable[[str, Mapping[str, Reply]], None],
) -> None:
    here, replies = asked(language), {}
    _, replies["none yet"] = run(SHOW(here))
    for case, delta in {
        "in ten minutes": timedelta(minutes=10),
        "today": timedelta(hours=9),
        "tomorrow": timedelta(days=1),
        "on Sunday": timedelta(days=4, hours=1),
    }.items():
        moment = Moment(0, 0, now + delta, "minute")
        _, replies[case] = run(ADD(here, text=TEXTS[language], when=moment))
    assert storage.reminders()[0].due - now == timedelta(minutes=10)
    _, replies["the list"] = run(SHOW(here))
    for day in range(5, 5 + SHOWN):
        storage.add_reminder("x", now + timedelta(days=day), language)
    _, replies["a long list"] = run(SHOW(here))
    golden(f"reminders.{language}", replies)


def test_a_finished_reminder_is_not_shown(
    asked: Callable[[str], Context], now: datetime, storage: Storage
) -> None:
    kept = storage.add_reminder("call", now + timedelta(hours=1), "en")
    storage.finish_reminder(kept.id)
    _, reply = run(SHOW(asked("en")))
    assert reply.card.body == "No reminders are set."


@pytest.mark.parametrize(
    ("utterance", "text", "language", "repeats"),
    [
        ("remind me every day at six to call Sara", "call Sara", "en", True),
        ("remind me each Monday to call Sara", "call Sara", "en", True),
        ("remind me at six to call everybody", "call everybody", "en", False),
        ("remind me at six to take the daily pill", "take the daily pill", "en", False),
        ("ذكرني كل يوم الساعة السادسة بأخذ الدواء", "بأخذ الدواء", "ar", True),
        ("ذكرني يوميا الساعة السادسة بأخذ الدواء", "بأخذ الدواء", "ar", True),
        ("ذكرني الساعة السادسة أن آكل كل شيء", "آكل كل شيء", "ar", False),
        ("每天早上八点提醒我吃药", "吃药", "zh", True),
        ("八点提醒我给每个人打电话", "给每个人打电话", "zh", False),
    ],
)
def test_once_is_not_said_to_be_often(
    utterance: str, text: str, language: str, repeats: bool, tmp_path: Path, now: datetime, storage: Storage
) -> None:
    here = replace(context(utterance, tmp_path, now, language), storage=storage)
    _, reply = run(ADD(here, text=text, when=Moment(0, 0, now + timedelta(hours=1), "minute")))
    assert (reply.card.hint == SAY.language(language)("once")) is repeats


def test_a_reminder_can_be_taken_back(
    asked: Callable[[str], Context], now: datetime, storage: Storage
) -> None:
    kept = storage.add_reminder("another", now + timedelta(hours=1), "en")
    moment = Moment(0, 0, now + timedelta(hours=1), "minute")
    _, reply = run(ADD(asked("en"), text="call", when=moment))
    assert reply.undo is not None
    assert [reply.undo(), reply.undo()] == [True, False]
    assert storage.reminders() == [kept]
