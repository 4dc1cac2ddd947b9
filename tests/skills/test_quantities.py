import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lamha.skills.quantities import convert, find, unit_named

LANGUAGES = ("en", "ar", "zh")
KM, HOUR, MINUTE, SECOND = "length-kilometer", "duration-hour", "duration-minute", "duration-second"
DAY, YEAR, KG, METER = "duration-day", "duration-year", "mass-kilogram", "length-meter"
ACCELERATION = "acceleration-meter-per-square-second"
DEGREE, CELSIUS, FAHRENHEIT = "temperature-generic", "temperature-celsius", "temperature-fahrenheit"

# What is said → value, unit; a list where it is several.
ENGLISH = {
    "set it to 12": (12, None),
    "1,000 people": (1000, None),
    "12,34,567 rupees": (1234567, "INR"),
    "1.000.000": (1000000, None),
    "3.5": (3.5, None),
    "2.0": (2.0, None),
    ".5": (0.5, None),
    "-4": (-4, None),
    "−5": (-5, None),
    "minus four": (-4, None),
    "negative 5": (-5, None),
    "10 minus 4": [(10, None), (4, None)],
    "five degrees below zero": (-5, DEGREE),
    "1/2": (0.5, None),
    "½ cup": (0.5, "volume-cup"),
    "2½ cups": (2.5, "volume-cup"),
    "1 1/2 cups": (1.5, "volume-cup"),
    "three quarters": (0.75, None),
    "two thirds": (2 / 3, None),
    "a third of it": (1 / 3, None),
    "three and three quarter miles": (3.75, "length-mile"),
    "two and a half": (2.5, None),
    "five-and-a-half": (5.5, None),
    "two and a half million": (2500000, None),
    "a million and a half": (1500000, None),
    "half an hour": (0.5, HOUR),
    "for the next hour": (1, HOUR),
    "over one seventy": (170, None),
    "two twenty dollar bills": [(2, None), (20, "USD")],
    "quarter of an hour": (0.25, HOUR),
    "an hour and a half": (1.5, HOUR),
    "two hours and a half": (2.5, HOUR),
    "two hours and 15 minutes": [(2, HOUR), (15, MINUTE)],
    "a dozen eggs": (12, None),
    "half a dozen": (6, None),
    "a couple of hours": (2, HOUR),
    "twenty-five": (25, None),
    "one hundred and five": (105, None),
    "the one hundred people": (100, None),
    "two hundred thousand": (200000, None),
    "3 million": (3000000, None),
    "nineteen trillion": (19 * 10**12, None),
    "2.5k": (2500, None),
    "$5m": (5000000, "USD"),
    "5%": (5, "percent"),
    "5 percent": (5, "percent"),
    "what is 15% of 80": [(15, "percent"), (80, None)],
    "$20": (20, "USD"),
    "-$5": (-5, "USD"),
    "$1,234.56": (1234.56, "USD"),
    "20 dollars": (20, "USD"),
    "20 USD": (20, "USD"),
    "USD 20": (20, "USD"),
    "€5": (5, "EUR"),
    "fifty euros": (50, "EUR"),
    "5 pounds": (5, "mass-pound"),
    "£5": (5, "GBP"),
    "5km": (5, KM),
    "5 km": (5, KM),
    "10mg": (10, "mass-milligram"),
    "5-minute timer": (5, MINUTE),
    "twenty second timer": (20, SECOND),
    "one second": (1, SECOND),
    "5-10 minutes": [(5, None), (10, MINUTE)],
    "20 degrees": (20, DEGREE),
    "20 degrees celsius": (20, CELSIUS),
    "68 °F": (68, FAHRENHEIT),
    "20 C": (20, CELSIUS),
    "60 mph": (60, "speed-mile-per-hour"),
    "100 km/h": (100, "speed-kilometer-per-hour"),
    "5 m2": (5, "area-square-meter"),
    "5in": (5, "length-inch"),
    "2 in 3": [(2, None), (3, None)],
    "5 a day": (5, None),
    "3 GB": (3, "digital-gigabyte"),
    "20-year-old": (20, YEAR),
    "set a timer for one minute": (1, MINUTE),
    "one apple": (1, None),
    "one": (1, None),
    "set volume to one": (1, None),
    "five six seven": [(5, None), (6, None), (7, None)],
    "1,2,3": [(1, None), (2, None), (3, None)],
    "3e-9": (3e-9, None),
    "1e-6 C": (1e-6, None),
    "-2e-6": (-2e-6, None),
    "3.2e-5 M": (3.2e-5, None),
    "3.2×10^-5": (3.2e-5, None),
    "3.2 × 10⁻⁵": (3.2e-5, None),
    "5x10^3": (5000, None),
    "5 x 10^3 m": (5000, METER),
    "1.5e3 V": (1500, "electric-volt"),
    "6.02e23": (6.02e23, None),
    "9.8 m/s^2": (9.8, ACCELERATION),
    "9.8 m/s²": (9.8, ACCELERATION),
    "2 m/s^2": (2, ACCELERATION),
    "10 m s^-2": (10, ACCELERATION),
    "9.8 metres per second squared": (9.8, ACCELERATION),
    "5 cm^3": (5, "volume-cubic-centimeter"),
    "5 cm³": (5, "volume-cubic-centimeter"),
    "10²": (10, None),
    "what is 2^8": [(2, None), (8, None)],
    "half-kilo": (0.5, KG),
    "half-hour": (0.5, HOUR),
    "born in nineteen fifty": (1950, None),
    "nineteen eighty four": (1984, None),
    "nineteen eighty-four, 3 copies": [(1984, None), (3, None)],
    "twenty twenty six": (2026, None),
    "twenty ten": (2010, None),
    "eighteen oh five": (1805, None),
    "from nineteen fifty to nineteen sixty five": [(1950, None), (1965, None)],
    "thirteen fourteen fifteen": [(13, None), (14, None), (15, None)],
    "twenty fifteen minute sessions": [(20, None), (15, MINUTE)],
    "twelve fifty": [(12, None), (50, None)],
    "at nineteen thirty": [(19, None), (30, None)],
    "at eighteen oh five": [(18, None), (5, None)],
    "nineteen fifty thousand": [(19, None), (50000, None)],
    "remind me in an hour": (1, HOUR),
    "an hour's work": (1, HOUR),
    "an hour ago": (1, HOUR),
    "an hour-long meeting": (1, HOUR),
    "a minute": (1, MINUTE),
    "a week": (1, "duration-week"),
    "a kilo of rice": (1, KG),
    "a kilo and a half": (1.5, KG),
    "how many minutes are in an hour": (1, HOUR),
    "5 minutes and an hour": [(5, MINUTE), (1, HOUR)],
    "2 tickets a week before": [(2, None), (1, "duration-week")],
    "$20 an hour": (20, "USD"),
    "5 pills a week": (5, None),
    "both rooms": (2, None),
    "a single ticket": (1, None),
    "a pair of shoes": (2, None),
    "twice a day": (2, None),
    "thrice": (3, None),
    "two times": (2, None),
    "one of the tickets": (1, None),
    "2x^2 - 7x + 3 = 0": [(2, None), (-7, None), (3, None), (0, None)],
    "solve x^2-7x+12": [(-7, None), (12, None)],
    "x² − 9": (-9, None),
    "-0.5x^2 + 3x + 8": [(-0.5, None), (3, None), (8, None)],
    "f(x)=3x²-2.0x+7": [(3, None), (-2.0, None), (7, None)],
    "3(x+2) = -9": [(3, None), (2, None), (-9, None)],
    "(x+1)^2 = 9": [(1, None), (9, None)],
    "y = 2n - 5": [(2, None), (-5, None)],
    "derivative of 3x^2 at x=2": [(3, None), (2, None)],
    "t = 5 seconds": (5, SECOND),
    "36 months, $9,800, APR 4.25": [(36, "duration-month"), (9800, "USD"), (4.25, None)],
    "APR 5%": (5, "percent"),
    "$200, quarterly": (200, "USD"),
}

