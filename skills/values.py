"""What an utterance holds for each parameter of a tool, as far as code can tell. Nothing is invented.

Numbers with their units, times, contacts and named choices are found by code; where that leaves one answer
it is `Sure`, where it leaves several the model is asked for one that satisfies a narrower schema (`Open`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Literal

from lamha.skills import quantities, when
from lamha.skills.contacts import Contacts
from lamha.skills.quantities import Quantity
from lamha.skills.tools import Schema, Tool, spoken

type Place = tuple[int, int]
type _Number = tuple[int | float, Place]
Why = Literal["unsaid", "ambiguous", "past", "unknown", "impossible"]

_FORM = re.compile(r"(?P<both>YYYY-MM-DDT|ISO.?8601)|(?P<date>YYYY.MM.DD)|(?P<time>\bHH.?MM)", re.IGNORECASE)
"""How descriptions write the form of a time."""
_COUNTED = re.compile(r"\b(?:number of|count|how many|quantity|copies|people|guests|tickets|times)\b", re.I)
_FRACTION = re.compile(r"fraction|decimal|between 0 and 1|0\.\d", re.IGNORECASE)
_PERCENT = re.compile(r"percent|%", re.IGNORECASE)
_TEMPERATURE, _KELVINS = re.compile(r"temperature|kelvin", re.IGNORECASE), re.compile(r"[-−\d.,]+ ?K")
"""Where "298 K" is no 298 thousand."""
_AHEAD = re.compile(
    r"\b(?:set|create|add|book|schedul\w*|remind\w*|reserv\w*|order|plan|alarm|make|send|wake|start|arrange)\b",
    re.IGNORECASE,
)
"""Tools for which a time that has passed is no time."""
_LIST = re.compile(
    r"(?:\s?[^\W\d_]{1,7}|\s?Ω)?[\s,;،؛、，]*(?:\b(?:and|then|or)\b(?:\s+an?\b)?|و|和|与|跟|以及)?\s*",
    re.IGNORECASE,
)
"""What stands between the numbers of a list."""
_STRICT_LIST = re.compile(r"[\s,;،؛、，]+")
"""And of one list of several."""
_NUMERIC = ("integer", "number")
_MARKS = " \t.,;:!?،؛؟。，；：！？"


@dataclass(frozen=True)
class Said:
    """What was said, with what is needed to make values of it."""

    text: str
    language: str
    now: datetime
    contacts: Contacts

    @cached_property
    def quantities(self) -> list[Quantity]:
        """The numbers in it."""
        return quantities.find(self.text, self.language)

    @cached_property
    def stems(self) -> frozenset[str]:
        """The beginnings of its words."""
        return stems(self.text)


@dataclass(frozen=True, slots=True)
class Sure:
    """A value that code has found, and where it was said."""

    value: Any
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Open:
    """What the model may write: a schema, narrowed to what was said."""

    schema: Mapping[str, Any]
    places: Mapping[Any, Place] = field(default_factory=dict)
    """Where each value of an enum was said, as far as that is known."""
    named: bool = False
    """Whether code has seen that something was said for it."""
    numbers: bool = False
    """Whether each of its values is a number that was said, and can be meant once."""


@dataclass(frozen=True, slots=True)
class Absent:
    """Nothing that can be used; `options` are what it could be."""

    why: Why
    options: tuple[str, ...] = ()


type Evidence = Sure | Open | Absent


def stems(text: str) -> frozenset[str]:
    """The first letters of each Latin word of three letters and more, small words left out."""
    words = re.findall(r"[a-z]{3,}", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text).replace("_", " ").lower())
    return frozenset(word[:5] for word in words if not _SMALL.fullmatch(word))


_SMALL = re.compile(
    "the|and|for|with|that|this|whether|optional|default|true|false|from|value|number|string|list|name|type"
    "|should|will|include|included|flag|what|which|when|are|its|has|have"
)


def evidence(tool: Tool, said: Said) -> dict[str, Evidence]:
    """What there is for each parameter; each place of the utterance serves one parameter of code's own."""
    found: dict[str, Evidence] = {}
    taken: list[Place] = []
    for name in sorted(tool.properties, key=lambda n: _rank(tool.properties[n], n in tool.required)):
        schema = tool.properties[name]
        search = _Search(tool, name, schema, name in tool.required, said, tuple(taken))
        found[name] = search.evidence()
        if isinstance(found[name], Sure):
            taken += found[name].places  # type: ignore[union-attr]
    settled = _shared_numbers(tool, {name: found[name] for name in tool.properties})
    return {name: _from_the_rest(part, settled, said) for name, part in settled.items()}


