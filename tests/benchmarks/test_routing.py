import json
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lamha.benchmarks import routing, routing_bfcl, routing_own, routing_speed, routing_xsid
from lamha.benchmarks.routing_cases import NOW, Outcome, even, share, shares
from lamha.models.llm.engine import Engine, Settings
from lamha.models.llm.model import LanguageModel
from lamha.skills.decider import Call, Decision
from lamha.skills.filling import Gap
from lamha.skills.tools import tools

CALL = Call("set_alarm", {"time": "07:00"})
REQUEST: dict[str, Any] = {
    "say": "wake me at seven",
    "lang": "en",
    "kind": "positive",
    "calls": [{"name": "set_alarm", "arguments": {"time": "07:00"}}],
    "ask": None,
    "refused": False,
    "critical": False,
    "now": NOW.isoformat(),
}
FORBIDDEN = {
    **REQUEST,
    "say": "don't wake me",
    "kind": "negated",
    "calls": [],
    "refused": True,
    "critical": True,
}
MISSING = {**REQUEST, "say": "wake me", "kind": "missing", "calls": [], "ask": "time"}
EARLIER = {**REQUEST, "say": "at seven", "kind": "follow-up", "before": ["wake me"]}
CONLL = """# text-en = Is it going to rain?
# text = هل ستمطر؟
# intent = weather/find
1	هل	weather/find	O

# text = wake = me
# intent = alarm/set
1	wake	alarm/set	O

# text = no intent
"""
FUNCTION = {
    "name": "area",
    "description": "Area of a triangle.",
    "parameters": {
        "type": "dict",
        "properties": {
            "base": {"type": "float"},
            "sides": {"type": "array", "items": {"type": "float"}},
            "count": {"type": "integer"},
        },
        "required": ["base"],
    },
}


class Fake:
    """Decides what it was told to, and remembers what it was asked."""

    def __init__(self, decision: Decision | Exception) -> None:
        self.decision = decision
        self.asked: list[str] = []

    def decide(self, utterance: str, _now: datetime) -> Decision:
        self.asked.append(utterance)
        if isinstance(self.decision, Exception):
            raise self.decision
        return self.decision


def asking(name: str) -> Decision:
    return Decision(ask="which?", gap=Gap(name, "unsaid"))


@pytest.mark.parametrize(
    ("value", "gold", "fits"),
    [
        ("Sara ", "sara", True),
        ("Sara", "Sami", False),
        (2, 2.0, True),
        (1, True, False),
        (True, True, True),
        ("2", 2, False),
        (["a", "B"], ["A", "b"], True),
        (["a"], ["a", "b"], False),
        ({"a": 1}, {"a": 1}, True),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        (5, {"any": [4, 5]}, True),
        (6, {"any": [4, 5]}, False),
        ("x", {"a": "x"}, False),
    ],
)
def test_values_are_what_is_wanted(value: Any, gold: Any, fits: bool) -> None:
    assert routing_own.fits(value, gold) is fits


@pytest.mark.parametrize(
    ("case", "decision", "right"),
    [
        (REQUEST, Decision((CALL,)), True),
        (REQUEST, Decision((CALL, CALL)), False),
        (REQUEST, Decision((Call("set_alarm", {"time": "08:00"}),)), False),
        (REQUEST, Decision((Call("stop_alarm", {"time": "07:00"}),)), False),
        (FORBIDDEN, Decision(refused="no"), True),
        (FORBIDDEN, asking("time"), False),
        (FORBIDDEN, Decision((CALL,)), False),
        (MISSING, asking("time"), True),
        (MISSING, asking("label"), False),
        (MISSING, Decision(refused="no"), False),
        ({**MISSING, "refused": True}, Decision(refused="no"), True),
        ({**MISSING, "refused": True}, Decision(), False),
    ],
)
def test_a_case_is_right(case: Mapping[str, Any], decision: Decision, right: bool) -> None:
    assert routing_own.right(case, decision) is right


