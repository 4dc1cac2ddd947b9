import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamha.skills.when import find, say

HELSINKI = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 11, 24, 15, 0, tzinfo=HELSINKI)  # a Tuesday
LANGUAGES = ("en", "ar", "zh")


ENGLISH = {
    "in ten minutes": "11-24 15:10",
    "in half an hour": "11-24 15:30",
    "on the 30th": "11-30 09:00",
    "by the 3rd at noon": "12-03 12:00",
    "at six": "11-24 18:00",
    "at 6:30 pm": "11-24 18:30",
    "tomorrow at seven": "11-25 07:00",
    "tonight at nine": "11-24 21:00",
    "next Monday at 10": "11-30 10:00",
    "on Friday morning": "11-27 09:00",
    "at noon": "11-25 12:00",
    "in 2 hours and 15 minutes": "11-24 17:15",
    "the day after tomorrow": "11-26 09:00",
    "at five thirty": "11-24 17:30",
    "at half past six": "11-24 18:30",
    "at quarter to seven": "11-24 18:45",
    "in an hour": "11-24 16:00",
    "tomorrow morning": "11-25 09:00",
    "on Friday at 3 pm": "11-27 15:00",
    "at 18:00": "11-24 18:00",
    "in three days": "11-27 09:00",
    "at midnight": "11-25 00:00",
    "next week": "12-01 09:00",
    "in an hour and a half": "11-24 16:30",
    "tomorrow evening at 8": "11-25 20:00",
    "at 7 in the morning": "11-25 07:00",
    "on December 5 at 4 pm": "12-05 16:00",
    "in twenty five minutes": "11-24 15:25",
    "at six o'clock": "11-24 18:00",
    "this evening": "11-24 18:00",
    "at 9:05": "11-24 21:05",
    "at nine oh five": "11-24 21:05",
    "in two and a half hours": "11-24 17:30",
    "in a couple of hours": "11-24 17:00",
    "half an hour from now": "11-24 15:30",
    "at five to six": "11-24 17:55",
    "on Friday 27 November at 10:00": "11-27 10:00",
    "on the 5th of December": "12-05 09:00",
    "tonight at one": "11-25 01:00",
    "tomorrow at two": "11-25 14:00",
    "yesterday at six": "11-23 18:00",
    "on Tuesday at six": "11-24 18:00",
    "on Tuesday at nine": "12-01 09:00",
    "at 6 p.m.": "11-24 18:00",
    "at seven fifteen tomorrow": "11-25 07:15",
    "today at 12:30": "11-24 12:30",
}

ARABIC = {
    "يوم ٢٨": "11-28 09:00",
    "بعد عشر دقائق": "11-24 15:10",
    "بعد نصف ساعة": "11-24 15:30",
    "الساعة السادسة": "11-24 18:00",
    "الساعة ٦ مساءً": "11-24 18:00",
    "غدا الساعة السابعة صباحا": "11-25 07:00",
    "بكرة الساعة ٧": "11-25 07:00",
    "يوم الجمعة": "11-27 09:00",
    "بعد ساعتين": "11-24 17:00",
    "الليلة الساعة التاسعة": "11-24 21:00",
    "بعد ساعة": "11-24 16:00",
    "بعد ربع ساعة": "11-24 15:15",
    "بعد دقيقتين": "11-24 15:02",
    "الساعة السادسة والنصف": "11-24 18:30",
    "الساعة السابعة إلا ربعا": "11-24 18:45",
    "غدًا صباحًا": "11-25 09:00",
    "بعد غد": "11-26 09:00",
    "يوم الاثنين القادم الساعة العاشرة": "11-30 10:00",
    "بعد ساعة ونصف": "11-24 16:30",
    "الساعة 18:30": "11-24 18:30",
    "بعد ثلاثة أيام": "11-27 09:00",
    "غدا": "11-25 09:00",
    "بعد ٢٠ دقيقة": "11-24 15:20",
    "الساعة الثالثة بعد الظهر": "11-25 15:00",
    "مساء الجمعة": "11-27 18:00",
    "بعد خمس وعشرين دقيقة": "11-24 15:25",
    "الساعة السابعة وعشر دقائق": "11-24 19:10",
    "بعد ساعتين ونصف": "11-24 17:30",
    "بعد ساعة وعشر دقائق": "11-24 16:10",
    "مساء غد الساعة 8": "11-25 20:00",
    "الساعة 6 م": "11-24 18:00",
    "السابعة صباحا": "11-25 07:00",
    "بعد يومين الساعة الثالثة عصرا": "11-26 15:00",
    "منتصف الليل": "11-25 00:00",
    "صباح الغد": "11-25 09:00",
    "الساعة الثانية عشرة ظهرا": "11-25 12:00",
    "يوم الجمعة 27 نوفمبر الساعة 10:00": "11-27 10:00",
}