def _from_the_rest(part: Evidence, settled: Mapping[str, Evidence], said: Said) -> Evidence:
    """Words are copied from what code has not taken for other parameters."""
    if not isinstance(part, Open) or not _copies(part.schema):
        return part
    taken = sorted(place for each in settled.values() if isinstance(each, Sure) for place in each.places)
    pieces, begin = [], 0
    for start, end in (*taken, (len(said.text), len(said.text))):
        pieces.append(said.text[begin:start].strip(_MARKS))
        begin = max(begin, end)
    left = [piece for piece in pieces if any(map(str.isalnum, piece))]
    return replace(part, schema=_copying(part.schema, left)) if left else Absent("unsaid")


def _copies(schema: Mapping[str, Any]) -> bool:
    inner = [schema["items"]] if "items" in schema else schema.get("properties", {}).values()
    return "x-copy" in schema or any(map(_copies, inner))


def _copying(schema: Mapping[str, Any], pieces: list[str]) -> dict[str, Any]:
    """A schema whose words are pieces of these, at any depth."""
    new = {**schema, "x-copy": pieces} if "x-copy" in schema else dict(schema)
    if "items" in new:
        new["items"] = _copying(new["items"], pieces)
    if "properties" in new:
        new["properties"] = {name: _copying(each, pieces) for name, each in new["properties"].items()}
    return new


def _rank(schema: Schema, required: bool) -> tuple[int, bool]:
    """Code's own values first, since their words are nobody else's."""
    kinds = ("date-time", "date", "time")
    lists = schema["type"] == "array"
    order = (
        0
        if schema.get("format") in kinds
        else 1
        if "x-lamha" in schema or lists
        else 2
        if "enum" in schema
        else 3
    )
    return order, not required