ARABIC = {
    "20 دولار": (20, "USD"),
    "٥٠ ريال": (50, "SAR"),
    "ب٢٠ ريال": (20, "SAR"),
    "بخمسين ريال": (50, "SAR"),
    "۱۲": (12, None),
    "٣٫٥": (3.5, None),
    "١٬٠٠٠": (1000, None),
    "ناقص خمسة": (-5, None),
    "٥ تحت الصفر": (-5, None),
    "خمسة وعشرين": (25, None),
    "خمسةٌ وعشرون": (25, None),
    "خمسطعش": (15, None),
    "خمسة عشر": (15, None),
    "تلتاشر": (13, None),
    "مية": (100, None),
    "مئة": (100, None),
    "مائة": (100, None),
    "ميتين": (200, None),
    "مئتا ريال": (200, "SAR"),
    "خمس مئة": (500, None),
    "ثلاثمئة وخمسة وعشرين": (325, None),
    "ألفين": (2000, None),
    "خمسة آلاف وثلاثمئة": (5300, None),
    "خمس تلاف": (5000, None),
    "الف وتسعمية وخمسة وثمانين": (1985, None),
    "ثلاثة وعشرين مليون ومئتين ألف": (23200000, None),
    "٣ مليون": (3000000, None),
    "مليون ونص": (1500000, None),
    "نصف مليون دولار": (500000, "USD"),
    "نص ساعة": (0.5, HOUR),
    "نصف": (0.5, None),
    "ربع ساعة": (0.25, HOUR),
    "ثلاث أرباع": (0.75, None),
    "ساعتين": (2, HOUR),
    "ساعتين ونص": (2.5, HOUR),
    "ساعة ونص": (1.5, HOUR),
    "خمس ساعات ونص": (5.5, HOUR),
    "كيلو ونص": (1.5, KG),
    "دولارين": (2, "USD"),
    "بعد عشر دقائق": (10, MINUTE),
    "خمس دقايق": (5, MINUTE),
    "٥كم": (5, KM),
    "خمسة وعشرون كيلومترا": (25, KM),
    "٢٠ درجة مئوية": (20, CELSIUS),
    "٥٪": (5, "percent"),
    "خمسة بالمية": (5, "percent"),
    "5 في المئة": (5, "percent"),
    "كتاب واحد": (1, None),
    "ساعة واحدة": (1, HOUR),
    "خمسة وستة": [(5, None), (6, None)],
    "٣×١٠^٥": (300000, None),
    "4 م/ث": (4, "speed-meter-per-second"),
    "9.8 م/ث²": (9.8, ACCELERATION),
    "9.8 م/ث^2": (9.8, ACCELERATION),
    "١٠ كغ": (10, KG),
    "ارتفاعها 5 ونصف قطرها 3": [(5, None), (3, None)],
    "ارتفاعها خمسة ونصف القطر ٣": [(5, None), (3, None)],
    "بعد ساعة": (1, HOUR),
    "في ساعة": (1, HOUR),
    "كل ساعة": (1, HOUR),
    "خلال دقيقة": (1, MINUTE),
    "دقيقة من الآن": (1, MINUTE),
    "بعد ساعة ونص": (1.5, HOUR),
    "بعد ساعة واحدة": (1, HOUR),
    "بعد أسبوع": (1, "duration-week"),
    "تذكرتين": (2, None),
    "نسختين": (2, None),
    "كرسيين": (2, None),
    "كتابين": (2, None),
    "قهوتين ونص": (2.5, None),
    "غرفتان": (2, None),
    "وغرفتين": (2, None),
    "للشخصين": (2, None),
    "مرتين": (2, None),
    "كوبين": (2, "volume-cup"),
    "س² - 5س + 6 = 0": [(-5, None), (6, None), (0, None)],
    "٢س + ٣ص = ٧": [(2, None), (3, None), (7, None)],
    "٥س": (5, HOUR),
    "twenty dollars": (20, "USD"),
}