def test_own_counts_by_kind_and_language_and_what_was_done_against_the_wish() -> None:
    done = Fake(Decision((CALL,)))
    report = routing_own.report([routing_own.outcome(each, done) for each in (REQUEST, FORBIDDEN, MISSING)])
    assert report["all"] == {"right": 1, "of": 3, "accuracy": 0.3333}
    assert report["kinds"]["positive"]["right"] == 1
    assert report["kinds"]["negated"] == {"right": 0, "of": 1, "accuracy": 0}
    assert report["languages"] == {"en": report["all"]}
    assert report["critical_wrong"] == {"wrong": 1, "of": 1}
    assert [miss["utterance"] for miss in report["misses"]] == ["don't wake me", "wake me"]
    assert report["misses"][0]["wanted"] == {"calls": [], "ask": None, "refused": True}
    assert report["misses"][0]["got"]["calls"] == REQUEST["calls"]


def test_what_fails_is_a_miss_that_says_why() -> None:
    outcome = routing_own.outcome(REQUEST, Fake(ValueError("no such thing")))
    assert not outcome.right
    assert outcome.told["got"] == {"error": "ValueError: no such thing"}


def test_a_follow_up_is_said_to_what_heard_the_words_before() -> None:
    bare, talk = Fake(Decision()), Fake(Decision((CALL,)))
    assert routing_own.outcome(EARLIER, bare, lambda _: talk).right
    assert (bare.asked, talk.asked) == ([], ["wake me", "at seven"])


def test_no_dialogue_leaves_follow_ups_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing_own, "_DIALOGUE", "lamha.skills.is_not_there")
    assert routing_own.dialogue() is None


def test_the_cases_can_be_read_and_their_right_answers_are_right() -> None:
    sets = json.loads((routing_own.CASES / "routing-dev.json").read_text("utf-8"))["sets"]
    for case in (case for each in sets if tools(each["tools"]) for case in each["cases"]):
        answer = Decision(
            tuple(Call(each["name"], _one(each["arguments"])) for each in case["calls"]),
            refused="no" if case["refused"] else None,
            gap=Gap(case["ask"], "unsaid") if case["ask"] else None,
        )
        assert routing_own.right(case, answer), case


@pytest.mark.parametrize("half", ["dev", "final"])
def test_both_halves_are_of_one_size(half: str) -> None:
    """Only counted: a test that fails would show the words of the half that nobody is to have seen."""
    found = json.loads((routing_own.CASES / f"routing-{half}.json").read_text("utf-8"))
    count = sum(len(each["cases"]) for each in found["sets"])
    assert count == 150


def _one(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value["any"][0] if isinstance(value, dict) and set(value) == {"any"} else value
        for name, value in arguments.items()
    }


def test_a_sample_is_taken_from_all_over() -> None:
    assert list(even(range(10), 4)) == [0, 2, 5, 7]
    assert list(even(range(3), 4)) == list(even(range(3), 0)) == [0, 1, 2]


def test_shares_are_of_each_group() -> None:
    outcomes = [Outcome(True, ("a", "b"), {}), Outcome(False, ("b",), {})]
    assert {name: each["accuracy"] for name, each in shares(outcomes).items()} == {"a": 1, "b": 0.5}
    assert share([]) == {"right": 0, "of": 0, "accuracy": 0}


def test_every_second_utterance_of_xsid_is_an_example() -> None:
    arabic, english = routing_xsid.read(CONLL, "en")
    assert (arabic.text, arabic.intent, arabic.example) == ("هل ستمطر؟", "weather/find", True)
    assert (english.text, english.intent, english.example) == ("wake = me", "alarm/set", False)


def test_intents_are_told_apart_and_counted_by_language() -> None:
    def represent(words: str) -> Any:
        return np.array([[1, 0, 0] if "rain" in words else [0, 1, 0]], np.float32)

    said = [
        routing_xsid.Utterance(words, intent, language, example)
        for words, intent, language, example in (
            ("rain", "weather", "en", True),
            ("wake me", "alarm", "en", True),
            ("rain today", "weather", "en", False),
            ("rain 明天", "weather", "zh", True),
            ("叫我", "weather", "zh", False),
        )
    ]
    probe = routing_xsid.fitted(said[:2], represent)
    report = routing_xsid.report([routing_xsid.outcome(each, probe, represent) for each in said[2:]])
    assert report["languages"]["en"]["accuracy"] == 1
    assert report["languages"]["zh"]["accuracy"] == 0.5
    assert report["languages"]["zh unseen"] == {"right": 0, "of": 1, "accuracy": 0}
    assert report["within"] == {"en": True, "zh": False}
    assert report["misses"] == [{"utterance": "叫我", "language": "zh", "wanted": "weather", "got": "alarm"}]
    assert any(
        "MISSED" in line for line in routing_xsid.lines({"layer": 1, "examples": 2, "left_out": 1, **report})
    )