CHINESE = {
    "28号": "11-28 09:00",
    "二十八号晚上八点": "11-28 20:00",
    "十分钟后": "11-24 15:10",
    "半小时后": "11-24 15:30",
    "明天早上七点": "11-25 07:00",
    "今晚九点": "11-24 21:00",
    "下午三点半": "11-24 15:30",
    "下周一上午十点": "11-30 10:00",
    "后天": "11-26 09:00",
    "星期五": "11-27 09:00",
    "六点": "11-24 18:00",
    "晚上八点一刻": "11-24 20:15",
    "两个小时后": "11-24 17:00",
    "一个半小时后": "11-24 16:30",
    "明天": "11-25 09:00",
    "中午": "11-25 12:00",
    "周五下午三点": "11-27 15:00",
    "18:30": "11-24 18:30",
    "明晚七点半": "11-25 19:30",
    "三天后": "11-27 09:00",
    "12月5号下午四点": "12-05 16:00",
    "五分钟之后": "11-24 15:05",
    "一小时十五分钟后": "11-24 16:15",
    "明天上午": "11-25 09:00",
    "礼拜天早上八点": "11-29 08:00",
    "今天下午六点": "11-24 18:00",
    "二十五分钟后": "11-24 15:25",
    "下周五下午两点半": "12-04 14:30",
    "今晚十二点": "11-25 00:00",
    "今晚一点": "11-25 01:00",
    "凌晨三点": "11-25 03:00",
    "差一刻七点": "11-24 18:45",
    "６点２０": "11-24 18:20",
    "六点零五分": "11-24 18:05",
    "过半小时": "11-24 15:30",
    "十二月五号": "12-05 09:00",
    "大后天上午九点": "11-27 09:00",
    "中午十二点半": "11-25 12:30",
    "明天的六点": "11-25 18:00",
    "11月27日星期五10:00": "11-27 10:00",
}

NO_TIME = {
    "en": [
        "buy 2 apples",
        "room 6",
        "tell Sara I'm ten minutes late",
        "what is this",
        "good morning",
        "may I",
        "count to ten",
        "two to three people",
        "at two euros",
        "at one point",
        "it takes two hours",
        "once a week in town",
        "I have a second question",
        "from five to six people",
        "",
        "version 2.5",
        "in 5 boxes",
        "at 25",
        "on 31 February at six",
        "what about tomorrow's menu",
    ],
    "ar": [
        "اشتر تفاحتين",
        "الغرفة 6",
        "كم الساعة الآن",
        "مساء الخير",
        "صباح الخير",
        "اشتر 3 كتب",
        "أنا متأخر عشر دقائق",
        "بعد ذلك",
        "صلاة الجمعة",
        "رقم 5",
        "الفصل الثالث",
        "ساعة جديدة",
    ],
    "zh": [
        "买两个苹果",
        "房间6",
        "快一点",
        "晚一点",
        "早上好",
        "有一点累",
        "三天两头",
        "这是什么",
        "第一周",
        "一点儿",
        "买12个鸡蛋",
        "十分好吃",
        "我迟到十分钟",
    ],
}

PHRASES = [
    (language, phrase, at)
    for language, table in (("en", ENGLISH), ("ar", ARABIC), ("zh", CHINESE))
    for phrase, at in table.items()
]


