"""What words alone mean: one action with its arguments, several of them, or why nothing is to be done."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

from lamha.device.acting import Readings
from lamha.skills import timepieces
from lamha.skills.api import Action
from lamha.skills.arguments import Missing, Utterance, fill
from lamha.skills.conversation import Call
from lamha.skills.examples import plain, units
from lamha.skills.language import detect
from lamha.skills.moods import OPENING, Mood, heard, mood, pattern, visible
from lamha.skills.router import Router
from lamha.skills.splitting import parts
from lamha.skills.stopping import stopped

SURE = 0.6
"""Above this a part of a sentence may be a request of its own."""
_POLITE = pattern(
    r"""(?: (?:please|can_you|could_you|would_you|will_you|also|then|من_فضلك|لو_سمحت|ممكن|كمان)_
    | (?:请|麻烦|帮我|再|也|你)_? )*"""
)
_IMPERATIVE = pattern(
    r"@en.start\b | @ar.start (?:ي|وا|لي|ني|نا|ها|ه|هم|لها|له|لهم|لنا|ل\w{2,})? (?!\w) | @zh.start"
)


@dataclass(frozen=True, slots=True)
class Understood:
    """The action that is meant, or None; how sure; its arguments; the mood of words that ask for nothing."""

    action: str | None
    confidence: float
    arguments: Mapping[str, Any] | Missing
    stopped: Mood | None

    @property
    def sure(self) -> bool:
        """Whether it may be run without a look at anything else."""
        whole = self.action is not None and not isinstance(self.arguments, Missing)
        return whole and self.stopped is None and self.confidence > SURE


class Understanding:
    """Routes words, and fills what they ask for."""

    def __init__(self, router: Router, actions: Mapping[str, Action]) -> None:
        self._router = router
        self._actions = actions

    def one(self, said: Utterance, readings: Readings) -> Understood:
        """The one action that is meant; costs a look of the model."""
        reading = readings.of(said.text)
        decision = self._router.decide(reading)
        action = self._actions[decision.action] if decision.action else None
        arguments = fill(action, replace(said, text=reading.words), reading) if action else {}
        why = stopped(action, reading.words, arguments)
        return Understood(decision.action, decision.confidence, arguments, why)

    def several(self, said: Utterance, readings: Readings) -> tuple[tuple[Call, ...], float]:
        """Two requests or three in one sentence, each surely one of its own, and how sure; else none.

        No model looks at parts that begin with no word an example begins with.
        """
        ways = parts(said.text) if mood(said.text) == "request" else []
        shown = visible(said.text) if ways else ""
        for way in ways:
            if all(part in shown for part in way) and all(map(self._is_known, way[1:])):
                found = self._sure(way, said, readings)
                if found and self._are_apart(found[0]):
                    return found
        return (), 0.0

    def is_request(self, said: Utterance, readings: Readings, imperative: bool) -> bool:
        """Whether words are surely a request of their own; `imperative` for one that begins with its verb."""
        if imperative and not _IMPERATIVE.match(_bare(said.text)):
            return False
        return self.one(said, readings).sure

    def _sure(
        self, way: tuple[str, ...], said: Utterance, readings: Readings
    ) -> tuple[tuple[Call, ...], float] | None:
        calls, confidence = [], 1.0
        for part in way:
            language = detect(part, said.language)
            found = self.one(replace(said, text=part, language=language), readings)
            if not found.sure or found.action is None or isinstance(found.arguments, Missing):
                return None
            calls.append(Call(found.action, found.arguments, part, language))
            confidence = min(confidence, found.confidence)
        return tuple(calls), confidence

    def _are_apart(self, calls: tuple[Call, ...]) -> bool:
        """Whether each part begins as its own action does, and does not go on with a text before it."""
        return all(self._follows(one, other) for one, other in pairwise(calls))

    def _follows(self, one: Call, other: Call) -> bool:
        verb = _verb(other.utterance)
        if verb not in _verbs(self._actions[other.action].examples):
            return False
        if one.action == other.action and verb != _verb(one.utterance):
            return False
        cargo = any(isinstance(value, str) for value in one.arguments.values())
        return bool(_IMPERATIVE.match(_bare(other.utterance))) or not cargo

    def _is_known(self, part: str) -> bool:
        return any(_verb(part) in _verbs(action.examples) for action in self._actions.values())


@cache
def _verbs(examples: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_verb(plain(example)) for example in examples) - {""}


def _verb(text: str) -> str:
    """The first word, or Chinese character, of what a text asks for."""
    return next((unit.text for unit in units(_bare(text))), "")


@lru_cache(maxsize=1024)
def _bare(text: str) -> str:
    """A text as it is compared, from its verb on: without a greeting, a "please" or a time before it."""
    before, left = "", heard(text)
    while left != before:
        before, left = left, _without(_POLITE, _without(OPENING, left))
        if not _IMPERATIVE.match(left):
            left = _without_time(left)
    return left


def _without(form: re.Pattern[str], text: str) -> str:
    match = form.match(text)
    rest = text[match.end() :] if match else text
    return rest or text


def _without_time(text: str) -> str:
    said = timepieces.find(text, detect(text))
    start, end = said.spans[0] if said else (0, 0)
    return text[end:].lstrip(" ,،") or text if end and start == 0 else text
