"""The arguments of a call: what code is sure of, and for the rest what the model finds in the words.

Whether anything was said for a parameter, a probe tells from the model's state (`Judge`); another one which
value of a choice is meant, and a pointer where the words stand that are copied, or the number. Only lists of
choices and objects are written, within a grammar: nothing that was not said can come out.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lamha.models.llm.api import Form, Glance, Reading
from lamha.skills.pointing import Pointing, given_out, items, pieces_at, without
from lamha.skills.tools import Schema, Tool
from lamha.skills.values import Absent, Evidence, Open, Place, Said, Sure, Why, evidence, stems

type State = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Slot:
    """A parameter that code alone cannot fill."""

    tool: Tool
    name: str
    open: Open

    @property
    def required(self) -> bool:
        """Whether a call cannot do without it."""
        return self.name in self.tool.required

    @property
    def schema(self) -> Schema:
        """The parameter's own."""
        return self.tool.properties[self.name]

    @property
    def cue(self) -> str:
        """How an answer begins that gives its value."""
        return f'{{"{self.name}":'

    @property
    def chosen(self) -> bool:
        """Whether its value is one of a few, and not a number that was said."""
        return bool(self.values) and not self.open.numbers

    @property
    def pointed(self) -> bool:
        """Whether its value stands in the words: text that is copied, a list of such, or a number."""
        return self.open.numbers or bool(self.copied)

    @property
    def copied(self) -> Sequence[str]:
        """The pieces of the utterance that it can be copied from."""
        schema = self.open.schema
        return tuple(schema.get("items", schema).get("x-copy", ()))

    @property
    def values(self) -> Sequence[Any]:
        """What it could be, where that is known: each is weighed."""
        if self.schema["type"] == "boolean":
            return (True, False)
        return tuple(self.open.schema.get("enum", ()))

    @property
    def cues(self) -> list[str]:
        """Answers that give each of the values."""
        return [self.giving(value) for value in self.values] if self.chosen else []

    def giving(self, value: Any) -> str:
        """An answer that gives a value."""
        return f'{{"{self.name}": {json.dumps(value, ensure_ascii=False)}}}'


class Judge(Protocol):
    """What the model's states tell of slots and values: how likely it is (0…1) …"""

    def said(self, state: State, slot: Slot) -> float:
        """… that something was said for a slot, from the state after its `cue`."""
        ...

    def right(self, states: State, slot: Slot) -> Sequence[float]:
        """… that each value is meant, from the states after the slot's `cues`."""
        ...

    def where(self, state: State, along: State) -> State:
        """… that the words for a slot begin, and end, with each token: logarithms, of shape (2, tokens)."""
        ...


@dataclass(frozen=True, slots=True)
class Gap:
    """A required argument that is not there, and why; `options` are what it could be."""

    name: str
    why: Why
    options: tuple[str, ...] = ()


LIKELY = 0.5
POSSIBLE = 0.2
"""Enough for what is required, where code has seen something that fits."""
HARDLY = 0.35
"""And where it has not."""
DOUBTFUL = 0.35
"""One of several values that is less likely than this is not what was meant."""
FAINT, MOST = 0.08, 0.4
"""So likely a value, and its share of all values, to be taken where only a value was said."""
HEARD = 0.8
"""So likely said, an optional value that is none of those it could be is asked about, and not passed over."""
UNFOUND, UNSURE = 0.005, 0.1
"""Words that are less likely the ones for a parameter are not copied; and for one that is optional."""


@dataclass(frozen=True, slots=True)
class Filled:
    """The arguments of a call in the order of its schema; how sure; and what is missing."""

    arguments: Mapping[str, Any] = field(default_factory=dict)
    confidence: float = 1.0
    gap: Gap | None = None


def fill(
    tool: Tool,
    said: Said,
    glance: Glance,
    index: int,
    judge: Judge,
    read: Callable[[], Reading],
    answers: Mapping[str, str],
) -> Filled:
    """The arguments for a tool, whose signature is the beginning `index` of the glance.

    `read` reads the words behind that signature for an answer; it is called where the model must write.
    `answers` are words that were said for one parameter alone.
    """
    known = evidence(tool, said)
    known |= {n: Sure(text) for n, text in answers.items() if _verbatim(tool.properties[n], text, known[n])}
    for name in tool.required:
        part = known[name]
        if isinstance(part, Absent):
            return Filled(gap=Gap(name, part.why, part.options))
    weighed = weigh(tool, known, glance, index, judge)
    confidence = float(np.prod([each.certainty for each in weighed.values()]))
    known |= settle(weighed)
    known |= _pointed({n: weighed[n] for n in weighed if isinstance(known[n], Open)}, known, said.text)
    for name, part in known.items():
        if isinstance(part, Absent) and (name in tool.required or part.why in ("unknown", "impossible")):
            return Filled(confidence=confidence, gap=Gap(name, part.why, part.options))
    return Filled(_values(known, read), confidence)


