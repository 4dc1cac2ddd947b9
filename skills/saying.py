"""A moment in words, for cards and for speech, as `lamha.skills.when.find` reads it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

_TEMPLATES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "today": "today at {time}",
        "tomorrow": "tomorrow at {time}",
        "date": "on {date} at {time}",
        "pattern": "EEEE d MMMM",
        "year": "EEEE d MMMM y",
    },
    "ar": {
        "today": "اليوم الساعة {time}",
        "tomorrow": "غدًا الساعة {time}",
        "date": "يوم {date} الساعة {time}",
        "pattern": "EEEE d MMMM",
        "year": "EEEE d MMMM y",
    },
    "zh": {
        "today": "今天{time}",
        "tomorrow": "明天{time}",
        "date": "{date}{time}",
        "pattern": "M月d日EEEE",
        "year": "y年M月d日EEEE",
    },
}


def say(at: datetime, now: datetime, language: str) -> str:
    """Return `at` as a short phrase in the zone of `now`: minutes within the hour, else day and time."""
    minutes = round((at.astimezone(UTC) - now.astimezone(UTC)) / timedelta(minutes=1))
    if 0 < minutes < 60:
        return _minutes(minutes, language)
    local, words = at.astimezone(now.tzinfo), _TEMPLATES[language]
    day = {0: "today", 1: "tomorrow"}.get((local.date() - now.date()).days)
    # Two digits mark hours that would be taken for the afternoon.
    time = f"{local:%H:%M}" if local.hour < 7 else f"{local.hour}:{local:%M}"
    return (
        words[day].format(time=time)
        if day
        else words["date"].format(date=_date(local, now, language), time=time)
    )


def _date(at: datetime, now: datetime, language: str) -> str:
    # Imported where it is used: Babel takes 50 ms.
    from babel.dates import format_date

    near = abs(at.date() - now.date()) < timedelta(days=180)
    return format_date(at, _TEMPLATES[language]["pattern" if near else "year"], locale=language)


def _minutes(count: int, language: str) -> str:
    match language:
        case "ar":
            return f"بعد {_arabic_minutes(count)}"
        case "zh":
            return f"{count}分钟后"
        case _:
            return f"in {count} minute{'s' if count > 1 else ''}"


def _arabic_minutes(count: int) -> str:
    if count < 3:
        return "دقيقة" if count == 1 else "دقيقتين"
    return f"{count} دقائق" if count <= 10 else f"{count} دقيقة"
