"""Translation between English, Arabic and Chinese by the model on the device."""

from typing import Annotated, Literal

from lamha.skills.api import Budget, Card, Context, Names, Reply, Skill, Writing, action
from lamha.skills.language import detect
from lamha.skills.translate.examples import TRANSLATE
from lamha.skills.wording import Wording

Language = Literal["en", "ar", "zh"]
NAMES = Names(
    {
        "en": (
            "English",
            "الإنجليزية",
            "الانجليزية",
            "بالإنجليزية",
            "بالانجليزية",
            "للإنجليزية",
            "英语",
            "英文",
        ),
        "ar": ("Arabic", "العربية", "بالعربية", "للعربية", "阿拉伯语", "阿拉伯文"),
        "zh": ("Chinese", "Mandarin", "الصينية", "بالصينية", "للصينية", "中文", "汉语", "普通话"),
    }
)
ENGLISH_NAMES = {"en": "English", "ar": "Arabic", "zh": "Chinese"}
SAY = Wording(
    title={"en": "In {target}", "ar": "{target}", "zh": "{target}"},
    en={"en": "English", "ar": "بالإنجليزية", "zh": "英语"},
    ar={"en": "Arabic", "ar": "بالعربية", "zh": "阿拉伯语"},
    zh={"en": "Chinese", "ar": "بالصينية", "zh": "中文"},
    hint={"en": "{phrase} · may be wrong", "ar": "{phrase} · قد لا تكون دقيقة", "zh": "{phrase} · 可能有误"},
    which={"en": "Into which language?", "ar": "إلى أي لغة؟", "zh": "翻译成哪种语言？"},
    which_hint={
        "en": "Say it again with Arabic or Chinese",
        "ar": "أعد الطلب مع اسم اللغة",
        "zh": "请带上语言再说一遍",
    },
)
INSTRUCTION = (
    "You are a translator. Translate what the user says into {target}. Answer with the translation only."
)
BUDGET = Budget(new=64, done_ms=8000)


@action(*TRANSLATE, asks=True)
def translate(
    context: Context,
    phrase: Annotated[str, "phrase"],
    target: Annotated[Language | None, "language", NAMES] = None,
) -> Writing:
    """Say a phrase in another language."""
    source = detect(phrase)
    into = target or (context.language if source != context.language else "en")
    say = SAY.language(context.language)
    if not target and into == source:
        card = Card(say("which"), phrase, say("which_hint"), "question", context.language)
        return Reply(card, say("which"))
    done = ""
    instruction = INSTRUCTION.format(target=ENGLISH_NAMES[into])
    for text in context.mind.compose(instruction, phrase, budget=BUDGET, stops=("\n",)):
        done += text
        yield text
    title = say("title", target=say(into))
    card = Card(title, done.strip(), say("hint", phrase=phrase), "answer", into)
    return Reply(card, done.strip())


skill = Skill("translate", "Says things in English, Arabic and Chinese", (translate,))
