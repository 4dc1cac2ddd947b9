"""What stands in figures, written as a person would read it: times, dates, units, money, abbreviations.

Voices read plain numbers themselves. Names and plurals of units, currencies and months are CLDR's, by Babel.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache

_NUMBER = r"(?<![A-Za-z\d])(?<!\d[.,:/])(?P<number>[-−]?\d+(?:[.,]\d+)*)"
# Symbols in the texts of cards, by CLDR's name of the unit.
_UNITS = {
    "km/h": "speed-kilometer-per-hour",
    "كم/س": "speed-kilometer-per-hour",
    "m/s": "speed-meter-per-second",
    "km": "length-kilometer",
    "كم": "length-kilometer",
    "cm": "length-centimeter",
    "سم": "length-centimeter",
    "mm": "length-millimeter",
    "mi": "length-mile",
    "ft": "length-foot",
    "m": "length-meter",
    "م": "length-meter",
    "kg": "mass-kilogram",
    "كغ": "mass-kilogram",
    "كجم": "mass-kilogram",
    "mg": "mass-milligram",
    "g": "mass-gram",
    "غ": "mass-gram",
    "lb": "mass-pound",
    "ml": "volume-milliliter",
    "مل": "volume-milliliter",
    "l": "volume-liter",
    "L": "volume-liter",
    "°C": "temperature-celsius",
    "℃": "temperature-celsius",
    "°م": "temperature-celsius",
    "°F": "temperature-fahrenheit",
    "min": "duration-minute",
    "h": "duration-hour",
    "s": "duration-second",
    "kcal": "energy-kilocalorie",
    "kWh": "energy-kilowatt-hour",
    "kB": "digital-kilobyte",
    "MB": "digital-megabyte",
    "GB": "digital-gigabyte",
}
_MONEY = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "CNY", "￥": "CNY"}
_SHORT = {
    "en": {
        "Dr.": "Doctor",
        "e.g.": "for example",
        "i.e.": "that is",
        "etc.": "et cetera",
        "approx.": "about",
    },
    "ar": {"د.": "دكتور", "إلخ": "إلى آخره"},
    "zh": {},
}
_HOURS = [
    "الثانية عشرة",
    "الواحدة",
    "الثانية",
    "الثالثة",
    "الرابعة",
    "الخامسة",
    "السادسة",
    "السابعة",
    "الثامنة",
    "التاسعة",
    "العاشرة",
    "الحادية عشرة",
]
_PERCENT = {"en": "{} percent", "ar": "{} بالمئة", "zh": "百分之{}"}
_QUARTERS = {15: " والربع", 30: " والنصف"}


def aloud(text: str, language: str) -> str:
    """`text` in a language (ISO 639-1) with what voices would spell out or leave out in words."""
    for short, whole in _SHORT.get(language, {}).items():
        text = re.sub(rf"(?<!\w){re.escape(short)}", whole, text)
    for pattern, read in _readers().items():
        text = pattern.sub(lambda match, read=read: read(match, language), text)  # type: ignore[misc]
    return text


type Reader = Callable[[re.Match[str], str], str]


@cache
def _readers() -> Mapping[re.Pattern[str], Reader]:
    units = "|".join(map(re.escape, sorted(_UNITS, key=len, reverse=True)))
    money = "|".join(map(re.escape, _MONEY))
    return {
        re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)"): _date,
        re.compile(r"(?<!\d)(?<!\d[:.])([01]?\d|2[0-3]):([0-5]\d)(?!\d|[:.]\d)"): _time,
        re.compile(rf"(?P<sign>{money})\s?(?P<number>\d+(?:[.,]\d+)*)"): _money,
        re.compile(rf"{_NUMBER}\s?(?P<sign>{money})"): _money,
        re.compile(rf"{_NUMBER}\s?[%٪]"): lambda match, language: _PERCENT[language].format(match["number"]),
        re.compile(rf"{_NUMBER}\s?(?P<unit>{units})(?![\w/²³])"): _unit,
    }


def _date(match: re.Match[str], language: str) -> str:
    from babel.dates import format_date

    try:
        day = date(*map(int, match.groups()))
    except ValueError:
        return match.group()
    return str(format_date(day, "long", locale=language))


def _time(match: re.Match[str], language: str) -> str:
    return _TIMES[language](int(match[1]), int(match[2]))


def _english(hour: int, minute: int) -> str:
    half = "" if 0 < hour <= 12 else " p.m." if hour else " a.m."
    past = f" {minute}" if minute > 9 else f" oh {minute}" if minute else "" if half else " o'clock"
    return f"{(hour - 1) % 12 + 1}{past}{half}"


def _arabic(hour: int, minute: int) -> str:
    half = "" if 0 < hour <= 12 else " مساء" if hour else " بعد منتصف الليل"
    past = _QUARTERS.get(minute, f" و{_minutes(minute)}" if minute else "")
    return f"{_HOURS[hour % 12]}{past}{half}"


def _minutes(minute: int) -> str:
    from babel.units import format_unit

    return str(format_unit(minute, "duration-minute", "long", locale="ar"))


def _chinese(hour: int, minute: int) -> str:
    past = "半" if minute == 30 else f"零{minute}分" if 0 < minute < 10 else f"{minute}分" if minute else ""
    return f"{hour}点{past}"


_TIMES = {"en": _english, "ar": _arabic, "zh": _chinese}


def _money(match: re.Match[str], language: str) -> str:
    from babel.numbers import format_currency

    number = _number(match["number"])
    digits = number != int(number)
    said = format_currency(
        number,
        _MONEY[match["sign"]],
        locale=language,
        format_type="name",
        currency_digits=digits,
        format=None,
    )
    return str(said).replace("\u00a0", " ")


def _unit(match: re.Match[str], language: str) -> str:
    from babel.units import format_unit

    number, unit = _number(match["number"]), _UNITS[match["unit"]]
    said = (str(format_unit(number, unit, length, locale=language)) for length in ("long", "short"))
    return next((each for each in said if unit not in each), match.group())  # CLDR may lack one


def _number(figures: str) -> float:
    """ "1,200" and "1.234.567" have thousands, "3,5" and "1,200.5" a fraction."""
    plain = figures.replace("−", "-")
    *groups, last = re.split("[.,]", plain)
    marks = set(re.findall("[.,]", plain))
    thousands = len(marks) == 1 and (len(groups) > 1 or ("," in marks and len(last) == 3))
    value = float("".join(groups) + (last if thousands or not groups else f".{last}"))
    return int(value) if value == int(value) else value
