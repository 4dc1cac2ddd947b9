import json
import sys
import threading
import time
from typing import Any

import pytest

from lamha.models.errors import BudgetTooSmall, ServerFailed
from lamha.models.llm.beyond import child
from lamha.models.llm.beyond.fallback import Beyond
from lamha.models.llm.beyond.process import Workers
from lamha.models.llm.beyond.remote import Patience, Question, patiently
from lamha.models.llm.generate import text

# A process that speaks as the real one does, without a model; what the words ask for is what it does.
CHILD = """
import json, os, sys, threading, time
cancelled = set()
asked = []
def listen():
    for line in sys.stdin:
        message = json.loads(line)
        cancelled.add(message["cancel"]) if "cancel" in message else asked.append(message)
    os._exit(0)
tell = lambda **message: print(json.dumps(message), flush=True)
tell(**json.loads(sys.argv[1]))
threading.Thread(target=listen, daemon=True).start()
while True:
    while not asked: time.sleep(0.002)
    question = asked.pop(0)
    for number in range(question["new"]):
        if question["id"] in cancelled: break
        if "fail" in question["words"]: tell(failed="too long", hint="shorten it"); break
        if "die" in question["words"] and number == 2: os.abort()
        if "hang" in question["words"] and number == 2: time.sleep(99)
        if "babble" in question["words"] and number == 2: print("{{{", flush=True)
        tell(text=f" {question['cue']}{number}", later="unknown")
        time.sleep(0.002)
    else:
        tell(text="", finish="end", tokens_in=3, tokens_out=question["new"])
        continue
    if question["id"] in cancelled: tell(text="", finish="cancelled")
"""
READY = {"ready": True}
HERE = " This is said here."


def workers(greeting: Any = READY, patience: Patience | None = None, *other: str) -> Workers:
    command = other or (sys.executable, "-I", "-S", "-c", CHILD, json.dumps(greeting))
    return Workers(None, (), patience or Patience(first=20, next=0.5), command)  # type: ignore[arg-type]


def wait(remote: Workers) -> Workers:
    for _ in range(4000):
        if remote.ready():
            return remote
        time.sleep(0.005)
    raise AssertionError("not ready")


def write(model: Beyond, words: str, cue: str = "") -> str:
    with model.read(words, "Be brief.") as reading:
        return text(reading.write(cue))


@pytest.fixture
def remote(request: Any) -> Any:
    opened = wait(workers())
    yield opened
    opened.close()


def test_an_answer(remote: Workers) -> None:
    question = Question("Be brief.", "Count.", "n", 3)
    for _ in range(2):
        parts = list(patiently(remote.ask(question), remote.patience, lambda: False))
        assert "".join(part.text for part in parts) == " n0 n1 n2"
        assert (parts[-1].finish, parts[-1].tokens_in, parts[-1].tokens_out) == ("end", 3, 3)


@pytest.mark.parametrize("failing", ["die", "hang", "babble"])
def test_the_device_goes_on_where_a_worker_is_lost(failing: str, remote: Workers, local: Any) -> None:
    beyond = Beyond(local, remote)
    assert write(beyond, failing, "n") == f" n0 n1{HERE}"
    assert [asked[0] for asked in local.asked] == ["n n0 n1"]
    assert write(beyond, "Count.") == HERE
    beyond.rest.recover()
    wait(remote)
    assert write(beyond, "Count.").startswith("0 1 2")


def test_a_question_that_fails(remote: Workers, local: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert write(Beyond(local, remote), "fail") == HERE
    assert "no answers from the RPC workers for 30 s: too long: shorten it" in caplog.text


def test_the_next_question_finds_no_rest_of_the_last(remote: Workers, local: Any) -> None:
    beyond, cancel = Beyond(local, remote), threading.Event()
    with beyond.read("Count.", "Be brief.", None, cancel) as reading:
        pieces = reading.write("a")
        assert next(pieces).text == " a0"
        cancel.set()
        assert [piece.finish for piece in pieces][-1] == "cancelled"
    assert write(beyond, "Count.", "b").startswith(" b0 b1")
    assert beyond.rest.over


def test_a_call_may_be_closed_before_it_is_read(remote: Workers) -> None:
    call = remote.ask(Question("", "Count."))
    call.close()
    assert list(call) == []


def test_nobody_waits_while_it_loads(local: Any) -> None:
    remote = workers(READY, None, sys.executable, "-I", "-S", "-c", "import time; time.sleep(99)")
    beyond = Beyond(local, remote)
    assert write(beyond, "Count.") == HERE
    assert not remote.ready()
    remote.close()


def lost(remote: Workers) -> ServerFailed:
    with pytest.raises(ServerFailed) as failed:
        wait(remote)
    remote.close()
    return failed.value


def test_loading_may_fail() -> None:
    failed = lost(workers({"failed": "nothing answers at 10.0.0.9:1", "hint": "check"}))
    assert str(failed) == "nothing answers at 10.0.0.9:1: check"
    assert "ended" in str(lost(workers({}, None, sys.executable, "-I", "-S", "-c", "import os; os.abort()")))
    assert "no process" in str(lost(workers({}, None, "/no/such/program")))


def test_loading_does_not_take_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    remote = workers(READY, None, sys.executable, "-I", "-S", "-c", "import time; time.sleep(99)")
    assert not remote.ready()
    monkeypatch.setattr("lamha.models.llm.beyond.process.LOAD_S", 0.0)
    assert "did not take the model" in str(lost(remote))


def test_a_question_before_there_is_a_process(local: Any) -> None:
    with pytest.raises(ServerFailed):
        workers().ask(Question("", ""))
    workers().close()


def test_the_child_answers_what_it_hears(local: Any) -> None:
    told = list[Any]()
    question = {"id": 1, "system": "Be brief.", "words": "Where?", "cue": "It is", "new": 7}
    child.serve(local, [json.dumps(question), json.dumps({"cancel": 1})], told.append)
    assert "".join(message.get("text", "") for message in told) == HERE
    assert told[-1] == {"text": "", "finish": "end", "tokens_in": 0, "tokens_out": 1}
    ((cue, budget, _),) = local.asked
    assert (cue, budget.new) == ("It is", 7)


def test_the_child_says_what_went_wrong(local: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise BudgetTooSmall("too long", "shorten it")

    monkeypatch.setattr(local, "read", fail)
    told = list[Any]()
    question = {"id": 1, "system": "", "words": "", "cue": "", "new": 7}
    child.serve(local, [json.dumps(question)], told.append)
    assert told == [{"failed": "too long", "hint": "shorten it"}]
