import logging
import threading
from typing import Any

import pytest

from lamha.models.errors import ServerFailed
from lamha.models.llm.beyond.answer import Beginning
from lamha.models.llm.beyond.fallback import LONGEST_REST_S, REST_S, Beyond, Rest
from lamha.models.llm.beyond.remote import Patience
from lamha.models.llm.beyond.server import Server
from lamha.models.llm.budget import Budget
from lamha.models.llm.generate import Piece, text

FOREVER = 20.0
HERE = " This is said here."


@pytest.fixture
def beyond(server: Any, local: Any, patient: Patience) -> Beyond:
    return Beyond(local, Server(server.url, patience=patient))


def write(model: Beyond, cue: str = "", cancel: Any = None, **more: Any) -> list[Piece]:
    with model.read("What is the capital of France?", "Be brief.", None, cancel) as reading:
        return list(reading.write(cue, **more))


def test_the_server_answers(beyond: Beyond, server: Any, told: Any, local: Any) -> None:
    server.says(*told.whole("It", " is", " Paris."))
    pieces = write(beyond)
    assert [piece.text for piece in pieces] == ["It", " is", " Paris.", ""]
    assert [piece.finish for piece in pieces] == [None, None, None, "end"]
    assert (pieces[-1].spent.tokens_in, pieces[-1].spent.tokens_out) == (26, 7)
    assert pieces[-1].spent.prefill_ms > 0
    assert beyond.used
    assert not local.asked


def test_a_turn_counts_what_it_cost(beyond: Beyond, server: Any, told: Any) -> None:
    server.says(*told.whole("Paris."))
    with beyond.read("Where?", "Be brief.") as reading:
        spent = reading.spent
        list(reading.write())
        assert (spent.tokens_in, spent.tokens_out) == (26, 7)


def test_routing_and_arguments_stay_here(beyond: Beyond, server: Any, local: Any) -> None:
    with beyond.read("Where?", "Be brief.", Budget(prompt=9)) as reading:
        assert reading.features("cue").shape == (1, 4)
        assert reading.copy("cue", {}) == "cue"
        assert reading.words == "Where?"
        assert not reading.shortened
    assert local.read_with == ("Be brief.", Budget(prompt=9))
    assert beyond.identity == "local"
    assert not server.asked


@pytest.mark.parametrize("failing", ["slow", "closed", "refused", "garbage", "empty", "blank", "unreachable"])
def test_the_device_answers_where_the_server_does_not(
    failing: str, server: Any, told: Any, local: Any, hasty: Patience, patient: Patience, caplog: Any
) -> None:
    url = "http://127.0.0.1:9" if failing == "unreachable" else server.url
    beyond = Beyond(local, Server(url, patience=hasty if failing == "slow" else patient))
    server.says(
        *{
            "slow": [FOREVER],
            "closed": [],
            "refused": [b'{"error": "no"}'],
            "garbage": [b"<html>"],
            "empty": told.whole(),
            "blank": told.whole("\n", " "),
            "unreachable": [],
        }[failing],
        status=500 if failing == "refused" else 200,
    )
    pieces = write(beyond, "It:", stops=("#",))
    assert text(pieces).strip() == HERE.strip()
    assert pieces[-1].finish == "end"
    assert [asked[0].strip() for asked in local.asked] == ["It:"]
    assert [asked[2] for asked in local.asked] == [("#",)]
    assert "no answers from http://127.0.0.1:" in caplog.text


@pytest.mark.parametrize("failing", ["stalls", "closes", "reports", "stutters"])
def test_the_device_goes_on_where_the_server_stopped(
    failing: str, server: Any, told: Any, local: Any, restless: Patience, patient: Patience
) -> None:
    beyond = Beyond(local, Server(server.url, patience=restless if failing == "stalls" else patient))
    ends = {
        "stalls": [FOREVER],
        "closes": [],
        "reports": [b'data: {"error": {"message": "out of memory"}}\n\n'],
        "stutters": [b"data: {{{\n\n"],
    }
    server.says(*told.words("It", " is"), *ends[failing])
    pieces = write(beyond, "Well:", budget=Budget(new=10, done_ms=60_000), stops=("!",))
    assert text(pieces) == f"It is{HERE}"
    ((cue, budget, stops),) = local.asked
    assert (cue, budget.new, stops) == ("Well:It is", 8, ("!",))
    assert 1 <= budget.done_ms < 60_000
    assert pieces[-1].finish == "end"
    assert pieces[-1].spent.tokens_out == 3
    assert beyond.used


