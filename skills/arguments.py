"""What an action needs, found in what was said. Nothing is invented.

Contacts, times and choices are resolved by code; words are copied. Which words: those that the action's
examples do not know as carriers, and where that leaves doubt, the model is asked.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Any, Literal, Protocol

from lamha.models.llm.spans import Candidates, Span
from lamha.skills import when
from lamha.skills.api import Action, Parameter
from lamha.skills.carrier import Carrier
from lamha.skills.contacts import Contacts
from lamha.skills.examples import Unit, units

DOUBT = 1.0
"""Where the best span is ahead of the next by less than this (log odds), the model is asked."""
TRUST = 2.0
"""The weight of the examples' odds against the model's; measured on commands that no example has."""

type Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Missing:
    """An argument that cannot be filled, and why; `options` are what it could be."""

    parameter: Parameter
    why: Literal["unsaid", "ambiguous", "past"]
    options: tuple[str, ...] = ()


class Copying(Protocol):
    """What is needed of the model: see `lamha.models.llm.model.Reading.copy`."""

    def copy(self, cue: str, candidates: Candidates) -> Span | None:
        """The candidate that best continues the cue."""
        ...


@dataclass(frozen=True)
class Utterance:
    """What was said, with what is needed to make arguments of it."""

    text: str
    language: str
    now: datetime
    contacts: Contacts


def fill(action: Action, said: Utterance, reading: Copying) -> dict[str, Any] | Missing:
    """The arguments of an action by name, or the first one that is missing."""
    values: dict[str, Any] = {}
    taken: list[Place] = []
    people: list[tuple[_Search, Place]] = []
    for parameter in sorted(action.parameters, key=lambda p: p.kind == "words"):
        search = _Search(action, parameter, said, reading, taken)
        found = _RESOLVE[parameter.kind](search)
        if isinstance(found, Missing):
            if parameter.required or found.why != "unsaid":
                return found
            continue
        values[parameter.name], places = found
        taken += places
        if parameter.kind == "contact":
            people.append((search, places[0]))
    wrong = (search.parameter for search, place in people if _somebody_else(search, place))
    return next((Missing(parameter, "unsaid") for parameter in wrong), values)


@dataclass(frozen=True)
class _Search:
    action: Action
    parameter: Parameter
    said: Utterance
    reading: Copying
    taken: list[Place]


type _Found = tuple[Any, tuple[Place, ...]] | Missing


def _contact(search: _Search) -> _Found:
    mentions = search.said.contacts.find(search.said.text)
    if not mentions:
        return Missing(search.parameter, "unsaid")
    first = min(mentions, key=lambda mention: mention.start)
    same = {m.contact.name: m for m in mentions if (m.start, m.end) == (first.start, first.end)}
    if len(same) > 1:
        return Missing(search.parameter, "ambiguous", tuple(sorted(same)))
    return first.contact, ((first.start, first.end),)


def _somebody_else(search: _Search, place: Place) -> bool:
    """Whether a name that nobody knows is meant: in "tell Bob that Sara is here" the message is Bob's."""
    left = [unit for unit in _free(search) if unit.end <= place[0]]
    runs = groupby(left, key=_carrier(search.action).carries)
    others = [(run[0].start, run[-1].end) for run in (list(run) for known, run in runs if not known)]
    meant = _meant(search, dict.fromkeys([place, *others], 0.0)) if others else place
    return meant not in (place, None)


def _meant(search: _Search, candidates: Candidates) -> Place | None:
    """The place that the model takes for the parameter."""
    span = search.reading.copy(f'The {search.parameter.description} is: "', candidates)
    return (span.start, span.end) if span else None


def _moment(search: _Search) -> _Found:
    moment = when.find(search.said.text, search.said.language, search.said.now)
    if moment is None:
        return Missing(search.parameter, "unsaid")
    if moment.past:
        return Missing(search.parameter, "past")
    return moment, ((moment.start, moment.end), *moment.more)


def _choice(search: _Search) -> _Found:
    text = search.said.text
    found = [
        (place, value)
        for value, names in search.parameter.choices.items()
        for name in names
        for place in _places(name, text)
    ]
    if not found:
        return Missing(search.parameter, "unsaid", tuple(search.parameter.choices))
    place, value = max(found)  # "say 'I am Chinese' in Arabic": the last one said is the one meant
    return value, (place,)


def _places(name: str, text: str) -> Iterator[Place]:
    before, after = (r"(?<![a-z0-9])", r"(?![a-z0-9])") if name.isascii() else ("", "")
    return (match.span() for match in re.finditer(before + re.escape(name) + after, text, re.IGNORECASE))


def _words(search: _Search) -> _Found:
    text = search.said.text
    free = _free(search)
    carrier = _carrier(search.action)
    odds = {place: carrier.score(free, *place) for place in _spans(free, search.taken)}
    ranked = sorted(odds, key=odds.__getitem__, reverse=True)
    if not ranked or odds[ranked[0]] <= carrier.score(free, 0, 0):
        return Missing(search.parameter, "unsaid")
    best = ranked[0]
    close = {place: TRUST * odds[place] for place in ranked if odds[best] - odds[place] < DOUBT}
    if len(close) > 1:
        best = _meant(search, close) or best
    return text[slice(*best)], (best,)


def _free(search: _Search) -> list[Unit]:
    """The words that no argument has taken."""
    taken = search.taken
    return [u for u in units(search.said.text) if not any(s < u.end and u.start < e for s, e in taken)]


def _carrier(action: Action) -> Carrier:
    """What the examples of an action teach; the names of its choices are found by code and teach nothing."""
    names = (name for p in action.parameters for value in p.choices.values() for name in value)
    return _learn(action.examples, frozenset(unit.text for name in names for unit in units(name)))


_learn = cache(Carrier)  # from the same examples in every turn


def _spans(free: list[Unit], taken: list[Place]) -> Iterator[Place]:
    """All runs of free words that do not reach across a taken place."""
    for index, first in enumerate(free):
        for last in free[index:]:
            if any(first.start < start and end <= last.end for start, end in taken):
                break
            yield first.start, last.end


_RESOLVE: dict[str, Callable[[_Search], _Found]] = {
    "contact": _contact,
    "moment": _moment,
    "choice": _choice,
    "words": _words,
}
