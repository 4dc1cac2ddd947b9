import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.skills.splitting import halves, parts

FIRST = """
turn on the lights and text Sara I'm late | turn on the lights | text Sara I'm late
Set an alarm for 6:30, then play some music | Set an alarm for 6:30 | play some music
Call mom and then order a pizza | Call mom | order a pizza
Call mom, and then order a pizza. | Call mom | order a pizza
Turn off the tv; lock the door | Turn off the tv | lock the door
Turn off the tv. Lock the door. | Turn off the tv | Lock the door
Remind me at 6 p.m. Call Ali. | Remind me at 6 p.m. | Call Ali
Start the vacuum after that mop the kitchen | Start the vacuum | mop the kitchen
Send Sara a message and also call Ali | Send Sara a message | call Ali
Send Sara a message also call Ali | Send Sara a message | call Ali
play jazz plus dim the lights | play jazz | dim the lights
what's the weather and how far is the moon | what's the weather | how far is the moon
What time is it? Set a timer for five minutes | What time is it | Set a timer for five minutes
set a timer, remind me at six and call Ali | set a timer | remind me at six | call Ali
Turn off the tv; lock the door; call Ali | Turn off the tv | lock the door | call Ali
pay 1,000 dollars to Ali, and show my balance | pay 1,000 dollars to Ali | show my balance
send "hello, and then go" to Ali and call Omar | send "hello, and then go" to Ali | call Omar
water the plants and froth the milk | water the plants | froth the milk
hey lamha, turn on the light and please call mom | hey lamha, turn on the light | please call mom
Lock the door and can you turn off the lights | Lock the door | can you turn off the lights
book a room from Dr. Ali and call him | book a room from Dr. Ali | call him
شغل النور وأرسل رسالة لسارة | شغل النور | أرسل رسالة لسارة
شغّل النور وأَرسل رسالة لسارة | شغل النور | أرسل رسالة لسارة
شغل النور ثم اتصل بماما | شغل النور | اتصل بماما
شغل النور، وبعدين اتصل بماما | شغل النور | اتصل بماما
طفي النور وبعدها اضبط المنبه | طفي النور | اضبط المنبه
طفي النور وكمان سكر الباب | طفي النور | سكر الباب
احجز طاولة، وذكرني بالموعد | احجز طاولة | ذكرني بالموعد
اكتب ملاحظة، أرسلها لأحمد | اكتب ملاحظة | أرسلها لأحمد
كم الساعة وكيف الطقس | كم الساعة | كيف الطقس
كم الساعة؟ شغل الموسيقى | كم الساعة | شغل الموسيقى
افتح الباب وشغل المكيف وطفي التلفزيون | افتح الباب | شغل المكيف | طفي التلفزيون
شغل النور و ابعت رسالة لسارة | شغل النور | ابعت رسالة لسارة
打开灯，然后播放音乐 | 打开灯 | 播放音乐
打开灯然后播放音乐 | 打开灯 | 播放音乐
打开灯再关上窗户 | 打开灯 | 关上窗户
关灯，接着设个闹钟 | 关灯 | 设个闹钟
给小李发短信，顺便订个餐厅 | 给小李发短信 | 订个餐厅
关灯并且锁门 | 关灯 | 锁门
关灯，锁门 | 关灯 | 锁门
关灯。设个六点的闹钟。 | 关灯 | 设个六点的闹钟
告诉我天气，还有提醒我带伞 | 告诉我天气 | 提醒我带伞
关灯，锁门，然后打电话给妈妈 | 关灯 | 锁门 | 打电话给妈妈
说“你好，然后再见”，然后关灯 | 说“你好，然后再见” | 关灯
صحّيني الساعة ٦ الصبح وضيف عالمهام شراء الحليب | صحيني الساعة ٦ الصبح | ضيف عالمهام شراء الحليب
طفي النور وحط منبه الساعة ستة | طفي النور | حط منبه الساعة ستة
ابدأ التمرين ونبهني الساعة ستة | ابدأ التمرين | نبهني الساعة ستة
حول خمسين يورو لريال واعطني سعر السهم | حول خمسين يورو لريال | اعطني سعر السهم
سكر الباب وصحّيني الساعة ستة | سكر الباب | صحيني الساعة ستة
سكر الباب وشغّل المكيف | سكر الباب | شغل المكيف
شغل المكيف وطفّي التلفزيون | شغل المكيف | طفي التلفزيون
احجز طاولة وابعت رسالة لسارة | احجز طاولة | ابعت رسالة لسارة
شغل المكيف وافتح الستارة | شغل المكيف | افتح الستارة
طفي النور وسكّر الباب | طفي النور | سكر الباب
打开卧室的窗帘，再让扫地机去扫书房 | 打开卧室的窗帘 | 让扫地机去扫书房
打开窗帘再把灯关掉 | 打开窗帘 | 把灯关掉
拍张照然后让小李看看 | 拍张照 | 让小李看看
I drank some water, log it, and show me today's steps | I drank some water, log it | show me today's steps
it is too bright here, do it now and call Ali | it is too bright here, do it now | call Ali
log it and call Ali | log it | call Ali
write a poem and send it to Ali | write a poem | send it to Ali
text Sara and call her | text Sara | call her
اكتب ملاحظة، سجّلها، وشغل الموسيقى | اكتب ملاحظة، سجلها | شغل الموسيقى
我喝了三百毫升水，记一下，然后告诉我今天的步数 | 我喝了三百毫升水，记一下 | 告诉我今天的步数
关灯，记一下今天跑了五公里 | 关灯 | 记一下今天跑了五公里
""".strip().splitlines()