@pytest.mark.parametrize(("language", "phrase", "at"), PHRASES)
def test_phrases(language: str, phrase: str, at: str) -> None:
    moment = find(phrase, language, NOW)
    assert moment is not None
    assert f"{moment.at:%m-%d %H:%M}" == at
    assert moment.at.tzinfo == HELSINKI
    assert (moment.start, moment.end, moment.more) == (0, len(phrase), ())
    assert moment.past == (moment.at < NOW)


@pytest.mark.parametrize(
    ("language", "text"), [(language, text) for language in LANGUAGES for text in NO_TIME[language]]
)
def test_what_is_no_time(language: str, text: str) -> None:
    assert find(text, language, NOW) is None


@pytest.mark.parametrize(
    ("language", "text", "spans", "at"),
    [
        ("en", "remind me to call Sara at six", ["at six"], "11-24 18:00"),
        ("en", "remind me at six to send the Friday report", ["at six"], "11-24 18:00"),
        ("en", "remind me tomorrow to call Sara at six", ["tomorrow", "at six"], "11-25 18:00"),
        ("en", "Remind me on Friday, at three, to pay.", ["on Friday, at three"], "11-27 15:00"),
        ("en", "remind me to buy 2 apples at five", ["at five"], "11-24 17:00"),
        ("en", "remind me about tomorrow's meeting at noon", ["at noon"], "11-25 12:00"),
        ("en", "set an alarm for 6:30", ["for 6:30"], "11-24 18:30"),
        ("en", "set a timer for ten minutes", ["for ten minutes"], "11-24 15:10"),
        ("en", "an hour from now, call mum", ["an hour from now"], "11-24 16:00"),
        ("en", "remind me at six or at seven", ["at six"], "11-24 18:00"),
        ("ar", "ذكرني أن أتصل بسارة الساعة السادسة", ["الساعة السادسة"], "11-24 18:00"),
        ("ar", "ذكّرني غدًا أن أتصل بسارة الساعة السادسة", ["غدًا", "الساعة السادسة"], "11-25 18:00"),
        ("ar", "ذكرني الساعة ٦ مساءً أن آكل", ["الساعة ٦ مساءً"], "11-24 18:00"),
        ("ar", "ذكرني في الساعة الثامنة والربع صباحا", ["في الساعة الثامنة والربع صباحا"], "11-25 08:15"),
        ("zh", "提醒我六点给莎拉打电话", ["六点"], "11-24 18:00"),
        ("zh", "明天提醒我六点给莎拉打电话", ["明天", "六点"], "11-25 18:00"),
        ("zh", "２０分钟后提醒我关火", ["２０分钟后"], "11-24 15:20"),
    ],
)
def test_times_in_sentences(language: str, text: str, spans: list[str], at: str) -> None:
    moment = find(text, language, NOW)
    assert moment is not None
    assert [text[start:end] for start, end in ((moment.start, moment.end), *moment.more)] == spans
    assert f"{moment.at:%m-%d %H:%M}" == at


@pytest.mark.parametrize(
    ("language", "text", "precision"),
    [
        ("en", "at six", "minute"),
        ("en", "in ten minutes", "minute"),
        ("en", "tomorrow morning", "part"),
        ("en", "on Friday", "day"),
        ("en", "next week", "week"),
        ("ar", "غدا", "day"),
        ("zh", "今晚", "part"),
    ],
)
def test_precision(language: str, text: str, precision: str) -> None:
    moment = find(text, language, NOW)
    assert moment is not None
    assert moment.precision == precision


@pytest.mark.parametrize(
    ("hour", "text", "at"),
    [
        (15, "at six", "24 18:00"),
        (19, "at six", "25 06:00"),
        (1, "at six", "24 06:00"),
        (19, "today at six", "24 18:00"),
        (19, "tomorrow at eight", "25 08:00"),
        (19, "at 18:00", "25 18:00"),
        (6, "today at 7:00", "24 07:00"),
        (0, "at one at night", "24 01:00"),
        (8, "at noon", "24 12:00"),
        (19, "this morning", "24 09:00"),
    ],
)
def test_the_next_such_time(hour: int, text: str, at: str) -> None:
    now = NOW.replace(hour=hour, minute=30)
    moment = find(text, "en", now)
    assert moment is not None
    assert f"{moment.at:%d %H:%M}" == at
    assert moment.past == (moment.at < now)