@dataclass(frozen=True)
class _Search:
    tool: Tool
    name: str
    schema: Schema
    required: bool
    said: Said
    taken: tuple[Place, ...]

    @property
    def described(self) -> str:
        return _described(self.name, self.schema)

    def evidence(self) -> Evidence:
        schema = self.schema
        if "enum" in schema or "const" in schema:
            return self._choice()
        if schema.get("x-lamha") == "contact":
            return self._contact()
        kind = {"integer": self._number, "number": self._number, "boolean": self._boolean}.get(schema["type"])
        if kind:
            return kind()
        if schema["type"] == "string":
            return self._moment() if self._timed else self._words()
        return self._array() if schema["type"] == "array" else self._object()

    # Times

    @cached_property
    def _timed(self) -> str | None:
        """The form that a time is asked for in; None where it is asked for in no form of code's."""
        given = self.schema.get("format")
        if given in ("date-time", "date", "time"):
            return str(given)
        form = _FORM.search(str(self.schema.get("description", "")))
        if form:
            return "date-time" if form["both"] else "date" if form["date"] else "time"
        return None

    def _moment(self) -> Evidence:
        moment = when.find(self._masked(), self.said.language, self.said.now)
        if moment is None:
            return Absent("unsaid") if "format" in self.schema else self._words()
        if moment.past and _AHEAD.search(f"{spoken(self.tool.name)} {self.tool.description}"):
            return Absent("past")
        if self._timed == "time" and moment.precision not in ("minute", "part"):
            return Absent("unsaid")
        return Sure(_iso(moment.at, self._timed or "date"), ((moment.start, moment.end), *moment.more))

    def _masked(self) -> str:
        text = self.said.text
        for start, end in self.taken:
            text = text[:start] + " " * (end - start) + text[end:]
        return text

    # People

    def _contact(self) -> Evidence:
        mentions = [m for m in self.said.contacts.find(self.said.text) if (m.start, m.end) not in self.taken]
        if not mentions:
            return Absent("unsaid")
        first = min(mentions, key=lambda mention: mention.start)
        same = {m.contact.name for m in mentions if (m.start, m.end) == (first.start, first.end)}
        if len(same) > 1:
            return Absent("ambiguous", tuple(sorted(same)))
        return Sure(first.contact.name, ((first.start, first.end),))

    # Choices

    def _choice(self) -> Evidence:
        values = list(self.schema.get("enum", [self.schema.get("const")]))
        found = {_hashable(value): places for value in values if (places := self._mentions(value))}
        longest = {
            value: max(places, key=lambda place: place[1] - place[0])
            for value, places in found.items()
            if not any(_inside(places[0], other[0]) for other in found.values())
        }
        if len(longest) == 1 and not self._rivals:
            ((value, place),) = longest.items()
            return Sure(next(v for v in values if _hashable(v) == value), (place,))
        narrowed = [v for v in values if _hashable(v) in longest]
        return Open({"enum": values if self._rivals else narrowed or values}, longest, bool(longest))

    def _mentions(self, value: Any) -> list[Place]:
        """Where a value of an enum is said: by its name, by the names it is given, or as a unit."""
        names = (*self.schema.get("x-names", {}).get(value, ()), str(value), spoken(str(value)))
        places = [place for name in names if name for place in _places(name, self.said.text)]
        unit = quantities.unit_named(spoken(str(value))) if isinstance(value, str) else None
        return places + [(q.end, q.unit_end) for q in self.said.quantities if unit and q.unit == unit]

    @property
    def _rivals(self) -> bool:
        """Whether another parameter takes the same values, so that naming one does not tell whose it is."""
        others = (schema for name, schema in self.tool.properties.items() if name != self.name)
        return any(schema.get("enum") == self.schema.get("enum") for schema in others)

    def _boolean(self) -> Evidence:
        named = bool(stems(self.name) & self.said.stems)
        return Open({"type": "boolean"}, named=named)

    # Numbers

    def _number(self) -> Evidence:
        candidates = dict(self._candidates())
        fitting = {value: place for value, place in candidates.items() if self._possible(value)}
        if candidates and not fitting:
            return Absent("impossible", self._bounds()) if self.required or self._alone else Absent("unsaid")
        if not fitting:
            return Absent("unsaid")
        return Open({"enum": list(fitting)}, fitting, named=True, numbers=True)

    @property
    def _alone(self) -> bool:
        """Whether a number was said in the unit of this parameter, and no other one is measured in it."""
        wanted = quantities.unit_named(self.described)
        others = [(n, s) for n, s in self.tool.properties.items() if n != self.name and s["type"] in _NUMERIC]
        rivals = any(quantities.unit_named(_described(n, s)) == wanted for n, s in others)
        return bool(wanted) and not rivals and any(q.unit == wanted for q in self.said.quantities)

    def _candidates(self) -> Iterator[tuple[int | float, Place]]:
        """The numbers in the unit that is asked for; those of other units only where there are no others."""
        wanted = quantities.unit_named(self.described)
        free = [
            self._hot_or_cold(q)
            for q in self.said.quantities
            if not any(start < q.end and q.start < end for start, end in self.taken)
        ]
        found = [(self._converted(quantity, wanted), quantity) for quantity in free]
        known = [(value, quantity) for value, quantity in found if value is not None]
        if measured := [each for each in known if wanted and each[1].unit not in (None, "percent")]:
            known = measured  # "at 3 percent for 500 years": of the two only one is years
        if not known and self.required:
            known = [(quantity.value, quantity) for quantity in free]
        for value, quantity in known:
            if self.schema["type"] == "number" or value == int(value):
                yield (int(value) if value == int(value) else value), (quantity.start, quantity.end)

    def _hot_or_cold(self, quantity: Quantity) -> Quantity:
        said = self.said.text[quantity.start : quantity.end]
        if not (_KELVINS.fullmatch(said) and _TEMPERATURE.search(self.described)) or quantity.unit:
            return quantity
        return replace(quantity, value=quantity.value / 1000, unit="temperature-kelvin")

    def _converted(self, quantity: Quantity, wanted: str | None) -> int | float | None:
        value, unit = quantity.value, quantity.unit
        if unit == "percent":
            as_said = self.schema["type"] == "integer" or (
                _PERCENT.search(self.described) and not _FRACTION.search(self.described)
            )
            return value if as_said else round(value / 100, 10)
        if unit is None or wanted is None or unit == wanted:
            return value
        converted = quantities.convert(value, unit, wanted)
        return None if converted is None else round(converted, 6)

    def _possible(self, value: int | float) -> bool:
        schema = self.schema
        low, high = schema.get("minimum"), schema.get("maximum")
        above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
        if (low is not None and value < low) or (high is not None and value > high):
            return False
        if (above is not None and value <= above) or (below is not None and value >= below):
            return False
        return value > 0 or low is not None or not _COUNTED.search(self.described)

    def _bounds(self) -> tuple[str, ...]:
        low, high = self.schema.get("minimum"), self.schema.get("maximum")
        return tuple(str(bound) for bound in (low, high) if bound is not None)

    # Words

    def _words(self) -> Evidence:
        return Open({"type": "string", "x-copy": True})

    def _array(self) -> Evidence:
        items = _Search(self.tool, self.name, self._items, True, self.said, self.taken)
        if self._items["type"] in ("integer", "number") and "enum" not in self._items:
            return items.listed()
        part = items.evidence()
        if isinstance(part, Absent):
            return part
        if "enum" in self._items and (named := items.named_values()):
            return Sure([value for _, value in named], tuple(place for place, _ in named))
        inner = _as_schema(part)
        most = min(self.schema.get("maxItems", 8), len(inner["enum"]) if "enum" in inner else 8)
        return Open({"type": "array", "items": inner, "minItems": 1, "maxItems": max(most, 1)})

    def named_values(self) -> list[tuple[Place, Any]]:
        """The values of an enum that are said, in the order in which they are."""
        found = [(place, value) for value in self.schema["enum"] for place in self._mentions(value)[:1]]
        return sorted(found, key=lambda each: each[0])

    def listed(self) -> Evidence:
        """Numbers said one after the other, the longest such list; one number where there are no more."""
        found = [(value, place) for value, place in self._candidates() if not self._stray(place)]
        numeric = [s for s in self.tool.properties.values() if s["type"] == "array"]
        runs = self._runs(found, _LIST if len(numeric) < 2 else _STRICT_LIST)
        if not runs:
            return Absent("unsaid")
        longest = max(runs, key=len)
        return Sure([value for value, _ in longest], tuple(place for _, place in longest))

    def _runs(self, found: Iterable[_Number], between: re.Pattern[str]) -> list[list[_Number]]:
        runs: list[list[_Number]] = []
        for value, place in found:
            if runs and between.fullmatch(self.said.text[runs[-1][-1][1][1] : place[0]]):
                runs[-1].append((value, place))
            else:
                runs.append([(value, place)])
        return runs

    def _stray(self, place: Place) -> bool:
        """A number word among digits counts something else: "group one", "both 84 and 126"."""
        digits = any(
            self.said.text[q.start : q.end].strip("-−$ ")[:1].isdigit() for q in self.said.quantities
        )
        return digits and not any(map(str.isdigit, self.said.text[slice(*place)]))

    @property
    def _items(self) -> Schema:
        items = self.schema["items"]
        return {
            **items,
            "description": f"{items.get('description', '')} {self.schema.get('description', '')}",
        }

    def _object(self) -> Evidence:
        properties = self.schema.get("properties", {})
        if not properties:
            return Absent("unsaid")
        inner = Tool(self.tool.name, self.described, self.schema)
        parts = evidence(inner, self.said)
        if any(isinstance(parts[name], Absent) for name in inner.required):
            return Absent("unsaid")
        schemas = {name: _as_schema(part) for name, part in parts.items() if not isinstance(part, Absent)}
        kept = {
            name: schema for name, schema in schemas.items() if name in inner.required or "enum" in schema
        }
        if not kept:
            return Absent("unsaid")
        return Open({"type": "object", "properties": kept, "required": list(kept)}, named=False)


