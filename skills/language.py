"""Which of the three languages a text is in, told by its script alone."""

import re
import unicodedata

_SCRIPTS = (
    ("en", re.compile(r"[A-Za-z\u00c0-\u024f\uff21-\uff3a\uff41-\uff5a]")),
    ("ar", re.compile(r"[\u0620-\u064a\u066e-\u06d3\u0750-\u077f\u08a0-\u08c9\ufb50-\ufdfb\ufe70-\ufefc]")),
    ("zh", re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")),
)


def detect(text: str, default: str = "en") -> str:
    """Return the language whose script has the most letters in `text`; `default` where none has any."""
    counts = {language: len(letters.findall(text)) for language, letters in _SCRIPTS}
    most = max(counts.values())
    if not most or counts.get(default) == most:
        return default
    return max(counts, key=lambda language: counts[language])


def digits(text: str) -> str:
    """Return `text` with every decimal digit (Arabic-Indic, full-width, ...) in ASCII, of the same length."""
    return "".join(_ascii_digit(character) for character in text)


def _ascii_digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)