def test_an_hour_stays_an_hour_when_summer_time_ends() -> None:
    before = datetime(2026, 10, 25, 3, 30, tzinfo=HELSINKI)
    later = find("in an hour", "en", before)
    assert later is not None
    assert later.at.astimezone(UTC) - before.astimezone(UTC) == timedelta(hours=1)
    assert (later.at.hour, later.at.fold) == (3, 1)


def test_a_clock_time_stays_when_summer_time_ends() -> None:
    moment = find("tomorrow at 7:00", "en", datetime(2026, 10, 24, 12, 0, tzinfo=HELSINKI))
    assert moment is not None
    assert moment.at.isoformat() == "2026-10-25T07:00:00+02:00"


def test_a_time_that_summer_time_skips_becomes_one_that_exists() -> None:
    moment = find("tomorrow at 03:30", "en", datetime(2026, 3, 28, 12, 0, tzinfo=HELSINKI))
    assert moment is not None
    assert moment.at.isoformat() == "2026-03-29T04:30:00+03:00"


def test_now_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        find("at six", "en", NOW.replace(tzinfo=None))


def test_what_is_slow_to_import_waits_for_its_first_use() -> None:
    code = "import sys, lamha.skills.when; print({'dateparser', 'babel'} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("minutes", "english", "arabic", "chinese"),
    [
        (1, "in 1 minute", "بعد دقيقة", "1分钟后"),
        (2, "in 2 minutes", "بعد دقيقتين", "2分钟后"),
        (3, "in 3 minutes", "بعد 3 دقائق", "3分钟后"),
        (10, "in 10 minutes", "بعد 10 دقائق", "10分钟后"),
        (11, "in 11 minutes", "بعد 11 دقيقة", "11分钟后"),
        (180, "today at 18:00", "اليوم الساعة 18:00", "今天18:00"),
        (960, "tomorrow at 7:00", "غدًا الساعة 7:00", "明天7:00"),
        (840, "tomorrow at 05:00", "غدًا الساعة 05:00", "明天05:00"),
        (4020, "on Friday 27 November at 10:00", "يوم الجمعة 27 نوفمبر الساعة 10:00", "11月27日星期五10:00"),
        (-60, "today at 14:00", "اليوم الساعة 14:00", "今天14:00"),
        (
            525600,
            "on Wednesday 24 November 2027 at 15:00",
            "يوم الأربعاء 24 نوفمبر 2027 الساعة 15:00",
            "2027年11月24日星期三15:00",
        ),
    ],
)
def test_say(minutes: int, english: str, arabic: str, chinese: str) -> None:
    at = (NOW + timedelta(minutes=minutes)).astimezone(UTC)
    assert [say(at, NOW, language) for language in LANGUAGES] == [english, arabic, chinese]


ODDITIES = {"\u200f", "\u0651", "99", "999"}
WORDS = st.sampled_from(
    sorted({word for _, phrase, _ in PHRASES for word in chain(phrase.split(), phrase)} | ODDITIES)
)
JOINED = st.tuples(st.sampled_from(["", " "]), st.lists(WORDS, max_size=8)).map(
    lambda drawn: drawn[0].join(drawn[1])
)
TEXTS = st.one_of(st.text(max_size=60), JOINED)


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from(LANGUAGES))
def test_any_text(text: str, language: str) -> None:
    moment = find(text, language, NOW)
    if moment is None:
        return
    assert moment.at.utcoffset() is not None
    for start, end in ((moment.start, moment.end), *moment.more):
        assert 0 <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()


@settings(max_examples=200, deadline=None)
@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)),
    st.integers(1, 7 * 24 * 60),
    st.sampled_from(LANGUAGES),
)
def test_what_is_said_is_found(local: datetime, minutes: int, language: str) -> None:
    now = local.replace(second=0, microsecond=0, tzinfo=UTC).astimezone(HELSINKI)
    at = (now.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(HELSINKI)
    said = say(at, now, language)
    moment = find(said, language, now)
    assert moment is not None
    assert (moment.start, moment.end) == (0, len(said))
    if not at.fold:  # the second of two equal hours has no words of its own
        assert moment.at == at
