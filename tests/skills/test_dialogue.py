from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from lamha.skills.decider import Call, Decider, Decision
from lamha.skills.dialogue import LIFETIME, Dialogue

type Turns = Callable[..., list[Decision]]
LIGHT, TIMER = "Turn on the light in the kitchen", "Set a timer for five minutes"
SOON = timedelta(seconds=20)


@pytest.fixture
def turns(decider: Callable[..., Decider], now: datetime) -> Turns:
    """The decisions of a conversation, a turn after every pause."""

    def run(*said: str, pause: timedelta = SOON) -> list[Decision]:
        dialogue = Dialogue(decider())
        return [dialogue.decide(text, now + pause * number) for number, text in enumerate(said)]

    return run


def last(decisions: list[Decision]) -> tuple[Call, ...]:
    return decisions[-1].calls


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (LIGHT, "cancel that"),
        (LIGHT, "never mind"),
        ("شغل النور في المطبخ", "ألغ ذلك"),
        ("打开厨房的灯", "取消"),
        ("Set a timer", "no"),
        ("Turn on the light", "forget it"),
    ],
)
def test_cancel(turns: Turns, first: str, then: str) -> None:
    decisions = turns(first, then, "again")
    assert decisions[1].refused in ("Cancelled.", "أُلغي.", "已取消。")
    assert not decisions[1].calls
    assert not decisions[2].calls  # there is nothing left to repeat


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (LIGHT, "again"),
        (LIGHT, "do that again"),
        ("شغل النور في المطبخ", "مرة أخرى"),
        ("打开厨房的灯", "再来一次"),
    ],
)
def test_repeat(turns: Turns, first: str, then: str) -> None:
    decisions = turns(first, then, then)
    assert last(decisions) == decisions[0].calls == (Call("set_light", {"room": "kitchen"}),)


@pytest.mark.parametrize(
    ("first", "then", "room"),
    [
        ("Turn on the light", "the second one", "bedroom"),
        ("Turn on the light", "the first one", "kitchen"),
        ("Turn on the light", "the last one", "bedroom"),
        ("شغل النور", "الثاني", "bedroom"),
        ("打开灯", "第二个", "bedroom"),
        ("Turn on the light", "the kitchen", "kitchen"),
        ("شغل النور", "المطبخ", "kitchen"),
        ("打开灯", "卧室", "bedroom"),
    ],
)
def test_an_answer_to_a_question(turns: Turns, first: str, then: str, room: str) -> None:
    decisions = turns(first, then)
    assert decisions[0].gap is not None
    assert last(decisions) == (Call("set_light", {"room": room}),)


@pytest.mark.parametrize("then", ["the seventh one", "number 99", "the last but nine"])
def test_a_pick_of_none_of_them_is_asked_again(turns: Turns, then: str) -> None:
    decisions = turns("Turn on the light", then)
    assert not decisions[1].calls


def test_one_of_two_people(turns: Turns) -> None:
    assert last(turns("Ring up Anna", "the second one")) == (Call("ring", {"who": "Anna Dahl"}),)
    assert last(turns("Ring up Anna", "Berg")) == (Call("ring", {"who": "Anna Berg"}),)


def test_a_number_that_was_asked_for(turns: Turns) -> None:
    assert last(turns("Set a timer", "ten minutes")) == (Call("set_timer", {"seconds": 600}),)


@pytest.mark.parametrize(
    ("first", "then", "call"),
    [
        (LIGHT, "the bedroom instead", Call("set_light", {"room": "bedroom"})),
        (LIGHT, "not the kitchen but the bedroom", Call("set_light", {"room": "bedroom"})),
        (TIMER, "make it ten minutes", Call("set_timer", {"seconds": 600})),
        ("Ring up Sara", "no, Sami not Sara", Call("ring", {"who": "Sami"})),
        (
            "Wake me at a time: tomorrow at 7 in the morning",
            "make it 7:30",
            Call("set_alarm", {"at": "2026-03-05T07:30:00+02:00"}),
        ),
        (
            "Wake me at a time: tomorrow at 7 in the morning",
            "no, on Friday",
            Call("set_alarm", {"at": "2026-03-06T07:00:00+02:00"}),
        ),
    ],
)
def test_replace(turns: Turns, first: str, then: str, call: Call) -> None:
    assert last(turns(first, then)) == (call,)


