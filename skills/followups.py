"""What only continues an earlier utterance: "cancel that", "the second", "Sara not Sami", "and tomorrow?".

It says what was meant, not what it is applied to: whoever knows the earlier utterance decides that.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lamha.skills.language import digits
from lamha.skills.moods import heard, pattern, visible
from lamha.skills.spelling import fold

_LONGEST = 80  # what is longer stands on its own
_EDGES = " ,،.!?؟，。！？…"


@dataclass(frozen=True, slots=True)
class Cancel:
    """The last thing is not to be, or to be undone."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """The last thing once more."""


@dataclass(frozen=True, slots=True)
class Confirm:
    """An answer to a question whether to go on."""

    yes: bool


@dataclass(frozen=True, slots=True)
class Pick:
    """One of those offered, counted from 1; the last is -1, the last but one -2."""

    index: int


@dataclass(frozen=True, slots=True)
class Replace:
    """`new` in place of `old`, both as said; None where what it replaces is not said.

    A preposition stays where it was said ("at eight instead"), but for that of "change it to".
    """

    new: str
    old: str | None = None


@dataclass(frozen=True, slots=True)
class Also:
    """The same for something else, as said: "tomorrow", "for Sara"."""

    what: str


type FollowUp = Cancel | Repeat | Confirm | Pick | Replace | Also

# Sighs and thanks around what is meant.
_BEFORE = pattern(
    r"""
    (?: (?: ok | okay | oh | um+ | uh+ | hmm+ | well | please | sorry | wait | so | hey_lamha | lamha
      | just | alright
          | طيب | طب | لو_سمحت | من_فضلك | رجاء | لمحة | يا_لمحة | معلش | عفوا | لحظة ) [\s,،.!]+
      | (?: 请 | 嗯 | 那个 | 哎 | 等等 | 等一下 | 哦 | 麻烦 ) [\s,.!]* )++
    """
)
_AFTER = pattern(
    r"""
    (?: [\s,،.!?؟。…] | 谢谢你?
      | (?<=[\s,،]) (?: please | thanks | thank_you | now | then | for_me | من_فضلك | لو_سمحت | شكرا | رجاء
        | الآن ) (?!\w)
    )+ $
    """
)

_CANCEL = pattern(
    r"""
    (?:no,?_|oh,?_|actually,?_)* (?: (?:cancel|undo|revert|scrap|scratch|disregard|discard)
          (?:_(?:that|it|this|them|everything|the_last_(?:one|thing)|what_(?:i|you)_just_(?:did|said)
          |the_whole_thing))?
      | never_?mind(?:_(?:that|it))? | nvm | forget_(?:about_)?(?:it|that|this) | take_(?:that|it)_back
      | i_take_(?:that|it)_back
      | (?:i've_|i_)?changed_my_mind | don't_bother | call_it_off )
    | (?:لا_|لا،_|خلاص_|خلاص،_|بس_)* (?: (?:ألغ|ألغي|الغي|كنسل|كنسلي|بطل)(?:_?(?:ها|ه|هم))?(?:_(?:ذلك
      |هذا|هذه|هذي|هاي|ده|دي|هيك|الأمر|الطلب|كل_شيء|كله|كلها))?
      | تراجع(?:ي)?(?:_عن_(?:ذلك|هذا))? | (?:انس|انسى|انسي)(?:_(?:الموضوع|الأمر|ذلك|هذا|الطلب))?
      | غيرت_رأيي )
    | خلاص (?: _(?:ما_في_داعي|مش_لازم|مو_لازم|بلاش|انسى_الموضوع|لا) )?
    | (?:不,?|不了,?|还是)? (?: (?:取消|撤销|撤回|作废)(?:掉)?(?:它|这个|那个|刚才的|上一个
      |上一步)?(?:吧|了|掉)? | 把(?:它|这个|那个|刚才的)(?:取消|撤销)(?:掉|了)?(?:吧)?
      | 算了(?:吧)? | 算啦 | 当我没说 | 我?改主意了 | 忘了它?吧 | 没事了 )
    """
)
_REPEAT = pattern(
    r"""
    (?: (?:do|say|play|run|send|try)_(?:that|it|this|the_same(?:_thing)?)_ )? (?: again | once_(?:more
      |again) | one_more_time | another_time )
    | (?:repeat|redo)(?:_(?:that|it|this|the_last_(?:one|thing)))?(?:_again)?
      | (?:the_)?same_(?:thing_)?again | do_the_same(?:_thing)?(?:_again)? | one_more | another_one
    | (?:(?:أعد|أعدها|أعده|عيد|عيدها|عيدي|كرر|كررها|سوها|سويها|اعملها|اعمليها|افعلها|افعل_ذلك|قلها|قولها
      |شغلها|أرسلها|ابعتها)(?:_ذلك|_هذا)?)
        _(?:مرة_(?:ثانية|أخرى|تانية)|كمان_مرة|تاني|ثاني|من_جديد|مجددا) | مرة_(?:ثانية|أخرى|تانية|كمان)
        | كمان_مرة | من_جديد | مجددا | تاني | تاني_مرة
    | أعد | أعدها | أعد_ذلك | عيد | عيدها | كرر | كررها | كرر_ذلك | نفس_الشيء | واحد_(?:ثاني|كمان)
    | (?:请)?(?:再)(?:来|做|说|放|发|播|试)?(?:一|1)?(?:次|遍|个|首|回)(?:吧)? | 再来 | 重来(?:一次
      |一遍)? | 重复(?:一下|一遍|一次)? | 重做 | 再重复一遍 | 同样的再来一次
    """
)
_YES_EN = (
    r"(?:yes|yeah|yep|yup|yea|sure(?:_thing)?|ok|okay|correct|right|that's_(?:right|correct|it|fine"
    r"|good)|exactly|of_course|absolutely|definitely|perfect|fine|great|affirmative|sounds_(?:good"
    r"|great)|i_do|i_am_sure|i'm_sure|why_not)"
)
_DO_EN = (
    r"(?:go_ahead(?:_and_(?:do|send|book|order)_it)?|do_(?:it|that|so)|send_(?:it|that|them)|book_it"
    r"|order_it|confirm(?:_it|_that)?|confirmed|proceed|submit_it|post_it|pay_it|go_for_it|make_it_so"
    r"|approve(?:d)?|continue)"
)
_YES_AR = (
    r"(?:نعم|أيوه|أيوة|ايوا|أيوا|إي|اي|ايه|إيه|آه|اه|أجل|بلى|تمام|طبعا|أكيد|بالتأكيد|موافق|موافقة|أوافق"
    r"|صح|صحيح|ماشي|اوكي|اوكيه|حسنا|ممتاز|بالضبط|يلا|زين|مظبوط|عليك_نور)"
)
_DO_AR = (
    r"(?:أرسلها|أرسله|أرسليها|ابعتها|ابعته|ابعثها|طرشها|نفذ|نفذها|افعلها|افعل|اعملها|اعمليها|سوها|سويها"
    r"|كمل|كملي|استمر|تابع|احجزها|احجزه|احجز|اطلبها|أكد|أكدها|أكده|توكل|توكل_على_الله|تفضل)"
)
_YES_ZH = (
    r"(?:好的?|好吧|好啊|好呀|行|可以|是的?|对的?|没错|嗯+|没问题|当然(?:可以)?|ok|同意|确定|就这样|成"
    r"|中|对对|好好)"
)
_DO_ZH = (
    r"(?:确认|确定|发吧|发送吧?|发出去吧?|发|就发|订吧|就订|买吧|下单吧?|继续吧?|做吧|去吧|开始吧|办吧"
    r"|执行吧?|就这么办|就这样吧|提交吧?|付吧|打吧|设吧)"
)
_YES = pattern(
    rf"""
    {_YES_EN} (?: [,.!]?_(?:{_YES_EN}|{_DO_EN}|please|please_do|(?:[a-z]+_)?(?:it|that|them|him|her)
      |you_can|that's_it) ){{0,2}} | {_DO_EN} | please_do | (?:you_can_|just_){_DO_EN}
    | {_YES_AR} (?: [،,.!]?_(?:{_YES_AR}|{_DO_AR}|@ar.start (?:ها|ه|يها|يه)) ){{0,2}} | {_DO_AR} | يلا_\w+ها
    | {_YES_ZH} (?: [的啊呀吧了]? ,?_?(?:{_YES_ZH}|{_DO_ZH}) ){{0,2}} [的啊呀吧了]? | {_DO_ZH}
    """
)
_NO = pattern(
    r"""
    (?:no|nope|nah|negative|no_no|no_way|not_now|not_yet|absolutely_not|of_course_not|definitely_not
      |rather_not|i'd_rather_not|better_not)
        (?: [,.]?_(?:thanks|thank_you|no|nope|don't|do_not|(?:don't|do_not)_(?:do_|send_|book_|order_
        |call_)?(?:it|that|him|her|them)|not_now|stop|cancel(?:_it|_that)?|i_don't|wait) ){0,2}
    | (?:don't|do_not) (?: _(?:do|send|book|order|call|post|pay|confirm)_(?:it|that|him|her|them|so)
      |_do_that )? | please_don't | (?:i_)?(?:don't_)(?:think_so|want_(?:it|that|to))
    | (?:لا|كلا|لأ|لاء|لع|أبدا|مش_موافق|مو_موافق|لا_شكرا|لا_لا) (?: [،,.]?_(?:لا|شكرا|أبدا|بلاش
      |لا_ترسلها|لا_ترسل|ما_أبغى|ما_أبي|لا_أريد|لا_داعي|مش_عايز|ما_بدي|لا_تفعل|ما_تبعتهاش|ما_ترسلها
      |مو_الحين|ليس_الآن|مش_دلوقتي) ){0,2}
    | لا_(?:ترسلها|ترسله|ترسل|تفعل|تبعتها|أريد|داعي) | بلاش | ما_(?:أبي|أبغى|بدي) | ليس_الآن | مو_الحين
      | مش_دلوقتي | ما_تبعتهاش | ما_ترسلهاش | مش_عايز
    | (?:不|不要|不用|不行|不是|不了|不可以|别|先别|不必|没有|不同意|不确定|不对) (?: ,?_?(?:不|不要
      |不用|不行|谢谢|了|吧|发|用了|别发|不发) ){0,2} | (?:先)?(?:不|别)(?:发|订|买|打|设|付|做|删)(?:了
      |吧|出去)?
    """
)
_ORDINALS = (
    "first|1st|one|1|اول|اولي|واحد|واحده|一",
    "second|2nd|two|2|ثاني|ثانيه|تاني|تانيه|اثنين|اثنان|اتنين|二|两|latter",
    "third|3rd|three|3|ثالث|ثالثه|تالت|تالته|ثلاثه|تلاته|三",
    "fourth|4th|four|4|رابع|رابعه|اربعه|四",
    "fifth|5th|five|5|خامس|خامسه|خمسه|五",
    "sixth|6th|six|6|سادس|سادسه|سته|六",
    "seventh|7th|seven|7|سابع|سابعه|سبعه|七",
    "eighth|8th|eight|8|ثامن|ثامنه|تامن|ثمانيه|تمانيه|八",
    "ninth|9th|nine|9|تاسع|تاسعه|تسعه|九",
    "tenth|10th|ten|10|عاشر|عاشره|عشره|十",
)
_INDEX = (
    {word: count for count, words in enumerate(_ORDINALS, 1) for word in words.split("|")}
    | dict.fromkeys(("last", "اخير", "اخيره", "اخر", "最后", "后者"), -1)
    | {"former": 1, "前者": 1, "倒数第一": -1, "倒数第二": -2}
)
_CHOOSE_EN = (
    r"(?:(?:i(?:'d_like|'ll_take|_want|_choose|_pick|_mean|_prefer|_would_like)|choose|pick|select|take"
    r"|use|let's_(?:go_with|take|do)|go_with|it's|no|yes|ok)[,]?_)?"
)
_PICK = pattern(
    rf"""
    {_CHOOSE_EN} (?: (?:the_)?(?:very_)?(?P<en>first|second|third|fourth|fifth|sixth|seventh|eighth
      |ninth|tenth|\d{{1,2}}(?:st|nd|rd|th)|last)
          (?:_(?:one|option|choice|result|contact|item|entry|of_them))?
      | the_(?P<pair>former|latter)(?:_one)?
      | (?:the_)?(?:number|option|choice|result|item|no\.?|entry)_(?P<num>\d{{1,2}}|one|two|three|four
      |five|six|seven|eight|nine|ten) )
    | (?:(?:اختر|اختار|أختار|أريد|أبغى|أبي|عايز|عاوز|بدي|خذ|خد|نعم|لا)[،,]?_)? (?: ال(?P<ar>أولى?|ثانية?
      |تانية?|ثالثة?|تالتة?|رابعة?|خامسة?|سادسة?|سابعة?|ثامنة?|تامن|تاسعة?|عاشرة?|أخيرة?)
      | (?:ال)?(?:خيار_|رقم_|واحد_|نتيجة_|شخص_)+(?:ال)?(?P<arn>\w{{1,8}}) | (?P<arone>أول|ثاني|تاني|ثالث
      |تالت|رابع|خامس|آخر)_(?:واحد|واحدة|خيار|شخص|اسم|نتيجة|شي|شيء) )
    | (?:就|我)?(?:选|要|我要|我选|是|用)?_? (?: 第_?(?P<zh>[一二两三四五六七八九十]|\d{{1,2}})_?(?:个
      |条|项|位|种|家|首|款)?(?:人|选项)?
      | (?P<zhlast>最后|倒数第[一二])(?:一)?(?:个|条|项|位|种|家) | (?P<zhpair>前者|后者)
      | (?P<zhn>[一二两三四五六七八九十]|\d{{1,2}})号 )(?:吧|的)?
    """
)

_NOT_VALUE = (
    r"(?! (?: @en.start | don't | do_not | what | what's | who | where | when | why | how | which | it "
    r"| it's | its | i | i'm | you | we | they | he | she"
    r" | is | are | was | am | can | could | will | would | if | problem | worries | idea | thanks "
    r"| thank | way | one | need | more | not | never | that | this | there | maybe | please | sure "
    r"| ok | yes | no )\b"
    r" | (?:@ar.start|كم|كيف|ما|ماذا|متى|أين|وين|هل|شو|ايش|أنا|أنت|هو|هي|في|بس|شكرا|داعي|أريد|ت\w+ل\w*"
    r"|مشكلة|أعرف|أدري|أبدا|حاجة) (?:ي|ني|ها|ه|لي)? (?!\w) | 什么|怎么|谁|哪|为什么|我|你|他 )"
)
_NO_FIRST = r"(?: (?:no|nope|actually|sorry|wait|oh|لا|不对|不|不是|错了)[\s,،.!]* ){0,4}"
_WORDS = r"[^\s,،.?؟]+ (?:_[^\s,،.?؟]+)"
_ZH_VALUE = r"[^,。?\s]{1,10}?"
_HAN_AHEAD = r"(?= .*[\u4e00-\u9fff] )"
_COMPARED = (
    r"(?! .*\b(?:warmer|cooler|colder|hotter|brighter|dimmer|darker|louder|quieter|softer|faster|slower"
    r"|longer|shorter|bigger|smaller|higher|lower|better|more|less|stop|work|happen|quick|snappy|rain|up"
    r"|out)\b )"
)
_REPLACE = tuple(
    pattern(source)
    for source in (
        rf"{_NO_FIRST} i_(?:meant|said"
        rf"|mean)_(?:to_say_)? {_NOT_VALUE} (?P<new>{_WORDS}{{0,4}}?)"
        rf" (?:,?_(?:and_)?not_(?P<old>{_WORDS}{{0,3}}))?",
        rf"{_NO_FIRST} (?:make|set)_(?:it|that|this)_(?:to_"
        rf"|for_)? {_COMPARED} (?P<new>{_WORDS}{{0,5}}?) (?:_instead)?(?:_(?:of"
        rf"|not)_(?P<old>{_WORDS}{{0,3}}))?",
        rf"{_NO_FIRST} (?:change|switch|move|set|turn|correct)_(?:it|that|this|the_(?:time|date|day|name"
        rf"|contact|recipient|message|amount|number|title|place))_(?:to|into"
        rf"|for)_(?P<new>{_WORDS}{{0,6}}?) (?:_instead)?",
        rf"(?:no[,]?_|actually[,]?_)* (?:it's_|that's_)? not_(?:to_|for_|at_"
        rf"|on_)?(?P<old>{_WORDS}{{0,3}}?) (?:,_(?:but_|it's_|i_meant_|rather_)?"
        rf"|_but_)(?P<new>{_WORDS}{{0,3}})",
        rf"{_NO_FIRST} (?:it's_"
        rf"|that's_)? {_NOT_VALUE} (?P<new>{_WORDS}{{0,3}}?)"
        rf" ,?_(?:and_)?not_(?P<old>{_NOT_VALUE}{_WORDS}{{0,2}})",
        rf"{_NO_FIRST} {_NOT_VALUE} (?P<new>{_WORDS}{{0,4}}?) ,?_instead (?:_of_(?P<old>{_WORDS}{{0,3}}))?",
        rf"(?:(?:no|nope|not_that)[,.]?_)(?P<new>(?:to|for|at|on|with|in|from)_{_WORDS}{{0,3}})",
        rf"(?:(?:no|nope|actually)[,.]_?"
        rf"|actually_)(?:it's_)? {_NOT_VALUE} (?P<new>(?=[a-z0-9]){_WORDS}{{0,2}})",
        rf"{_NO_FIRST} (?<=[a-z,]_) (?:i'll|i_will|let's|we'll)_{_NOT_VALUE} (?P<new>{_WORDS}{{0,3}})",
        rf"{_NO_FIRST} (?:i'd_rather|i_would_rather)_(?:have_)? (?P<new>{_WORDS}{{0,3}})",
        rf"(?:a_(?:bit|little|touch|tad)_)? (?:more|less|higher|lower|louder|quieter|brighter|dimmer|warmer"
        rf"|cooler|later|earlier|longer|shorter)[,]?_(?:say|maybe|like|make_it)_(?P<new>{_WORDS}{{0,3}})",
        rf"{_NO_FIRST} (?:أنا_)?(?:كنت_)?(?:قصدي|أقصد|أعني|بقصد|أقول|عنيت"
        rf"|قصدت)_ (?P<new>{_WORDS}{{0,3}}?) (?:،?,?_(?:مو|مش|مب|وليس|ليس|موب"
        rf"|لا)_(?P<old>{_WORDS}{{0,2}}))?",
        rf"{_NO_FIRST} (?:خليها|خليه|خلها|خله|خلوها|خليهم|اجعلها|اجعله|سويها|سوها|خلينا)_(?:على_|إلى_"
        rf"|في_(?=ال))?(?P<new>{_WORDS}{{0,4}}?) (?:_(?:مو|مش|بدل|بدلا_من|وليس)_(?P<old>{_WORDS}{{0,2}}))?",
        rf"{_NO_FIRST} (?:غيرها|غيره|غيريها|بدلها|بدله|حولها|عدلها|انقلها)_(?:إلى_|على_|لـ?_"
        rf"|ل(?!ل))(?P<new>{_WORDS}{{0,4}})",
        rf"{_NO_FIRST} (?:مو|مش|مب|موب|ليس|ليست)_(?P<old>{_WORDS}{{0,2}}?) (?:[،,]_?|_بل_|،_بل_"
        rf"|_لكن_)(?P<new>{_WORDS}{{0,2}})",
        rf"{_NO_FIRST} {_NOT_VALUE} (?P<new>(?=[\u0600-\u06ff\d]){_WORDS}{{0,2}}?) [،,]?_(?:مو|مش|مب|موب"
        rf"|وليس|ليس|لا|بدل|بدلا_من)_(?!من_ذلك)(?P<old>{_WORDS}{{0,2}})",
        rf"{_NO_FIRST} {_NOT_VALUE} (?P<new>(?=[\u0600-\u06ff\d]){_WORDS}{{0,3}}?) _(?:بدلا_من_ذلك"
        rf"|بدالها|بداله|بدلها|عوضا_عن_ذلك|أحسن)",
        rf"(?:لا|لأ)[،,]_? {_NOT_VALUE} (?P<new>(?=[\u0600-\u06ff\d]){_WORDS}{{0,1}})",
        rf"{_NO_FIRST} (?:应该)?是(?P<new>{_ZH_VALUE})[,，]?_?(?:而)?不是(?P<old>{_ZH_VALUE})",
        rf"{_NO_FIRST} 不是(?P<old>{_ZH_VALUE})[,]?_?(?:而|应该)?是(?P<new>{_ZH_VALUE})",
        rf"{_NO_FIRST} (?:我是说|我说的是|我的意思是|我指的是|我是指|我说"
        rf"|我是要)(?P<new>{_ZH_VALUE})(?:,?_?(?:而)?不是(?P<old>{_ZH_VALUE}))?",
        rf"{_NO_FIRST} (?:还是|那就|那)?(?:把)?(?:它|这个|那个|时间|日期|名字|地点|收件人)?(?:改成|改为"
        rf"|改到|换成|换为|换到|变成|调成|调到|设成)(?P<new>{_ZH_VALUE})(?:吧|好了)?",
        rf"{_NO_FIRST} (?:还是|那就)(?!算了)(?P<new>{_ZH_VALUE})(?:吧|好了)",
        rf"{_HAN_AHEAD} (?:不对|不|错了|不是),_?(?:应该)?(?:是|给)? {_NOT_VALUE} (?! @zh.start | 要 "
        rf"| 用 | 行 )(?P<new>{_ZH_VALUE})",
    )
)
_NATIVE_WAW = (
    r"(?! واحد | وقف | وين | وش\b | وقت | وصل | وضع | ورد | ورق | وزن | وسط | وطن | ولد | والد | وليد "
    r"| وائل | وفاء | وسام | وسيم | وعد | وداع | ويكي"
    r" | واتس | واي_?فاي | ورن | ورين | وطي | وصف | وظيف | وحد | وجه | وفر | وزع | وقع | وسع "
    r"| ود[يا]?\b | والله | ولا\b | ولو\b | وي\b | وثق | وجد )"
)
_ALSO = tuple(
    pattern(source)
    for source in (
        rf"(?:and_|ok_|so_)?(?:what|how)_about_(?:the_one_)? (?! (?:@en.start|[a-z]+ing|you|me|that|it"
        rf"|no|we|i)\b ) (?P<what>{_WORDS}{{0,5}})",
        rf"(?:and_also|and|plus|also)_ {_NOT_VALUE} (?! also\b | then\b | so\b | but\b "
        rf"| now\b ) (?P<what>{_WORDS}{{0,3}})",
        rf"(?:and_)?(?:do_|give_me_)?(?:the_)?same_(?:thing_)?(?P<what>(?:for|in|to|at|on"
        rf"|with)_{_WORDS}{{0,3}})",
        rf"{_NOT_VALUE} (?P<what>{_WORDS}{{0,2}}?),?_(?:too|as_well)",
        rf"و?(?:ماذا_عن|شو_عن|ايش_عن|وش_عن|ماذا_بخصوص|بالنسبة_ل|بالنسبة_إلى|إيه_أخبار"
        rf"|نفس_الشيء_ل)_?(?P<what>{_WORDS}{{0,4}})",
        rf"{_NATIVE_WAW} (?! و_?(?:@ar.start (?:ي|ني|ها|ه|لي|له|لها)?|كم|كيف|ما|ماذا|متى|أين|هل|شو|ايش"
        rf"|بعدين|لا|أنت|أنا)(?!\w) ) و_?(?P<what>{_WORDS}{{0,2}}?)(?:_(?:كمان|أيضا|برضه))?",
        rf"{_NOT_VALUE} (?P<what>(?=[\u0600-\u06ff]){_WORDS}{{0,1}}?)_(?:كمان|أيضا|برضه|برضو)",
        r"(?:那么?|还有)? (?! .*(?:什么|怎么|谁|哪|几|多少|吗|为何|干嘛|在做|要不|我们?$"
        r"|[你他她](?:们)?呢) | 那?(?:你|我|他|她)呢 ) (?P<what>[^,。?\s]{1,8}?)呢",
        r"(?:那么?(?!边|里|个|天)) (?! .*(?:什么|谁|哪|几|多少|吗) ) (?P<what>[^,。?\s]{1,6}?)(?:怎么样"
        r"|如何|也要|也一样)?",
        r"(?:再)(?:加上|算上|加个)(?P<what>[^,。?\s]{1,6}?)(?:一起算|一起|吧)?",
        r"(?:还有|以及|和)(?! @zh.start | .*(?:什么|吗|几|多少|哪|谁) )(?P<what>[^,。?\s]{1,6}?)(?:也要"
        r"|也一样)?",
    )
)


def followup(text: str) -> FollowUp | None:
    """Return how a text continues an earlier one; None for one that stands on its own."""
    shown = visible(text)
    if len(shown) > _LONGEST:
        return None
    bodies = dict.fromkeys(
        (shown.strip(_EDGES), _body(shown))
    )  # "please do" loses its meaning without "please"
    return next((found for body in bodies if (found := _read(body))), None)


def _read(body: str) -> FollowUp | None:
    words = heard(body)
    return next((found for read in _READERS if (found := read(words, body))), None) if words else None


def _body(shown: str) -> str:
    """Return the text without what may stand around it, unless nothing else is there."""
    folded = fold(shown)
    before, after = _BEFORE.match(folded.text), _AFTER.search(folded.text)
    start, end = before.end() if before else 0, after.start() if after else len(folded.text)
    if start >= end:
        start, end = 0, len(folded.text)
    return folded.original[slice(*folded.span(start, end))].strip(_EDGES)


def _is(form: re.Pattern[str], meant: FollowUp) -> Callable[[str, str], FollowUp | None]:
    return lambda words, _: meant if form.fullmatch(words) else None


def _pick(words: str, _: str) -> FollowUp | None:
    match = _PICK.fullmatch(digits(words))
    said = next((group for group in match.groups() if group), "") if match else ""
    number = re.match(r"\d+", said)
    index = int(number[0]) if number else _INDEX.get(said, _INDEX.get(said.removeprefix("ال")))
    return Pick(index) if index else None


def _replace(words: str, body: str) -> FollowUp | None:
    match = next((found for form in _REPLACE if (found := form.fullmatch(words))), None)
    return Replace(_said(match, "new", body) or "", _said(match, "old", body)) if match else None


def _also(words: str, body: str) -> FollowUp | None:
    match = next((found for form in _ALSO if (found := form.fullmatch(words))), None)
    return Also(_said(match, "what", body) or "") if match else None


def _said(match: re.Match[str], group: str, body: str) -> str | None:
    """A group as it was said, not as it was folded."""
    if match.groupdict().get(group) is None:
        return None
    folded = fold(body)
    return folded.original[slice(*folded.span(*match.span(group)))].strip(_EDGES)


_READERS = (
    _is(_CANCEL, Cancel()),
    _is(_REPEAT, Repeat()),
    _pick,
    _is(_YES, Confirm(True)),
    _is(_NO, Confirm(False)),
    _replace,
    _also,
)
