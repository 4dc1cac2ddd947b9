"""The loop's own cards."""

from lamha.device.voice.states import Notice
from lamha.models.errors import LamhaError
from lamha.skills.api import Card, Reply
from lamha.skills.wording import Wording

SAY = Wording(
    silence={"en": "Nobody spoke", "ar": "لم يتكلم أحد", "zh": "没有人说话"},
    silence_hint={
        "en": "I have stopped listening",
        "ar": "توقفت عن الاستماع",
        "zh": "已停止聆听",
    },
    nothing={"en": "I did not understand", "ar": "لم أفهم", "zh": "我没有听清"},
    nothing_hint={"en": "Say it again", "ar": "أعد من فضلك", "zh": "请再说一遍"},
    stopped={"en": "Stopped", "ar": "توقفت", "zh": "已停止"},
    stopped_hint={
        "en": "Nothing more is said or done",
        "ar": "لن أقول أو أفعل شيئا آخر",
        "zh": "不再说话或操作",
    },
    too_long={"en": "That was too long", "ar": "كان ذلك طويلا جدا", "zh": "太长了"},
    too_long_hint={"en": "Only the beginning counts", "ar": "تُحسب البداية فقط", "zh": "只处理开头部分"},
    muted={"en": "The microphone is silent", "ar": "الميكروفون صامت", "zh": "麦克风没有声音"},
    muted_hint={
        "en": "Is it muted? Switch it on",
        "ar": "هل هو مكتوم؟ شغّله",
        "zh": "是否被静音？请打开",
    },
    clipped={"en": "That was too loud", "ar": "الصوت عال جدا", "zh": "声音太大"},
    clipped_hint={
        "en": "Speak a little further away",
        "ar": "تكلم من مسافة أبعد قليلا",
        "zh": "请离麦克风远一点",
    },
    missed={"en": "I missed something", "ar": "فاتني شيء", "zh": "我漏听了一些"},
    missed_hint={"en": "Say it again", "ar": "أعد من فضلك", "zh": "请再说一遍"},
    lost={"en": "The microphone is gone", "ar": "انقطع الميكروفون", "zh": "麦克风断开了"},
    lost_hint={
        "en": "I go on when it is back",
        "ar": "سأتابع عندما يعود",
        "zh": "恢复后继续聆听",
    },
    found={"en": "The microphone is back", "ar": "عاد الميكروفون", "zh": "麦克风已恢复"},
    found_hint={"en": "Go on speaking", "ar": "تابع الكلام", "zh": "请继续说"},
    repeat_nothing={"en": "I have said nothing yet", "ar": "لم أقل شيئا بعد", "zh": "我还什么都没说"},
    failed={"en": "That did not work", "ar": "تعذر ذلك", "zh": "没有成功"},
)


def notice(name: Notice, language: str) -> Card:
    """A card that says what the loop did."""
    key, say = name.replace(" ", "_"), SAY.language(language)
    return Card(say(key), "", say(f"{key}_hint"), "answer", language)


def failure(error: LamhaError, language: str) -> Reply:
    """What went wrong, and what to do."""
    title = SAY.language(language)("failed")
    return Reply(Card(title, str(error), error.hint, "error", language), title)


def nothing_said(language: str) -> str:
    """The answer to "say that again" where nothing was said."""
    return SAY.language(language)("repeat_nothing")