CHINESE = {
    "二十五": (25, None),
    "两百": (200, None),
    "兩萬": (20000, None),
    "一万二": (12000, None),
    "一亿零三": (100000003, None),
    "一亿二": (120000000, None),
    "3.5万": (35000, None),
    "20万元": (200000, "CNY"),
    "负四": (-4, None),
    "零下五度": (-5, DEGREE),
    "零下10度": (-10, DEGREE),
    "百分之五": (5, "percent"),
    "负百分之五": (-5, "percent"),
    "百分之零点五": (0.5, "percent"),
    "百分之百": (100, "percent"),
    "三分之二": (2 / 3, None),
    "一半": (0.5, None),
    "三点五": (3.5, None),
    "十点五公里": (10.5, KM),
    "半小时": (0.5, HOUR),
    "设一个十分钟的计时器": [(1, None), (10, MINUTE)],
    "半个小时": (0.5, HOUR),
    "一个半小时": (1.5, HOUR),
    "一刻钟": (0.25, HOUR),
    "三年半": (3.5, YEAR),
    "三小时二十分钟": [(3, HOUR), (20, MINUTE)],
    "三个月": (3, "duration-month"),
    "三天": (3, DAY),
    "五块钱": (5, "CNY"),
    "三块五": (3.5, "CNY"),
    "一千二百块": (1200, "CNY"),
    "５０元": (50, "CNY"),
    "￥20": (20, "CNY"),
    "20美金": (20, "USD"),
    "五十欧元": (50, "EUR"),
    "20度": (20, DEGREE),
    "25℃": (25, CELSIUS),
    "华氏68度": (68, FAHRENHEIT),
    "3公里": (3, KM),
    "一公里": (1, KM),
    "一米七五": (1.75, METER),
    "六十公里每小时": (60, "speed-kilometer-per-hour"),
    "20％": (20, "percent"),
    "一瓶水": (1, None),
    "五块蛋糕": (5, None),
    "二、三": [(2, None), (3, None)],
    "打六张库位标签,用二号打印机": [(6, None), (2, None)],
    "放进五号周转箱": (5, None),
    "3号会议室": (3, None),
    "三号和五号箱子": [(3, None), (5, None)],
    "三楼二号房间": [(3, None), (2, None)],
    "用二号": (2, None),
    "来两杯": (2, "volume-cup"),
    "两张三人桌": [(2, None), (3, None)],
    "一次两片": [(1, None), (2, None)],
    "五位客人要四份": [(5, None), (4, None)],
    "三床要十瓶": [(3, None), (10, None)],
    "打印两盒十二页": [(2, None), (12, None)],
    "每秒五米": (5, "speed-meter-per-second"),
    "时速六十公里": (60, "speed-kilometer-per-hour"),
    "每小时5公里": (5, "speed-kilometer-per-hour"),
    "2米每二次方秒": (2, ACCELERATION),
    "9.8米/秒²": (9.8, ACCELERATION),
    "解方程2x²-7x+3=0": [(2, None), (-7, None), (3, None), (0, None)],
    "解方程x²-5x+6=0的根": [(-5, None), (6, None), (0, None)],
    "3×10⁵": (300000, None),
    "twenty minutes": (20, MINUTE),
}

