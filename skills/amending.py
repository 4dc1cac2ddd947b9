"""What a later utterance changes of an earlier one: the answer to a question back, or another argument.

Values come from what was said and from code, as in the first place; an answer in words is taken as it stands.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from lamha.skills import timepieces, when
from lamha.skills.api import Action, Contact, Moment, Parameter
from lamha.skills.arguments import Found, Missing, Place, Utterance, resolve
from lamha.skills.conversation import Asked, Call
from lamha.skills.examples import Unit, units
from lamha.skills.followups import FollowUp, Pick, Replace

_STRAY = 3
"""An answer has at most so many words that say nothing of what was asked for."""
_CLOCK = {"en": "at {}", "ar": "الساعة {}", "zh": "{}点"}  # "seven" is a time where one is asked for
_AROUND = re.compile(
    "a|an|at|by|for|from|i|in|is|it|it's|its|maybe|mean|meant|my|of|on|please|send|that|that's|the|then|to|until"
    "|with|إلى|الى|ب|بعد|ثم|على|عند|في|ل|لو|سمحت|فضلك|من|هو|هي|و"
    "|[给在是到发吧的请就用成跟和对要呢也了]"
)
_NOT = re.compile("don't|neither|never|no|nor|not|ليس|لا|ما|مش|مو|غير|[不别没非]")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered; `surely` unless other words say that it may be a request of its own."""

    value: Any
    surely: bool


def answered(asked: Asked, said: Utterance, meant: FollowUp | None) -> Answer | Missing | None:
    """The answer to a question back; what is wrong with it; None where it is none."""
    parameter = asked.missing.parameter
    if parameter.kind == "words":
        return Answer(said.text.strip(), surely=False)
    option = _option(asked.missing.options, said.text, meant)
    if option and (value := _named(parameter, option, said)):
        return Answer(value, surely=True)
    new = replace(said, text=meant.new) if isinstance(meant, Replace) else said
    found = _resolved(parameter, new)
    if isinstance(found, Missing):
        return found if found.why != "unsaid" else None
    left = _left(new.text, found[1])
    if len(left) > _STRAY or any(_NOT.fullmatch(unit.text) for unit in left):
        return None
    return Answer(found[0], surely=not left)


def amended(
    action: Action, call: Call, new: Utterance, old: str | None = None, words: bool = True
) -> Mapping[str, Any] | Missing | None:
    """The arguments of a call, changed where the new words fit; what is wrong with them; None for no fit.

    `old` is what they stand in place of. Without `words`, no argument in words is changed.
    """
    if old and (inside := _in_words(action, call, old)):
        return {**call.arguments, inside: _standing(old).sub(lambda _: new.text, call.arguments[inside])}
    found = {p.name: _fitting(p, call, new) for p in action.parameters if p.kind != "words"}
    if wrong := next((value for value in found.values() if isinstance(value, Missing)), None):
        return wrong
    said = {name: value for name, value in found.items() if value and not isinstance(value, Missing)}
    if said and not _left(new.text, [place for _, places in said.values() for place in places]):
        return {**call.arguments, **{name: value for name, (value, _) in said.items()}}
    return _other_words(action, call, new) if words else None


def joined(utterance: str, more: str, language: str) -> str:
    """An earlier utterance with what was said later."""
    return f"{utterance.rstrip()}{'，' if language == 'zh' else ' '}{more.strip()}"


def _option(options: tuple[str, ...], text: str, meant: FollowUp | None) -> str | None:
    """The one of those offered that is picked, or that alone has the words said."""
    if isinstance(meant, Pick):
        index = meant.index - 1 if meant.index > 0 else len(options) + meant.index
        return options[index] if 0 <= index < len(options) else None
    words = {unit.text for unit in _left(text, ())}
    fitting = [option for option in options if words and words <= {unit.text for unit in units(option)}]
    return fitting[0] if len(fitting) == 1 else None


