"""What is asked of the model's state while it learns: from tool sets to tokens and answers.

Every utterance is read behind the signature of its own tool and of others: does the tool fit the words?
Behind its own, parameters that code cannot fill follow as cues: was something said for this one, and where?
And values of choices: is this the one that is meant?
"""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from lamha.models.llm.glance import token_places
from lamha.models.llm.model import LanguageModel
from lamha.skills.contacts import Contacts, Known
from lamha.skills.decider import SYSTEM
from lamha.skills.filling import Slot
from lamha.skills.learnt import about, named_and_about
from lamha.skills.tools import Tool, signature, tools
from lamha.skills.values import Open, Place, Said, evidence

type Kind = Literal["fits", "slots", "values"]

TOOLSETS = Path(__file__).parents[1] / "toolsets"
NOW = datetime(2026, 3, 10, 10, tzinfo=UTC)
WRONG = 5
"""Values of a choice besides the right one that are asked about."""
_LONGEST = 96  # tokens of an utterance that a glance reads


@dataclass(frozen=True, slots=True)
class Question:
    """Tokens with which an answer might begin, and whether it is right."""

    kind: Kind
    slot: str
    tokens: tuple[int, ...]
    told: tuple[float, ...]
    """What the probe is told besides the state."""
    yes: bool
    spans: tuple[tuple[int, int], ...] = ()
    """Where in the words it was said: the first and the last token; any of these is right."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """Words; and what is asked behind them of the tool that they mean, as its signature is shown."""

    text: str
    language: str
    kind: str
    tokens: tuple[int, ...]
    asked: Mapping[str, tuple[tuple[Question, ...], ...]]
    """By the name of the tool; one set of questions for each of its signatures."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A tool set as tokens."""

    name: str
    beginnings: Mapping[str, tuple[tuple[int, ...], ...]]
    """Of each tool: its signature as it is, and with everything required, else a probe reads only that."""
    utterances: tuple[Utterance, ...]


def lessons(model: LanguageModel, draw: random.Random) -> Iterator[Lesson]:
    """All tool sets, as the model reads them."""
    for path in sorted(TOOLSETS.glob("*.json")):
        yield _lesson(model, path.stem, json.loads(path.read_text("utf-8")), draw)


def _lesson(model: LanguageModel, name: str, toolset: Mapping[str, Any], draw: random.Random) -> Lesson:
    shown = {tool.name: _shown(tool) for tool in tools(toolset["tools"])}
    beginnings = {
        tool: tuple(model.tokens_before(SYSTEM + signature(each)) for each in versions)
        for tool, versions in shown.items()
    }
    utterances = tuple(_utterance(model, case, shown, draw) for case in toolset["cases"])
    return Lesson(name, beginnings, utterances)


def _shown(tool: Tool) -> tuple[Tool, Tool]:
    everything = {**tool.parameters, "required": tuple(tool.properties)}
    return tool, replace(tool, parameters=everything)


def _utterance(
    model: LanguageModel, case: Mapping[str, Any], shown: Mapping[str, Sequence[Tool]], draw: random.Random
) -> Utterance:
    asked = {
        name: tuple(tuple(_questions(model, tool, case, given, gap, draw)) for tool in shown[name])
        for name, given, gap in _meant(case)
    }
    tokens = (*model.engine.tokenize(case["say"])[:_LONGEST], *model.tokens_after)
    return Utterance(case["say"], case["lang"], case["kind"], tokens, asked)


def _meant(case: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], str | None]]:
    """The tool that is meant, what is said for it, and the parameter for which a wrong value is said."""
    for call in case["calls"]:
        yield call["name"], call["arguments"], None
    if "tool" in case:
        yield case["tool"], case.get("arguments", {}), case["gap"] if case["kind"] == "invalid" else None


def _questions(
    model: LanguageModel,
    tool: Tool,
    case: Mapping[str, Any],
    given: Mapping[str, Any],
    wrong: str | None,
    draw: random.Random,
) -> Iterator[Question]:
    parts = evidence(tool, Said(case["say"], case["lang"], NOW, Contacts(Known(()))))
    for name, part in parts.items():
        if isinstance(part, Open):
            slot = Slot(tool, name, part)
            cue = tuple(model.engine.tokenize(slot.cue))
            spans = _spans(model, slot, given, case["say"])
            yield Question(
                "slots", name, cue, tuple(named_and_about(slot)), name in given or name == wrong, spans
            )
            for value in _candidates(slot, given, draw):
                tokens = tuple(model.engine.tokenize(slot.giving(value)))
                right = name in given and _same(value, given[name])
                yield Question("values", name, tokens, tuple(about(slot)), right)


def _candidates(slot: Slot, given: Mapping[str, Any], draw: random.Random) -> list[Any]:
    """What a slot might be filled with: the right value, and some of those that are wrong."""
    right = [_one(given[slot.name])] if slot.name in given else []
    wrong = [value for value in slot.values if not (right and _same(value, given[slot.name]))]
    return (right if slot.values else []) + draw.sample(wrong, min(WRONG, len(wrong)))


def _spans(
    model: LanguageModel, slot: Slot, given: Mapping[str, Any], text: str
) -> tuple[tuple[int, int], ...]:
    """Where the words hold what is given for a slot that is copied, or is a number: any is right."""
    if slot.name not in given or slot.chosen:
        return ()
    places = [place for value in _any(given[slot.name]) for place in _said(value, slot, text)]
    tokens = list(enumerate(token_places(model.engine, text)[:_LONGEST]))
    found = []
    for start, end in places:
        inside = [index for index, (first, last) in tokens if first < end and start < last]
        if inside:
            found.append((inside[0], inside[-1]))
    return tuple(dict.fromkeys(found))


def _said(value: Any, slot: Slot, text: str) -> list[Place]:
    if slot.open.numbers:
        return [slot.open.places[value]] if value in slot.open.places else []
    if isinstance(value, str):
        return [match.span() for match in re.finditer(re.escape(value), text, re.IGNORECASE) if value]
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        places = [_said(item, slot, text) for item in value]
        if all(places):
            return [(min(each[0][0] for each in places), max(each[0][1] for each in places))]
    return []


def _any(value: Any) -> list[Any]:
    return list(value["any"]) if isinstance(value, dict) and set(value) == {"any"} else [value]


def _one(value: Any) -> Any:
    return value["any"][0] if isinstance(value, dict) and set(value) == {"any"} else value


def _same(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict) and set(wanted) == {"any"}:
        return any(_same(value, each) for each in wanted["any"])
    if isinstance(value, str) and isinstance(wanted, str):
        return value.lower() == wanted.lower()
    return type(value) is type(wanted) and bool(value == wanted)
