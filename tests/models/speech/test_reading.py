import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.models.speech.reading import aloud


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Reminder tomorrow at 9:00: call Sara", "Reminder tomorrow at 9 o'clock: call Sara"),
        ("at 9:30, 9:05 or 18:15", "at 9 30, 9 oh 5 or 6 15 p.m."),
        ("0:10 and 13:00", "12 10 a.m. and 1 p.m."),
        ("350 km, 1 km, 60 km/h", "350 kilometers, 1 kilometer, 60 kilometers per hour"),
        ("-5 °C", "-5 degrees Celsius"),
        ("1,200 g of 2.5 kg", "1,200 grams of 2.5 kilograms"),
        ("10% off $3.50, 20 €", "10 percent off 3.50 US dollars, 20 euros"),
        ("on 2026-11-24", "on November 24, 2026"),
        ("Dr. Smith, e.g. today", "Doctor Smith, for example today"),
        ("1.234.567 m, 1,200.5 g", "1,234,567 meters, 1,200.5 grams"),
    ],
)
def test_english(text: str, read: str) -> None:
    assert aloud(text, "en") == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("تذكير غدا الساعة 9:00", "تذكير غدا الساعة التاسعة"),
        ("الساعة 9:30 أو 12:15", "الساعة التاسعة والنصف أو الثانية عشرة والربع"),
        ("18:05", "السادسة و5 دقائق مساء"),
        ("3 كم و350 كم", "3 كيلومترات و350 كيلومترًا"),
        ("20 °C، 10%", "20 درجة مئوية، 10 بالمئة"),
        ("2026-11-24", "24 نوفمبر 2026"),
    ],
)
def test_arabic(text: str, read: str) -> None:
    assert aloud(text, "ar") == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("明天9:00提醒", "明天9点提醒"),
        ("9:30、18:05、8:20", "9点半、18点零5分、8点20分"),
        ("350km", "350公里"),
        ("20°C,10%", "20摄氏度,百分之10"),
        ("2026-11-24", "2026年11月24日"),
    ],
)
def test_chinese(text: str, read: str) -> None:
    assert aloud(text, "zh") == read


@pytest.mark.parametrize(
    "text",
    ["10:30:15", "25:00", "B12 m", "2026-13-40", "a:b", "192.168.0.1", "5 miles", "3:2 win", "12 more"],
)
def test_what_stays(text: str) -> None:
    assert aloud(text, "en") == text


@given(st.text("0123456789 .,:-%€$kmC°glh/年", max_size=20), st.sampled_from(["en", "ar", "zh"]))
def test_any_figures(text: str, language: str) -> None:
    assert isinstance(aloud(text, language), str)
    assert isinstance(aloud(aloud(text, language), language), str)


@given(st.text(st.characters(categories=["L", "Z"]), max_size=40))
def test_words_stay(text: str) -> None:
    assert aloud(text, "zh") == text
