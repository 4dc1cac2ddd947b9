"""Reminders: what and when, kept on the device. The time is said back, so that a mishearing is noticed."""

import re
from functools import partial
from typing import Annotated

from lamha.skills import saying
from lamha.skills.api import Card, Context, Moment, Reply, Skill, action
from lamha.skills.reminders.examples import ADD, LIST
from lamha.skills.wording import Wording

SHOWN = 5
SAY = Wording(
    title={"en": "Reminder", "ar": "تذكير", "zh": "提醒"},
    hint={
        "en": "Saved · say “show my reminders”",
        "ar": "حُفظ · قل «اعرض التذكيرات»",
        "zh": "已保存 · 说“显示我的提醒”",
    },
    once={
        "en": "Once only: repeating is not possible yet",
        "ar": "مرة واحدة: التكرار غير ممكن بعد",
        "zh": "仅一次：还不能重复提醒",
    },
    speech={"en": "Reminder {when}: {text}.", "ar": "تذكير {when}: {text}.", "zh": "{when}提醒：{text}。"},
    list={"en": "Your reminders", "ar": "تذكيراتك", "zh": "你的提醒"},
    none={"en": "No reminders are set.", "ar": "لا توجد تذكيرات.", "zh": "没有提醒。"},
    more={"en": "and {count} more", "ar": "و{count} غيرها", "zh": "还有{count}条"},
    next={
        "en": "Your next reminder is {when}: {text}.",
        "ar": "تذكيرك القادم {when}: {text}.",
        "zh": "下一个提醒是{when}：{text}。",
    },
)
_REPEATED = re.compile(
    r"\b(?:every|each)\s+(?:\w+\s+)?(?:day|night|morning|evening|week|month|year|hour|\w+day)\b|\b(?:daily|weekly)\b"
    r"|كل\s+(?:يوم|ليلة|صباح|مساء|أسبوع|شهر|سنة|ساعة|أحد|اثنين|ثلاثاء|أربعاء|خميس|جمعة|سبت)|يومي[ًّ]?ا|أسبوعي[ًّ]?ا"
    r"|每(?:天|日|晚|早|周|星期|个?月|年|个?小时)",
    re.IGNORECASE,
)
"""Said of a reminder that should come again."""


@action(*ADD)
def add(context: Context, text: Annotated[str, "thing to remember"], when: Moment) -> Reply:
    """Remind the wearer of something at a time."""
    say = SAY.language(context.language)
    saved = context.storage.add_reminder(text, when.at, context.language)
    at = saying.say(saved.due, context.now, context.language)
    shown = text[:1].upper() + text[1:]
    repeated = _REPEATED.search(context.utterance.replace(text, ""))
    card = Card(
        say("title"), f"{shown}\n{at}", say("once" if repeated else "hint"), "answer", context.language
    )
    undo = partial(context.storage.cancel_reminder, saved.id)
    return Reply(card, say("speech", when=at, text=text), undo)


@action(*LIST, asks=True)
def show(context: Context) -> Reply:
    """Show the reminders that are set."""
    say = SAY.language(context.language)
    pending = sorted(context.storage.reminders(), key=lambda reminder: reminder.due)
    if not pending:
        return Reply(Card(say("list"), say("none"), "", "list", context.language), say("none"))
    lines = [f"{saying.say(r.due, context.now, context.language)} — {r.text}" for r in pending[:SHOWN]]
    hint = say("more", count=len(pending) - SHOWN) if len(pending) > SHOWN else ""
    first = saying.say(pending[0].due, context.now, context.language)
    speech = say("next", when=first, text=pending[0].text)
    return Reply(Card(say("list"), "\n".join(lines), hint, "list", context.language), speech)


skill = Skill("reminders", "Remembers things for a time", (add, show))
