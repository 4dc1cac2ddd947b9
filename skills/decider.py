"""From an utterance to calls of tools, a question back, or a refusal; for tools that were never seen before.

The mood of the words comes first: what is forbidden, reported or only asked about does nothing. Then every
tool's signature is weighed against the words in one glance of the model, the best is filled with what was
said, and what stays doubtful is asked or refused.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from lamha.models.errors import AdapterBroken, ModelBroken
from lamha.models.llm.api import Glance, Model, Reading
from lamha.models.llm.budget import Budget, Spent
from lamha.skills import replies
from lamha.skills.contacts import Contacts
from lamha.skills.filling import LIKELY, Filled, Gap, fill, weigh
from lamha.skills.language import detect
from lamha.skills.learnt import REFERENCE, Learnt, chance, learnt
from lamha.skills.moods import mood, visible
from lamha.skills.nearest import nearest
from lamha.skills.splitting import halves, parts
from lamha.skills.taught import Taught
from lamha.skills.tools import Tool, signature
from lamha.skills.values import Evidence, Said, evidence

SYSTEM = (
    "You call functions. Copy the values from what the user says; leave out what the user does not say.\n\n"
)
SURE = 0.3
"""So likely a tool is meant to be called, or asked for what it lacks."""
STANDS_OUT, TIMES = 0.1, 5.0
"""So likely, and so many times likelier than any other, is enough, too.

Of 203 requests to tool sets that were never learnt from, 194 reach their tool with it and 188 without; of 52
that no tool does 46 are refused, not 47.
"""
PART = 0.5
"""A part of an utterance that is less likely a request is none of its own."""
WEIGHED = 5000
"""Characters of the signatures that are weighed; of more tools, those that share most words."""
_WRITING = Budget(prompt=160, new=64)


@dataclass(frozen=True, slots=True)
class Call:
    """A tool and its arguments: JSON values by name."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done: calls in order, or a question, or why nothing is."""

    calls: tuple[Call, ...] = ()
    ask: str | None = None
    refused: str | None = None
    confidence: float = 1.0
    tool: str | None = None
    """The tool that is meant, also where something is missing."""
    gap: Gap | None = None
    """What is missing."""
    odds: Mapping[str, float] = field(default_factory=dict)
    """How likely each tool that was weighed is meant."""

    @property
    def chance(self) -> float:
        """How likely the tool is meant, whatever its arguments."""
        return self.odds.get(self.tool or "", 0.0)

    def as_json(self) -> dict[str, Any]:
        """One object, as `lamha route` prints it."""
        calls = [{"name": call.name, "arguments": dict(call.arguments)} for call in self.calls]
        return {
            "calls": calls,
            "ask": self.ask,
            "refused": self.refused,
            "confidence": round(self.confidence, 4),
        }