def _described(name: str, schema: Schema) -> str:
    return f"{spoken(name)} {schema.get('description', '')}"


def _as_schema(part: Evidence) -> Mapping[str, Any]:
    return {"enum": [part.value]} if isinstance(part, Sure) else getattr(part, "schema", {})


def _shared_numbers(tool: Tool, found: dict[str, Evidence]) -> dict[str, Evidence]:
    """A number is meant once: what required parameters need is not there for optional ones."""
    needed = {name: e for name, e in _numeric(found) if name in tool.required}
    spare = {place for _, e in _numeric(found) for place in e.places.values()}
    if len(spare) <= len(needed):
        for name, open_ in _numeric(found):
            if name not in needed and set(open_.places.values()) <= _all_places(needed.values()):
                found[name] = Absent("unsaid")
    for name, open_ in needed.items():
        rivals = [e for other, e in needed.items() if other != name]
        if len(open_.places) == 1 and not set(open_.places.values()) & _all_places(rivals):
            ((value, place),) = open_.places.items()
            found[name] = Sure(value, (place,))
    return found


def _numeric(found: Mapping[str, Evidence]) -> list[tuple[str, Open]]:
    return [(name, e) for name, e in found.items() if isinstance(e, Open) and e.numbers]


def _all_places(parts: Iterable[Open]) -> set[Place]:
    return {place for part in parts for place in part.places.values()}


def _places(name: str, text: str) -> Iterable[Place]:
    if not name.isascii():
        return [match.span() for match in re.finditer(re.escape(name), text)]
    letter = len(name) == 1  # "m" is a unit and a size, but not in "I'm", and "M" is another
    pattern = rf"(?<![a-z0-9'’]){re.escape(name)}{'' if letter else '(?:s|es|ed|ing)?'}(?![a-z0-9'’])"
    flags = 0 if letter else re.IGNORECASE
    return [match.span() for match in re.finditer(pattern, text, flags)]


def _inside(place: Place, other: Place) -> bool:
    return place != other and other[0] <= place[0] and place[1] <= other[1]


def _hashable(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | None) else repr(value)


def _iso(at: datetime, form: str) -> str:
    if form == "time":
        return at.strftime("%H:%M")
    return at.date().isoformat() if form == "date" else at.isoformat()