ORDINALS = {
    "en": {"the third": 3, "3rd": 3, "the second floor": 2, "the second one": 2, "the twenty first": 21},
    "ar": {"الثالث": 3, "المرة الثانية": 2, "اليوم الخامس عشر": 15},
    "zh": {"第三": 3, "第一次": 1, "第二十五": 25, "第25页": 25},
}

NONE = {
    "en": (
        *("the one", "this one", "which one", "no one", "one of them", "I have one", "one's own", "one-way"),
        *("a second", "wait a second", "first of all", "a pound", "hundreds of people", "a couple"),
        *("7:30", "at 7pm", "seven pm", "7 p.m.", "seven o'clock", "half past six", "a quarter to seven"),
        *(
            "from 2 to 5 pm",
            "5 in the morning",
            "2026-03-10",
            "10.5.2026",
            "10,5",
            "March 5",
            "the 5th of March",
        ),
        *("rs6034464", "B12", "C4", "gpt-4", "5G", "1e5", "a1b2", "192.168.1.1", "24/7", "user@5.com"),
        *("m/s²", "m/s^2", "x^2", "x²", "cm³", "s^-1", "metres per second squared", "t-5", "X-5", "3x zoom"),
        *("what a day", "at the same time", "the hour", "per hour", "once a week", "wait a minute"),
        *("how many hours a week", "a minute-by-minute account", "monthly", "I'm single", "half-marathon"),
        *("call 050 123 4567", "+44 20 7946 0958", "555-1234", "0501234567", "halfway", "cut it in half"),
    ),
    "ar": (
        *("كل واحد", "واحد منهم", "الواحد", "لست متأكدا", "في الثانية", "نص الرسالة"),
        *("الساعة الخامسة", "كم الساعة", "في ساعة متأخرة", "بعد يوم الجمعة", "قبل شهر رمضان", "كل يوم"),
        *("مسافرين", "الدين", "نصف القطر", "نصف نهائي"),
        *("الساعة ٧", "الساعة سبعة ونص", "الساعة الثالثة", "٧ صباحا", "٥ مارس", "٥ أيار", "٠٥٠١٢٣٤٥٦٧"),
    ),
    "zh": (
        *(
            "一下",
            "一起",
            "一些",
            "一样",
            "统一",
            "万一",
            "这一个",
            "十分",
            "三明治",
            "千万别",
            "李四",
            "二手",
        ),
        *("三点", "三点半", "三点二十分", "7点30分", "3月5日", "2026年", "二〇二六年", "星期三", "周三"),
        *("五号开会", "十五号通知我", "5号", "张三", "每小时"),
        *("五六个人", "两三天", "十几个", "一三八零零一三八零零零", "半"),
    ),
}