class Decider:
    """Decides for one list of tools. One caller at a time."""

    def __init__(
        self, model: Model, tools: Iterable[Tool], contacts: Contacts, what: Learnt | None = None
    ) -> None:
        self.tools = {tool.name: tool for tool in tools}
        self.spent = Spent()
        """What all decisions so far have cost."""
        self._model, self.contacts = model, contacts
        self._learnt = what or learnt()
        self._taught = Taught(model, self.tools, self._learnt.adapter)
        self._checked = False
        signatures = {name: signature(tool) for name, tool in self.tools.items()}
        self._sizes = {name: len(each) for name, each in signatures.items()}
        self._systems = {name: SYSTEM + each for name, each in signatures.items()}

    def decide(self, utterance: str, now: datetime, language: str = "") -> Decision:
        """What the words ask for at the time `now`."""
        text = visible("".join(c if c.isprintable() else " " for c in utterance))
        language = language or detect(text)
        if not any(map(str.isalnum, text)) or not self.tools:
            return Decision(refused=replies.refuse("nothing" if self.tools else "none", language))
        if (kind := mood(text)) != "request":
            return Decision(refused=replies.refuse(kind, language))
        said = Said(text, language, now, self.contacts)
        return self._several(said) or self._one(said)

    def fill(self, name: str, said: Said, answers: Mapping[str, str] | None = None) -> Decision:
        """The call of one tool, whatever else the words might mean.

        `answers` are words that were said for a parameter alone: its value, where code finds no other.
        """
        decision = self._one(said, (name,))
        if not decision.gap or decision.gap.name not in (answers or {}):
            return decision
        answer = {decision.gap.name: (answers or {})[decision.gap.name]}
        return self._one(said, (name,), answer)

    def chosen(self, name: str, said: Said) -> dict[str, Evidence]:
        """The one choice of a tool that words speak for most clearly, whatever else they might mean."""
        self._check()
        with self._model.glance(said.text, [self._systems[name]], self._learnt.adapter) as glance:
            tool = self.tools[name]
            weighed = weigh(tool, evidence(tool, said), glance, 0, self._learnt)
            self.spent.add(glance.spent)
        likely = {n: each for n, each in weighed.items() if each.said >= LIKELY and each.clear}
        clearest = max(likely, key=lambda n: likely[n].said * likely[n].share, default="")
        return {clearest: likely[clearest].likeliest()} if clearest else {}

    def _several(self, said: Said) -> Decision | None:
        """Two requests or three in one sentence, where every part is surely one of its own.

        Where no verb is foreseen every "and" may join two requests, of different tools.
        """
        alone = cache(lambda part: self._one(replace(said, text=part)))
        foreseen = parts(said.text)
        for cut in (*foreseen, *halves(said.text)):
            decisions = _each(cut, alone)
            if not decisions or _repeats(cut, decisions):
                continue
            calls = tuple(call for decision in decisions for call in decision.calls)
            if cut in foreseen or len({call.name for call in calls}) == len(calls):
                confidence = float(np.prod([decision.confidence for decision in decisions]))
                return Decision(calls, confidence=confidence, tool=calls[0].name)
        return None

    def _one(
        self, said: Said, among: Sequence[str] = (), answers: Mapping[str, str] | None = None
    ) -> Decision:
        self._check()
        names = list(among or nearest(self.tools, said.text, WEIGHED, self._sizes))
        systems = [self._systems[name] for name in names]
        with self._model.glance(said.text, systems, self._learnt.adapter) as glance:
            odds = self._odds(names, glance, {} if among else self._taught.against(said.text))
            best = max(odds, key=odds.__getitem__)
            if not among and not _meant(odds):
                self.spent.add(glance.spent)
                refusal = replies.refuse("none", said.language)
                return Decision(refused=refusal, confidence=1 - odds[best], odds=odds)
            filled = self._fill(best, said, glance, names.index(best), answers or {})
            self.spent.add(glance.spent)
        return _decided(best, odds, filled, said.language)

    def _check(self) -> None:
        """What was learnt holds for one model and its copies; another's state would mean anything."""
        if self._checked:
            return
        system, words = REFERENCE
        unknown = ModelBroken(
            "this model has not learnt to tell tools apart",
            "use the default one, or teach it with `python -m lamha.benchmarks.lessons --model NAME`",
        )
        try:
            with self._model.glance(words, [system], self._learnt.adapter) as glance:
                self.spent.add(glance.spent)
                if not self._learnt.knows(glance.states[0]):
                    raise unknown
        except AdapterBroken as error:  # of another shape
            raise unknown from error
        self._checked = True

    def _odds(self, names: Sequence[str], glance: Glance, against: Mapping[str, float]) -> dict[str, float]:
        fits = self._learnt.fits.odds(glance.states)
        return {n: chance(float(each) + against.get(n, 0.0)) for n, each in zip(names, fits, strict=True)}

    def _fill(self, name: str, said: Said, glance: Glance, index: int, answers: Mapping[str, str]) -> Filled:
        with ExitStack() as stack:
            read = self._read(name, said, stack)
            return fill(self.tools[name], said, glance, index, self._learnt, read, answers)

    def _read(self, name: str, said: Said, stack: ExitStack) -> Callable[[], Reading]:
        def read() -> Reading:
            reading = stack.enter_context(self._model.read(said.text, self._systems[name], _WRITING))
            stack.callback(lambda: self.spent.add(reading.spent))
            return reading

        return read


def _each(cut: Sequence[str], alone: Callable[[str], Decision]) -> list[Decision]:
    """What every part of an utterance asks for, or nothing where one surely asks for nothing."""
    decisions: list[Decision] = []
    for part in reversed(cut):  # what only goes on with the first part is found out at once
        decisions.insert(0, alone(part))
        if not decisions[0].calls or decisions[0].chance < PART:
            return []
    return decisions


def _repeats(cut: Sequence[str], decisions: Sequence[Decision]) -> bool:
    """Whether one part says again, or less of, what another says: one request in two breaths."""
    calls = [decision.calls[0] for decision in decisions]
    if any(a.name == b.name for a, b in pairwise(calls)) and not _verb_again(cut):
        return True
    pairs = [(a, b) for a in calls for b in calls if a is not b and a.name == b.name]
    return any(a.arguments.items() <= b.arguments.items() for a, b in pairs if _flat(a) and _flat(b))


def _verb_again(cut: Sequence[str]) -> bool:
    """Whether each part begins with the same word: what is asked twice of one tool is said twice."""
    firsts = {part[:2] if detect(part) == "zh" else part.split()[0].lower().lstrip("و") for part in cut}
    return len(firsts) == 1


def _flat(call: Call) -> bool:
    return all(isinstance(value, str | int | float) for value in call.arguments.values())


def _meant(odds: Mapping[str, float]) -> bool:
    """Whether the likeliest tool is meant: likely, or at least much likelier than any other."""
    best, *others = sorted(odds.values(), reverse=True)
    return best >= SURE or (bool(others) and best >= max(STANDS_OUT, TIMES * others[0]))


def _decided(name: str, odds: Mapping[str, float], filled: Filled, language: str) -> Decision:
    confidence = odds[name] * filled.confidence
    if filled.gap:
        question = replies.ask(filled.gap, language)
        return Decision(ask=question, confidence=confidence, tool=name, gap=filled.gap, odds=odds)
    return Decision((Call(name, filled.arguments),), confidence=confidence, tool=name, odds=odds)
