"""The part `own`: utterances in three languages with tools made for them, of every kind that can go wrong."""

import argparse
import importlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from lamha.benchmarks.routing_cases import (
    NOW,
    Decides,
    Outcome,
    even,
    got,
    misses,
    opened,
    share,
    shares,
)
from lamha.skills.contacts import Contacts, Known
from lamha.skills.decider import Call, Decider, Decision
from lamha.skills.tools import tools

CASES = Path(__file__).with_name("cases")
FOLLOW_UP = "follow-up"
_DIALOGUE = "lamha.skills.dialogue"

type Case = Mapping[str, Any]
type Talks = Callable[[Any], Decides]
"""Makes what keeps state between the turns of one conversation."""


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Decide all cases of one half."""
    path = CASES / f"routing-{options.half}.json"
    if not path.is_file():
        return {"absent": f"there are no cases at {path}"}
    sets = json.loads(path.read_text("utf-8"))["sets"]
    cases = even(
        [(number, case) for number, each in enumerate(sets) for case in each["cases"]], options.sample
    )
    talks = dialogue()
    known = [(number, case) for number, case in cases if talks or case["kind"] != FOLLOW_UP]
    with opened(options) as model:
        deciders = [
            Decider(model, tools(each["tools"]), Contacts(Known(each.get("contacts", ())))) for each in sets
        ]
        outcomes = [outcome(case, deciders[number], talks) for number, case in known]
    return {"half": options.half, **report(outcomes), "left_out": len(cases) - len(known)}


def dialogue() -> Talks | None:
    """What keeps state between turns, where it is there."""
    try:
        talks: Talks = importlib.import_module(_DIALOGUE).Dialogue
    except ModuleNotFoundError as error:
        if error.name != _DIALOGUE:
            raise
        return None
    return talks


def outcome(case: Case, decider: Decides, talks: Talks | None = None) -> Outcome:
    """Decide one case. What fails is a miss, and told."""
    groups = tuple(_groups(case))
    told = {"utterance": case["say"], "kind": case["kind"], "language": case["lang"], "wanted": wanted(case)}
    if case.get("before"):
        told["before"] = case["before"]
    try:
        decision = _decided(case, decider, talks)
    except Exception as error:  # noqa: BLE001 - one case that fails must not end the others
        return Outcome(False, groups, {**told, "got": {"error": f"{type(error).__name__}: {error}"}})
    if case["critical"]:
        groups += ("acted" if decision.calls else "did nothing",)
    return Outcome(right(case, decision), groups, {**told, "got": got(decision)})


def right(case: Case, decision: Decision) -> bool:
    """The very calls; where there must be none, the question or the refusal that the case asks for."""
    if case["calls"]:
        return same(decision.calls, case["calls"])
    asked = case["ask"] is not None and decision.gap is not None and decision.gap.name == case["ask"]
    return not decision.calls and (asked or (case["refused"] and bool(decision.refused)))


def same(calls: Sequence[Call], gold: Sequence[Case]) -> bool:
    """Whether these are the calls that are wanted, in order."""
    return len(calls) == len(gold) and all(
        call.name == each["name"] and fits(dict(call.arguments), each["arguments"])
        for call, each in zip(calls, gold, strict=True)
    )


def fits(value: Any, gold: Any) -> bool:
    """Whether a value is what is wanted; case and outer spaces of texts do not count.

    `{"any": […]}` is wanted where several values are right.
    """
    if isinstance(gold, dict):
        return _fits_object(value, gold)
    if isinstance(gold, list):
        return isinstance(value, list) and len(value) == len(gold) and all(map(fits, value, gold))
    if isinstance(gold, str):
        return isinstance(value, str) and value.strip().lower() == gold.strip().lower()
    return bool(value == gold) and isinstance(value, bool) == isinstance(gold, bool)


def _fits_object(value: Any, gold: Mapping[str, Any]) -> bool:
    if set(gold) == {"any"}:
        return any(fits(value, each) for each in gold["any"])
    same_names = isinstance(value, dict) and value.keys() == gold.keys()
    return same_names and all(fits(value[name], gold[name]) for name in gold)


def wanted(case: Case) -> dict[str, Any]:
    """What a case asks for, in a list of misses."""
    return {"calls": case["calls"], "ask": case["ask"], "refused": case["refused"]}


def report(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Shares by kind and by language, and the critical cases in which something was done."""
    by_group = shares(outcomes)
    critical = [each for each in outcomes if "critical" in each.groups]
    return {
        "all": share(outcomes),
        "kinds": _named("kind", by_group),
        "languages": _named("language", by_group),
        "critical_wrong": {"wrong": sum("acted" in each.groups for each in critical), "of": len(critical)},
        "misses": misses(outcomes),
    }


def lines(part: Mapping[str, Any]) -> Iterator[str]:
    """The readable summary."""
    yield f"{part['half']}: {text(part['all'])}"
    for name in ("kinds", "languages"):
        yield from (f"  {group:<12} {text(each)}" for group, each in part[name].items())
    critical = part["critical_wrong"]
    yield f"  critical cases with an action: {critical['wrong']} of {critical['of']}"
    if part["left_out"]:
        yield f"  left out, for there is no {_DIALOGUE}: {part['left_out']}"


def text(each: Mapping[str, float]) -> str:
    """A share as it is printed."""
    return f"{each['right']:>4} of {each['of']:<4} {each['accuracy']:.3f}"


def _decided(case: Case, decider: Decides, talks: Talks | None) -> Decision:
    now = datetime.fromisoformat(case["now"]) if "now" in case else NOW
    asked = talks(decider) if talks and case.get("before") else decider
    for before in case.get("before", ()):
        asked.decide(before, now)
    return asked.decide(case["say"], now)


def _groups(case: Case) -> Iterator[str]:
    yield f"kind {case['kind']}"
    yield f"language {case['lang']}"
    if case["critical"]:
        yield "critical"


def _named(prefix: str, by_group: Mapping[str, Any]) -> dict[str, Any]:
    start = f"{prefix} "
    return {name.removeprefix(start): each for name, each in by_group.items() if name.startswith(start)}
