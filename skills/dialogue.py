"""What was decided last, as long as it can be meant: "and tomorrow?", "no, Sara not Sami", "the second one".

The state is one decision, the words that led to it, and when. It is forgotten after `LIFETIME`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from lamha.skills import replies, when
from lamha.skills.decider import Call, Decider, Decision
from lamha.skills.followups import Also, Cancel, Confirm, FollowUp, Pick, Repeat, Replace, followup
from lamha.skills.language import detect
from lamha.skills.tools import Tool
from lamha.skills.values import Open, Said, Sure, evidence

LIFETIME = timedelta(minutes=2)
NEW = 0.8
"""An answer that is likelier than this a request of its own is one."""


@dataclass(frozen=True, slots=True)
class State:
    """What can be continued."""

    utterance: str
    decision: Decision
    at: datetime
    language: str


class Dialogue:
    """Decides turn after turn. One caller at a time."""

    def __init__(self, decider: Decider) -> None:
        self._decider = decider
        self.state: State | None = None

    def decide(self, utterance: str, now: datetime) -> Decision:
        """What the words ask for, on their own or after what was said before."""
        before = self.state if self.state and now - self.state.at <= LIFETIME else None
        language = detect(utterance, before.language if before else "en")
        decision = self._continued(before, utterance, now, language) if before else None
        text = f"{before.utterance}, {utterance}" if decision and before else utterance
        decision = decision or self._decider.decide(utterance, now)
        self.state = State(text, decision, now, language) if decision.tool else None
        return decision

    def _continued(self, before: State, utterance: str, now: datetime, language: str) -> Decision | None:
        """What the words mean after these; None where they stand alone."""
        more = followup(utterance)
        if isinstance(more, Cancel) or (isinstance(more, Confirm) and not more.yes):
            return Decision(refused=replies.refuse("cancelled", language))
        if isinstance(more, Repeat | Confirm) and before.decision.calls:
            return before.decision
        if before.decision.gap:
            return self._answered(before, utterance, more, now, language)
        if isinstance(more, Replace | Also) and before.decision.calls:
            said = Said(_new(more), language, now, self._decider.contacts)
            return self._changed(before, said, more)
        return None

    def _answered(
        self, before: State, utterance: str, more: FollowUp | None, now: datetime, language: str
    ) -> Decision | None:
        """The same tool again, from the words of before and the answer together."""
        gap, tool = before.decision.gap, self._decider.tools[before.decision.tool or ""]
        answer = utterance
        if isinstance(more, Pick) and gap and gap.options:
            index = more.index - 1 if more.index > 0 else more.index
            answer = gap.options[index] if -len(gap.options) <= index < len(gap.options) else utterance
        elif isinstance(more, Replace | Also):
            answer = _new(more)
        said = Said(answer, language, now, self._decider.contacts)
        part = evidence(tool, said)[gap.name] if gap else None
        if not isinstance(part, Sure) and not _short(answer):
            alone = self._decider.decide(utterance, now)
            if alone.calls and alone.chance > NEW:
                return None
        whole = replace(said, text=f"{before.utterance}, {answer}")
        return self._decider.fill(tool.name, whole, {gap.name: answer} if gap else {})

    def _changed(self, before: State, said: Said, more: Replace | Also) -> Decision | None:
        """The last call with the one argument changed that the new words fit; to a list they are added."""
        old = more.old if isinstance(more, Replace) else None
        *others, call = before.decision.calls
        tool = self._decider.tools[call.name]
        found = evidence(tool, said)
        if not any(
            isinstance(part, Sure) or (_value(part) is not None and not _copied(part))
            for part in found.values()
        ):
            found |= self._decider.chosen(tool.name, said)
        values = {name: _value(found[name]) for name in _fitting(tool, call, found, old)}
        name = next((name for name, value in values.items() if value is not None), None)
        if name is None:
            return None
        was, value = call.arguments.get(name), values[name]
        if isinstance(more, Also) and isinstance(was, list) and isinstance(value, list):
            value = [*was, *value]
        else:
            value = _kept(was, value, said)
        arguments: Mapping[str, Any] = {**call.arguments, name: value}
        return replace(before.decision, calls=(*others, Call(call.name, arguments)))


def _fitting(tool: Tool, call: Call, found: Mapping[str, Any], old: str | None) -> list[str]:
    """Parameters that the new words may be for, the likeliest first."""

    def rank(name: str) -> tuple[bool, bool, bool, bool]:
        part, value = found[name], call.arguments.get(name)
        was = old is not None and str(value).lower().startswith(old.lower())
        by_code = isinstance(part, Sure) or (isinstance(part, Open) and part.numbers)
        return not was, not by_code, name not in call.arguments, _value(part) == value

    return sorted(tool.properties, key=rank)


def _value(part: Any) -> Any:
    if isinstance(part, Sure):
        return part.value
    if isinstance(part, Open) and part.numbers and len(part.places) == 1:
        return next(iter(part.places))
    if _copied(part):
        return max(part.schema["x-copy"], key=len)
    return None


def _copied(part: Any) -> bool:
    return isinstance(part, Open) and "x-copy" in part.schema


def _kept(old: Any, new: Any, said: Said) -> Any:
    """A time alone keeps the day of before, and a day alone its time."""
    moment = when.find(said.text, said.language, said.now)
    try:
        was, now = datetime.fromisoformat(old), datetime.fromisoformat(new)
    except (TypeError, ValueError):
        return new
    if moment is None or "T" not in new:
        return new
    if moment.precision == "day":
        return now.replace(hour=was.hour, minute=was.minute).isoformat()
    hour = now.hour if now.hour // 12 == was.hour // 12 else (now.hour + 12) % 24
    return was.replace(hour=hour, minute=now.minute).isoformat() if moment.precision == "minute" else new


def _new(more: FollowUp) -> str:
    return more.new if isinstance(more, Replace) else more.what if isinstance(more, Also) else ""


def _short(text: str) -> bool:
    return len(text.split()) <= 3 and len(text) <= 24