def _named(parameter: Parameter, option: str, said: Utterance) -> Contact | str | None:
    """The value of an option; None for a contact who is gone by now."""
    if parameter.kind != "contact":
        return option
    return next((m.contact for m in said.contacts.find(option) if m.contact.name == option), None)


def _resolved(parameter: Parameter, said: Utterance) -> Found | Missing:
    found = resolve(parameter, said)
    if parameter.kind != "moment" or not isinstance(found, Missing) or found.why != "unsaid":
        return found
    frame = _CLOCK[said.language]
    whole = resolve(parameter, replace(said, text=frame.format(said.text.strip())))
    return whole if isinstance(whole, Missing) else (whole[0], ((0, len(said.text)),))


def _left(text: str, places: Iterable[Place]) -> list[Unit]:
    """The words that no place has, but for those that may stand around any answer."""
    taken = list(places)
    free = [u for u in units(text) if not any(start < u.end and u.start < end for start, end in taken)]
    return [unit for unit in free if not _AROUND.fullmatch(unit.text)]


def _fitting(parameter: Parameter, call: Call, new: Utterance) -> Found | Missing | None:
    """What the new words say for a parameter; a time keeps what they leave open."""
    old = call.arguments.get(parameter.name)
    found = _resolved(parameter, new)
    if isinstance(old, Moment) and (moment := _kept(old, new, found)):
        return moment, found[1] if not isinstance(found, Missing) else ((0, len(new.text)),)
    return None if isinstance(found, Missing) and found.why == "unsaid" else found


def _kept(old: Moment, new: Utterance, found: Found | Missing) -> Moment | None:
    """Another clock time on the same day, or the same clock time on another day."""
    texts = (new.text, _CLOCK[new.language].format(new.text.strip()))
    text = next((text for text in texts if timepieces.find(text, new.language)), None)
    said = timepieces.find(text, new.language) if text else None
    if text is None or said is None or said.after is not None:
        return None
    if said.clock and not said.day:
        return _same_day(old, replace(new, text=text))
    if isinstance(found, Missing) or said.clock or said.part or old.precision != "minute":
        return None
    at = found[0].at.replace(hour=old.at.hour, minute=old.at.minute, second=old.at.second)
    return replace(found[0], at=at, precision="minute") if at > new.now else None


def _same_day(old: Moment, new: Utterance) -> Moment | None:
    """Of the times a clock shows twice a day, the nearest to the old one that is ahead."""
    midnight = old.at.replace(hour=0, minute=0, second=0, microsecond=0)
    bases = [max(new.now, base) for base in (midnight, midnight + timedelta(hours=12))]
    found = [when.find(new.text, new.language, base) for base in bases]
    ahead = [moment for moment in found if moment and moment.at > new.now]
    return min(ahead, key=lambda moment: abs(moment.at - old.at), default=None)


def _in_words(action: Action, call: Call, old: str) -> str | None:
    """The argument in words that has the old ones, where nobody with that name is an argument."""
    people = [value.name for value in call.arguments.values() if isinstance(value, Contact)]
    if any(_standing(old).search(name) for name in people):
        return None
    texts = [p.name for p in action.parameters if p.kind == "words" and p.name in call.arguments]
    return next((name for name in texts if _standing(old).search(call.arguments[name])), None)


def _standing(words: str) -> re.Pattern[str]:
    """Words where they stand in a text, and are no part of other Latin ones."""
    return re.compile(rf"(?<![a-z]){re.escape(words)}(?![a-z])", re.IGNORECASE)


def _other_words(action: Action, call: Call, new: Utterance) -> Mapping[str, Any] | None:
    """The new words in place of the old ones; a name in place of the one that they have."""
    name = next((p.name for p in action.parameters if p.kind == "words"), None)
    if name is None:
        return None
    text = call.arguments.get(name, "")
    people, named = new.contacts.find(text), new.contacts.find(new.text)
    if len(people) == 1 and named and not _left(new.text, [(m.start, m.end) for m in named]):
        person, other = people[0], named[0]
        return {**call.arguments, name: text[: person.start] + other.contact.name + text[person.end :]}
    return {**call.arguments, name: new.text}
