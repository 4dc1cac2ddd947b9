"""What the wearer is asked, or told, when an action lacks something or nothing fits."""

from lamha.skills.api import Card, Reply
from lamha.skills.arguments import Missing
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
)


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