def test_an_answer_that_is_whole_needs_nobody_else(
    beyond: Beyond, server: Any, told: Any, local: Any
) -> None:
    server.says(*told.words("Paris."), told.event(finish="stop"), b"data: {{{\n\n")
    assert text(write(beyond)) == "Paris."
    assert not local.asked


def test_no_token_is_left(beyond: Beyond, server: Any, told: Any, local: Any) -> None:
    server.says(*told.words("One"), b'data: {"usage": {"completion_tokens": 10}}\n\n')
    pieces = write(beyond, budget=Budget(new=10))
    assert (text(pieces), pieces[-1].finish) == ("One", "tokens")
    assert not local.asked


def test_a_server_that_failed_is_left_alone(server: Any, told: Any, local: Any, patient: Patience) -> None:
    now = 0.0
    beyond = Beyond(local, Server(server.url, patience=patient), Rest(lambda: now))
    server.says()
    write(beyond)
    write(beyond)
    assert len(server.asked) == 1
    assert not beyond.used
    now = REST_S
    write(beyond)
    now += REST_S
    write(beyond)
    assert len(server.asked) == 2
    now += REST_S
    server.says(*told.whole("Paris."))
    assert text(write(beyond)) == text(write(beyond)) == "Paris."
    assert len(server.asked) == 4


def test_rests_grow_to_a_limit() -> None:
    rest = Rest(lambda: 0.0)
    assert [rest.begin() for _ in range(7)] == [30, 60, 120, 240, 480, LONGEST_REST_S, LONGEST_REST_S]
    assert not rest.over
    rest.recover()
    assert rest.over
    assert rest.begin() == REST_S


def test_a_stop_string_ends_it(beyond: Beyond, server: Any, told: Any) -> None:
    server.says(*told.words("One", "\n", "two"), FOREVER)
    pieces = write(beyond, stops=("\ntw",))
    assert (text(pieces), pieces[-1].finish) == ("One", "stop")
    assert server.left.wait(20)


def test_text_that_only_begins_like_a_stop_is_shown(beyond: Beyond, server: Any, told: Any) -> None:
    server.says(*told.whole("One", " st"))
    assert text(write(beyond, stops=(" stop",))) == "One st"


def test_more_than_the_budget_is_not_listened_to(beyond: Beyond, server: Any, told: Any) -> None:
    server.says(*told.words(*"abcdefgh"), FOREVER)
    pieces = write(beyond, budget=Budget(new=3))
    assert (text(pieces), pieces[-1].finish) == ("abc", "tokens")
    assert server.left.wait(20)


def test_near_the_end_of_a_budget_a_sentence_is_the_last(beyond: Beyond, server: Any, told: Any) -> None:
    server.says(*told.words("One", " two", " three", " four."), *told.words(" Five"), FOREVER)
    pieces = write(beyond, budget=Budget(new=5))
    assert (text(pieces), pieces[-1].finish) == ("One two three four.", "tokens")


def test_the_server_was_cut_at_its_budget(beyond: Beyond, server: Any, told: Any) -> None:
    server.says(*told.whole("One", " two", finish="length"))
    assert write(beyond)[-1].finish == "tokens"


def test_the_clock_ends_it(server: Any, told: Any, local: Any) -> None:
    beyond = Beyond(local, Server(server.url))
    server.says(*told.words("One", " two"), FOREVER)
    pieces = write(beyond, budget=Budget(done_ms=500))
    assert (text(pieces), pieces[-1].finish) == ("One two", "time")
    assert not local.asked
    assert server.left.wait(20)