WHOLE = """
turn on the lights
turn on the light, please
turn on the light, thanks
hey lamha, turn on the light
Hey, turn on the light
if it rains, close the windows
add milk and eggs to the list
play "now, and then stop"
what is two plus two
pay 1,000 dollars
set the alarm for 6:30
pi is 3.14
between five and six
add salt and
and then
now and then
Mr. Smith
شغل النور
شغل النور، لو سمحت
يا لمحة، شغل النور
وقف الموسيقى
وصلني إلى البيت
إذا أمطرت، أغلق النوافذ
أرسل رسالة إلى سارة
再见
再来一次
打开灯
打开灯，谢谢
打开灯，好吗
如果下雨，提醒我带伞
请再说一遍
any new mail? read it out
I drank 300 ml of water, log it
my weight is 72, note that please
وزني اليوم ٧٢، سجّلها
أضف حليب وسكر إلى القائمة
我喝了三百毫升水，记一下
今天的新闻，读出来
说“你好，然后再见”
""".strip().splitlines()

REPEATED = """
Turn on the kitchen and the bedroom lights | Turn on the kitchen | Turn on the bedroom lights
set a timer for 5 and another for 10 minutes | set a timer for 5 | set another for 10 minutes
hey lamha, call my mom and my dad | call my mom | call my dad
شغل نور الصالة والمطبخ | شغل نور الصالة | شغل المطبخ
打开客厅和卧室的灯 | 打开客厅 | 打开卧室的灯
""".strip().splitlines()


def _row(row: str) -> tuple[str, tuple[str, ...]]:
    text, *expected = row.split(" | ")
    return text, tuple(expected)


@pytest.mark.parametrize(("text", "expected"), list(map(_row, FIRST)))
def test_the_most_plausible_way(text: str, expected: tuple[str, ...]) -> None:
    assert parts(text)[0] == expected


@pytest.mark.parametrize("text", [*WHOLE, "", " ", "?!", "\u200f", "，", ". . ."])
def test_what_cannot_be_cut(text: str) -> None:
    assert parts(text) == []


@pytest.mark.parametrize(("text", "expected"), list(map(_row, REPEATED)))
def test_a_verb_said_once_comes_last(text: str, expected: tuple[str, ...]) -> None:
    assert parts(text)[-1] == expected


def test_other_ways_follow() -> None:
    assert parts("set a timer, remind me at six and call Ali") == [
        ("set a timer", "remind me at six", "call Ali"),
        ("set a timer, remind me at six", "call Ali"),
        ("set a timer", "remind me at six and call Ali"),
    ]
    assert ("text Sara I'm late", "don't wait") in parts("text Sara I'm late, don't wait")


@pytest.mark.parametrize(
    ("text", "way"),
    [
        (
            "kill the lights in the garage and telly on please",
            ("kill the lights in the garage", "telly on please"),
        ),
        ("سكّر أباجور الصالة وخزّن الإضاءة", ("سكر أباجور الصالة", "خزن الإضاءة")),
        ("把客厅的灯关了和电视打开", ("把客厅的灯关了", "电视打开")),
        ("log 3,500 steps and weight 70", ("log 3,500 steps", "weight 70")),
        ('send "salt and pepper" to Ali and lights off', ('send "salt and pepper" to Ali', "lights off")),
    ],
)
def test_halves_are_joined_by_anything(text: str, way: tuple[str, ...]) -> None:
    assert parts(text) == []
    assert halves(text) == [way]


@pytest.mark.parametrize(
    "text", ["", "lights", "salt and pepper", "tea, please", "وردة حمراء", "和平路", "1,000"]
)
def test_what_has_no_halves(text: str) -> None:
    assert halves(text) == []


@given(st.text())
def test_it_never_raises(text: str) -> None:
    assert len(parts(text)) <= 6
    assert len(halves(text)) <= 4


WORDS = [word for row in [*FIRST, *WHOLE, *REPEATED] for word in row.split() if word != "|"]


@given(st.lists(st.sampled_from([*WORDS, ",", ".", "و", '"']), max_size=60))
def test_parts_are_said(words: list[str]) -> None:
    ways = parts(" ".join(words))
    assert len(ways) == len(set(ways)) <= 6
    assert all(2 <= len(way) <= 3 and all(part.strip() for part in way) for way in ways)


@pytest.mark.parametrize(
    "piece",
    [
        "and ",
        "a and b ",
        "call Ali, ",
        ", ",
        ". ",
        "و",
        " و",
        "وأرسل ",
        "再",
        "，",
        "关灯，",
        "然后",
        '"',
        "1,",
        "'a ",
        "please ",
        "a a ",
        "!",
        "嗯，",
        "hey ok, ",
        "a a ",
        "!",
        "嗯，",
        "hey ok, ",
        "the ",
        "关和",
        ", log it",
        "سجلها، ",
        "记一下，",
    ],
)
@pytest.mark.parametrize("length", [600, 10_000])
def test_it_is_fast(piece: str, length: int) -> None:
    text = (piece * length)[:length]
    started = time.process_time()
    parts(text)
    parts(text[:-2] + " x")
    halves(text)
    assert time.process_time() - started < 0.5
