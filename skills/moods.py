"""Whether words ask for something now, or only forbid it, report it, imagine it, wonder about it.

A probe on examples takes "she told me to call Omar" and "how do I call?" for "call". The forms a mood takes
are few in a language and know no tool, so they are written down. Where a form is also an ordinary request
("can you turn it on?", "how do I boil an egg?"), it counts as one.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Literal

from lamha.skills.spelling import Folded, fold

type Mood = Literal["request", "negated", "reported", "hypothetical", "about", "retracted"]

_HEAD = 400  # what an utterance is for stands at its beginning
_TAIL = 100  # and what takes it back at its end
# Marks of direction, joiners, Arabic vowel signs and tatweel.
_UNSEEN = re.compile(
    "[\u00ad\u0610-\u061a\u061c\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_APOSTROPHES = str.maketrans(dict.fromkeys("‘’ʼ`´", "'"))
_ARABIC = str.maketrans("أإآٱةىؤئ", "ااااهيوي")


def visible(text: str) -> str:
    """Return the text without marks that are not letters, and with single spaces."""
    return " ".join(_UNSEEN.sub("", text).translate(_APOSTROPHES).split())


def heard(text: str) -> str:
    """Return the text as `pattern` matches it: visible, and folded over case, width and Arabic spelling."""
    return _flat(fold(visible(text)))


def _flat(folded: Folded) -> str:
    return " ".join(folded.text.translate(_APOSTROPHES).split())


def _alternatives(words: Iterable[str]) -> str:
    longest_first = sorted((re.escape(word.translate(_ARABIC)) for word in words), key=len, reverse=True)
    return f"(?:{'|'.join(longest_first)})"


def _inflected(verb: str) -> tuple[str, str]:
    """Patterns of the past and the participle of an English verb, doubling its last letter or not."""
    first, *rest = verb.split(" ")
    stem, tail = first.removesuffix("e"), "".join(rf"\ {word}" for word in rest)
    past = f"{stem[:-1]}ied" if first.endswith("ply") else f"{stem}{stem[-1]}?ed"
    return past + tail, f"{stem}{stem[-1]}?ing{tail}"


def _tables() -> Iterator[tuple[str, str]]:
    file = tomllib.loads(resources.files("lamha.skills").joinpath("deeds.toml").read_text("utf-8"))
    for language, table in file.items():
        for name, words in table.items():
            yield f"{language}.{name}", _alternatives(words)
    deeds, handled = ([_inflected(verb) for verb in file["en"][name]] for name in ("deed", "handle"))
    irregular = _alternatives(file["en"]["past"])
    yield "en.done", f"(?:{irregular}|{'|'.join(past for past, _ in deeds + handled)})"
    abilities = [_inflected(verb) for verb in file["en"]["ability"]]
    yield "en.capable", f"(?:{'|'.join(participle for _, participle in deeds + abilities)})"
    yield "en.doing", f"(?:{'|'.join(participle for _, participle in deeds)})"
    yield "en.handling", f"(?:{'|'.join(participle for _, participle in deeds + handled)})"


_TABLES: Mapping[str, str] = dict(_tables())


def pattern(source: str) -> re.Pattern[str]:
    """Compile a verbose pattern for what was `heard`: `_` is a space, `@en.deed` a table of deeds.toml.

    Its Arabic may be written in full.
    """
    filled = re.sub(r"@([a-z]+\.[a-z]+)", lambda match: _TABLES[match[1]], source.replace("_", "[ ]"))
    return re.compile(filled.translate(_ARABIC), re.VERBOSE)


# What may stand before a request without changing it.
OPENING = pattern(
    r"""
    (?:
      (?: (?:hey|hi|ok|hello|okay)_[a-z]+ (?= [,.!:] | _(?:please|don't|do_not|never|can|could|would)\b )
        | hey | hi | hello | ok | okay | oh | ah | um+ | uh+ | er+ | hmm+ | so | well | and | but | yes
        | yeah | please
        | kindly | pls | lamha | listen | look | actually | honestly | seriously | sorry | wait
        | hold_on | alright
        | all_right | right | now | just | excuse_me | i_said | thanks | thank_you | for_god's_sake
        | no (?=[,.!]) | stop (?= [,.!] | _(?:i|don't|do_not)\b )
        | من_فضلك | لو_سمحت[يم]? | لو_تكرمت[ي]? | لو_ممكن | لو_أمكن | إذا_سمحت[ي]? | إذا_ممكن
        | رجاء?[ا]? | أرجوك
        | الرجاء | يا_?ريت | يا_\w+ | لمحة | طيب | طب | اوكي | حسنا | الله_يخليك | بليز | مرحبا | اسمع
        | معلش | بالله_?عليك
        | عفوا | خلاص | لا (?= [,،.!] ) | والله
      ) (?: [\s,،.!:-]+ | $ )
    | (?: 请问 | 请 | 麻烦 | 拜托了? | 你好 | 嘿 | 喂 | 嗨 | 那个 | 嗯 | 哎 | 好的 | 好吧 | 不好意思
      | 劳驾 | 求你了? | 小[a-z\u4e00-\u9fff](?=,)
        | 不 (?=,) ) [\s,.!]*
    )++
    """
)

_POLITE = (
    r"(?: (?:please|just|so|then|now|also|can_you|could_you|would_you|will_you|kindly|i_want_you_to"
    r"|you_can)_ )*"
)
_ASKS = (
    r"(?:@en.start|what|what's|where|when|how|who|which|is_there|do_i|did_i|have_i|are_(?:the|they|there)"
    r"|is_(?:it|the|that))\b"
)
_BREAK = r"[,،.;؛!?؟。…-]+_?"
_AR_OWN = r"(?: (?:[فو]|من_فضلك_|لو_سمحت_|لذا_|لذلك_)? @ar.start (?:ي|ني|لي|ها|ه|هم|نا|ل\w+)? (?!\w) )"
_ZH_OWN = (
    r"(?: [^,。]{0,8} (?:提醒我|叫醒?我|帮我|请|麻烦|记下|记一下|加到|加进) | (?:就|那就|那"
    r"|所以)? @zh.start )"
)

# A report or a thought may end in a request of its own: "my boss asked me to call him, remind me at six".
_OWN = pattern(rf"(?:{_BREAK}|\bso_) {_POLITE} {_ASKS} | {_BREAK}{_AR_OWN} | [,。;!?]_?{_ZH_OWN}")
_OWN_DEED = pattern(
    rf"(?:{_BREAK}|\bso_) {_POLITE} @en.start\b | \b(?:remind|wake|notify|alert|tell|let)_me\b"
    rf" | (?:{_BREAK}|_(?!ا)){_AR_OWN} | [,。;!?]_?{_ZH_OWN}"
)
# "She told me to buy milk, call Ali and rest" goes on as a list: only what is no part of it is a request.
_OWN_SURELY = pattern(
    rf"""
      [.;!?]_? {_POLITE} {_ASKS}
    | (?:,_?|\bso_) (?:so_|then_)? (?:please|can_you|could_you|would_you)_ @en.start\b
    | (?:,_?|\bso_|,_so_) (?:remind_me|wake_me|set|add|note|save|schedule|create|what|how|where)\b
    | [.؛;!،,]_? (?:ف|لذا_|من_فضلك_)? (?:ذكرني|ذكريني|فكرني|نبهني|صحيني|أيقظني|ضع|أضف|سجل|احفظ|اضبط|حط
      |ضيف) (?!\w)
    | [.؛!]_? {_AR_OWN}
    | [,。;!?]_? (?:[^,。]{{0,8}}(?:提醒我|叫醒?我|帮我|请|麻烦|记下|记一下|加到|加进) | (?:就|那就
      |所以)?(?:设|定|记|添加|创建))
    """
)
_HOW_MUCH = pattern(
    r".*\b(?:how_(?:much|many|long|far|old)|when_(?:will|do|would)|what_time)\b.*|.*(?:كم|متى)\b.*"
    r"|.*(?:多少|几).*"
)
_IN_A_LANGUAGE = pattern(
    r"""
    .*\b (?: in_(?:english|arabic|chinese|mandarin|french|spanish|german|italian|turkish|python|excel
      |javascript)
           | (?:بال|في_ال)(?:انجليزي|عربي|صيني|فرنسي)\w* ) \W*$
    | .*用?(?:英语|英文|中文|阿拉伯语|法语|日语)怎么.*
    """
)

_FORGET = r"(?:forget|fail|miss|mind|hesitate|lose|oversleep|be_late)\b"
# What may be said before the negation: why, or what it is about, but nothing to be said or done.
_CLAUSE_EN = rf"""(?:
    (?: (?! {_POLITE} (?:@en.utter|@en.start)\b | (?:a_|my_|new_)?(?:note|memo|reminder|message|text)s?\b
          | (?:i|we)(?:_need|_want|_have|_would_like|'d_like|_must|_should|_wanna|_gotta)_(?:you_)?(?:to_)?
              (?:@en.utter|@en.start)\b )
        [^,.;!?]{{1,60}} [,.;!]_ ){{1,2}}
    (?:(?:please|so|but|and|just|really|no|actually),?_){{0,2}} )"""
_NEGATED_EN = pattern(
    rf"""
    (?: (?:can|could|would|will)_you_(?:please_)? | (?:if_you_could_)? (?:please_)? | (?:today|tonight
      |tomorrow|now
        |from_now_on|for_now|this_time|whatever_you_do|until_\w+|at_\w+),?_ (?:please_)?
      | {_CLAUSE_EN} (?=don't|do_not|dont|never|not_(?:now|yet)\b) )
    (?: (?: don't | dont | do_not ) \b
        (?! _ (?:you|i|we|they|he|she)\b | _let_me\b | _(?:ever_)?{_FORGET} ) (?<! do_not (?=_disturb) )
      | never (?! _(?:mind|have_i|let_me|{_FORGET}) ) \b
      | not_(?=\w) (?<= [ ]you[ ]not[ ] | ease[ ]not[ ] )
      | not_(?:now|yet)\b
    )
    | don't_(?:do_(?:it|that)|you_dare)\b
    | {_CLAUSE_EN}? (?:there's_|there_is_|you've_|you_have_)? no_need\b
    | no_more_(?!than\b)\w+ | no_(?:reminders?|messages?|calls?|notifications?|alarms?|alerts?)\b
    | {_CLAUSE_EN}? you_(?: (?:don't|do_not)_(?:need|have)_to | needn't | need_not | mustn't | must_not
      | shouldn't
      | should_not
        | had_better_not | better_not )\b
    | let's_not\b | (?:i'd|i_would)_(?:rather|prefer)_(?:(?:if_)?you_(?:did)?n't
      |(?:if_)?you_(?:did_)?not|not)\b
    | i_(?:told|asked|said_to)_?(?:you)?_not_to\b | (?:nobody|who)_(?:asked|told)_you_to\b
    | i_(?: didn't | did_not | never )_(?:ask|tell|want|mean|say)(?:ed|ted)?_(?:you|to|for|that|it)\b
    | (?:under_no_circumstances|on_no_account|in_no_case)\b
    | (?:stop|quit|avoid|cease|refrain_from|hold_off)_(?:on_)? @en.doing\b
    | (?:make_sure|be_sure|be_careful|take_care|try|remember)_(?:that_)?(?:you_)?(?:don't|do_not|not_to
      |never)\b
        (?! _{_FORGET} )
    | (?:send|tell|call|text|message|buy|order|book|notify|touch|do|say)_(?:nothing|nobody|no_one
      |anything_to_no_one)\b
    | leave_.{{1,30}}_alone\b | leave_.{{1,30}}_(?:be|as_(?:it_is|they_are|is))\W*$
    | leave_(?:them|those|that)(?:_for_now)?\W*$
    | (?: a | an | the | my )_\w+ _(?:isn't|is_not|aren't|are_not)_(?:needed|necessary|required) \W*$
    """
)
_WANTS_NOT_EN = pattern(
    rf"""
    {_CLAUSE_EN} i_(?:really_)?(?:don't|do_not|dont|no_longer|won't|didn't)_(?:want|need)_(?:you|any\w*)\b
  | i_(?:really_|definitely_|certainly_)?(?: don't | do_not | dont | no_longer | won't | didn't )
      _(?:want|need|wish|care|be_needing)\b (?! _to_{_FORGET} )
    """
)
_FORGET_AR = r"(?:[تأا]?نس\w*|تخل\w*ني_ا?نس\w*|ت\w+ني_[أا](?:نس|تأخر|فوت)\w*)"
_CLAUSE_AR = r"""(?:
    (?! (?:و|ف)?@ar.start (?:ي|ني|لي|ها|ه|هم|نا|ل\w+)? (?!\w)
      | (?:[^،,.؛!؟?]{0,50}_)? (?:[تنيأاب]|بت|بن)?@ar.utter )
    [^،,.؛!؟?]{1,60} [،,.؛!]_ (?: (?:بس|لكن|من_فضلك|لو_سمحت|رجاء|يعني|و)_ )? )"""
# The thing first, then that it is to be left: "the message, do not send it".
_AR_LEFT = r"(?:(?:خل[يو]|سيبي?|اتركي?|تركي?|دع)(?:ه|ها|هم|هن)(?!\w))"
_THING_FIRST_AR = rf"""
    (?! (?:و|ف)?@ar.start (?:ي|ني|لي|ها|ه|هم|نا|ل\w+)? (?!\w) )
    (?: (?! (?:[تنيأاب]|بت|بن)?@ar.utter | لا_ | ما_ | إذا_ | لو_ | من_ا | كيف | ليش | لماذا
      | هل_ ) \w+ [،,]?_ ){{1,4}}?
    (?: (?:{_AR_LEFT}_?[،,]?_)? (?:لا_?|ما_?|بلاش_|مش_لازم_|مو_لازم_|م(?=ت)) (?! {_FORGET_AR} )
          (?:أن_)? ت\w+(?:ه|ها|هم|هن|هوش|هاش|هش|همش|يهاش|يهوش) (?!\w)
      | {_AR_LEFT} (?: _(?:زي|مثل|متل|على)_(?:ما_(?:هو|هي|هم)|حال\w+) )? \W*$ )
"""
_NEGATED_AR = pattern(
    rf"""
    (?: ممكن_ | ياريت_ | يا_ريت_ | اليوم_ | بكره_ | بكرة_ | غدا_ | الليلة_ | الآن_ | الحين_
      | لا،?_ (?=لا_|ما_|بلاش) | {_CLAUSE_AR} (?=لا_|ما_|بلاش|مت\w+ش|مفيش|مش_|مو_) )?
    (?: لا_? (?! {_FORGET_AR} ) (?: (?<=_) ت(?!مام|ركيا|ونس)\w{{2,}} | ت @ar.forbid | داعي | حاجة_ل?
      | لزوم | ضرورة | يلزم
            | يجب_أن | ينبغي | تعد )
      | ما_? (?! {_FORGET_AR} ) (?! @ar.like ) (?: ت\w{{2,}}ش (?!\w) | ت @ar.forbid )
      | م (?! {_FORGET_AR} ) ت\w{{2,}}ش (?!\w)
      | (?:ما_في[هش]?|مافي[هش]?|ما_فيش|مفيش|ما_له|ماله|ما_لها)_(?:أي_)?(?:داعي|حاجة|لزوم|لازمة|ضرورة)
      | (?:ما|مو|مب|مهب|موب|مش)_?(?:لازم|ضروري|مطلوب|يحتاج|يلزم|وقته|الحين|الآن|هلق|دلوقتي
      |لا_?زم) (?!_?أنا) (?!\w)
      | بلاش (?!\w) | بلا_ما_ | كفاية_\w+ | كفى_ | حذار_
      | (?:إياك|اياك|اوعى|اوعي|أوعى|احذر|حاذر)_(?:أن_|من_|ان_)? (?! {_FORGET_AR} ) \w
      | (?:توقف|توقفي|وقف|بطل|كف|كفي|امتنع)_عن_(?:ال)?(?:ارسال|إرسال|تذكير|اتصال|بعث|حجز|طلب|إزعاج|تنبيه)\w*
      | بطل_[تا]\w+ | (?:يرجى_|أرجو_|نرجو_)?(?:منك_)?عدم_\w+
      | (?:أرجو|أريدك|أريد_منك|أبيك|أبغاك|عايزك|عاوزك|بدي_ياك|يجب|لازم)_(?:منك_)?(?:أن_لا|ألا|عدم|ما_ت
      |لا_ت|مت)\w*
      | ليس_(?:هناك_داع|من_الضروري|ضروريا|عليك)\w* | لم_أطلب | لم_أقصد
    )
    | {_THING_FIRST_AR}
    """
)
_WANTS_NOT_AR = pattern(
    rf"""
    (?: (?:{_CLAUSE_AR})? (?: (?:ما|مش|مو|لا|لم)_?(?:أ?بيك|أبغاك|ابغاك|عايزك|عاوزك|عاوزاك|أريدك|بدي_ياك
      |ودي_إياك
      |أريد_منك|أطلب_منك|بغيتك) )
      | لا_(?:أريد|أود|أبغى|أبي|أرغب|أحتاج|نريد|ابغا) | لست_(?:بحاجة|أريد|محتاجا?) | لن_أحتاج
      | لم_أعد_(?:أريد|أحتاج|بحاجة)
      | ما_?(?:أريد|أبغى|أبي|ابغا|بدي|ودي|بغيت|نبي|أحتاج|عاد_\w+) | مابي | مبغاش
      | (?:مش|مو|مب|موب)_(?:عايز|عاوز|عايزة|عاوزة|محتاج|محتاجة|حابب|حابة|ناوي|ناوية|بدي) )
    (?!\w) (?! _(?:أن_)?أ?نس )
    """
)
_ZH_WHEN = (
    "今天|今晚|明天|现在|以后|晚上|早上|等会儿?|一会儿?|千万|暂时|先|求你了?"
    "|大家|你们?|您|都|再也|可|就|绝对|永远|我说"
)
_ZH_FORGET = r"(?: 再 | 让我 | 叫我 | 给我 )? (?: 忘 | 错过 | 迟到 | 睡过 | 漏 )"
_ZH_SAYS = "说告诉醒叫让发问写译通转回复唱放听搜查念读记备讲"
# What may be said before the negation: why, or what it is about, but nothing to be said or done.
_CLAUSE_ZH = rf"(?: (?!@zh.start|我[要想]|帮|如果|要是) [^{_ZH_SAYS},。;!?:]{{1,14}} [,。;!]_? )"
# The thing first: "the lunch, don't log it", with nothing behind the verb.
_THING_FIRST_ZH = rf"""
    (?! (?! (?:提醒|通知|翻译|转账|回复|录音)(?:就|先|都|也) ) @zh.start (?![^,。]{{0,6}}的) | 我[要想]
      | 来一 | 要一 | 一[杯份碗] | 怎么 | 为什么 | 什么 | 谁 | 哪 | 是不是 | 是否 )
    (?: [^{_ZH_SAYS},。;!?:是]
      | [发写放听搜查念读记回转译] (?=[^,。]{{0,4}}的) | (?:提醒|通知|翻译|转账|回复|记录|备忘录?|查询
        |录音|听写)
          (?=(?:的|就|先|都|也)) ){{1,16}}?
    [,]? (?: {_ZH_WHEN} | 也 | 暂且 | 还是 | 这次 | 那 )*
    (?: (?<![特区级分性告个识离类鉴差]) 别 | (?<!要) 不要 | 不用 | 不必 | 甭 | 不需要 | 没必要 | 用不着 )
    (?: 再 | 急着 | 忙着 | 给(?:我|他|她|它|他们)?(?!他|她) | 帮我 | 替我 | 去 | 乱
      | 往外 ){{0,2}} (?! {_ZH_FORGET} )
    @zh.behind (?: 一下 | 出去 | 掉 | 上 | 起来 | 进去 | 进来 | 下来 | 回去 | 它们? | 我 )?
    (?: 了 | 啦 | 吧 | 哈 | 哦 | 呀 )* \W*$
"""
_NEGATED_ZH = pattern(
    rf"""
    {_THING_FIRST_ZH} |
    {_CLAUSE_ZH}? (?: {_ZH_WHEN} )*
    (?: (?:不要|不许|不准|不得|不该|不应该|(?<!可)不可以|切勿|请勿|勿|甭) (?! {_ZH_FORGET} | 紧 | 不 )
      | 别 (?! {_ZH_FORGET} | [人的处墅名克扭致样离针国] )
      | (?:没必要|没有必要|用不着) | 无[需须] | 禁止
      | 先?不能 (?! .*吗 )
      | (?:能|可以|能不能|可不可以)(?:不要|别|不) (?!能|可以)
      | 停止 (?:发|打电话|提醒|下单|预订|订|转账) | 我?没(?:有)?(?:让|叫|要)你
    )
    | (?!@zh.start) (?: [^说告诉提醒叫让发问写译通转回复唱放听搜查念读,。]{{1,6}} | (?:短信|消息|邮件) )
      (?: (?<![特区级分性告个识离类鉴差]) 别 | (?<!要) 不要 | 不用 ) 再? (?: 关|开|发|打|订|设|动|删
      |取消|播放|提醒 )
    """
)
_WANTS_NOT_ZH = pattern(
    rf"{_CLAUSE_ZH} 我? (?:不用|不必|不需要|不想要?|不要|没想|没有?要) (?:让|叫|要)? 你"
    rf"| (?: {_ZH_WHEN} )* 我? (?:们)? (?: {_ZH_WHEN} )* (?:不用|不必|不需要|不想要?|不打算|不要|并不想"
    rf"|不再需要) (?! {_ZH_FORGET} )"
)

_SUBJECT = r"""
    (?! {start} | (?:what|who|why|when|where|how|which|if|is|are|did|does|do|was|were|can|could|would
      |should|will|have
        |has|i|you|it's|there|please|today|tomorrow)\b )
    (?: (?:he|she|they|we|it|everyone|everybody|someone|somebody|people|mom|mum|dad)
      | (?:my|the|our|his|her|their|a|an|this|that|one_of_my)_[\w']+(?:_[\w']+){{0,2}}?
      | [a-z]+(?:_[a-z]+)? )
""".format(start=r"@en.start\b")
_ADVERB = (
    r"(?:_(?:just|also|always|already|once|has|had|have|is|was|are|were|been|keeps|kept|never|again|then"
    r"|really|even|actually|only|still|recently|repeatedly|earlier|yesterday|today|last_\w+|this_morning"
    r"|the_other_day|specifically|sometimes|often|finally))*+"
)
_AGO_EN = r"""(?: (?: last_(?:night|week|weekend|month|year|time|summer|winter|\w+day)
      | yesterday(?:_\w+ing|_\w+noon)?
    | (?:earlier|today|tonight|recently|once) (?:_today|_on|_this_\w+)? | this_(?:morning|afternoon
      |evening|week)
    | the_other_(?:day|night|week|evening) | (?:just_)?\w+_(?:\w+_)?(?:ago|back) | just_now
      | a_while_(?:ago|back)
    | on_\w+day(?:_\w+)? | (?:at|over|during|in|after|before)_(?:the_|our_|my_|a_)?(?:work|school|church
      |home|lunch
      |dinner|breakfast|coffee|meeting|call|class|lesson|appointment|party|office|gym|phone) ),?_ )?"""
_ABOUT_SOMEBODY = r"""(?: (?:i|we|you|he|she|they|it|there)\b | (?:the|my|our|your|his|her|their|this|that
      |these
    |those|anyone|anybody|someone|somebody)\b | [a-z]+_(?:had|could|would|should|was|were|wanted|needed
      |got)\b )"""
_REPORTED_WISH_EN = pattern(
    rf"""
    {_AGO_EN} {_SUBJECT} {_ADVERB}
    _(?: (?:told|asked|asks|wants|wanted|needs|needed|expects|expected|ordered|advised|reminded|invited
      |begged|urged
           |asking|telling|instructed|encouraged|nagged|nagging|begging|urging|persuaded|convinced|warned
             |forced
           |texted|emailed|messaged|used_to_(?:tell|ask|remind|nag|beg))_(?:me|us|him|her|them|everyone
             |everybody
           |[a-z]+)_(?:not_)?to
       | (?:would_like|'d_like)_(?:me|us)_to
       | (?:said|says|saying|suggested|suggests|recommended|recommends|demanded|shouted|insisted|yelled)
         (?: _to_(?:me|us) )? (?: _to | ,?_?: )? _ " ? @en.start | \bsays?:
       )\b
    | {_AGO_EN} i_(?:was|got|have_been|'ve_been|am|had_been)_(?:told|asked|advised|instructed|ordered)_to\b
    | i've_been_(?:told|asked|advised)_to\b
    | .{{1,100}}[,"”]_? (?: (?:he|she|they|my_\w+|[a-z]+)_(?:said|says|told_me|shouted) | (?:said
      |says)_\w+(?:_\w+)? ) \W*$
    """
)
_REPORTED_EN = pattern(
    rf"""
    {_AGO_EN} {_SUBJECT} {_ADVERB}
    _(?: (?:said|says|saying|mentioned|suggested|suggests|recommended|recommends|claims|claimed|replied
      |insists|insisted
           |thinks|thought|demanded|reckons|texted_me|wrote|writes|warned|announced|answered|yelled|shouted)
         (?! _who\b ) [:,]? (?: _ | $ )
       | (?:told|tells|telling|warned|informed|reminded|texted|messaged|emailed)_(?:me|us|him|her|them
       |everyone)\b
       | (?:asked|begged)_(?:me|us)?_?for_(?!what)
       | (?:advised|urged|proposed|hinted|pointed_out|complained|brought_up|used_to_say)_(?!who\b)
       | (?:asked|asking|wondered|wondering|inquired|enquired|curious|wanted_to_know
         |wanted_to_hear)_(?:me_|us_|him_
           |her_)? (?: (?:if|whether)_{_ABOUT_SOMEBODY} | (?:why|how_come|when|where|what)_(?:i|we)\b )
       )
    | {_AGO_EN} i_(?:was|got|have_been|had_been)_asked_(?:if|whether|why|when)\b
    | i_(?:just_|once_|recently_)?(?:read|heard|saw|overheard)_(?:that|somewhere|about|\w+_(?:say|tell
      |ask|saying)|on|in)\b
    | i(?:'ve|_have)_(?:read|heard)_(?:that|about|somewhere)\b | i_was_told_that\b
    | (?:apparently|supposedly|allegedly)\b | rumou?r_has_it\b | word_is\b
    """
)
_AR_SAID = r"""(?:
    ب?(?:قال(?:ت|وا)?|[يت]قول(?:ون|وا)?)(?:ل?[يهن]|لنا|ل?ها|تلي|ولي)? | قالولي | قالتلي | حكالي | حكتلي
  | أخبر(?:تني|وني|تنا|ونا) | أخبرني_(?:\w+_){1,2}(?:أن|أنه|أنها|أنهم|بأن|بأنه) | [تي]?نصح(?:ني|تني
    |وني) | ب[يت]نصح(?:ني|وني) | نصحنا | [أا]?وص(?:اني|تني|وني) | حذر(?:ني|تني|وني) | شجع(?:ني|تني|وني)
  | حث(?:ني|تني|وني) | طالب(?:ني|تني|وني) | ترج(?:اني|تني|وني) | نبهت(?:ني|وني) | خبرتني | خبروني | اقترحوا
  | ب?[يت]قترح(?:ون)? | [أا]?لح(?:ت|وا)?_علي | عرض(?:ت|وا)?_علي
  | (?:ب?[يت])?س[أا]ل(?:ني|تني|وني|نا|تنا|ونا|وا|ت)? (?=_(?:\w+_){0,3}?(?:إذا|إن|هل|لو|ليش|لماذا|ليه|متى|وين
      |ما_إذا)_)
  | أمر(?:ني|تني|وني) | طلب(?:ت|وا)?_(?:\w+_){0,2}?مني | اقترح(?:ت)? | ذكرت?_أن
  | [يت]ريد(?:ني|ونني|ون_مني|_مني) | [يت]بغاني | [يت]بيني | عايز(?:ني|اني|يني) | عاوز(?:ني|اني)
    | بد[هو]ا?_ياني | بده_ياني | يطلب_مني | تطلب_مني
)"""
_AR_NO_SUBJECT = (
    r"(?! (?:و?@ar.start|ما|ماذا|هل|كيف|من|مين|شو|ايش|وش|ليش|لماذا|متى|أين|شلون|ازاي|ممكن|بدي|أريد|لو"
    r"|إذا|كم)(?:ي|ني|لي)?(?!\w) )"
)
_AGO_AR = r"""(?: [اإ]?مبارح(?:_بالليل|_الصبح)? | أمس(?:_\w*الليل)? | البارحة | قبل_(?:شوي|شوية|قليل|يومين
      |أيام|أسبوع|ساعة)
    | من_(?:شوي|شوية|يومين|أيام|أسبوع|ساعة|زمان) | منذ_(?:قليل|يومين|أيام|أسبوع|ساعة) | الليلة_(?:الماضية
      |الفائتة)
    | (?:الأسبوع|الاسبوع|الشهر|العام|المرة|السنة|اليوم|الجمعة|المره)_(?:الماضي|الماضية|الفائت|الفائتة
      |السابقة|اللي_(?:فات|فاتت|راح|راحت|مضى)) | آخر_مرة | هذا_الصباح | زمان )"""
_REPORTED_AR = pattern(
    rf"""
    (?! ت?يقول_ل | تقول_ل(?!ي) | تقول_الساعة | خبرني | خبرنا )
    (?: {_AR_SAID} | {_AR_NO_SUBJECT} (?:{_AGO_AR}[،,]?_)? (?:\w+_){{1,3}}? {_AR_SAID}
      | {_AGO_AR}[،,]?_ (?:\w+_){{0,3}}? (?:{_AR_SAID}|قلي|قللي|قالي|خبرني|ذكرني|نبهني|فكرني) ) (?! \w )
    | (?:طلب|طلبت|طلبوا)_(?:مني|منا|\w+_مني|\w+_\w+_مني)\b
    | (?:سمعت|قرأت|قريت|شفت|رأيت)_(?:أن|إن|إنه|أنه|\w+_(?:يقول|تقول|بيقول|بتقول))
    | (?:مكتوب|يقال|قيل)_ | (?:وصلني|جاني)_أن
    """
)
_SURNAME = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖"
    "田董潘袁蔡蒋余于杜叶程魏苏吕丁任沈姚卢姜崔钟谭陆汪范石廖贾韦付邹孟熊秦邱江尹薛"
    ""
)
_ZH_PERSON = (
    rf"(?: 他们? | 她们? | 它 | 人家 | 有人 | 大家 | 别人 | (?:我的?)? @zh.role "
    rf"| [小老阿][\u4e00-\u9fff] | [{_SURNAME}][\u4e00-\u9fff]{{0,3}}"
    r" | 艾哈迈德 | 莎拉 | 萨拉 | 奥马尔 | 阿里 | 萨米 | 我[的\u4e00-\u9fff]{0,2}@zh.role | [a-z]+_? )"
)
_AGO_ZH = (
    r"(?: 刚才|刚刚|刚|昨天|昨儿|今天|昨晚|今早|今晨|早上|上午|中午|下午|晚上|之前|以前|当时|那天|前天"
    r"|前几天|前两天"
    r"|前阵子|上次|上回|上周[一二三四五六日末]?|上个?(?:月|星期|礼拜)|去年|有一次|有次|(?:开会|吃饭|上课"
    r"|看病|复诊|体检) )"
)
_REPORTED_ZH = pattern(
    rf"""
    (?: (?: {_AGO_ZH} (?:的时候|时|里)? ,? ){{0,3}}+ (?!周[一二三四五六日天末]|马上|任何|于是)
        {_ZH_PERSON}
        (?: {_AGO_ZH}|又|总是|总|一直|老|还|也|曾经|经常|常常|常|再三|反复|特意|在微信上|在电话里|打电话
          |发短信|发消息|突然
        ){{0,4}}
        (?: 说 (?!什么|啥|的|了什么|谁|过什么) | 告诉(?:我|我们)(?!吧) | [跟对和]我说 | [让叫要请](?:我
        |我们)
          | (?:想|希望|建议|要求|劝|劝说|吩咐|通知|催|催促|嘱咐|叮嘱|交代|命令|提醒|警告|鼓励|求|恳求|拜托
            |想让|想要
            |需要)(?:了|过|着)?(?:我们|我)(?![们]?的)
          | 问(?:了|过|起|起过|一句)?(?:我们?)? (?:有没有|有无|是不是|是否|要不要|能不能|可不可以|会不会
            |愿不愿意|去不去|在不在
            |为什么[又没不还]|怎么[又没不还]|什么时候[^,。]{{0,3}}[去来回]|[^,。]{{0,14}}(?:了没有?|了吗
              |没有|吗)\W*$) )
      | [\u4e00-\u9fff]{{1,5}}(?:上|里)(?:面)?(?:说|写着|写|讲)
      | (?:我)?(?:听|看|读)(?:到|见)?说?(?:有人说|别人说|说)
      | 据说 | 新闻说 | (?:牌子|告示|标志|短信|邮件)(?:上)?(?:说|写) | 我(?:在.{{1,8}})?(?:读到|看到说|听到)
    )
    """
)

_HYPOTHETICAL_EN = pattern(
    r"""
    (?: what_(?:would|will|could|might)_(?:happen|you_do|you_say|be)_if | what_if | what_happens_if )
      _(?:i|we|you|someone)_ (?:(?:were|was)_to_|had_|just_|did_|ever_|accidentally_|had_you_
      |asked_you_to_)*
      (?: @en.deed | @en.done | @en.handle (?=.*\b(?:it|this|that|@en.thing s?)\b) | turn(?:ed)?
      | switch(?:ed)? | asked | told )\b
    | (?:even_)?if_(?:i|we|you|he|she|they|someone)_
      (?: (?:were|was)_to_ (?=.*) (?:(?:@en.deed|@en.handle|turn|switch|tell|ask)\b | [^,?]{1,80}$ )
        | (?:had|ever|accidentally)_\w+ | @en.done\b | asked_you | told_you | wanted_(?:you_)?to_ )
    | (?:suppose|supposing|imagine|assume|assuming|hypothetically|pretend|let's_say|let_us_say),?_(?:that_)?
      (?: (?:i|we)_ | you_(?:had|were_to|@en.done) )
    | say_i_(?:were|wanted|had|@en.done)\b
    | i_(?:might|may)_(?:just_|also_|even_|later_)?(?!need|have|be|not|use)\w+
    | i_could_(?:just_|also_|always_)?@en.deed\b
    | (?:maybe|perhaps|possibly|someday|one_day|some_day)(?:_later|_tomorrow|_tonight|_next_\w+|,)?_
        i(?:'ll|'d|_will|_should|_might|_could|_would|_can|_may)_
    | (?:later|tomorrow|tonight|next_week)_i_(?:might|may|could)_
    | i_(?:was|am|'m|were)_(?:just_)?(?:going_to|gonna|about_to|planning_(?:to|on)|considering|intending_to
        |thinking_(?:of|about|to)) (?<! am_going_to ) _(?! ask_(?:you|what|how|if|whether|where) )
    | i'm_(?:thinking_(?:of|about)|considering|planning_(?:to|on))_
    | i_(?:should|would|could|might)(?:_have|'ve)_ | i_(?:almost|nearly)_
    | i_(?:wanted|meant|intended|planned|hoped)_to_(?!ask|know).*\bbut\b
    | i(?:_had|'d)_(?:wanted|meant|intended|planned|hoped)_to_
    | i_wish_i_ | i'll_probably_ | i_will_probably_
    | i(?:'ll|_will)_(?:@en.deed|do)\b.*\b(?:later|myself|another_time|some_other_time)\W*$
    | i'm_not_sure_(?:if|whether)_i_should_ | should_i_(?:@en.deed|turn|switch)\b
    """
)
_HYPOTHETICAL_IF_EN = pattern(
    r"(?:so_)?if_(?:i|we|you)_(?:just_|now_)?(?:@en.deed|(?:turn|switch)_\w+)\b.*(?:\b(?:will|would|does"
    r"|is|can|could|what)\b|\?)"
)
_HYPOTHETICAL_AR = pattern(
    r"""
    (?: ماذا_لو | شو_لو | ايش_لو | وش_لو | لنفترض | افترض | لنفرض | نفترض | فرضا | تخيل_(?:أني|أنني|لو|إني)
      | (?:ماذا|ما_الذي|ايش|وش|شو|إيه_اللي|ايه_اللي)_(?:س|ه|ح|ب|راح_)?(?:يحدث|يحصل|يصير|صير
      |كان_سيحدث)_(?:لو|إذا)
      | لو_(?!سمح|تكرم|ممكن|أمكن|تقدر|بتقدر|تسمح|فيك) (?:كنت_|أني_|إني_|أنا_|انا_)?
          (?: \w+(?:ت|نا)(?:ها|ه|هم|لك|له|لها)? (?!\w) | [أا]\w{2,} )
      | (?:إذا|اذا)_@ar.past
      | كنت_(?: س[أا]\w+ | [هح][أا]?\w{3,} | رح_ | راح_ | ناوي | ناوية | ب?أ?فكر | أنوي | على_وشك )
      | كنت_(?:أريد|عايز|عاوز|بدي|أبي|أبغى|أود)_.*_(?:بس|لكن|ولكن)
      | كان_ودي | كدت_ | ليتني | لعلي | يا_?ليت | لو_كنت
      | (?:ربما|لعلني|يمكن|قد)_(?:لاحقا_|بعدين_|غدا_|بكرة_|أنا_)? (?: س[أا]\w+ | [أا](?!ن_|نه|ي)\w{3,}
      | [بح][أا]?\w{3,} (?<=ي|ل|ت|ب|ر|ز) )
      | (?:أنا_)?(?:عم_)?(?:ب)?(?:أ)?فكر_(?:في|ب|أن|إني|اني|أني|أ)
      | (?:هل_)?(?:يجب|ينبغي|لازم)_(?:علي_)?أن_أ?@ar.deed.*؟
    )
    """
)
_HYPOTHETICAL_ZH = pattern(
    r"""
    (?: (?:如果|要是|若是|万一|假如|假设|假使|倘若)(?:说|是)?(?:我们?|你)
          (?= .*(?:会怎么?样|会发生什么|会如何|会不会|行不行|怎么办|会有什么|呢|吗|的话)
          | .{0,6}(?:@zh.deed|@zh.past) )
      | (?:假如|假设|假使|倘若)(?:我|你)
      | 我(?:们)?(?:本来|原本|原来|刚才|刚刚|正)(?:是)?(?:想|要|打算|准备)(?!问)
      | 我(?:差点|可能|也许|或许|说不定|没准|大概)(?:会|要|就)? (?!需要)
      | (?:也许|可能|或许|说不定|没准)(?:以后|晚点|明天|改天|等会儿?)?我 (?!需要)
      | (?:改天|回头|以后|晚点|等会儿?|有空)我?(?:再|会|自己)(?!提醒我|告诉我|帮我|给我)
      | 我(?:在|正在)?(?:考虑|犹豫|想着|琢磨)
      | 我(?:在)?想(?:要不要|是不是|该不该) | 我(?:该不该|要不要|应不应该)(?:@zh.deed|给|发|打|订|买)
      | 我想过 | 早知道 | 我要是 | 我如果 | 我打算(?:以后|改天|晚点)
    )
    """
)
_THEN_ZH = pattern(r".*(?:会怎么?样|会发生什么|会如何)\W*")

# What comes of it is to be computed: "if I save 200 a month, how much is it after a year?"
_RESULT = pattern(
    r"""
      (?:even_|so_|and_)?(?:if|suppose|supposing|assume|assuming|imagine|say|let's_say|let_us_say)\b .* \b
        (?: how_(?:much|many|long|far|old|big|fast|high|tall|soon)\b
          | what(?: 's_(?:the|my|that|it)\b | _(?:is|are)_(?:the|my)\b
              | _(?:do|would|will|should|can|could|might|did)_(?:i|we)_(?:have|get|owe|pay|earn|make
                |end_up|be_left
                |lose|gain|save|need|weigh|receive|spend|burn)\b
              | _(?:do|does|would|will|could|might)_(?:it|that|they|(?:the|my)_\w+)_(?:be|come_to|come_out
                |cost|amount
                |total|make|equal|weigh|add_up|work_out|grow|turn_into)\b
              | _(?:percent\w*|time|year|day|date|amount|interest|total|temperature|speed|fraction)\b )
          | when_(?:will|do|would)_(?:i|we)_(?:arrive|get_there|finish|be_done|run_out|reach) )
    | (?:لو|إذا|اذا|لنفترض|افترض|لنفرض|نفترض|فرضا)_ .* (?<!\w)
        (?: (?:ب|ل|ف)?كم | قديش | أديش | اديش | شقد | كام | قد_[إا]يه | (?:ما|شو|ايش|وش)_(?:هو_
          |هي_)?(?:المبلغ|المجموع
          |الناتج|النتيجة|العائد|الربح|الرصيد) ) (?!\w)
    | (?:如果|要是|若是?|假如|假设|假使|倘若|万一) .*
        (?:多少|多久|多长|多远|多大|几(?:年|天|点|个|块|岁|次|倍|分钟|小时|周|月))
    """
)

_TELL_HOW = r"""(?: (?: (?:can|could|would)_you_ (?:please_)? )? (?: tell_me | show_me
  | explain(?:_to_me)? | teach_me )_
    | (?:i_want|i'd_like|i_would_like|i_need)_to_(?:know|learn)_ | (?:do_you|i_don't|do_i)_know_ )?"""
_EN_DEED = r"""(?: (?:@en.deed)\b (?!_(?:a_)?(?:function|method|bluff|respects)) | (?:turn|switch
  |shut)_(?:[\w']+_){0,4}?(?:on|off|up|down)\b
    | (?:@en.handle)_(?:[\w']+_){0,5}?(?:it|this|that|@en.thing s?)\b | make_(?:a|an|the|my)_(?:phone_
      |video_)?
      (?:call|reservation|booking|payment|appointment|order|reminder)\b
    | zoom(?:_in|_out)?\b | (?:log|record|track|enter|note_down|write_down)_(?:[\w']+_){0,3}?@en.matter s?\b
    | convert_(?:a_|an_|my_)?(?:currency|currencies|money|units?|amounts?)\W*$ )"""
_EN_DOING = r"""(?: @en.capable\b | (?:turning|switching|shutting)_(?:[\w']+_){0,4}?(?:on|off|up|down)\b
    | @en.handling_(?:[\w']+_){0,5}?(?:it|this|that|@en.thing s?)\b
    | making_(?:a|an|the|my)_(?:phone_|video_)?(?:call|reservation|booking|payment|appointment
      |reminder)\b )"""
_EN_ASSISTANT = r"(?:you|this|this_\w+|these_glasses|lamha|the_(?:assistant|glasses|app|device))"
_EN_WOULD = r"(?:'d|_(?:do|can|could|should|would|does|might|did|am|are|must|will))"
_ABOUT_HOW_EN = pattern(
    rf"""
    {_TELL_HOW} how(?:'d|_(?:do|can|could|should|would|does|might|did|am|are))_(?:i|we|you|one|someone
      |people|anyone)
      _(?:actually_|even_|go_about_|supposed_to_|able_to_|possibly_|get_you_to_
      |make_you_)* (?:{_EN_DEED}|@en.doing\b)
    | {_TELL_HOW} how{_EN_WOULD}_(?:i|we|you|one|someone|people|anyone)_(?:\w+_)?
        (?: (?:go|set|get)_about_ {_EN_DOING} | (?:start|begin|get_started)_(?:with_)? {_EN_DOING}
          | (?:tell|ask|get|make|have|command|instruct)_{_EN_ASSISTANT}_(?:to_)?@en.start\b
          | use_{_EN_ASSISTANT}_(?:to_@en.start|for_\w+ing)\b
          | (?:say|word|phrase|put)_(?:it|that|this)_(?:if|when)_i_want(?:ed)?_(?:you_)?to_ )
    | how_about_telling_me_how_to_ {_EN_DEED}
    | {_TELL_HOW} how_(?:to|i_can|i_could|i|you_can)_ {_EN_DEED}
    | how_(?:is|are|can)_(?:a_|an_|the_)?@en.thing s?_(?:be_)?@en.done\b
    | {_TELL_HOW} how_(?: (?:does|do|did|would)_(?:the_|this_|your_|my_|a_|an_)?(?:[\w']+_)? (?:it|this
      |that|@en.thing s?|app)_(?:\w+_)?work
        | (?:the_|this_|your_)(?:\w+_)?@en.thing s?_works? )\b
    | {_TELL_HOW} what(?:'s|_is|_would_be)_the_(?:best_|right_|easiest_|quickest_|fastest_|simplest_
      |proper_|correct_)?
        (?:way|trick|method|command|phrase|procedure|word|gesture|shortcut)_(?:to|of|for|i_use_to)_
        (?:{_EN_DEED}|{_EN_DOING}|have_you_|get_you_|make_you_|tell_you_)
    | {_TELL_HOW} what_(?:(?:do|should|must|would|can|could|might)_(?:i|we|you|one)|to)_
        (?:say|do|press|tap|type|tell_you|ask_you|need_to_(?:do|say)|have_to_(?:do|say))_
        (?:to_you_)? (?:if_i_want(?:ed)?_|in_order_|when_i_want_|so_as_|for_you_)? (?:you_)? to_
        (?: {_EN_DEED} | @en.ability\b | (?<=you_to_)@en.start\b )
    | (?:what|which)_(?:button|key|command|words?|gesture)s?_(?:do|should|must|will|would|can|could)_
    | (?:do_you_know_how_to|is_it_possible_(?:for_you_)?to|is_there_(?:a|any)_way_(?:for_you_)?(?:to
      |i_can|i_could)
        |would_it_be_possible_for_me_to|am_i_able_to)_ {_EN_DEED}
    | can_i_ {_EN_DEED} .*\b(?:with_you|with_this|from_here|using_(?:this|you)|through_you|without_.+)\W*$
    """
)
_ABOUT_EN = pattern(
    r"""
    (?: are_you_(?:able_to|capable_of)_ | do_you_(?:support|offer|handle)_ | are_you_allowed_to_ )
    | what_(?:else_)?(?:can|could)_(?:you|this_\w+|i)_(?:do|say|ask_you|help_me_with|ask)(?:_for_me
      |_to_you)?\W*$
    | what_are_you_(?:able_to_do|capable_of) | what_can_i_(?:say|ask)_(?:to_)?you
    | what_(?:commands|features|functions|skills|abilities|tools)_(?:do|can|are)
    | (?:can|could|do)_you_(?:also_|even_|actually_|really_)? (?:@en.deed|@en.handle|make|write
      |read)_(?:@en.thing)s(?:_for_me|_to_people)?\W*$
    | (?:can|does|will|could)_(?:it|this|this_\w+|the_(?:assistant|device|app)
      |lamha)_(?:also_)?(?:@en.deed|@en.handle|make|turn)\b
    | (?:did|have|had)_you_(?:already_|just_|really_|actually_|ever_)? (?: @en.deed | @en.done
      | @en.handle | turn(?:ed)? | finish(?:ed)? | manage )\b
    | (?:did|have|had)_i_(?:already_|just_|really_|actually_|ever_)? (?: @en.deed | @en.done
      | @en.handle | turn(?:ed)? )\b
    | haven't_(?:i|you)_(?:already_)?@en.done\b | didn't_(?:i|you)_(?:already_)?(?:@en.deed|@en.handle)\b
    | did_(?:it|that|(?:the|my)_@en.thing)_(?:get_@en.done|send|go_through|arrive|work|go_out)\b
    | (?:has|have|was|were)_(?:it|that|they|(?:the|my)_(?:\w+_)?@en.thing s?)_(?:already_
      |just_)?(?:been_)?@en.done\b
    | is_(?:it|that|(?:the|my)_(?:message|text|email|reminder|reservation|booking|order
      |payment))_(?:already_)?(?:@en.done)\b
    | (?:why|when|who|where|what|which_\w+)_(?:did|have|had|didn't)_you_(?:already_|just_)?(?:@en.deed
      |@en.done|@en.handle|turn|switch)\b
    | why_are_you_@en.handling\b
    | what_happens_(?:when|after|once|if)_(?:i|you|we)_(?:press|tap|click|say|swipe|hold|push|touch
      |double|long|@en.deed|turn|@en.handle_(?:it|this|that|the_@en.thing))\b
    | what_(?:does|do)_(?:this|that|the|these)_(?:\w+_)?(?:button|switch|command|icon|setting|mode
      |gesture)s?_(?:do|mean)\b
    """
)
_AR_DEED = r"""(?: (?:ب|ن)?[أاتنيب]+ @ar.deed \w*
    | (?:ال)?@ar.noun_(?:ال)?\w+
    | (?:ب|ن)?[أاتنيب]+ @ar.handle \w*_(?:\w+_){0,3}? (?:ال|لل)?@ar.thing )"""
_ABOUT_AR = pattern(
    rf"""
    (?: (?: (?:هل_|ممكن_)? (?:ت|بت|ا)?(?:عرف|علمني|شرح_لي|قول_لي|خبرني|قل_لي|شرحلي)_)?
        (?:كيف|كيفية|ازاي|إزاي|ازي|شلون|اشلون|كيفاش|وش_طريقة|ما_طريقة|ما_هي_طريقة|ايش_طريقة|شو_طريقة|طريقة)_
        (?: يمكنني_ | يمكن_ | أستطيع_ | أقدر_ | ممكن_ | بقدر_ | فيني_ | علي_ | يتم_ | تتم_ | لي_ | أن_
        | ان_ | ينفع_ | راح_ | ح_ )* {_AR_DEED}
      | (?:كيف|ازاي|إزاي|ازي|شلون|اشلون|كيفاش)_ (?:يمكنني_|ممكن_|أقدر_|لي_|أن_|بقدر_|فيني_)*
          (?: ب?[أا](?:طلب_منك|قول_لك|قولك|خليك|خلي_(?:المساعد|النظارة)|جعلك|ستخدمك|ستعملك)
            | ب?[أان]حول_(?:ال)?عمل(?:ه|ات) | ب?[أان](?:سجل|تابع|دون)_(?:ال)?(?:وجب|وزن|تمرين|ضغط|سعرات
              |خطوات|مصروف)\w* )
      | (?:ما|شو|ايش|وش|إيش|ما_هي)_(?:هي_)?(?:أفضل_|أسهل_|أحسن_|أسرع_)?(?:ال)?(?:طريقة|سبيل)_
          (?:ل|إلى_|ال)?(?:أن_|حتى_)?{_AR_DEED}
      | (?:ماذا|ما_الذي|شو|ايش|وش|إيش|ايه|إيه)_(?:يجب_أن_|لازم_|المفروض_|ممكن_|علي_أن_|بدي_)?(?:ب?[أا]
        |ب)قول(?:_?لك|ك)?_
          (?:إذا_|اذا_|لو_|عشان_|علشان_|حتى_|لكي_|كي_|مشان_|كرمال_|منشان_|بس_)
      | (?:ماذا|شو|ايش|وش|إيش)_(?:ب?[أا]|ب)قول(?:_?لك|ك)?_ل\w+
      | (?:ب?[أا]|ب)قول(?:_?لك|ك)?_[إا]يه_(?:عشان|علشان|لو|إذا)
      | (?:كيف|ازاي|إزاي|شلون)_(?:ي|ت|بي|بت)(?:عمل|شتغل|شغل|تشغل)_(?:ال)?@ar.thing
      | هل_(?:يمكنك|تستطيع|تستطيعين|بإمكانك|تقدر|بتقدر|فيك|بتعرف|تعرف|من_الممكن|بمقدورك|يمكن)_(?:أن_)?
          (?: (?:ب|ت|ال)?\w+_(?:ال)?@ar.many \W*$ | الاتصال\W*$ | (?:ترسل|تتصل|تحجز)\W*$ )
      | (?:هل_)?(?:ت|بت)عرف_(?:ت|إرسال|كيف_){_AR_DEED}? (?: {_AR_DEED}|\w+_@ar.many )
      | (?:هل_)?(?:تقدر|بتقدر|فيك|بتعرف|بتعرفي)_ت\w+_(?:ال)?@ar.many \W*$
      | هل_(?:أنت_قادر|لديك_القدرة|عندك_القدرة|تدعم|بمقدورك|في_إمكانية|هناك_طريقة|في_طريقة)\b
      | (?:ماذا|ما_الذي|شو|ايش|وش|إيش)_(?:تستطيع|يمكنك|بتقدر|تقدر|بتعرف|تعرف|فيك
      |بإمكانك)_(?:أن_)?(?:تفعل|تعمل|تسوي|فعله|عمله)\w*
      | (?:تقدر|بتقدر|بتعرف|تعرف)_(?:تعمل|تسوي|تفعل)_(?:ايه|إيه|ايش|شو|وش)
      | ما_(?:هي_)?(?:قدراتك|وظائفك|إمكانياتك|ميزاتك|مهاراتك)
      | (?:هل|لسه|لسا)_(?:قد_|لقد_)?(?:@ar.past|قمت_ب|تم_(?:ال)?@ar.noun|تمت_|وصلت_الرسالة|انرسلت|انبعتت)\w*
      | @ar.past (?!\w) .{{0,60}} (?:؟|\?|ولا_لا|ولا_لسه|أم_لا|والا_لا)
      | (?:أرسلت|ارسلتها|بعتت|حجزت|ألغيت|حذفت|طفيت|ضبطت) (?!\w)
      | (?:اتبعتت|انبعتت|انرسلت|اترسلت|وصلت_الرسالة|انحجز|تم_الإرسال|تم_إرسال|تم_حجز|تم_الحجز)\b
      | (?:ماذا|ايش|شو|وش|إيه_اللي)_(?:ي|ب|س|ه|بي)?(?:حدث|حصل|صير)_(?:عندما|لما|إذا|لو)_(?:أضغط|ضغطت
      |اضغط|أكبس|كبست|أنقر|أقول|قلت|لمست)
      | (?:لماذا|ليش|ليه|لشو|علاش|متى|لمن|مين)_@ar.past (?!\w)
    )
    """
)
_ZH_DEED = (
    r"(?: @zh.deed | (?:给|跟|和|向|为)[^,。]{1,8}?(?:发|打|转|订|设|寄) (?!烧) | (?:开|关|设|定|订|用"
    r"|放|播放|打开|关掉|添加|调|改|删|创建|录|拍|取消|连|连接)(?:个|一个|这个|那个"
    r"|一下)?[^,。]{0,4}?@zh.thing | 发(?=[\W]*$|出去|送|一条|条|个) )"
)
_ZH_HOW_SAID = (
    r"(?:我)?(?:要|该|应该|得|需要|可以|能|到底)?(?:怎么|如何|怎样|咋)(?:样)?(?:才能)?(?:[跟对和向]你)?"
    r"(?:说|讲|做|弄|操作|下指令|下命令|开口|表达|吩咐)"
)
_ABOUT_ZH = pattern(
    rf"""
    (?: (?:你?(?:能|可以)?(?:告诉我|教我|教教我|说说|知道))? (?:我|我们|你)?(?:该|要|应该|可以|能)?
        (?:怎么|如何|怎样|咋) (?!不|没|还不|还没) (?:样)?(?:才能|才可以|可以|能|去|来|用你|用手机|用语音
        |在手机上|在这里)* {_ZH_DEED}
      | (?:如果|要是)?我?(?:想|要|想要|需要)?(?:用|让|叫|要|请|使唤|找|通过)你[^,。]{{1,16}}?{_ZH_HOW_SAID}
      | (?![^,。]*(?:[给跟和向对](?!你)|拒绝|道歉|请假)) (?:如果|要是)?我?(?:想|要|想要|需要)?(?:把)?
          [^,。]{{0,8}}? (?:{_ZH_DEED}|@zh.ability)[^,。]{{0,10}}?,? {_ZH_HOW_SAID}
      | [^,。]{{0,20}}? (?:怎么|如何|怎样|咋)(?:才能|可以|去)?(?:[跟对和向]你(?:说|讲|开口|下指令|提)
        |(?:让|叫|请|使唤|命令)你(?!生气|开心
          |高兴|难过)|用你)
      | (?:怎么|如何|怎样|咋)(?:样)?(?:才能|才可以|可以|能|去)?把[^,。]{{0,8}}@zh.thing[^,。]{{0,3}}?(?:挪
        |改|移|推|延|提前|关|打开
          |调|设|发|转|删|取消|静音|加|录|记|存|放大|缩小)
      | (?:怎么|如何|怎样|咋)(?:样)?(?:才能|才可以|可以|能|去)?(?:挪|移|推迟|延后|改|转发|静音|录|放大
        |缩小)(?:一?个|这个|那个|一下)?
          [^,。]{{0,4}}?@zh.thing
      | (?:怎么|如何|怎样|咋)(?:才能|可以|能|去|样)?(?:换算货币|换算单位|改期|改时间|录像|录视频|放大|缩小
        |记体重|记录体重|记账)\W*$
      | (?:我)?(?:要|该|应该|得|需要)?(?:对你|跟你)?说(?:什么|啥|哪句话?)(?:你)?(?:才能|才会|才可以|就能
        |就会|可以|能){_ZH_DEED}
      | (?:{_ZH_DEED}|@zh.ability)[^,。]{{0,4}}的?(?:方法|步骤|办法|口令|指令|命令)(?:是什么|是啥|有哪些)
      | (?:这个|那个|你的)?[^,。]{{0,4}}@zh.thing(?:功能|模式|应用)?(?:要|该|应该|是|到底)?(?:怎么|如何
      |咋)(?:用|工作|设|发|删|开|关|订|加|取消|使用|弄|操作|运作|连)
      | (?:这个|那个|这|你)(?:功能|按钮|东西)?(?:怎么|如何)(?:用|工作|使用)
      | 发(?:消息|短信|邮件|微信)的?(?:方法|步骤)是什么
      | 你(?:会|会不会|懂不懂)[^,。]{{1,20}}(?:吗|么|嘛)?\W*$ (?<!会) | 你(?:有能力|支持|支不支持)
      | (?:你)?(?:能不能|能|可以|可不可以|是否能|是否可以|支持|有没有办法|有办法)
          (?:发|发送|打|订|设|定|转|叫|下|收|预订)(?:个|一个)?(?:消息|短信|信息|微信|邮件|语音|电话|闹钟
          |计时器|提醒|账|票|餐|机票|酒店|车票|单|转账)(?:吗|么|嘛)?\W*$
      | 你(?:都|还)?(?:能|会|可以)(?:做|干|帮我做)?(?:些)?(?:什么|啥|嘛|哪些) | 你(?:都|还)?(?:能
      |会)干(?:嘛|吗) | 你(?:都)?有(?:什么|哪些)(?:功能|技能|本事)
      | (?:有|支持)(?:什么|哪些)(?:功能|指令|命令)
      | (?:[^,。]{{0,12}}?) @zh.past [^,。]{{0,8}}? (?:了|过|好了|完了|成功了|出去了)[^,。]{{0,6}}(?:吗
      |没有|没|么)\W*$
      | (?:是不是|有没有|是否)?已经@zh.past.{{0,8}}了(?:吧|吗|没|没有)
      | (?:你|我)(?:是不是|有没有|是否)(?:已经)?(?:@zh.past|给[^,。]{{1,6}}(?:@zh.past)).{{0,12}}(?:了
      |过|吗)?\W*$
      | (?:当|在)?我?(?:按|点|点击|长按|双击|按下|说)(?:一下|下)?[^,。]{{1,12}}(?:会怎么?样|会发生什么
      |有什么用|会怎样|是什么效果)
      | (?:这个|那个)(?:按钮|键|图标|设置)(?:是)?(?:干什么|干嘛|做什么|有什么)
      | 你(?:为什么|干嘛|为啥|什么时候|怎么)(?:要|会|把|给|就)?.{{0,6}}?(?:发|关|开|打|订|删|取消
      |转)(?!不)(?!.*(?:吧)$).*(?:了|\?)?\W*$ (?<!不开) (?<!不关)
    )
    """
)

_BACK_EN = r"""(?: never_?mind(?:_(?:that|then|it))? | nvm | forget_(?:about_)?(?:it|that|this)
  | forget_i_(?:asked|said_.{0,20})
    | (?:scratch|disregard|ignore|skip|drop|scrap)_(?:that|it) | on_second_thoughts?(?:,?_no)?
      | (?:i've_|i_)?changed_my_mind
    | i_take_(?:it|that)_back | don't_bother | let_it_go | leave_it | it_doesn't_matter
      | no_longer_needed )"""
_BACK_AR = r"""(?: (?:انس|انسى|انسي|إنسى)(?:_(?:الموضوع|الأمر|ذلك|هذا|الطلب|اللي_قلته|ده|دا))?
  | (?:لا_)?خلاص (?:_(?:ما_في_داعي|مافي_داعي
    |ما_فيه_داعي|مفيش_داعي|مش_لازم|مو_لازم|بلاش|انسى|انسي|انس|لا|ما_أبي|ما_أبغى|مش_عايز|ما_بدي|لا_داعي
      |انسى_الموضوع|انس_الموضوع))?
    | لا_يهم | لا_عليك | مو_مهم | مش_مهم | ما_يهم | دعك_من_(?:ذلك|هذا|الأمر) | تراجعت
      | (?:لقد_)?غيرت_رأيي | سيبك(?:_منه|_منها|_من_ده)? | كنسل
    | فكك(?:_منه)? | صرفت_النظر | ما_عاد_(?:أبي|أبغى|بدي)(?:_\w+)? )"""
_BACK_ZH = r"""(?: 算了(?:吧|算了)? | 算啦 | 还是算了(?:吧)? | 当我没说 | 当我没说过
    | 没事了? | 我?改(?:变)?主意了 | 忘了它?吧 | 别管了 | 作罢 | 我反悔了 | 就当我没说 )"""
# Only behind other words, since they mean something else alone.
_BREAK_OFF = r"""(?: (?:actually|wait|no|oh)[,\ ]+ (?:don't|do_not|no|stop|cancel(?:_(?:it|that|this))?
  |don't_(?:do|send)_(?:it|that))
    | cancel(?:_(?:it|that|this))? | actually_no | no_don't | don't | stop,?_(?:stop|no) | no_thanks
    | (?:لا_)?بلاش | (?:لا_)?لا_داعي(?:_لذلك)? | (?:لا_)?ألغ[ِي]?_?(?:ه|ها|ذلك|الأمر)? | إلغيها
      | مش_لازم | مو_لازم | لا_لا
    | 不用了 | 不必了 | 不要了 | 不[发订设买打]了 | 取消吧? | 还是别[发订设买打]?了? | 别[发订设买打]了 )"""
_PAUSE = (
    r"(?: [,،.;؛!?؟。…-]+_? | _(?:actually|no|wait|oh|ok|okay|um|uh|لا|لحظة|اه|استنى|انتظر|لحظه|بس)_ "
    r"| (?:等等|等一下|哎|不)[,\ ]? )"
)
_SIGH = (
    r"(?: (?:actually|no|wait|oh|ok|okay|um|uh|well|hmm|sorry|just|please|you_know_what|لا|لحظة|اه|طيب"
    r"|انتظر|استنى|معلش|خلص|哎|嗯|那|等等|等一下|不|还是) [\s,،.…]* )*"
)
_WHOLLY_BACK = pattern(
    rf"{_SIGH} (?:{_BACK_EN}|{_BACK_AR}|{_BACK_ZH}) (?:,?_(?:thanks|thank_you|please|شكرا)|,?谢谢)? \W*"
)
_BACK_AT_END = pattern(
    rf".* {_PAUSE} {_SIGH} (?:{_BACK_EN}|{_BACK_AR}|{_BACK_ZH}|{_BREAK_OFF}) (?:,?_(?:thanks|thank_you"
    rf"|please|then))? \W*"
)
_BACK_UNBROKEN = pattern(rf".* (?: _(?:{_BACK_EN}|{_BACK_AR}) | {_BACK_ZH} ) \W*")
_ALONE = pattern(rf"{_BREAK_OFF} \W*")
_UTTERS = pattern(
    r"(?: @en.utter\b | (?:put_on|i_(?:said|told)|remember|listen)\b | ق[لو]\w*_ | [أا](?:رسل|كتب|خبر"
    r"|بعت|بعث)\w*_ | شغل|ترجم|كيف|ما_معنى ) | .*[说告诉发问写译叫播唱回让].*"
)


@dataclass(frozen=True, slots=True)
class _Form:
    """A form of a mood; one that matches `unless` after all is a request."""

    mood: Mood
    begins: re.Pattern[str]
    unless: Callable[[str], object] = lambda _: None

    def holds(self, body: str) -> bool:
        return bool(self.begins.match(body)) and not self.unless(body)


_FORMS = (
    _Form("negated", _NEGATED_EN),
    _Form("negated", _NEGATED_AR),
    _Form("negated", _WANTS_NOT_EN, _OWN.search),
    _Form("negated", _WANTS_NOT_AR, _OWN.search),
    _Form("negated", _NEGATED_ZH, _IN_A_LANGUAGE.match),
    _Form("negated", _WANTS_NOT_ZH, _OWN.search),
    _Form("reported", _REPORTED_WISH_EN, _OWN_SURELY.search),
    _Form("reported", _REPORTED_EN, _OWN.search),
    _Form("reported", _REPORTED_AR, _OWN_SURELY.search),
    _Form("reported", _REPORTED_ZH, _OWN_SURELY.search),
    _Form("about", _ABOUT_HOW_EN, _IN_A_LANGUAGE.match),
    _Form("about", _ABOUT_EN),
    _Form("hypothetical", _HYPOTHETICAL_EN, lambda body: _OWN_DEED.search(body) or _RESULT.match(body)),
    _Form("hypothetical", _HYPOTHETICAL_IF_EN, lambda body: _OWN_DEED.search(body) or _HOW_MUCH.match(body)),
    _Form("about", _ABOUT_AR, _IN_A_LANGUAGE.match),
    _Form("hypothetical", _HYPOTHETICAL_AR, lambda body: _OWN_DEED.search(body) or _RESULT.match(body)),
    _Form(
        "hypothetical",
        _HYPOTHETICAL_ZH,
        lambda body: not _THEN_ZH.match(body) and (_OWN_DEED.search(body) or _RESULT.match(body)),
    ),
    _Form("about", _ABOUT_ZH, _IN_A_LANGUAGE.match),
)


def mood(text: str) -> Mood:
    """Return what the words do: ask for something, or forbid, report, imagine, wonder about, retract it."""
    shown = visible(text)
    head, tail = heard(shown[:_HEAD]), heard(shown[-_TAIL:])
    opening = OPENING.match(head)
    body = head[opening.end() :] if opening else head
    if _WHOLLY_BACK.fullmatch(head) or _taken_back(body, tail):
        return "retracted"
    return next((form.mood for form in _FORMS if form.holds(body)), "request")


def _taken_back(body: str, tail: str) -> bool:
    if _BACK_AT_END.fullmatch(tail):
        return not _ALONE.fullmatch(body)
    # Without a pause the same words may be what is to be said: "tell Sara to forget it".
    return bool(_BACK_UNBROKEN.fullmatch(tail)) and not _UTTERS.match(body)