def test_real_intents_have_examples_of_all_that_is_scored(data: Path) -> None:
    said = routing_xsid.read((data / "intents" / "xsid-en-valid.conll").read_text("utf-8"), "en")
    assert len(said) == 300
    # What a reader has called once has no second one.
    rare = {each.intent for each in said} - {each.intent for each in said if each.example}
    assert sum(each.intent in rare for each in said) <= 1


def test_numbers_are_floats_where_bfcl_says_so() -> None:
    calls = routing_bfcl.as_bfcl(
        Decision((Call("area", {"base": 3, "sides": [1, 2.5], "count": 2}),)), [FUNCTION]
    )
    arguments = calls[0]["area"]
    assert arguments == {"base": 3, "sides": [1, 2.5], "count": 2}
    assert [type(each) for each in (arguments["base"], *arguments["sides"], arguments["count"])] == [
        float,
        float,
        float,
        int,
    ]
    assert routing_bfcl.typed(True, {"type": "float"}) is True
    assert routing_bfcl.typed({"x": 1}, {"type": "dict"}) == {"x": 1}


def test_bfcl_is_read_and_what_fits_no_function_is_right_without_a_call(tmp_path: Path) -> None:
    question = [[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "How big?"}]]
    line = json.dumps({"id": "irrelevance_0", "question": question, "function": [FUNCTION]})
    (tmp_path / "BFCL_v4_irrelevance.json").write_text(f"{line}\n")
    (case,) = routing_bfcl.read(tmp_path, "irrelevance")
    assert (case.utterance, case.gold) == ("How big?", ())

    def right(decision: Decision | Exception) -> bool:
        return routing_bfcl.outcome(case, Fake(decision), _unasked).right

    assert right(Decision(refused="no"))
    assert right(asking("base"))
    assert not right(Decision((Call("area", {"base": 3}),)))
    assert not right(KeyError("x"))


def test_bfcl_calls_are_judged_by_its_checker(tmp_path: Path) -> None:
    (tmp_path / "possible_answer").mkdir()
    question = [[{"role": "user", "content": "How big?"}]]
    asked = {"id": "simple_python_0", "question": question, "function": [FUNCTION]}
    gold = {"id": "simple_python_0", "ground_truth": [{"area": {"base": [3.0]}}]}
    (tmp_path / "BFCL_v4_simple_python.json").write_text(json.dumps(asked))
    (tmp_path / "possible_answer" / "BFCL_v4_simple_python.json").write_text(json.dumps(gold))
    (case,) = routing_bfcl.read(tmp_path, "simple_python")
    seen: list[Any] = []
    decider = Fake(Decision((Call("area", {"base": 3}),)))
    assert routing_bfcl.outcome(case, decider, lambda of, calls: not seen.append((of.gold, calls))).right
    assert seen == [([{"area": {"base": [3.0]}}], [{"area": {"base": 3.0}}])]


