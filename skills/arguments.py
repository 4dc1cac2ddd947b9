"""What an action needs, found in what was said. Nothing is invented.

Contacts, times and choices are resolved by code; words are copied. Which words: those that the action's
examples do not know as carriers, and where that leaves doubt, the model is asked.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby
from types import MappingProxyType
from typing import Any, Literal, Protocol

from lamha.models.llm.spans import Candidates, Span
from lamha.skills import when
from lamha.skills.api import Action, Contact, Parameter
from lamha.skills.carrier import Carrier
from lamha.skills.contacts import Contacts, Mention
from lamha.skills.examples import Unit, parse, units

DOUBT = 1.0
"""Where the best span is ahead of the next by less than this (log odds), the model is asked."""
TRUST = 2.0
"""The weight of the examples' odds against the model's; measured on commands that no example has."""

type Place = tuple[int, int]
type Found = tuple[Any, tuple[Place, ...]]
"""A value, and the places that say it."""


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


def fill(
    action: Action, said: Utterance, reading: Copying, given: Mapping[str, Any] = MappingProxyType({})
) -> dict[str, Any] | Missing:
    """The arguments of an action by name, or the first one that is missing.

    Those that are `given`, by an answer to a question, are not looked for.
    """
    values: dict[str, Any] = {}
    taken: list[Place] = []
    people: list[tuple[_Search, Place]] = []
    for parameter in sorted(action.parameters, key=lambda p: p.kind == "words"):
        search = _Search(action, parameter, said, reading, taken)
        if parameter.name in given:
            values[parameter.name] = given[parameter.name]
            taken += _settled(search, given[parameter.name])
            continue
        found = _words(search) if parameter.kind == "words" else resolve(parameter, said)
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


def resolve(parameter: Parameter, said: Utterance) -> Found | Missing:
    """A contact, a time or one of several choices that is said, and where."""
    return _RESOLVE[parameter.kind](parameter, said)


@dataclass(frozen=True)
class _Search:
    action: Action
    parameter: Parameter
    said: Utterance
    reading: Copying
    taken: list[Place]


def _settled(search: _Search, value: Any) -> tuple[Place, ...]:
    """Where words stand that a given value says better: a name of two people or of nobody, a past time."""
    said, kind = search.said, search.parameter.kind
    if kind == "moment" and (moment := when.find(said.text, said.language, said.now)):
        return (moment.start, moment.end), *moment.more
    if kind == "contact":
        same = _first_named(said)
        return _place(same[value]) if len(same) > 1 and value in same else _of_nobody(search)
    return ()


def _of_nobody(search: _Search) -> tuple[Place, ...]:
    """An unknown name: a word of no example, behind a verb behind which no example has its text."""
    verb, *others = units(search.said.text)[:3]
    marked = [parse(example) for example in search.action.examples]
    alike = [each for each in marked if each.spans and each.text.lower().startswith(f"{verb.text} ")]
    behind = [units(each.text[: each.spans[0][0]])[1:] for each in alike]
    known = {unit.text for each in marked for unit in units(each.text)}
    if len(others) < 2 or not behind or not all(behind) or others[0].text in known:
        return ()
    return ((others[0].start, others[0].end),)


def _contact(parameter: Parameter, said: Utterance) -> Found | Missing:
    same = _first_named(said)
    if not same:
        return Missing(parameter, "unsaid")
    if len(same) > 1:
        return Missing(parameter, "ambiguous", tuple(sorted(contact.name for contact in same)))
    contact, mention = next(iter(same.items()))
    return contact, _place(mention)


def _first_named(said: Utterance) -> dict[Contact, Mention]:
    """Who may be meant where somebody is named first; of several with one name the first."""
    mentions = said.contacts.find(said.text)
    first = min(mentions, key=lambda mention: mention.start, default=None)
    same = [m for m in mentions if first and (m.start, m.end) == (first.start, first.end)]
    here = {mention.contact.name: mention for mention in reversed(same)}
    return {mention.contact: mention for mention in here.values()}


def _place(mention: Mention) -> tuple[Place, ...]:
    return ((mention.start, mention.end),)


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


def _moment(parameter: Parameter, said: Utterance) -> Found | Missing:
    moment = when.find(said.text, said.language, said.now)
    if moment is None:
        return Missing(parameter, "unsaid")
    if moment.past:
        return Missing(parameter, "past")
    return moment, ((moment.start, moment.end), *moment.more)


def _choice(parameter: Parameter, said: Utterance) -> Found | Missing:
    found = [
        (place, value)
        for value, names in parameter.choices.items()
        for name in names
        for place in _places(name, said.text)
    ]
    if not found:
        return Missing(parameter, "unsaid", tuple(parameter.choices))
    place, value = max(found)  # "say 'I am Chinese' in Arabic": the last one said is the one meant
    return value, (place,)


def _places(name: str, text: str) -> Iterator[Place]:
    before, after = (r"(?<![a-z0-9])", r"(?![a-z0-9])") if name.isascii() else ("", "")
    return (match.span() for match in re.finditer(before + re.escape(name) + after, text, re.IGNORECASE))


def _words(search: _Search) -> Found | Missing:
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


_RESOLVE: dict[str, Callable[[Parameter, Utterance], Found | Missing]] = {
    "contact": _contact,
    "moment": _moment,
    "choice": _choice,
}
