"""What a decision says in words: what is missing, or why nothing is done, in the wearer's language."""

from lamha.skills.filling import Gap
from lamha.skills.moods import Mood
from lamha.skills.tools import spoken
from lamha.skills.wording import Wording

SAY = Wording(
    unsaid={"en": "What is the {what}?", "ar": "ما هو {what}؟", "zh": "{what}是什么？"},
    options={
        "en": "Which {what}: {options}?",
        "ar": "أي {what}: {options}؟",
        "zh": "哪一个{what}：{options}？",
    },
    past={
        "en": "The {what} has passed. What is the {what}?",
        "ar": "مضى {what}. ما هو {what}؟",
        "zh": "{what}已经过去了。{what}是什么？",
    },
    unknown={
        "en": "I don't know that {what}. Which {what}?",
        "ar": "لا أعرف هذا: {what}. أي {what}؟",
        "zh": "没有这个{what}。哪一个{what}？",
    },
    impossible={
        "en": "That {what} is not possible. What is the {what}?",
        "ar": "هذا غير ممكن: {what}. ما هو {what}؟",
        "zh": "{what}不可能是这样。{what}是什么？",
    },
    nothing={"en": "No words were said.", "ar": "لم يُقل شيء.", "zh": "没有听到话。"},
    none={
        "en": "Nothing here does that.",
        "ar": "لا شيء هنا يفعل ذلك.",
        "zh": "这里没有能做这件事的功能。",
    },
    unsure={
        "en": "I am not sure what is meant, so nothing was done.",
        "ar": "لست متأكدا من المقصود، فلم يحدث شيء.",
        "zh": "不确定您的意思，所以什么都没做。",
    },
    negated={"en": "As you said: nothing is done.", "ar": "كما قلت: لن يحدث شيء.", "zh": "好的，不做。"},
    retracted={
        "en": "Never mind: nothing is done.",
        "ar": "لا بأس: لن يحدث شيء.",
        "zh": "算了：什么都没做。",
    },
    reported={
        "en": "That was somebody else's request, so nothing was done.",
        "ar": "هذا طلب شخص آخر، فلم يحدث شيء.",
        "zh": "那是别人的要求，所以什么都没做。",
    },
    hypothetical={
        "en": "That was only supposed, so nothing was done.",
        "ar": "هذا افتراض فقط، فلم يحدث شيء.",
        "zh": "这只是假设，所以什么都没做。",
    },
    about={
        "en": "That is a question about it, so nothing was done.",
        "ar": "هذا سؤال عن ذلك، فلم يحدث شيء.",
        "zh": "这是在询问，所以什么都没做。",
    },
    cancelled={"en": "Cancelled.", "ar": "أُلغي.", "zh": "已取消。"},
)


def ask(gap: Gap, language: str) -> str:
    """The question for what is missing."""
    what = spoken(gap.name)
    say = SAY.language(language)
    if gap.options and gap.why in ("unsaid", "ambiguous"):
        comma = "、" if language == "zh" else "، " if language == "ar" else ", "
        return say("options", what=what, options=comma.join(gap.options))
    return say("unsaid" if gap.why == "ambiguous" else gap.why, what=what)


def refuse(why: Mood | str, language: str) -> str:
    """Why nothing is done."""
    return SAY.language(language)(why)
