import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.skills.followups import Also, Cancel, Confirm, FollowUp, Pick, Repeat, Replace, followup

SIMPLE: list[tuple[FollowUp, str]] = [
    (
        Cancel(),
        "cancel that|Cancel it|cancel|never mind|Nevermind|undo|No, cancel that|forget it|scratch that",
    ),
    (
        Cancel(),
        "ألغِ ذلك|ألغها|الغيها|خلاص إلغيها|كنسل|كنسلها|انس الموضوع|تراجع|خلاص|ألغ الأمر|خلاص ما في داعي",
    ),
    (Cancel(), "取消|取消吧|算了|算了吧|撤销|把它取消|取消这个|当我没说|撤回|还是算了"),
    (
        Repeat(),
        "again|Do that again|once more|one more time|repeat that|do it again, please|the same thing again",
    ),
    (Repeat(), "مرة ثانية|مرة أخرى|كمان مرة|أعدها|كرر|عيدها مرة ثانية|من جديد|تاني|أعد ذلك"),
    (Repeat(), "再来一次|再来一遍|再说一遍|重复一下|重来|再放一次|再做一次"),
    (
        Confirm(True),
        "yes|Yeah|yes please|go ahead|send it|ok do it|OK|yes, send it|sure, go ahead|confirm|do it",
    ),
    (Confirm(True), "sounds good|yes, book it|that's right|okay|Please do|yep"),
    (Confirm(True), "نعم|أيوه|أيوة|تمام أرسلها|تمام|أرسلها|ايوا ابعتها|موافق|أكيد|طبعا|ماشي|نعم، أرسلها|اه"),
    (Confirm(True), "好的|确认|发吧|是的|对|可以|行|没问题|好，发吧|嗯|好的，确认|就这样吧"),
    (Confirm(False), "no|No.|nope|no thanks|don't|don't send it|no, don't|not now|No, thank you"),
    (Confirm(False), "لا|لا شكرا|لا ترسلها|كلا|لا، بلاش|بلاش|لا لا"),
    (Confirm(False), "不|不要|不发|不用|不用了|别发|不行|先别发|不，谢谢"),
    (
        Pick(1),
        "the first one|first|number one|option 1|الأول|الأولى|رقم واحد|第一个|选第一个|أول واحد|the former",
    ),
    (
        Pick(2),
        "the second one|number two|the 2nd|the second|pick the second one|الثاني|الثانية|التاني|第二个|رقم ٢",
    ),
    (Pick(3), "the third one please|number 3|الثالث|الخيار الثالث|第三个|要第三个|رقم ثلاثة"),
    (Pick(10), "number ten|the tenth|第十个|رقم ١٠"),
    (Pick(-1), "the last|the last one|الأخير|الأخيرة|آخر واحد|最后一个"),
]

VALUES: list[tuple[str, FollowUp]] = [
    ("no, Sara not Sami", Replace("Sara", "Sami")),
    ("No, Sara, not Sami", Replace("Sara", "Sami")),
    ("not Sami, Sara", Replace("Sara", "Sami")),
    ("actually I'll cycle", Replace("cycle")),
    ("I'd rather have tea", Replace("tea")),
    ("a bit less, say thirty", Replace("thirty")),
    ("brighter, maybe eighty", Replace("eighty")),
    ("no not Sami but Sara", Replace("Sara", "Sami")),
    ("I meant Sara", Replace("Sara")),
    ("no I meant Sara Ali", Replace("Sara Ali")),
    ("sorry, I meant Sara not Sami", Replace("Sara", "Sami")),
    ("make it ten", Replace("ten")),
    ("make that 7:30", Replace("7:30")),
    ("make it ten instead of nine", Replace("ten", "nine")),
    ("change it to seven", Replace("seven")),
    ("change the time to seven thirty", Replace("seven thirty")),
    ("move it to Tuesday", Replace("Tuesday")),
    ("at eight instead", Replace("at eight")),
    ("Tea instead of coffee", Replace("Tea", "coffee")),
    ("no, to Omar", Replace("to Omar")),
    ("no, Sara", Replace("Sara")),
    ("Actually, seven", Replace("seven")),
    ("لا، سارة مو سامي", Replace("سارة", "سامي")),
    ("سارة مش سامي", Replace("سارة", "سامي")),
    ("سارة وليس سامي", Replace("سارة", "سامي")),
    ("مو سامي، سارة", Replace("سارة", "سامي")),
    ("ليس سامي بل سارة", Replace("سارة", "سامي")),
    ("قصدي سارة", Replace("سارة")),
    ("لا، قصدي سارة مش سامي", Replace("سارة", "سامي")),
    ("أقصد أحمد", Replace("أحمد")),
    ("خليها عشرة", Replace("عشرة")),
    ("خليها الساعة ثمانية", Replace("الساعة ثمانية")),
    ("غيرها إلى السابعة", Replace("السابعة")),
    ("بدلها لسارة", Replace("سارة")),
    ("لا، سارة", Replace("سارة")),
    ("سارة بدل سامي", Replace("سارة", "سامي")),
    ("不对，是小李不是小王", Replace("小李", "小王")),
    ("是小李，不是小王", Replace("小李", "小王")),
    ("不是小王，是小李", Replace("小李", "小王")),
    ("我是说小李", Replace("小李")),
    ("我说的是小李，不是小王", Replace("小李", "小王")),
    ("改成八点", Replace("八点")),
    ("把时间改到八点吧", Replace("八点")),
    ("换成小李", Replace("小李")),
    ("还是八点吧", Replace("八点")),
    ("不，小李", Replace("小李")),
    ("and tomorrow?", Also("tomorrow")),
    ("再加上40", Also("40")),
    ("And in Paris?", Also("in Paris")),
    ("what about Paris?", Also("Paris")),
    ("How about next Friday", Also("next Friday")),
    ("and for Sara", Also("for Sara")),
    ("the same for Omar", Also("for Omar")),
    ("Sara too", Also("Sara")),
    ("وبكرة؟", Also("بكرة")),
    ("وماذا عن باريس؟", Also("باريس")),
    ("ماذا عن يوم الجمعة", Also("يوم الجمعة")),
    ("ولسارة", Also("لسارة")),
    ("وفي دبي؟", Also("في دبي")),
    ("طيب وبكرة", Also("بكرة")),
    ("سارة كمان", Also("سارة")),
    ("那明天呢？", Also("明天")),
    ("上海呢", Also("上海")),
    ("明天呢？", Also("明天")),
    ("那上海怎么样", Also("上海")),
    ("还有小李", Also("小李")),
]

