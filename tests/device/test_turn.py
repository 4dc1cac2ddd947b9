from dataclasses import FrozenInstanceError

import pytest

from lamha.device.turn import Called, Heard, Routed, Timings, Turn
from lamha.models.llm.budget import Spent
from lamha.skills.api import Card, Reply

TURN = Turn(
    Heard("你好", "zh", 1.5, 0.9, 240.123),
    Routed(
        "ask.answer",
        0.98765,
        {"target": "ar"},
        (Called("ask.answer", {"target": "ar"}), Called("reminders.show")),
    ),
    Reply(Card("标题", "正文", "提示", "answer", "zh"), "说"),
    Timings(240.123, 10.06, 20.0, 30.0),
    Spent(tokens_in=12, tokens_out=3, prefill_ms=100.0, decode_ms=100.0),
)


def test_as_json() -> None:
    assert TURN.as_json() == {
        "heard": {
            "text": "你好",
            "language": "zh",
            "seconds": 1.5,
            "confidence": 0.9,
            "milliseconds": 240.123,
        },
        "action": "ask.answer",
        "confidence": 0.9877,
        "arguments": {"target": "ar"},
        "calls": [
            {"action": "ask.answer", "arguments": {"target": "ar"}},
            {"action": "reminders.show", "arguments": {}},
        ],
        "card": {"title": "标题", "body": "正文", "hint": "提示", "kind": "answer", "language": "zh"},
        "speech": "说",
        "timings_ms": {"recognise": 240.1, "route": 10.1, "first_word": 20.0, "total": 30.0},
        "tokens_in": 12,
        "tokens_out": 3,
        "tokens_per_second": 20.0,
    }


def test_a_turn_is_kept_as_it_was() -> None:
    with pytest.raises(FrozenInstanceError):
        TURN.heard.text = "else"  # type: ignore[misc]
