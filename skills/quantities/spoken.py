"""Numbers in words: English by text2num, Chinese by cn2an, Arabic with its dialects by what is here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from lamha.skills.quantities.numbers import Kind, Number
from lamha.skills.quantities.vocabulary import Vocabulary, any_of, vocabulary

_LATIN = re.compile("[a-z]+")
_YEAR_GAPS = {" ": (10, 99), "-": (10, 99), " oh ": (1, 9), " o ": (1, 9)}
_WHICH = re.compile(r"\b(?:the|my|your|his|her|our|their|every) (?:\w+ty[ -])?$")
_ONES = "零〇一二两三四五六七八九"
_CHINESE_RUN = (
    rf"(?:[{_ONES}十百千万亿廿]{{1,24}}(?:点[{_ONES}]{{1,12}}(?![十百千万亿]))?"
    rf"|(?:\d{{1,9}}(?:\.\d{{1,6}})?[百千万亿]+)+)"
)
_CHINESE = re.compile(
    rf"(?P<sign>负|零下)?(?:(?P<ordinal>第)(?P<place>{_CHINESE_RUN}|\d{{1,9}})"
    rf"|百分之(?P<percent>{_CHINESE_RUN}|百|\d{{1,9}}(?:\.\d{{1,6}})?)"
    rf"|(?P<bottom>{_CHINESE_RUN})分之(?P<top>{_CHINESE_RUN})|(?P<run>{_CHINESE_RUN}))"
)
_TENTHS = re.compile(
    rf"(?P<whole>{_CHINESE_RUN}|\d{{1,9}})(?P<unit>块|米)(?P<tenths>[{_ONES[2:]}]{{1,2}})(?:毛钱?)?(?![十百千万个只条张次块米天年点])"
)
_TENTHS_OF = {"块": "CNY", "米": "length-meter"}
_POINT = re.compile(r"[点.].*[^百千万亿]$")
_SHORT = re.compile(rf"亿([{_ONES[2:]}])$")
_DIGITS_READ_OUT = re.compile(rf"[{_ONES}]{{7,}}")


def spoken(text: str, language: str) -> Iterator[Number]:
    """Find numbers in words of `language` and of English in folded text."""
    yield from _english(text)
    yield from _fractions(text, vocabulary("en"))
    if language == "ar":
        yield from _arabic(text, vocabulary("ar"))
        yield from _fractions(text, vocabulary("ar"))
    elif language == "zh":
        yield from _chinese(text)
        yield from _fractions(text, vocabulary("zh"))


def _fractions(text: str, known: Vocabulary) -> Iterator[Number]:
    edge = "" if "半" in known.fractions else r"\b"
    prefix = "(?:[بلف]?ال|[وبلف])?" if "ربع" in known.fractions else ""
    for match in re.finditer(f"{edge}{prefix}(?P<word>{any_of(known.fractions)}){edge}", text):
        yield Number(match.start("word"), match.end(), known.fractions[match["word"]], "part")


@dataclass(frozen=True, slots=True)
class _Token:
    """What text2num reads: a word, and whether something other than a space stands before it."""

    word: str
    start: int
    end: int
    apart: bool
    number: bool

    def text(self) -> str:
        return self.word

    def nt_separated(self, previous: "_Token") -> bool:  # noqa: ARG002
        return self.apart

    def not_a_number_part(self) -> bool:
        return not self.number


def _english(text: str) -> Iterator[Number]:
    tokens = list(_tokens(text))
    if not tokens:
        return
    # Imported where it is used: only what has Latin words needs it.
    from text_to_num import find_numbers  # type: ignore[import-untyped]

    for found in find_numbers(tokens, "en", 0):
        first, last = tokens[found.start], tokens[found.end - 1]
        yield _english_number(first.start, last.end, found.text, text)
    for match in re.finditer(r"\b(?:dozen|couple|trillion)\b", text):
        yield _scaled(match.start(), match.end(), match[0])
    for expression, value in vocabulary("en").counts.items():
        for match in re.finditer(expression, text):
            yield Number(*match.span(), Fraction(value), "unit")


def _english_number(start: int, end: int, said: str, text: str) -> Number:
    digits, suffix = re.findall(r"[\d.]+|[a-z]+$", said)[0], said.lstrip("0123456789.")
    value = Fraction(digits)
    third_of = text[:start].endswith(("a ", "-a ")) and text.startswith(" of ", end)
    if value > 2 and (suffix.endswith("s") or (suffix and third_of)):
        return Number(start, end, 1 / value, "part")
    if suffix:
        return Number(start, end, value, "ordinal")
    scale = vocabulary("en").scales.get(_LATIN.findall(text, start, end)[-1], 1)
    return Number(start, end, value, "words", "." in digits, scale if scale >= 1000 else 1)


def year(left: Number, right: Number, text: str) -> Number | None:
    """Put together a year that is said as two numbers, "nineteen fifty" and "eighteen oh five"."""
    gap = text[left.end : right.start]
    if gap not in _YEAR_GAPS or left.kind != "words" or right.kind != "words" or right.point:
        return None
    low, high = _YEAR_GAPS[gap]
    fits = 13 <= left.value <= 20 or _hundreds(left, right, gap)
    if not fits or not low <= right.value <= high or not _LATIN.match(text, left.start):
        return None
    return replace(left, end=right.end, value=100 * left.value + right.value)


def _hundreds(left: Number, right: Number, gap: str) -> bool:
    """Whether "one seventy" leaves a hundred out, as people do who read out a number."""
    return gap == " " and 1 <= left.value <= 9 and left.value.denominator == 1 and right.value >= 20


def _scaled(start: int, end: int, word: str) -> Number:
    return Number(start, end, Fraction(vocabulary("en").scales[word]), "words")


def _tokens(text: str) -> Iterator[_Token]:
    end = 0
    for match in _LATIN.finditer(text):
        gap = text[end : match.start()]
        # "A twenty second timer" is no 22nd.
        number = match[0] not in ("second", "seconds") or bool(_WHICH.search(text, 0, match.start()))
        yield _Token(
            match[0], match.start(), match.end(), not re.fullmatch(r"[ -]", gap), number and match[0] != "o"
        )
        end = match.end()


def _chinese(text: str) -> Iterator[Number]:
    yield from _with_tenths(text)
    for match in _CHINESE.finditer(text):
        said = match.groupdict()
        sign = -1 if said["sign"] else 1
        if said["ordinal"]:
            yield from _number(match, said["place"], 1, "ordinal")
        elif said["percent"]:
            percent = "一百" if said["percent"] == "百" else said["percent"]
            yield from _number(match, percent, sign, "unit", "percent")
        elif said["top"] and (bottom := _counted(said["bottom"] or "")):
            yield from _number(match, said["top"], sign / bottom, "part")
        elif said["run"]:
            yield from _number(match, said["run"], sign, "words")


def _with_tenths(text: str) -> Iterator[Number]:
    """Find "三块五", "一米七五": what is behind the unit are its tenths and hundredths."""
    for match in _TENTHS.finditer(text):
        whole, tenths = _counted(match["whole"]), _counted(match["tenths"])
        if whole is not None and tenths is not None:
            value = whole + tenths / 10 ** len(match["tenths"])
            yield Number(*match.span(), value, "unit", point=True, unit=_TENTHS_OF[match["unit"]])


def _number(
    match: re.Match[str], said: str, factor: int | Fraction, kind: Kind, unit: str | None = None
) -> Iterator[Number]:
    value = _counted(said)
    if value is not None:
        yield Number(*match.span(), value * factor, kind, bool(_POINT.search(said)), unit=unit)


@lru_cache(maxsize=1024)
def _counted(said: str) -> Fraction | None:
    """Return what a Chinese number is, None where it is none or a number read out digit by digit."""
    if _DIGITS_READ_OUT.search(said):
        return None
    if re.fullmatch(r"\d+(?:\.\d+)?", said):
        return Fraction(said)
    # Imported where it is used: cn2an takes 120 ms.
    from cn2an import cn2an

    try:
        # "一亿二" is short for its thousands of ten thousands, which cn2an knows of the lesser powers only.
        return Fraction(str(cn2an(_SHORT.sub("亿\\1千万", said), "smart")))
    except (ValueError, KeyError):
        return None


@dataclass(slots=True)
class _Sum:
    """A number while its Arabic words come in."""

    start: int
    end: int
    total: int = 0
    group: int = 0
    limit: int = 10**15
    """The last power of a thousand; what follows is less."""

    def takes(self, word: int, dual: bool, anded: bool) -> bool:
        """Add a word where it continues the number."""
        if word >= 1000:
            return self._takes_power(word, dual, anded)
        if not anded:
            return self._takes_beside(word)
        room = 1000 if self.group == 0 else 100 if self.group % 100 == 0 else 0
        tens = word % 10 == 0 and word >= 20 and 0 < self.group % 100 < 10
        if word < min(room, self.limit) or (tens and word < 100):
            self.group += word
            return True
        return False

    def _takes_power(self, word: int, dual: bool, anded: bool) -> bool:
        power = word // 2 if dual else word
        if power >= self.limit or (anded or dual) != (self.group == 0):
            return False
        self.total += word * (self.group or 1)
        self.group, self.limit = 0, power
        return True

    def _takes_beside(self, word: int) -> bool:
        if word == 10 and 3 <= self.group % 100 < 10:
            self.group += 10
        elif word == 100 and 3 <= self.group < 10:
            self.group *= 100
        else:
            return False
        return True

    def number(self) -> Number:
        """Return the number."""
        scale = self.limit if self.limit < 10**15 and not self.group else 1
        return Number(self.start, self.end, Fraction(self.total + self.group), "words", scale=scale)


def _arabic(text: str, known: Vocabulary) -> Iterator[Number]:
    found: _Sum | None = None
    for match in _arabic_words().finditer(text):
        word, start = match["word"], match.start("word")
        value, dual = known.words.get(word) or known.scales.get(word, 0), word in known.duals
        anded = match["prefix"] == "و"
        gap = text[found.end : match.start()] if found else ""
        anded, beside = (anded or gap == " و "), gap in (" ", " و ") and match["prefix"] in ("", "و")
        if not (found and beside and found.takes(value, dual, anded)):
            if found:
                yield found.number()
            found = _Sum(start, match.end())
            found.takes(value, dual, anded=True)
        found.end = match.end()
    if found:
        yield found.number()
    for match in _arabic_nouns().finditer(text):
        yield Number(match.start("word"), match.end(), Fraction(2), "unit")
    for match in _arabic_ordinals().finditer(text):
        yield Number(match.start("word"), match.end(), Fraction(known.ordinals[match["word"]]), "ordinal")


@lru_cache
def _arabic_words() -> re.Pattern[str]:
    known = vocabulary("ar")
    words = any_of({**known.words, **known.scales})
    return re.compile(rf"(?<!\w)(?P<prefix>[وف]?[بلك]?)(?P<word>{words})(?!\w)")


@lru_cache
def _arabic_ordinals() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)[وفبلك]?(?P<word>{any_of(vocabulary('ar').ordinals)})(?!\w)")


@lru_cache
def _arabic_nouns() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)[وف]?(?:[بلك]?(?:ال)?|لل)(?P<word>{any_of(vocabulary('ar').nouns)})(?!\w)")
