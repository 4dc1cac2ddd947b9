from collections.abc import Iterable
from itertools import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.models.speech.endpoint import LONG, SHORT, USUAL, Began, Ended, endpoints, pause_after
from lamha.models.speech.vad import FRAME, RATE, Gate

GATE = Gate(longest=3.0)


def found(probabilities: Iterable[float], pause: float = USUAL) -> list[Began | Ended]:
    return [item for item in endpoints(probabilities, lambda _voice: pause, GATE) if item]


def test_speech_has_a_beginning_and_an_end() -> None:
    began, ended = found([*repeat(0.0, 20), *repeat(0.9, 30), *repeat(0.0, 40)])
    assert isinstance(began, Began)
    assert began.start == 12 * FRAME  # a quarter of a second before the first sound
    assert ended == Ended(began.start, 58 * FRAME, 50 * FRAME)


@pytest.mark.parametrize("seconds", [SHORT, USUAL, LONG])
def test_it_ends_when_the_pause_is_over(seconds: float) -> None:
    items = list(endpoints([*repeat(0.9, 30), *repeat(0.0, 60)], lambda _voice: seconds, GATE))
    at = next(frame for frame, item in enumerate(items) if isinstance(item, Ended))
    assert (at + 1 - 30) * FRAME / RATE == pytest.approx(seconds, abs=0.02)


def test_a_pause_that_is_short_enough_ends_nothing() -> None:
    assert len(found([*repeat(0.9, 10), *repeat(0.1, 10), *repeat(0.9, 10), *repeat(0.0, 30)])) == 2


def test_a_knock_is_no_speech() -> None:
    assert found([0.0, 0.9, 0.9, 0.0, *repeat(0.0, 30)]) == []


def test_a_monologue_is_cut() -> None:
    items = found(repeat(0.9, 300))
    assert [item.whole for item in items if isinstance(item, Ended)] == [False, False, False]
    first, second, *_ = (item for item in items if isinstance(item, Ended))
    assert first.stop <= second.start


@given(st.lists(st.floats(0, 1), max_size=400), st.sampled_from([0.1, SHORT, USUAL, LONG]))
def test_any_sounds(probabilities: list[float], pause: float) -> None:
    items = list(endpoints(probabilities, lambda _voice: pause, GATE))
    assert len(items) == len(probabilities)
    events = [item for item in items if item]
    assert all(isinstance(item, Ended if index % 2 else Began) for index, item in enumerate(events))
    floor = 0
    for began, ended in zip(events[::2], events[1::2], strict=False):
        assert isinstance(ended, Ended)
        assert floor <= began.start == ended.start < ended.voice <= ended.stop + FRAME
        assert ended.stop - ended.start <= GATE.longest * RATE + FRAME
        floor = ended.stop


@pytest.mark.parametrize(
    ("text", "pause"),
    [
        ("", USUAL),
        ("Turn off the light.", SHORT),
        ("turn off the light", USUAL),
        ("Remind me to", LONG),
        ("tell Sara that", LONG),
        ("at twenty", LONG),
        ("set a timer for", LONG),
        ("ذكرني أن", LONG),
        ("اتصل بسارة و", LONG),
        ("اتصل بسارة.", SHORT),
        ("اتصل بسارة", USUAL),
        ("提醒我", LONG),
        ("把灯关了。", SHORT),
        ("给妈妈打电话，然后", LONG),
    ],
)
def test_the_words_say_how_long_to_wait(text: str, pause: float) -> None:
    assert pause_after(text) == pause