ALONE = """
cancel my appointment
cancel the meeting with Sara
send it to Sara
send Sara a message
call the second number on the card
make it ten degrees warmer in here
make it warmer
make it stop
make a reservation for two
change the alarm to seven
set a timer for ten minutes
turn on the lights
turn it off
play it again Sam by Dooley
remind me again tomorrow
what's the weather
and turn off the lights
and what's the weather tomorrow
how about turning on the lights
what about you
no problem
no idea what to cook
no worries
it's not cold
I'm not coming
I said turn it off
I mean it
tell Sara not Sami
don't forget to call Sara
repeat after me hello
yes is a band
no need to call
not bad
ألغ الموعد
ألغ حجز الفندق
أرسل رسالة إلى سارة
أرسلها إلى سارة
وأرسل لسارة
وقف الموسيقى
وين أقرب صيدلية
واحد شاي
كيف الطقس
كم الساعة
شغل النور
وليد في البيت
لا ترسل رسالة لسارة
لا تنس أن تذكرني
خلي النور أحمر
غير اللون
ذكرني مرة ثانية بكرة الساعة خمسة
ما الخيار الثاني في القائمة
取消闹钟
取消明天的会议
给小李发短信
把闹钟改成八点
第二天的天气
播放第二首歌给我听
再见
怎么办呢
你呢
你在做什么呢
为什么呢
那边天气怎么样
天气怎么样
打开灯
别忘了提醒我
我想喝水
不要给莎拉发短信
hello
thanks
谢谢
شكرا
""".strip().splitlines()


@pytest.mark.parametrize(
    ("text", "meant"), [(text, meant) for meant, row in SIMPLE for text in row.split("|")]
)
def test_a_word_or_two(text: str, meant: FollowUp) -> None:
    assert followup(text) == meant


@pytest.mark.parametrize(("text", "meant"), VALUES)
def test_something_else_instead_or_too(text: str, meant: FollowUp) -> None:
    assert followup(text) == meant


@pytest.mark.parametrize("text", [*ALONE, "", " ", "?", "\u200f", "🙂"])
def test_what_stands_on_its_own(text: str) -> None:
    assert followup(text) is None


def test_marks_and_width_do_not_matter() -> None:
    assert followup("\u200fوبُكـرة؟\u200e") == Also("بكرة")
    assert followup("ＹＥＳ！") == Confirm(True)
    assert followup("I  meant\u00a0Sara") == Replace("Sara")


@given(st.text())
def test_it_never_raises(text: str) -> None:
    followup(text)


WORDS = [
    word
    for row in [*ALONE, *(text for text, _ in VALUES), *(row for _, row in SIMPLE)]
    for word in row.split()
]


@given(st.lists(st.sampled_from([*WORDS, ",", "،"]), max_size=12))
def test_it_never_raises_on_its_own_words(words: list[str]) -> None:
    text = " ".join(words)
    found = followup(text)
    assert not isinstance(found, Replace) or found.new


@pytest.mark.parametrize(
    "piece",
    [
        "no, ",
        "no ",
        "and ",
        "لا ",
        "و",
        "不",
        "不,",
        "yes ",
        "a ",
        "-",
        "是",
        "那",
        ", ",
        "هو ",
        "i meant ",
        "not a",
        "不不",
        "嗯",
        ",",
        "!",
        "لا لأ ",
    ],
)
@pytest.mark.parametrize("length", [76, 10_000])
def test_it_is_fast(piece: str, length: int) -> None:
    text = (piece * length)[:length]
    started = time.process_time()
    followup(text)
    followup(text[:-2] + " x")
    assert time.process_time() - started < 0.5
