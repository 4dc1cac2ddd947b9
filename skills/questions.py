"""What the wearer is asked, or told, when an action lacks something or nothing fits."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from lamha.skills import saying
from lamha.skills.api import Action, Card, CardKind, Contact, Moment, Reply
from lamha.skills.arguments import Missing
from lamha.skills.moods import Mood
from lamha.skills.wording import Wording

SAY = Wording(
    contact={"en": "Who is it for?", "ar": "لمن هي؟", "zh": "发给谁？"},
    contact_hint={
        "en": "Say it again with the name of a contact",
        "ar": "أعد الطلب مع اسم جهة اتصال",
        "zh": "请带上联系人的名字再说一遍",
    },
    moment={"en": "When?", "ar": "متى؟", "zh": "什么时候？"},
    moment_hint={"en": "Say it again with a time", "ar": "أعد الطلب مع الوقت", "zh": "请带上时间再说一遍"},
    words={"en": "What should it say?", "ar": "ما المضمون؟", "zh": "内容是什么？"},
    words_hint={"en": "Say it again in full", "ar": "أعد الطلب كاملا", "zh": "请完整地再说一遍"},
    choice={"en": "Which one?", "ar": "أيها؟", "zh": "哪一个？"},
    choice_hint={
        "en": "Say it again with one of these",
        "ar": "أعد الطلب مع أحدها",
        "zh": "请选一个再说一遍",
    },
    past={
        "en": "That time has passed, so nothing was set.",
        "ar": "مضى ذلك الوقت، فلم يُضبط شيء.",
        "zh": "那个时间已经过去，没有设置。",
    },
    refusal={"en": "I can't do that", "ar": "لا أستطيع ذلك", "zh": "我做不到"},
    refusal_body={
        "en": "Nothing was done.",
        "ar": "لم يحدث شيء.",
        "zh": "没有执行任何操作。",
    },
    refusal_hint={
        "en": "Try: “Remind me at six to call Sara”",
        "ar": "جرّب: «ذكرني الساعة السادسة أن أتصل بسارة»",
        "zh": "试试：“六点提醒我给小李打电话”",
    },
    nothing={"en": "I heard nothing", "ar": "لم أسمع شيئا", "zh": "我没有听到"},
    nothing_hint={"en": "Say it again", "ar": "أعد من فضلك", "zh": "请再说一遍"},
    shortened={
        "en": "Too long: only the beginning was read",
        "ar": "النص طويل: قُرئت بدايته فقط",
        "zh": "太长：只读了开头",
    },
    stopped={"en": "Stopped", "ar": "توقفت", "zh": "已停止"},
    failed={"en": "That did not work", "ar": "تعذر ذلك", "zh": "没有成功"},
    not_done={"en": "Nothing was done", "ar": "لم يحدث شيء", "zh": "没有执行"},
    negated={
        "en": "You said not to, so nothing was done.",
        "ar": "طلبت عدم فعل ذلك، فلم يحدث شيء.",
        "zh": "你说不要，所以没有执行任何操作。",
    },
    reported={
        "en": "That was somebody else's request, so nothing was done.",
        "ar": "هذا طلب شخص آخر، فلم يحدث شيء.",
        "zh": "那是别人的要求，所以没有执行任何操作。",
    },
    hypothetical={
        "en": "That was only supposed, so nothing was done.",
        "ar": "هذا افتراض فقط، فلم يحدث شيء.",
        "zh": "这只是假设，所以没有执行任何操作。",
    },
    about={
        "en": "That is a question about it, so nothing was done.",
        "ar": "هذا سؤال عن ذلك، فلم يحدث شيء.",
        "zh": "这是在询问，所以没有执行任何操作。",
    },
    retracted={
        "en": "You took it back, so nothing was done.",
        "ar": "تراجعت عن ذلك، فلم يحدث شيء.",
        "zh": "你收回了，所以没有执行任何操作。",
    },
    confirm={"en": "Shall I do this?", "ar": "هل أفعل هذا؟", "zh": "要执行吗？"},
    confirm_hint={"en": "Say yes or no", "ar": "قل نعم أو لا", "zh": "请说“好”或“不要”"},
    argument={"en": "{what}: {value}", "ar": "{what}: {value}", "zh": "{what}：{value}"},
    unconfirmed={
        "en": "There is nothing to confirm",
        "ar": "لا يوجد ما يُؤكَّد",
        "zh": "没有需要确认的操作",
    },
    cancelled={"en": "Cancelled", "ar": "أُلغي", "zh": "已取消"},
    uncancelled={"en": "There is nothing to cancel", "ar": "لا يوجد ما يُلغى", "zh": "没有可以取消的操作"},
    final={
        "en": "What was done cannot be undone",
        "ar": "لا يمكن التراجع عما حدث",
        "zh": "已经执行的操作无法撤销",
    },
    unrepeated={"en": "There is nothing to repeat", "ar": "لا يوجد ما يُعاد", "zh": "没有可以重复的内容"},
    dropped={
        "en": "The earlier one was not done",
        "ar": "لم يُنفَّذ الطلب السابق",
        "zh": "之前的操作没有执行",
    },
    replaced={"en": "The earlier one is cancelled", "ar": "أُلغي السابق", "zh": "之前的已取消"},
    stays={"en": "The earlier one was not undone", "ar": "لم يُلغَ السابق", "zh": "之前的没有撤销"},
    undone_part={"en": "Not done: {words}", "ar": "لم يُنفَّذ: {words}", "zh": "没有执行：{words}"},
)

_ENDS = ".。"

type Deed = tuple[Action, Mapping[str, Any]]
"""What would be done, and with what."""
type Nothing = Literal["unconfirmed", "uncancelled", "unrepeated"]


def _sentence(text: str, language: str) -> str:
    return text + ("。" if language == "zh" else ".")


def ask_back(missing: Missing, language: str) -> Reply:
    """The question for a missing argument, or why it cannot be used."""
    say = SAY.language(language)
    if missing.why == "past":
        return Reply(Card(say("refusal"), say("past"), say("moment_hint"), "refusal", language), say("past"))
    kind = missing.parameter.kind
    card = Card(say(kind), "\n".join(missing.options), say(f"{kind}_hint"), "question", language)
    return Reply(card, say(kind))


def refuse(utterance: str, language: str) -> Reply:
    """Said when no action is meant surely enough."""
    say = SAY.language(language)
    body = f"{utterance}\n{say('refusal_body')}"
    card = Card(say("refusal"), body, say("refusal_hint"), "refusal", language)
    return Reply(card, _sentence(say("refusal"), language))


def refuse_mood(mood: Mood, utterance: str, language: str) -> Reply:
    """Said when the words forbid, report, imagine, wonder about or take back what they name."""
    say = SAY.language(language)
    card = Card(say("not_done"), f"{utterance}\n{say(mood)}", "", "refusal", language)
    return Reply(card, say(mood))


def confirm(deeds: Iterable[Deed], now: datetime, language: str) -> Reply:
    """The question before what cannot be undone: all that will happen, as it will be used."""
    say = SAY.language(language)
    lines = [line for deed in deeds for line in _deed(*deed, now, language)]
    card = Card(say("confirm"), "\n".join(lines), say("confirm_hint"), "question", language)
    return Reply(
        card, " ".join([say("confirm"), *(_sentence(line.rstrip(_ENDS), language) for line in lines)])
    )


def _deed(action: Action, arguments: Mapping[str, Any], now: datetime, language: str) -> Iterator[str]:
    say = SAY.language(language)
    yield action.description
    for parameter in action.parameters:
        if (value := arguments.get(parameter.name)) is not None:
            yield say("argument", what=parameter.description, value=_value(value, now, language))


def _value(value: Any, now: datetime, language: str) -> str:
    if isinstance(value, Moment):
        return saying.say(value.at, now, language)
    return value.name if isinstance(value, Contact) else str(value)


def dropped(language: str) -> Reply:
    """Said when the wearer answers a question with no."""
    return _plain("cancelled", language, SAY.language(language)("refusal_body"))


def nothing_to(what: Nothing, language: str) -> Reply:
    """Said when there is nothing earlier to confirm, cancel or repeat."""
    body = SAY.language(language)("refusal_body") if what == "unconfirmed" else ""
    return _plain(what, language, body, "refusal")


def final(language: str) -> Reply:
    """Said when what was done cannot be cancelled."""
    return _plain("final", language, kind="refusal")


def cancelled(replies: Iterable[Reply], language: str) -> Reply:
    """Said when what these replies had told of is undone."""
    lines = [line for reply in replies for line in (reply.card.title, reply.card.body)]
    return _plain("cancelled", language, "\n".join(lines))


def together(replies: Sequence[Reply], left: Iterable[str], language: str) -> Reply:
    """One reply of several, in order, and the words of what was `left` undone since one before failed."""
    say, last = SAY.language(language), replies[-1]
    undone = [say("undone_part", words=words) for words in left]
    if len(replies) == 1:
        body = "\n".join([last.card.body, *undone])
    else:
        body = "\n".join([*(line for reply in replies for line in _lines(reply, reply is last)), *undone])
    spoken = [reply.speech for reply in replies] + [_sentence(line, language) for line in undone]
    return Reply(replace(last.card, body=body), " ".join(spoken))


def _lines(reply: Reply, last: bool) -> Iterator[str]:
    card = reply.card
    yield from filter(None, (card.title, card.body, "" if last else card.hint))


def hinted(reply: Reply, *names: str, language: str) -> Reply:
    """A reply with more at its foot."""
    say = SAY.language(language)
    hint = " · ".join(filter(None, [reply.card.hint, *map(say, names)]))
    return replace(reply, card=replace(reply.card, hint=hint))


def _plain(name: str, language: str, body: str = "", kind: CardKind = "answer") -> Reply:
    title = SAY.language(language)(name)
    return Reply(Card(title, body, "", kind, language), _sentence(title, language))


def nothing_heard(language: str) -> Reply:
    """Said when there were no words."""
    say = SAY.language(language)
    return Reply(
        Card(say("nothing"), "", say("nothing_hint"), "question", language),
        _sentence(say("nothing"), language),
    )


def stopped(language: str) -> Reply:
    """Said when the wearer cancels before anything is done."""
    say = SAY.language(language)
    return Reply(
        Card(say("stopped"), say("refusal_body"), "", "refusal", language),
        _sentence(say("stopped"), language),
    )


def failed(why: str, language: str) -> Reply:
    """Shown when an action raised an error; `why` is the error's own message."""
    say = SAY.language(language)
    return Reply(Card(say("failed"), why, "", "error", language), _sentence(say("failed"), language))