def test_also(turns: Turns) -> None:
    assert last(turns(LIGHT, "and in the bedroom")) == (Call("set_light", {"room": "bedroom"}),)
    assert last(turns("Ring up Sara", "and Sami too")) == (Call("ring", {"who": "Sami"}),)


def test_a_change_can_be_changed_again(turns: Turns) -> None:
    decisions = turns(TIMER, "make it ten minutes", "make it 20 minutes", "again")
    assert last(decisions) == (Call("set_timer", {"seconds": 1200}),)


@pytest.mark.parametrize(
    "then", ["again", "cancel that", "the second one", "make it ten minutes", "yes", "no"]
)
def test_what_follows_nothing_calls_nothing(turns: Turns, then: str) -> None:
    decisions = turns(then)
    assert (decisions[0].calls, decisions[0].ask) == ((), None)


def test_it_is_forgotten_after_a_while(turns: Turns) -> None:
    assert last(turns(LIGHT, "again", pause=LIFETIME))
    assert not last(turns(LIGHT, "again", pause=LIFETIME + timedelta(seconds=1)))
    assert timedelta(minutes=2) == LIFETIME


def test_an_answer_that_comes_too_late_is_none(turns: Turns) -> None:
    assert not last(turns("Ring up", "Sara", pause=LIFETIME * 2))


def test_a_new_request_is_not_an_answer(turns: Turns) -> None:
    decisions = turns("Turn on the light", "Stop the music, please")
    assert last(decisions) == (Call("stop_music"),)
    assert last(turns(LIGHT, TIMER)) == (Call("set_timer", {"seconds": 300}),)


@pytest.mark.parametrize(
    "first", [LIGHT, "Turn on the light", "Ring up Anna", "Stop the music", "purple elephants"]
)
@pytest.mark.parametrize(
    "then",
    [
        "",
        "😀",
        "a" * 10_000,
        "again " * 999,
        "\x00\u202eagain",
        "المطبخ 厨房 kitchen",
        "make it",
        "not",
        "number 0",
        "\ud800",
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_whatever_follows_is_decided(turns: Turns, first: str, then: str) -> None:
    for decision in turns(first, then, then, first):
        assert sum((bool(decision.calls), bool(decision.ask), bool(decision.refused))) == 1
        assert 0 <= decision.confidence <= 1


def test_a_tool_without_properties(
    decider: Callable[..., Decider], raw: Callable[..., Any], now: datetime
) -> None:
    dialogue = Dialogue(decider([raw("stop_music", "Stop the music")]))
    for text in ("Stop the music", "make it ten", "and tomorrow", "again"):
        decision = dialogue.decide(text, now)
        assert sum((bool(decision.calls), bool(decision.ask), bool(decision.refused))) == 1


@pytest.mark.parametrize(
    ("first", "then", "numbers"),
    [
        ("greatest common divisor of 12, 18", "and 30?", [12, 18, 30]),
        ("greatest common divisor of 12, 18", "make it 30", [30]),
        ("greatest common divisor 12、18", "再加上30", [12, 18, 30]),
    ],
)
def test_a_list_grows_by_what_is_added(
    decider: Callable[..., Decider],
    raw: Callable[..., Any],
    now: datetime,
    first: str,
    then: str,
    numbers: Any,
) -> None:
    listed = {"type": "array", "items": {"type": "integer"}}
    dialogue = Dialogue(decider([raw("common_divisor", "greatest common divisor of", numbers=listed)]))
    assert dialogue.decide(first, now).calls[0].arguments == {"numbers": [12, 18]}
    assert dialogue.decide(then, now + SOON).calls[0].arguments == {"numbers": numbers}