def test_the_checker_of_bfcl_knows_lamha(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package of the same shape."""
    checker = tmp_path / "bfcl_eval" / "eval_checker" / "ast_eval"
    constants = tmp_path / "bfcl_eval" / "constants"
    checker.mkdir(parents=True)
    constants.mkdir()
    (constants / "enums.py").write_text("class Language:\n    PYTHON = 'python'\n")
    (checker / "ast_checker.py").write_text(
        "from bfcl_eval.constants.model_config import MODEL_CONFIG_MAPPING\n"
        "def ast_checker(functions, calls, gold, language, category, model):\n"
        "    MODEL_CONFIG_MAPPING[model].underscore_to_dot\n"
        "    return {'valid': calls[0] == gold[0]}\n"
    )
    for name in [name for name in sys.modules if name.startswith("bfcl_eval")]:
        monkeypatch.delitem(sys.modules, name)
    valid = routing_bfcl.checker(tmp_path)
    case = routing_bfcl.Case("1", "simple_python", "", [FUNCTION], [{"area": {}}])
    assert valid(case, [{"area": {}}])
    assert not valid(case, [{"area": {"base": 1.0}}])
    assert not valid(case, [])  # and what it stumbles over is wrong
    assert str(tmp_path) not in sys.path
    for name in [name for name in sys.modules if name.startswith("bfcl_eval")]:
        monkeypatch.delitem(sys.modules, name)


def _unasked(case: routing_bfcl.Case, calls: Any) -> bool:
    raise AssertionError("there is nothing to check")


def test_eight_tools_are_of_a_set_and_the_next() -> None:
    one, other = ({"tools": [{"name": f"{a}{n}"} for n in range(6)] + [{"name": "same"}]} for a in "ab")
    assert [tool["name"] for tool in routing_speed.eight([one, other])] == [
        *(f"a{n}" for n in range(6)),
        "same",
        "b0",
    ]


def test_a_cost_is_of_the_second_time(monkeypatch: pytest.MonkeyPatch) -> None:
    decider = Fake(Decision())
    costs = routing_speed.timed(decider, ["one", "two"], routing_speed.Work())
    assert decider.asked == ["one", "two", "one", "two"]
    report = routing_speed.report(costs)
    assert report["decodes"]["p50"] == 0
    assert report["ms"]["count"] == 2
    assert list(routing_speed.lines({"set": report, "left_out": "nothing"}))[1] == "  left_out: nothing"


def test_decodes_are_counted_and_no_longer_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Engine, "decode", lambda _, rows, **_others: list(rows))
    engine: Any = object.__new__(Engine)
    with routing_speed.counted() as work:
        assert engine.decode([1, 2, 3]) == [1, 2, 3]
        engine.decode([4], lasting=False)
    engine.decode([5])
    assert (work.decodes, work.tokens) == (2, 4)


def test_absent_data_is_said_and_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAMHA_DATA", str(tmp_path))
    monkeypatch.setattr(routing_own, "CASES", tmp_path)
    routing.main(["--parts", "own,xsid,bfcl", "--bfcl", str(tmp_path)])
    out, table = capfd.readouterr()
    report = json.loads(out.splitlines()[-1])
    assert all("absent" in report[name] for name in ("own", "xsid", "bfcl"))
    assert table.count("left out; ") == 3
    assert "make bfcl" in table


def test_misses_of_the_final_half_are_in_the_file_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    done = routing_own.outcome(FORBIDDEN, Fake(Decision((CALL,))))
    found = {"half": "final", **routing_own.report([done]), "left_out": 0}
    monkeypatch.setattr(routing_own, "run", lambda _: found)
    kept = tmp_path / "report.json"
    routing.main(["--parts", "own", "--half", "final", "--out", str(kept)])
    out, table = capfd.readouterr()
    assert "wake" not in out + table
    assert "critical cases with an action: 1 of 1" in table
    assert json.loads(kept.read_text("utf-8"))["own"]["misses"][0]["utterance"] == "don't wake me"
    routing.main(["--parts", "own"])
    assert "don't wake me" in capfd.readouterr().err


def test_there_is_no_other_part(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        routing.main(["--parts", "own,singing"])
    assert "there is no part singing" in capfd.readouterr().err


@pytest.mark.model
def test_it_decides_with_the_real_model(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], language_model: object
) -> None:
    routing.main(["--parts", "own", "--sample", "4"])
    out, table = capfd.readouterr()
    own = json.loads(out.splitlines()[-1])["own"]
    assert own["all"]["of"] + own["left_out"] == 4
    assert table.count("  miss ") == own["all"]["of"] - own["all"]["right"]


@pytest.mark.model
def test_an_utterance_is_five_views_that_do_not_depend_on_the_one_before(
    language_model: LanguageModel,
) -> None:
    with Engine(language_model.engine.path, Settings(layer=routing_xsid.LAYER, scored=128)) as engine:
        states = routing_xsid.States(engine)
        first, _, again = (states.of(words) for words in ("Will it rain?", "叫我起床", "Will it rain?"))
        assert first.shape == (5, engine.weights.width)
    assert np.allclose(first, again)