@dataclass(frozen=True, slots=True)
class Weighed:
    """How likely something was said for a slot, and each of its values is meant."""

    slot: Slot
    said: float
    right: Mapping[int, float]
    """By the index of the value."""
    pointing: Pointing
    """Where in the words it was said."""

    @property
    def needed(self) -> bool:
        """Whether a value is to be written; what code has found too need not be said so clearly."""
        known = self.slot.open.named or self.slot.schema["type"] in ("array", "object")
        enough = POSSIBLE if known else HARDLY
        return self.said >= (enough if self.slot.required else LIKELY)

    @property
    def options(self) -> tuple[str, ...]:
        """What can be chosen from."""
        return tuple(map(str, self.slot.values)) if "enum" in self.slot.schema else ()

    def choice(self, taken: Collection[Any]) -> Evidence:
        """The value that is likeliest meant, of those that no rival has taken."""
        free = [index for index in self.right if self.slot.values[index] not in taken] or list(self.right)
        best = max(free, key=self.right.__getitem__)
        if self.right[best] >= DOUBTFUL or self.slot.open.named:
            return self._taking(best)
        heard = self.slot.required or self.said >= HEARD
        return Absent("unknown" if heard and "enum" in self.slot.schema else "unsaid", self.options)

    def likeliest(self) -> Sure:
        """The likeliest value, however likely."""
        return self._taking(max(self.right, key=self.right.__getitem__))

    def _taking(self, index: int) -> Sure:
        value = self.slot.values[index]
        place = self.slot.open.places.get(value)
        return Sure(value, (place,) if place else ())

    @property
    def share(self) -> float:
        """How much likelier the likeliest value is than the others: its share (0…1) of them all."""
        return self.best / max(sum(self.right.values()), 1e-9)

    @property
    def clear(self) -> bool:
        """Whether one value stands out where it is known that one was said, as after another request."""
        return bool(self.right) and (self.slot.open.named or (self.best >= FAINT and self.share >= MOST))

    @property
    def best(self) -> float:
        """How likely the likeliest value is meant."""
        return max(self.right.values(), default=0.0)

    @property
    def certainty(self) -> float:
        """How clear it is which value is meant, or that none is."""
        return max(self.said, 1 - self.said)


def weigh(
    tool: Tool, known: Mapping[str, Evidence], glance: Glance, index: int, judge: Judge
) -> dict[str, Weighed]:
    """What the model's states tell of all that code left open, in one batch."""
    slots = [Slot(tool, name, part) for name, part in known.items() if isinstance(part, Open)]
    if not slots:
        return {}
    states = iter(glance.after(index, [cue for slot in slots for cue in (slot.cue, *slot.cues)]))
    along, places = glance.along(index)
    weighed: dict[str, Weighed] = {}
    for slot in slots:
        state = next(states)
        first, last = judge.where(state, along)
        said, pointing = judge.said(state, slot), Pointing(first, last, places)
        mine = [next(states) for _ in slot.cues]
        right = dict(enumerate(judge.right(np.stack(mine), slot))) if mine else {}
        weighed[slot.name] = Weighed(slot, said, right, pointing)
    return weighed


def settle(weighed: Mapping[str, Weighed]) -> dict[str, Evidence]:
    """What that makes of it: parameters that nothing was said for are absent."""
    settled: dict[str, Evidence] = {}
    for name, each in weighed.items():
        settled[name] = each.slot.open if each.needed else Absent("unsaid", each.options)
    return settled | _without_number(weighed) | _choices(weighed)


def _choices(weighed: Mapping[str, Weighed]) -> dict[str, Evidence]:
    """The values of what is chosen from a few; of the same few nobody takes what a likelier one has taken."""
    chosen: dict[str, Evidence] = {}
    taken: dict[str, list[Any]] = defaultdict(list)
    for each in sorted(weighed.values(), key=lambda each: -each.best):
        if each.needed and each.right:
            rivals = taken[repr(each.slot.schema.get("enum", each.slot.name))]
            chosen[each.slot.name] = part = each.choice(rivals)
            if isinstance(part, Sure):
                rivals.append(part.value)
    return chosen