DESCRIPTIONS = {
    "temperature in °C": CELSIUS,
    "in meters": METER,
    "(km)": KM,
    "distance (m)": METER,
    "as a percentage": "percent",
    "speed in km/h": "speed-kilometer-per-hour",
    "amount in dollars": "USD",
    "price in USD": "USD",
    "how long, in hours": HOUR,
    "the number of minutes": MINUTE,
    "بالدقائق": MINUTE,
    "المسافة بالأمتار": METER,
    "الحرارة بالدرجة المئوية": CELSIUS,
    "单位：分钟": MINUTE,
    "以公里为单位": KM,
    "持续时间（秒）": SECOND,
    "the name of a city": None,
    "the second number": None,
    "the day of the week": None,
    "seconds or minutes": None,
    "height in cm or inches": None,
    "": None,
}


def cases(table, language):
    return [(language, text, said if isinstance(said, list) else [said]) for text, said in table.items()]


@pytest.mark.parametrize(
    ("language", "text", "said"), [*cases(ENGLISH, "en"), *cases(ARABIC, "ar"), *cases(CHINESE, "zh")]
)
def test_finds(language, text, said):
    found = find(text, language)

    assert [(quantity.value, quantity.unit) for quantity in found] == [(pytest.approx(v), u) for v, u in said]
    assert [type(quantity.value) for quantity in found] == [type(value) for value, _ in said]
    assert not any(quantity.ordinal for quantity in found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_ordinals(language):
    for text, value in ORDINALS[language].items():
        assert [(found.value, found.ordinal) for found in find(text, language)] == [(value, True)], text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_only_looks_like_a_number(language):
    for text in NONE[language]:
        assert find(text, language) == [], text


@pytest.mark.parametrize(
    ("language", "text", "number", "unit"),
    [
        ("en", "remind me in half an hour to call", "half", " an hour"),
        ("en", "pay $20 now", "$20", ""),
        ("en", "it is minus four degrees", "minus four", " degrees"),
        ("en", "walk 5km now", "5", "km"),
        ("en", "in an hour now", "an hour", ""),
        ("en", "x - 7 = y²", "- 7", ""),
        ("en", "at 9.8 m/s² down", "9.8", " m/s²"),
        ("ar", "بعد ساعة من الآن", "ساعة", ""),
        ("zh", "每秒五米", "每秒五", "米"),
        ("ar", "امشِ خمسةً وعشرين كيلومتراً الآن", "خمسةً وعشرين", " كيلومتراً"),
        ("ar", "بعد ساعتين ونص", "ساعتين ونص", ""),
        ("zh", "提醒我两个半小时后开会", "两个半", "小时"),
        ("zh", "调高百分之五", "百分之五", ""),
    ],
)
def test_spans(language, text, number, unit):
    (found,) = find(text, language)

    assert text[found.start : found.end] == number
    assert text[found.end : found.unit_end] == unit


TEXTS = st.one_of(
    st.text(),
    st.text(
        alphabet="0123456789٣۳３.,:/-%$€ ½℃㎏⑴kmah一二三十百千万点半第个块小时分之واحدنصةساعة ", max_size=30
    ),
    st.lists(
        st.sampled_from([*ENGLISH, *ARABIC, *CHINESE, "and", "و", "a", "of", "half", "one", "minus"]),
        max_size=6,
    ).map(" ".join),
)


@given(TEXTS, st.sampled_from(LANGUAGES))
@example("⑴ ㋀ 2½℃", "zh")
@example("0" * 5000 + "/" + "9" * 5000, "en")
def test_spans_are_in_order_and_in_the_text(text, language):
    end = 0
    for found in find(text, language):
        assert end <= found.start < found.end <= found.unit_end <= len(text)
        assert found.unit or found.end == found.unit_end or "below" in text or "الصفر" in text
        end = found.unit_end


@given(st.integers(0, 10**8 - 1), st.sampled_from(LANGUAGES), st.sampled_from(["0", "٠", "۰", "０"]))
def test_digits_are_worth_what_int_says(value, language, zero):
    text = "".join(chr(ord(zero) + int(digit)) for digit in str(value))

    (found,) = find(f"{text} .", language)

    assert (found.value, found.start, found.end, found.unit) == (int(text), 0, len(text), None)


@given(TEXTS)
def test_any_description(text):
    unit_named(text)


@pytest.mark.parametrize(("text", "unit"), DESCRIPTIONS.items())
def test_unit_named(text, unit):
    assert unit_named(text) == unit


@pytest.mark.parametrize(
    ("value", "unit", "to", "result"),
    [
        (100, CELSIUS, FAHRENHEIT, 212),
        (20, DEGREE, FAHRENHEIT, 20),
        (90, DEGREE, "angle-degree", 90),
        (1, "length-mile", KM, 1.609344),
        (100, "speed-kilometer-per-hour", "speed-meter-per-second", 27.7777777778),
        (1, "volume-gallon-imperial", "volume-liter", 4.54609),
        (30, "consumption-mile-per-gallon", "consumption-liter-per-100-kilometer", 7.84048611111),
        (5, "percent", "concentr-permille", 50),
        (5, "USD", "USD", 5),
        (5, "USD", "EUR", None),
        (5, "length-mile", KG, None),
        (5, "energy-joule", "torque-newton-meter", None),
        (5, "length-nonsense", METER, None),
        (0, "consumption-mile-per-gallon", "consumption-liter-per-100-kilometer", None),
    ],
)
def test_convert(value, unit, to, result):
    assert convert(value, unit, to) == result


@given(
    st.floats(-1e6, 1e6),
    st.sampled_from(
        [
            (CELSIUS, FAHRENHEIT),
            (KM, "length-mile"),
            (HOUR, MINUTE),
            (KG, "mass-pound"),
            ("percent", "concentr-permille"),
        ]
    ),
)
def test_there_and_back(value, units):
    unit, to = units
    there = convert(value, unit, to)

    assert there is not None
    assert convert(there, to, unit) == pytest.approx(value, rel=1e-9, abs=1e-6)


def test_an_import_brings_no_library_along():
    libraries = "{'babel', 'cn2an', 'pint', 'text_to_num'}"
    code = f"import sys, lamha.skills.quantities; print({libraries} & {{*sys.modules}})"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"