def test_a_deadline_leaves_time_for_the_device(server: Any, local: Any) -> None:
    beyond = Beyond(local, Server(server.says(FOREVER).url))
    assert text(write(beyond, budget=Budget(done_ms=200))) == HERE
    assert text(write(beyond, budget=Budget(first_ms=100))) == HERE
    (_, first, _), (_, second, _) = local.asked
    assert 1 <= first.done_ms <= 100
    assert 1 <= second.first_ms <= 100


def test_the_wearer_ends_it(server: Any, told: Any, local: Any, patient: Patience) -> None:
    beyond, cancel = Beyond(local, Server(server.url, patience=patient)), threading.Event()
    server.says(*told.words("One"), FOREVER)
    with beyond.read("Count.", "Be brief.", None, cancel) as reading:
        pieces = reading.write()
        assert next(pieces).text == "One"
        cancel.set()
        assert [(piece.text, piece.finish) for piece in pieces] == [("", "cancelled")]
    assert server.left.wait(20)
    assert not local.asked
    assert beyond.rest.over  # it is not the server's fault


def test_the_wearer_ends_it_before_the_first_word(server: Any, local: Any, patient: Patience) -> None:
    beyond, cancel = Beyond(local, Server(server.url, patience=patient)), threading.Event()
    server.says(FOREVER)
    threading.Timer(0.05, cancel.set).start()
    pieces = write(beyond, cancel=cancel)
    assert [(piece.text, piece.finish) for piece in pieces] == [("", "cancelled")]
    assert not local.asked
    assert beyond.rest.over


def test_nothing_is_sent_for_who_wants_nothing(beyond: Beyond, server: Any, local: Any) -> None:
    cancel = threading.Event()
    cancel.set()
    write(beyond, cancel=cancel)  # the local model says that it was cancelled
    assert not server.asked


def test_who_stops_listening_hangs_up(server: Any, told: Any, local: Any) -> None:
    beyond = Beyond(local, Server(server.says(*told.words("One"), FOREVER).url))
    with beyond.read("Where?", "Be brief.") as reading:
        pieces = reading.write()
        assert next(pieces).text == "One"
        pieces.close()  # type: ignore[attr-defined]
    assert server.left.wait(20)


@pytest.mark.parametrize(
    "words", [["The capital is Paris."], ["The", " capital", " is", " Paris."], [" Paris."]]
)
def test_a_cue_is_not_said_twice(words: list[str], beyond: Beyond, server: Any, told: Any) -> None:
    server.says(*told.whole(*words))
    assert text(write(beyond, "The capital is")) == " Paris."


@pytest.mark.parametrize("words", [["The cat."], ["The", " cat."], ["The"]])
def test_what_only_begins_like_the_cue_is_said(words: list[str]) -> None:
    beginning = Beginning("The capital is")
    assert "".join(map(beginning.push, words)) + beginning.flush() == "".join(words)


def test_two_servers_one_after_the_other(beyond: Beyond, server: Any, told: Any, patient: Patience) -> None:
    both = Beyond(beyond, Server("http://127.0.0.1:9", patience=patient))
    server.says(*told.whole("Paris."))
    assert text(write(both)) == "Paris."
    assert both.used


class Unready:
    patience = Patience()
    closed = 0

    def __init__(self, *ready: bool | ServerFailed) -> None:
        self._ready = iter(ready)

    def ready(self) -> bool:
        ready = next(self._ready)
        if isinstance(ready, ServerFailed):
            raise ready
        return ready

    def close(self) -> None:
        self.closed += 1


def test_nobody_waits_for_what_is_not_ready(local: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    remote = Unready(False, False, ServerFailed("lost"))
    beyond = Beyond(local, remote)  # type: ignore[arg-type]
    for _ in range(4):
        assert text(write(beyond)) == HERE
    assert remote.closed == 1
    assert len(caplog.records) == 1