def _without_number(weighed: Mapping[str, Weighed]) -> dict[str, Evidence]:
    """A number is meant once: where fewer were said than are required, nothing was said for the others."""
    numeric = [each for each in weighed.values() if each.slot.open.numbers and each.slot.required]
    places = {place for each in numeric for place in each.slot.open.places.values()}
    likeliest = sorted(numeric, key=lambda each: -each.said)
    return {each.slot.name: Absent("unsaid") for each in likeliest[len(places) :]}


def _verbatim(schema: Schema, text: str, part: Evidence) -> bool:
    """Whether an answer is a value as it stands: words, or one of those that were offered."""
    offered = isinstance(part, Absent) and text in part.options
    return offered or (schema["type"] == "string" and not {"enum", "format", "x-lamha"} & schema.keys())


def _pointed(weighed: Mapping[str, Weighed], known: Mapping[str, Evidence], text: str) -> dict[str, Evidence]:
    """The values that stand in the words."""
    used = [place for part in known.values() if isinstance(part, Sure) for place in part.places]
    numbers = _numbers({n: each for n, each in weighed.items() if each.slot.open.numbers}, used)
    taken = [place for part in numbers.values() if isinstance(part, Sure) for place in part.places]
    return numbers | _copies({n: each for n, each in weighed.items() if each.slot.copied}, text, taken)


def _numbers(weighed: Mapping[str, Weighed], used: Collection[Place]) -> dict[str, Evidence]:
    """Which number is whose; one that another parameter has is taken again only where no other is left."""
    values = {n: {place: v for v, place in each.slot.open.places.items()} for n, each in weighed.items()}
    free = {n: [place for place in mine if place not in used] or list(mine) for n, mine in values.items()}
    scored = {n: [(place, weighed[n].pointing.at(place)) for place in mine] for n, mine in free.items()}
    return {n: Sure(values[n][place], (place,)) for n, (place, _) in given_out(scored).items()}


def _copies(weighed: Mapping[str, Weighed], text: str, taken: Sequence[Place]) -> dict[str, Evidence]:
    """Words that are copied; no two parameters share any, where that can be."""
    slots = {n: each.slot for n, each in weighed.items()}
    pieces = {n: without(pieces_at(text, slot.copied), taken) for n, slot in slots.items()}
    found = {n: each.pointing.best(text, pieces[n]) for n, each in weighed.items()}
    copies: dict[str, Evidence] = dict.fromkeys(weighed, Absent("unsaid"))
    for name, (place, score) in given_out(found).items():
        if np.exp(score) >= (UNFOUND if slots[name].required else UNSURE) and not _names_only(
            slots[name], text[slice(*place)], text
        ):
            copies[name] = Sure(_copy(slots[name], text, place), (place,))
    return copies


def _copy(slot: Slot, text: str, place: Place) -> str | list[str]:
    if slot.schema["type"] == "array":
        return list(dict.fromkeys(text[slice(*item)] for item in items(text, place)))
    return text[slice(*place)]


def _names_only(slot: Slot, value: str, text: str) -> bool:
    """Whether words only name the tool or the parameter, or are all that was said."""
    words = stems(value)
    own = stems(f"{slot.tool.name} {slot.name}")
    whole = value == text.strip() and slot.schema["type"] == "string"
    return whole or (bool(words) and words <= own and value.isascii())


def _values(known: Mapping[str, Evidence], read: Callable[[], Reading]) -> dict[str, Any]:
    said: dict[str, Sure | Open] = {}
    for name, part in known.items():
        if not isinstance(part, Absent):
            said[name] = _settled(part)
    if not any(isinstance(part, Open) for part in said.values()):
        return {name: part.value for name, part in said.items() if isinstance(part, Sure)}
    with read().form() as form:
        return _written(said, form)


def _settled(part: Sure | Open) -> Sure | Open:
    """What has one value only needs no model."""
    values: Sequence[Any] = part.schema.get("enum", ()) if isinstance(part, Open) else ()
    return (
        Sure(values[0], tuple(part.places.values())) if isinstance(part, Open) and len(values) == 1 else part
    )


def _written(said: Mapping[str, Sure | Open], form: Form) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, part in said.items():
        form.put(f'{", " if values else "{"}"{name}":')
        if isinstance(part, Sure):
            values[name] = part.value
            form.put(f" {json.dumps(part.value, ensure_ascii=False)}")
        else:
            values[name] = _distinct(form.write(part.schema))
    return values


def _distinct(value: Any) -> Any:
    """A small model that writes a list may say the same again and again."""
    return list(dict.fromkeys(value)) if isinstance(value, list) and _plain(value) else value


def _plain(values: list[Any]) -> bool:
    return all(isinstance(value, str) for value in values)
