"""Cutting "turn on the lights and text Sara" into what are two requests.

Words alone do not say whether "and" joins two requests or two things, so the ways to cut are proposed, the
most plausible first; who knows the tools keeps one whose every part is a command.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from math import prod

from lamha.skills.examples import units
from lamha.skills.moods import OPENING, pattern, visible
from lamha.skills.spelling import Folded, fold

_LONGEST = 600  # nobody says more in one breath
_MOST_CUTS = 8
_MOST = 6
_MOST_HALVES = 4
_SHORTEST = 2  # words, or Chinese characters

_POLITE = (
    r"(?: (?:please|also|just|can_you|could_you|will_you|would_you|i_want_you_to|i_want_to|i'd_like_to"
    r"|i_need_to)_ )*"
)
_AR_SUFFIX = r"(?:ي|وا|لي|ني|نا|ها|ه|هم|لها|له|لهم|لنا|ل\w{2,})?"
_START = pattern(
    rf"""
      {_POLITE} (?: @en.start\b | (?:what|what's|where|where's|when|who|who's|how|how's|which|why|is_it
      |is_there
        |are_there|do_i|do_you|will_it|will_i|does_the|did_i|don't|do_not|never)\b )
    | (?:من_فضلك_|لو_سمحت_|ممكن_)? (?! سكر (?: \W*$ | _(?:إلى|على|في|لل?\w+)\b ) )
        (?: @ar.start {_AR_SUFFIX} | ما|ماذا|كم|كيف|متى|أين|وين|هل|شو|ايش|ليش
      |لا_ت\w+ ) (?!\w)
    | (?: 请 | 麻烦 | 也 | 再 | 顺便 | 你 | 我要 | 我想 )* (?: @zh.start | 今天 | 明天 | 什么 | 怎么
      | 几点 | 多少 | 哪 | 谁 | 为什么 | 现在 | 别 | 不要 )
    """
)
# A word before "the" or "my" is likely the verb of a tool nobody foresaw.
_LIKE_A_START = pattern(
    r"(?! (?:the|a|an|my|me|it|of|in|on|at|to|for|with|from|by|is|are|was|or|not|all|both|half|about"
    r"|over)\b )"
    r"[a-z]{2,}_(?:the|a|an|my|me|it|them|this|that|all|some|him|her)\b"
)
_QUOTED = pattern(
    r"""
    "[^"]{1,300}" | “[^”]{1,300}” | «[^»]{1,300}» | 「[^」]{1,300}」 | 『[^』]{1,300}』 | 《[^》]{1,300}》
    | (?<!\w)'[^']{1,300}'(?!\w)
    """
)
_ABBREVIATED = r"(?<!\bmr)(?<!\bmrs)(?<!\bms)(?<!\bdr)(?<!\bst)(?<!\bprof)(?<!\b[ap]\.m)(?<!\bvs)(?<!\b[ap])"
_MARK = r"(?: _?[,،、;؛.!?؟。…]+ )"


@dataclass(frozen=True, slots=True)
class _Joint:
    """What may stand between two requests; the odds where a request follows, something like one, another."""

    words: re.Pattern[str]
    odds: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class _Cut:
    start: int
    end: int
    odds: float


_JOINTS = (
    _Joint(
        pattern(
            rf"""
            (?: {_MARK}?_ (?:(?<!now_)and_then|and_after_that|after_that|and_afterwards|afterwards
            |after_which|and_finally) ,?_
              | {_MARK}_ then ,?_
              | (?: {_MARK}?_ | {_MARK} ) (?:ثم|ومن_ثم|و?بعدين|و?بعدها|و?بعد_ذلك|و?بعد_كدا
              |و?عقب) [،,]? _ (?:و(?=@ar.start))?
              | {_MARK}?_? (?:然后|接着|接下来|随后|之后再) _?,?_? (?:再|请|也)? ) (?=\S)
            """
        ),
        (0.95, 0.9, 0.8),
    ),
    _Joint(
        pattern(
            rf"""
            (?: {_MARK}?_ (?:and_also|and_additionally|and_in_addition|additionally|as_well_as) ,?_
              | {_MARK}_ (?:also|plus) ,?_
              | (?: {_MARK}?_ | {_MARK} ) (?:و?كمان|و?أيضا|و?كذلك|و?برضه|و?برضو) [،,]? _ (?:و(?=@ar.start))?
              | {_MARK}?_? (?:并且|还有|顺便|同时|另外|此外|而且) ,? (?:再|请|也)? ) (?=\S)
            """
        ),
        (0.9, 0.7, 0.5),
    ),
    _Joint(pattern(rf"(?: {_ABBREVIATED} \.+ (?=_) | [;؛!?؟。…] )+ _? (?=\S)"), (0.93, 0.85, 0.7)),
    _Joint(pattern(r"(?<=\b[ap]\.m\.)_(?=\S)"), (0.8, 0.5, 0)),
    _Joint(pattern(r"\.+_ (?=\S)"), (0.6, 0.4, 0)),
    _Joint(pattern(rf"{_MARK}?_ (?: (?:also|plus|then)_ ) (?=\S)"), (0.85, 0.5, 0)),
    _Joint(pattern(rf"{_MARK}?_ (?:and|&) ,?_ (?=\S)"), (0.8, 0.5, 0)),
    _Joint(pattern(r"[،,]_?و_? (?=\S)"), (0.9, 0.35, 0.35)),
    _Joint(pattern(r"_و_? (?=\S)"), (0.8, 0, 0)),
    _Joint(pattern(rf"{_MARK}? _? 再 (?! 见|来一|说|次|加上|过 )"), (0.7, 0, 0)),
    _Joint(pattern(r"(?: (?<!\d)[,،] | [,،](?!\d) ) _? (?=\S)"), (0.75, 0.5, 0.3)),
    _Joint(pattern(r"_?[、和并]_? (?=\S)"), (0.4, 0, 0)),
)
# What two things have in common is said once: "turn on the kitchen and the bedroom lights".
_SHARED = pattern(
    r"(?P<joint> ,?_and_ (?=(?:the|my|a|an|another|one|his|her|our|their)_) | _و_?(?=ال) | _?和_? )(?=\S)"
)
_VERB = pattern(
    rf"(?: @en.start (?:_(?:on|off|up|down)\b)? (?=_) | @ar.start {_AR_SUFFIX} (?=_) | (?:打开|关掉|关闭"
    rf"|播放|添加|删除|取消|查一下|查|订|买|开|关|设) )"
)

# "I drank some water, log it, and show me the week": what only points back is no request of its own.
_AR_TO_PEOPLE = (
    r"(?:كلم|اتصل|دق|خبر|أخبر|ذكر|ذكري|نبه|صحي|فيق|بلغ|اسأل|ساعد|علم|عرف|دل|قوم|أيقظ|رن|شوف|خلي|هات|جيب|خذ"
    r"|خد|رد)"
)
_DONE_TO_IT = pattern(
    rf"""
    (?: (?:please|just|also|then|can_you|could_you|would_you)_ )*
      (?: @en.start(?:_(?:on|off|up|down|out|in|back))?_(?:it|them|that|this|those|these)
            (?:_(?:on|off|up|down|out|in|back|aloud|out_loud|away|again|over))?
        | (?:show|tell|let)_me(?:_know)? | do_(?:so|the_same) | (?:read|write|note|jot)_(?:it|that)_\w+ )
      (?:_(?:now|please|too|also|again|for_me|as_well|right_away|then|ok|okay))*
      (?= [\s,.;!?]*$ | _?[,.;!?] | _(?:and|then|also|plus)\b )
    | (?: (?!{_AR_TO_PEOPLE}(?:ي)?(?:ها|ه|هم)) @ar.start ي?(?:ها|ه|هم|هن|هالي|هولي|لي_?ياها|لي_?ياه)
        | (?:قل_?لي|قولي_?لي|خبرني|أخبرني|وريني|ورني|أرني|فرجيني|ورجيني) )
      (?:_(?:الآن|الحين|هلق|دلوقتي|من_فضلك|لو_سمحت|كمان|أيضا|فورا|بسرعة|عندك))*
      (?= [\s،,.;!؟?]*$ | _?[،,.؛;!؟?] | _(?:و|ثم_|بعدين_) )
    | (?: 请 | 也 | 再 | 顺便 | 你 | 帮我 | 给我 | 然后 )*
      (?: (?: 把(?:它们?|这个|那个|这些|这))? (?:记|存|保存|读|念|算|查|发|写|关|打开|关掉|做|录|删|删掉
        |处理|播放|打印|翻译)
          (?: 一下 | 一遍 | 下来 | 下 | 出来 | 起来 | 掉 | 好 | 上 | 出去 | 给我听 )? (?:它们?
            |这个)? (?:吧|了|哦|啊|呗)?
        | 告诉我 | 给我看看? | 说一下 )
      (?= [\s,.;!?。]*$ | _?[,.;!?。] | (?:然后|接着|再|并|顺便|还有) )
    """
)

# Where no verb is foreseen: "kill the lights in the garage and telly on please".
_ANY_JOINT = pattern(
    rf"(?: {_MARK}?_ (?:and|&|plus|then) ,?_ | {_MARK}?_و_? (?=\w{{3}}) | (?: (?<!\d)[,،;؛] | [,،](?!\d) ) _?"
    rf"| _?[和并再也]_? ) (?=\S)"
)
_EDGES = " \t,.;:!?،؛؟。、…-"
_LEAD = pattern(
    r"(?: (?:and|then|also|plus|but|so|ثم|وكمان|كمان|أيضا|وبعدين)(?:_|$) | 然后|接着|并且|还有|顺便"
    r"|再(?!见|来一|说|次) )+"
)
_HALF_DAY = pattern(r"\b[ap]\.m\.$")
_FUNCTION = pattern(
    r"""
    (?: (?: the|a|an|and|or|then|also|plus|of|in|on|at|to|for|with|by|from|it|this|that|i|you|me|my|is
      |are|so|but|not|no|yes
          |thanks|thank|you|very|much|ok|okay|please|too|as|well|if|when|what|how|who|hey|hi|hello|\w
          |شكرا|جزيلا|في|من|إلى|على|عن|مع|أو|ثم|و|لو|سمحت|فضلك|نعم|لا|كمان|أيضا|تمام|عفوا
          |يا )(?!\w) [\s,،.!?]*
      | (?: 谢谢你? | 好吗 | 可以吗 | 行吗 | 吧 | 吗 | 呢 | 的 | 了 | 和 | 也 | 再 | 还 | 把 | 给
      | 好的? | 对 | 是 | 请 | 在 ) [\s,.!?]*
    )++ | [\W\d]*
    """
)
_CONDITION = pattern(
    r"(?: (?:if|unless|because|since|after|before|while|whenever|once|when_(?:i|we|it|the|my|you))\b "
    r"| (?:إذا|لو|لما|عندما|بعدما|قبل_ما)_ (?!سمحت|ممكن)"
    r" | 如果 | 要是 | 当 | 万一 | 因为 | 等(?!等) )"
)


def parts(text: str) -> list[tuple[str, ...]]:
    """Return the ways to cut a text into two or three requests, the most plausible first, at most six.

    The parts have neither the words between them nor the punctuation around them. The last way may repeat the
    verb of the first part before the second, a part the text does not contain: trust it least.
    """
    shown = visible(text)
    if len(shown) > _LONGEST:
        return []
    folded = fold(shown)
    ways = [way for way in (_apart(folded, cuts) for cuts in _choices(list(_cuts(folded.text)))) if way]
    shared = _repeating(folded)
    return _distinct([*_distinct(ways)[: _MOST - len(shared)], *shared])


def halves(text: str) -> list[tuple[str, ...]]:
    """Every way to cut a text in two where anything joins two phrases, whatever they are, at most four.

    A last resort for who knows the tools: most of these join two things, and no two requests.
    """
    folded = fold(visible(text))
    if len(folded.text) > _LONGEST:
        return []
    quoted = [match.span() for match in _QUOTED.finditer(folded.text)]
    joints = [match.span() for match in _ANY_JOINT.finditer(folded.text)]
    cuts = [_Cut(*span, 1) for span in joints if not any(a < span[1] and span[0] < b for a, b in quoted)]
    ways = [_apart(folded, (cut,)) for cut in cuts]
    return [way for way in _distinct(ways) if way and all(map(_is_phrase, way))][:_MOST_HALVES]


def _is_phrase(part: str) -> bool:
    return len(units(part)) >= _SHORTEST


def _distinct(ways: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return list(dict.fromkeys(ways))


def _choices(cuts: list[_Cut]) -> list[tuple[_Cut, ...]]:
    """Every one or two cuts, those first that leave no likelier one out."""
    likely = sorted(sorted(cuts, key=lambda cut: -cut.odds)[:_MOST_CUTS], key=lambda cut: cut.start)
    every = prod(1 - cut.odds for cut in likely)

    def odds(chosen: tuple[_Cut, ...]) -> float:
        return every * prod(cut.odds / (1 - cut.odds) for cut in chosen)

    return sorted([*combinations(likely, 1), *combinations(likely, 2)], key=odds, reverse=True)


def _cuts(folded: str) -> Iterator[_Cut]:
    """Where it may be cut: of joints that overlap, the first in the table."""
    taken = [match.span() for match in _QUOTED.finditer(folded)]
    for joint in _JOINTS:
        for match in joint.words.finditer(folded):
            pointing = _DONE_TO_IT.match(folded, match.end())
            odds = 0 if pointing else joint.odds[_beginning(folded, match.end())]
            if odds and not any(start < match.end() and match.start() < end for start, end in taken):
                taken.append(match.span())
                yield _Cut(*match.span(), odds)


def _beginning(folded: str, at: int) -> int:
    return 0 if _START.match(folded, at) else 1 if _LIKE_A_START.match(folded, at) else 2


def _apart(folded: Folded, cuts: tuple[_Cut, ...]) -> tuple[str, ...]:
    starts, ends = [0, *(cut.end for cut in cuts)], [*(cut.start for cut in cuts), len(folded.text)]
    spans = [_trimmed(folded.text, start, end) for start, end in zip(starts, ends, strict=True)]
    said = [folded.text[start:end] for start, end in spans]
    if any(_FUNCTION.fullmatch(part) or _is_greeting(part) for part in said) or any(map(_is_open, said[:-1])):
        return ()
    return tuple(folded.original[slice(*folded.span(*span))] for span in spans)


def _trimmed(folded: str, start: int, end: int) -> tuple[int, int]:
    while start < end and folded[start] in _EDGES:
        start += 1
    lead = _LEAD.match(folded, start, end)
    start = lead.end() if lead else start
    while start < end and folded[end - 1] in _EDGES and not _HALF_DAY.search(folded, start, end):
        end -= 1
    return start, end


def _is_greeting(part: str) -> bool:
    return bool(OPENING.fullmatch(part) or re.fullmatch(r"(?:hey|hi|hello|ok|okay|يا) \w+", part))


def _is_open(part: str) -> bool:
    """Whether a part is a condition still waiting for what it is the condition of."""
    return bool(_CONDITION.match(part)) and not re.search("[,،]", part)


def _repeating(folded: Folded) -> list[tuple[str, ...]]:
    """The verb of the first part before the second, where only one stands before both."""
    opening = OPENING.match(folded.text)
    verb = _VERB.match(folded.text, opening.end() if opening else 0)
    joint = _SHARED.search(folded.text, verb.end()) if verb else None
    if not verb or not joint or _QUOTED.search(folded.text) or _beginning(folded.text, joint.end()) == 0:
        return []
    first = folded.original[slice(*folded.span(verb.start(), joint.start()))].strip(_EDGES)
    second = folded.original[slice(*folded.span(*_trimmed(folded.text, joint.end(), len(folded.text))))]
    said = folded.original[slice(*folded.span(*verb.span()))]
    between = " " if folded.text[verb.end()] == " " else ""
    alone = first == said or _FUNCTION.fullmatch(second.lower())
    return [] if alone else [(first, f"{said}{between}{second}")]
