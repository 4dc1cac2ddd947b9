"""What a turn is to do: run calls, ask or say something, take something back. Nothing is done here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from lamha.device.acting import Readings, routed, succeeded
from lamha.device.turn import Heard, Routed
from lamha.device.understanding import Understanding, Understood
from lamha.skills import questions
from lamha.skills.amending import Answer, amended, answered, joined
from lamha.skills.api import Action, Reply
from lamha.skills.arguments import Missing, Utterance, fill
from lamha.skills.contacts import Contacts
from lamha.skills.conversation import Asked, Call, Conversation
from lamha.skills.followups import Also, Cancel, Confirm, FollowUp, Repeat, Replace, followup
from lamha.skills.language import detect

_NOTHING = Routed(None, 1.0)


@dataclass(frozen=True, slots=True)
class Plan:
    """One of three: a reply to be said, calls to be run, or replies whose deeds are to be undone."""

    routed: Routed
    language: str
    reply: Reply | None = None
    calls: tuple[Call, ...] = ()
    undo: tuple[Reply, ...] = ()
    """What is taken back: after the calls, where there are any and all went well."""
    asked: Asked | None = None
    awaiting: tuple[Call, ...] = ()
    keeps: Conversation | None = None
    """What the next turn continues, where that is not this turn."""
    hints: tuple[str, ...] = ()
    shortened: bool = False


@dataclass(frozen=True)
class _Turn:
    said: Utterance
    before: Conversation | None
    readings: Readings

    @property
    def language(self) -> str:
        return self.said.language

    @property
    def now(self) -> datetime:
        return self.said.now


class Planner:
    """Decides what a turn does; only an action that is surely meant and has all it needs is run."""

    def __init__(
        self, understanding: Understanding, actions: Mapping[str, Action], contacts: Contacts
    ) -> None:
        self._understanding = understanding
        self._actions = actions
        self._contacts = contacts

    def plan(self, heard: Heard, before: Conversation | None, now: datetime, readings: Readings) -> Plan:
        """The plan for what was heard after what was said before."""
        language = detect(heard.text, before.language) if before else heard.language
        if not any(map(str.isalnum, heard.text)):
            return Plan(_NOTHING, language, questions.nothing_heard(language), keeps=before)
        turn = _Turn(Utterance(heard.text, language, now, self._contacts), before, readings)
        plan = self._settled(turn, meant := followup(heard.text))
        if plan:
            return plan
        plan = self._continued(turn, meant) or self._new(turn)
        return replace(plan, hints=("dropped",)) if before and before.awaited(now) else plan

    def _settled(self, turn: _Turn, meant: FollowUp | None) -> Plan | None:
        """A yes, a no, a cancel or a repeat."""
        if _asked_for_words(turn.before) and not isinstance(meant, Cancel | Repeat):
            return None
        match meant:
            case Confirm(yes=True):
                return self._confirmed(turn)
            case Confirm():
                waits = turn.before and (turn.before.awaited(turn.now) or turn.before.asked)
                return _dropped(turn) if waits else _nothing_to("unconfirmed", turn)
            case Cancel():
                return self._cancelled(turn)
            case Repeat():
                return _repeated(turn)
        return None

    def _confirmed(self, turn: _Turn) -> Plan:
        before = turn.before
        if before and before.awaited(turn.now):
            return self._run(turn, before.awaiting)
        if before and before.asked:  # a yes is no answer to "When?"
            return _repeated(turn)
        return _nothing_to("unconfirmed", turn)

    def _cancelled(self, turn: _Turn) -> Plan:
        before = turn.before
        if before and (before.awaited(turn.now) or before.asked):
            return _dropped(turn)
        if before and any(reply.undo for reply in before.replies):
            return Plan(_NOTHING, turn.language, undo=before.replies)
        if before and self._did_something(before):
            return Plan(_NOTHING, turn.language, questions.final(turn.language))
        return _nothing_to("uncancelled", turn)

    def _did_something(self, before: Conversation) -> bool:
        done = zip(before.calls, before.replies, strict=True)
        return any(succeeded(reply) and not self._actions[call.action].asks for call, reply in done)

    def _continued(self, turn: _Turn, meant: FollowUp | None) -> Plan | None:
        """An answer to a question back, or the same with another argument; None for a turn of its own."""
        before = turn.before
        if before is None:
            return None
        if before.asked and (plan := self._answered(turn, before.asked, meant)):
            return plan
        match meant:
            case Replace(new, old):
                return self._changed(turn, before, new, old, instead=True)
            case Also(what):
                return self._changed(turn, before, what, None, instead=False)
            case None if before.replies and before.reply.card.kind == "question":
                return self._changed(turn, before, turn.said.text, None, instead=True, words=False)
        return None

    def _answered(self, turn: _Turn, asked: Asked, meant: FollowUp | None) -> Plan | None:
        found = answered(asked, turn.said, meant)
        if found is None:
            return None
        if isinstance(found, Missing):
            return self._ask(turn, replace(asked, missing=found))
        if not found.surely and self._understanding.is_request(
            turn.said, turn.readings, imperative=asked.missing.parameter.kind == "words"
        ):
            return None
        return self._filled(turn, asked, found)

    def _filled(self, turn: _Turn, asked: Asked, answer: Answer) -> Plan:
        """The call with the answer in it, or the next question."""
        call = asked.call
        given = {**call.arguments, asked.missing.parameter.name: answer.value}
        reading = turn.readings.of(call.utterance)
        said = Utterance(reading.words, call.language, turn.now, self._contacts)
        found = fill(self._actions[call.action], said, reading, given)
        answers = (*asked.answers, turn.said.text)
        if isinstance(found, Missing):
            return self._ask(turn, Asked(replace(call, arguments=given), found, answers))
        whole = call.utterance
        for each in answers:
            whole = joined(whole, each, call.language)
        return self._ready(turn, (replace(call, arguments=found, utterance=whole),), 1.0)

    def _changed(
        self,
        turn: _Turn,
        before: Conversation,
        new: str,
        old: str | None,
        *,
        instead: bool,
        words: bool = True,
    ) -> Plan | None:
        """The last call that the new words fit, once more; `instead` of what was done, or besides."""
        calls = before.calls or before.awaiting
        for index, call in reversed(list(enumerate(calls))):
            action = self._actions[call.action]
            said = replace(turn.said, text=new, language=detect(new, call.language))
            found = amended(action, call, said, old, words)
            if isinstance(found, Missing):
                reply = questions.ask_back(found, turn.language)
                return Plan(Routed(call.action, 1.0), turn.language, reply, keeps=before)
            if found is None and action.asks and words and not action.parameters:
                found = call.arguments
            if found is not None:
                whole = joined(call.utterance, turn.said.text, call.language)
                undo = before.replies[index : index + 1] if instead else ()
                return self._ready(turn, (Call(call.action, found, whole, call.language),), 1.0, undo)
        return None

    def _new(self, turn: _Turn) -> Plan:
        """A turn that stands on its own."""
        calls, confidence = self._understanding.several(turn.said, turn.readings)
        if calls:
            return self._ready(turn, calls, confidence)
        found = self._understanding.one(turn.said, turn.readings)
        shortened = turn.readings.of(turn.said.text).shortened
        return replace(self._one(turn, found), shortened=shortened)

    def _one(self, turn: _Turn, found: Understood) -> Plan:
        text, language, nothing = turn.said.text, turn.language, Routed(None, found.confidence)
        if found.stopped:
            return Plan(nothing, language, questions.refuse_mood(found.stopped, text, language))
        if found.action is None:
            return Plan(nothing, language, questions.refuse(text, language))
        call = Call(found.action, {}, text, language)
        if isinstance(found.arguments, Missing):
            return self._ask(turn, Asked(call, found.arguments), found.confidence)
        return self._ready(turn, (replace(call, arguments=found.arguments),), found.confidence)

    def _ask(self, turn: _Turn, asked: Asked, confidence: float = 1.0) -> Plan:
        meant = Routed(asked.call.action, confidence)
        return Plan(meant, turn.language, questions.ask_back(asked.missing, turn.language), asked=asked)

    def _ready(
        self, turn: _Turn, calls: tuple[Call, ...], confidence: float, undo: tuple[Reply, ...] = ()
    ) -> Plan:
        """Calls that have all they need: run, or confirmed first where one of them cannot be undone."""
        if not any(self._actions[call.action].confirm for call in calls):
            return replace(self._run(turn, calls, confidence), undo=undo)
        deeds = [(self._actions[call.action], call.arguments) for call in calls]
        meant = replace(routed(calls, confidence), calls=())
        return Plan(meant, turn.language, questions.confirm(deeds, turn.now, turn.language), awaiting=calls)

    def _run(self, turn: _Turn, calls: tuple[Call, ...], confidence: float = 1.0) -> Plan:
        return Plan(routed(calls, confidence), turn.language, calls=calls)


def _asked_for_words(before: Conversation | None) -> bool:
    return bool(before and before.asked and before.asked.missing.parameter.kind == "words")


def _dropped(turn: _Turn) -> Plan:
    return Plan(_NOTHING, turn.language, questions.dropped(turn.language))


def _nothing_to(what: questions.Nothing, turn: _Turn) -> Plan:
    return Plan(_NOTHING, turn.language, questions.nothing_to(what, turn.language))


def _repeated(turn: _Turn) -> Plan:
    if turn.before is None:
        return _nothing_to("unrepeated", turn)
    return Plan(_NOTHING, turn.language, turn.before.reply, keeps=replace(turn.before, at=turn.now))
