"""The part `bfcl`: three categories of the Berkeley Function Calling Leaderboard, with its own checker.

`make bfcl` installs it in a folder of its own, without the libraries that it pins. Its checker needs none of
them but for one table of all models it knows, which imports every vendor's client; here that table holds
lamha alone.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from lamha.benchmarks.routing_cases import NOW, Decides, Outcome, even, got, misses, opened, share, shares
from lamha.benchmarks.routing_own import text
from lamha.skills.contacts import Contacts, Known
from lamha.skills.decider import Decider, Decision
from lamha.skills.tools import tools

CATEGORIES = ("simple_python", "multiple", "irrelevance")
FOLDER = Path(sys.prefix) / "bfcl"
NAME = "lamha"
_TABLE = "bfcl_eval.constants.model_config"

type Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A question, the functions to choose from and the calls that are right; none where none fits."""

    id: str
    category: str
    utterance: str
    functions: Sequence[Schema]
    gold: Sequence[Any]


type Check = Callable[[Case, list[dict[str, Any]]], bool]
"""Whether these calls are right."""


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Decide the cases of all categories."""
    data = options.bfcl / "bfcl_eval" / "data"
    if not data.is_dir():
        return {"absent": f"BFCL is not in {options.bfcl}: run make bfcl"}
    check = checker(options.bfcl)
    cases = [case for category in CATEGORIES for case in even(read(data, category), options.sample)]
    outcomes = []
    with opened(options) as model:
        for case in cases:
            decider = Decider(model, tools(case.functions), Contacts(Known(())))
            outcomes.append(outcome(case, decider, check))
    return {"all": share(outcomes), "categories": shares(outcomes), "misses": misses(outcomes)}


def checker(folder: Path) -> Check:
    """BFCL's own, with lamha in its table of models."""
    table = ModuleType(_TABLE)
    vars(table)["MODEL_CONFIG_MAPPING"] = {NAME: SimpleNamespace(underscore_to_dot=False)}
    sys.modules[_TABLE] = table
    sys.path.append(str(folder))
    try:
        check = importlib.import_module("bfcl_eval.eval_checker.ast_eval.ast_checker").ast_checker
        python = importlib.import_module("bfcl_eval.constants.enums").Language.PYTHON
    finally:
        sys.path.remove(str(folder))

    def valid(case: Case, calls: list[dict[str, Any]]) -> bool:
        try:
            verdict = check(list(case.functions), calls, case.gold, python, case.category, NAME)
        except Exception:  # noqa: BLE001 - it takes some values that no function wants for its own defects
            return False
        return bool(verdict["valid"])

    return valid


def read(data: Path, category: str) -> list[Case]:
    """The cases of a category."""
    name = f"BFCL_v4_{category}.json"
    answers = data / "possible_answer" / name
    gold = {each["id"]: each["ground_truth"] for each in _lines(answers)} if answers.is_file() else {}
    return [
        Case(each["id"], category, _utterance(each["question"]), each["function"], gold.get(each["id"], ()))
        for each in _lines(data / name)
    ]


def outcome(case: Case, decider: Decides, check: Check) -> Outcome:
    """Decide one case; where no function fits, any answer but a call is right."""
    told = {"id": case.id, "utterance": case.utterance, "wanted": case.gold}
    try:
        decision = decider.decide(case.utterance, NOW)
    except Exception as error:  # noqa: BLE001 - one case that fails must not end the others
        return Outcome(
            False, (case.category,), {**told, "got": {"error": f"{type(error).__name__}: {error}"}}
        )
    right = check(case, as_bfcl(decision, case.functions)) if case.gold else not decision.calls
    return Outcome(right, (case.category,), {**told, "got": got(decision)})


def as_bfcl(decision: Decision, functions: Sequence[Schema]) -> list[dict[str, Any]]:
    """Calls in BFCL's form, and numbers of the types that its checker compares."""
    parameters = {each["name"]: each["parameters"] for each in functions}
    return [{call.name: typed(dict(call.arguments), parameters[call.name])} for call in decision.calls]


def typed(value: Any, schema: Schema) -> Any:
    """The value with a float for every number that the schema calls one."""
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        return {name: typed(each, properties.get(name, {})) for name, each in value.items()}
    if isinstance(value, list):
        return [typed(each, schema.get("items", {})) for each in value]
    whole = isinstance(value, int) and not isinstance(value, bool)
    return float(value) if whole and schema.get("type") == "float" else value


def lines(part: Mapping[str, Any]) -> Iterator[str]:
    """The readable summary."""
    for name, each in part["categories"].items():
        yield f"  {name:<14} {text(each)}"


def _lines(path: Path) -> Iterator[Any]:
    yield from map(json.loads, path.read_text("utf-8").splitlines())


def _utterance(question: Sequence[Sequence[Mapping[str, str]]]) -> str:
    return " ".join(message["content"] for message in question[0] if message["role"] == "user")
