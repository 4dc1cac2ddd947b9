from collections.abc import Mapping
from typing import Any

import pytest

from lamha.skills.api import Action, Parameter
from lamha.skills.arguments import Missing
from lamha.skills.moods import mood
from lamha.skills.stopping import stopped

DEED, ANSWER, TRANSLATE = "messages.draft", "ask.answer", "translate.translate"


@pytest.mark.parametrize(
    "text",
    [
        "Don't tell Sara I'm late",
        "don’t text John",
        "Please do not remind me tomorrow",
        "No, never write to Omar",
        "No need to remind me",
        "Stop sending messages",
        "لا ترسل رسالة إلى سارة",
        "من فضلك لا تذكرني غدا",
        "لا أريد تذكيرا",
        "不要给莎拉发短信",
        "请别提醒我",
        "不用提醒我了",
    ],
)
def test_a_negated_command(text: str, actions: Mapping[str, Action]) -> None:
    for name in (DEED, ANSWER, TRANSLATE):
        assert stopped(actions[name], text, {}) == "negated"
    assert stopped(None, text, {}) == "negated"


@pytest.mark.parametrize(
    "text",
    [
        "Don't let me forget to buy bread",
        "Don't forget to remind me at six",
        "Do not ever forget the rent on Monday",
        "Don't you know why the sky is blue?",
        "Tell Sara don't wait for me",
        "Tell Sara not to come",
        "Why don't cats like water?",
        "No, tell Sara",
        "Nevertheless, what is a star?",
        "لا تدعني أنسى شراء الخبز",
        "لا تنس أن تذكرني غدا",
        "كيف أقول لا تقلق بالإنجليزية؟",
        "别让我忘了周五看牙医",
        "别忘了六点提醒我",
        "不要忘了提醒我",
        "别人送的礼物用英语怎么说？",
        "告诉小李别等我了",
        "",
    ],
)
def test_one_that_is_not(text: str, actions: Mapping[str, Action]) -> None:
    assert stopped(actions[DEED], text, {}) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("She told me to text Omar", "reported"),
        ("Tell Sara I'm late, never mind", "retracted"),
        ("قالت لي أن أتصل بعمر", "reported"),
        ("妈妈让我给小李打电话", "reported"),
    ],
)
def test_what_stops_everything(text: str, why: str, actions: Mapping[str, Action]) -> None:
    for name in (DEED, ANSWER):
        assert stopped(actions[name], text, {}) == why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("How do I send a message?", "about"),
        ("How do I send a letter abroad?", "about"),
        ("Did you send the message?", "about"),
        ("كيف أرسل رسالة؟", "about"),
        ("怎么发短信？", "about"),
        ("I was going to text Sara", "hypothetical"),
    ],
)
def test_a_question_is_answered_and_nothing_is_done(
    text: str, why: str, actions: Mapping[str, Action]
) -> None:
    assert stopped(actions[DEED], text, {}) == why
    assert stopped(actions[ANSWER], text, {}) is None
    assert stopped(actions[TRANSLATE], text, {}) is None
    assert stopped(None, text, {}) is None


def test_a_negation_that_is_copied_is_cargo(actions: Mapping[str, Action]) -> None:
    text, action = "Don't worry in Chinese?", actions[TRANSLATE]
    missing = Missing(Parameter("phrase", "words", "phrase"), "unsaid")
    cases: list[tuple[Mapping[str, Any] | Missing, str | None]] = [
        ({"phrase": "Don't worry"}, None),
        ({"phrase": "worry"}, "negated"),
        ({}, "negated"),
        (missing, "negated"),
    ]
    assert mood(text) == "negated"
    assert [stopped(action, text, arguments) for arguments, _ in cases] == [why for _, why in cases]


def test_a_report_that_is_copied_is_still_a_report(actions: Mapping[str, Action]) -> None:
    text = "She told me to call Omar"
    assert stopped(actions[DEED], text, {"text": text}) == "reported"


@pytest.mark.parametrize(
    ("text", "cargo"),
    [
        ("لا تذكرني غدا", "لا تذكرني"),
        ("别提醒我明天", "别提醒我"),
        ("Don't remind me tomorrow", "Don't remind me"),
    ],
)
def test_a_deed_is_stopped_even_where_its_negation_was_taken_for_cargo(
    actions: Mapping[str, Action], text: str, cargo: str
) -> None:
    assert stopped(actions["reminders.add"], text, {"text": cargo}) == "negated"
