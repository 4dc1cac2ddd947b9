"""Which of the numbers in a text are quantities, and of what."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from lamha.skills.language import digits
from lamha.skills.quantities.algebra import coefficients
from lamha.skills.quantities.numbers import SUPERSCRIPTS, VULGAR, Number, joined, written
from lamha.skills.quantities.spoken import spoken, year
from lamha.skills.quantities.units import Unit, Units, units
from lamha.skills.quantities.vocabulary import Vocabulary, vocabulary
from lamha.skills.spelling import Folded, fold

_STAND_INS = str.maketrans(VULGAR)
# Units keep their "²", which their names have, too.
_RAISED = re.compile(
    "(?<=[\\d)⁰¹²³⁴⁵⁶⁷⁸⁹⁻])[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]|(?<=(?<![^\\W\\d_\u3400-\u9fff])[xyzntXYZNTسص])[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]"
)
_TRADITIONAL = str.maketrans("萬億兩點負鐘個時週塊錢歲", "万亿两点负钟个时周块钱岁")
_LETTER = re.compile(r"[^\W\d\u3400-\u9fff]")
# A letter right before digits; Arabic writes its short words together with what follows.
_GLUED = re.compile(r"(?:[a-z][-.]|[@_]|[^\W\d\u3400-\u9fff])$")
_PROCLITIC = re.compile(r"(?<!\w)(?:[وف]?[بلك]?(?:ال)?|لل)$")
_WORD_BEFORE = re.compile(r"(?<!\w)(?P<name>[ء-ي]+) $")
_POWER = re.compile(r"[^\W\d](?:\^|\*\*)\(?[-−–+]?$|\)(?:\^|\*\*)\(?[-−–+]?$")
_PER = re.compile("(?:每[^\\W\\d]{1,4}|时速)$")
_PERCENT = re.compile(" ?(?:%|percent)")
_CLOCK = re.compile(r"\bat (?:about |around )?$")
_CHARGES = ("c", "f")  # of a number in scientific notation they are coulombs and farads, which CLDR lacks
_BEFORE = 40  # how far back something can matter to a number
_TELEPHONE = re.compile(r"\d{9,}|0\d{6,}")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number at `start:end` of a text and its unit, which `unit_end` is behind.

    A unit that stands before its number or in one word with it is inside `start:end`. `value` is an int
    where it is whole and was not said as a decimal.
    """

    start: int
    end: int
    value: int | float
    unit: str | None
    unit_end: int
    ordinal: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """A quantity in folded text."""

    number: Number
    start: int
    unit: str | None
    unit_end: int


def find(text: str, language: str) -> list[Quantity]:
    """Return the quantities that `text` says in `language` (en, ar, zh), digits and English words in any.

    The first call in a language takes up to half a second.
    """
    known = vocabulary(language)
    raised = _RAISED.sub(lambda power: SUPERSCRIPTS[power[0]], digits(text))
    prepared = raised.translate(_STAND_INS).translate(_TRADITIONAL)
    search = _Search(fold(prepared), known, vocabulary("en"), units(language), language)
    return list(_ordered(search.quantities(), search.text))


def _ordered(found: Iterator[_Found], text: Folded) -> Iterator[Quantity]:
    """Give what covers characters of its own: one character may be folded to several."""
    taken = 0
    for each in found:
        start, end = text.span(each.start, each.number.end)
        unit_end = max(end, text.span(each.start, each.unit_end)[1])
        if taken <= start < end:
            taken = unit_end
            ordinal = each.number.kind == "ordinal"
            yield Quantity(start, end, _value(each.number), each.unit, unit_end, ordinal)


def _value(number: Number) -> int | float:
    whole = number.value.denominator == 1 and not number.point
    return number.value.numerator if whole else float(number.value)


@dataclass(frozen=True)
class _Search:
    text: Folded
    known: Vocabulary
    english: Vocabulary
    units: Units
    language: str

    def quantities(self) -> Iterator[_Found]:
        taken = 0
        numbers = self._numbers()
        for index, number in enumerate(numbers):
            if number.start < taken:
                continue
            if found := self._quantity(number, taken):
                if index + 1 < len(numbers):
                    found = self._with_tail(found, numbers[index + 1])
                found = self._signed(found, taken)
                taken = found.unit_end
                yield found

    def _numbers(self) -> list[Number]:
        text = self.text.text
        found = [
            *coefficients(text),
            *written(text),
            *self._duals(),
            *spoken(text, self.language),
            *self._alone(),
        ]
        found = [number for number in found if number.kind != "part" or not self._is_blocked(number)]
        for known in dict.fromkeys((self.language, "en")):
            found = joined(found, text, vocabulary(known))
        return self._with_years(found)

    def _with_years(self, numbers: list[Number]) -> list[Number]:
        """Put years together; of three in a row and before a unit the numbers are counted, "at" is a time."""
        done = numbers[:1]
        for index, (left, right) in enumerate(pairwise(numbers)):
            both = year(left, right, self.text.text)
            if both and self._is_pair(numbers[max(0, index - 1) : index + 3], left, right):
                done[-1] = both
            else:
                done.append(right)
        return done

    def _is_pair(self, row: list[Number], left: Number, right: Number) -> bool:
        runs = sum(after.start - before.end < 2 for before, after in pairwise(row))
        return runs < 2 and not _CLOCK.search(self.text.text, 0, left.start) and not self._unit_behind(right)

    def _alone(self) -> Iterator[Number]:
        """Find "an hour" and the like, which say their one by the unit."""
        for known in dict.fromkeys((self.language, "en")):
            for match in vocabulary(known).alone.finditer(self.text.text):
                if unit := self.units.names.get(match["name"]):
                    yield Number(*match.span("said"), Fraction(1), "alone", unit=unit)

    def _duals(self) -> Iterator[Number]:
        if self.units.duals:
            for match in self.units.dual_words.finditer(self.text.text):
                unit = self.units.duals[match["word"]]
                yield Number(match.start("word"), match.end(), Fraction(2), "unit", unit=unit)

    @cached_property
    def _blocked(self) -> list[tuple[int, int]]:
        vocabularies = dict.fromkeys((self.language, "en"))
        return [
            match.span(match.lastgroup or 0)
            for language in vocabularies
            for match in vocabulary(language).blocked.finditer(self.text.text)
        ]

    def _quantity(self, number: Number, taken: int) -> _Found | None:
        if self._is_other(number) or (number.kind == "alone" and self._is_rate(number, taken)):
            return None
        if number.kind in ("part", "slash") and (found := self._one_and(number, taken)):
            return found
        if number.unit or number.kind in ("ordinal", "term"):
            return _Found(number, number.start, number.unit, number.end)
        if before := self.units.before(self.text, number.start):
            return _Found(number, before.start, before.unit, number.end)
        if behind := self._unit_behind(number):
            start, unit = self._with_prefix(number, behind)
            return _Found(number, start, unit, behind.end)
        return None if self._needs_unit(number) else self._bare(number)

    def _with_prefix(self, number: Number, behind: Unit) -> tuple[int, str]:
        """Return where a quantity starts and its unit: "华氏" and "每秒" stand before their number."""
        text = self.text.text
        if scale := self.units.scales.get(text[max(0, number.start - 2) : number.start]):
            return number.start - 2, scale
        per = _PER.search(text, max(0, number.start - _BEFORE), number.start)
        unit = self.units.names.get(per[0].replace("时速", "每小时") + behind.name) if per else None
        return (per.start(), unit) if per and unit else (number.start, behind.unit)

    def _is_rate(self, number: Number, taken: int) -> bool:
        """Say whether "an hour" is what the number before it is meant for, "5 dollars an hour"."""
        text = self.text.text
        before = text[taken or max(0, number.start - _BEFORE) : number.start]
        around = f"{'#' if taken else ''}{before}|{text[number.end : number.end + _BEFORE]}"
        return any(known.rate.search(around) for known in (self.known, self.english))

    def _bare(self, number: Number) -> _Found:
        """Look for a unit before the number, as in "ساعة واحدة"."""
        if number.kind == "words" and number.value == 1:
            match = _WORD_BEFORE.search(self.text.text, max(0, number.start - _BEFORE), number.start)
            unit = self.units.names.get(match["name"]) if match else None
            if match and unit:
                return _Found(number, match.start(), unit, number.end)
        return _Found(number, number.start, None, number.end)

    def _is_other(self, number: Number) -> bool:
        """Say whether a number is a pronoun, a time, a date, an identifier, a part of a word."""
        text = self.text.text
        if self._is_blocked(number):
            # "This one" is nothing to count, "for one minute" is.
            return text[number.start : number.end] != "one" or not self._unit_behind(number)
        if number.kind == "term":
            return False
        if text[number.start].isdecimal() and self._glued_before(number.start):
            return True
        # "APR 4.25" is a rate.
        dated = not number.point and not _PERCENT.match(text, number.end)
        return any(
            known.ahead.match(text, number.end)
            or (dated and known.after.search(text, max(0, number.start - _BEFORE), number.start))
            for known in (self.known, self.english)
        )

    def _is_blocked(self, number: Number) -> bool:
        return any(start <= number.start and number.end <= end for start, end in self._blocked)

    def _glued_before(self, start: int) -> bool:
        before = self.text.text[max(0, start - _BEFORE) : start]
        if _POWER.search(before):
            return True
        return bool(_GLUED.search(before)) and not (self.language == "ar" and _PROCLITIC.search(before))

    def _one_and(self, number: Number, taken: int) -> _Found | None:
        """Read "an hour and a half", which says its one by the unit alone."""
        for known in (self.known, self.english):
            match = known.one_and.search(self.text.text, max(taken, number.start - _BEFORE), number.start)
            unit = self.units.names.get(match["name"]) if match else None
            if match and unit:
                whole = replace(number, start=match.start(), value=1 + number.value, kind="unit", unit=unit)
                return _Found(whole, whole.start, unit, whole.end)
        return None

    def _unit_behind(self, number: Number) -> Unit | None:
        for known in (self.known, self.english):
            gap_of = known.part_gap if number.kind in ("part", "slash") else known.unit_gap
            gap = gap_of.match(self.text.text, number.end)
            for start in dict.fromkeys((gap.end() if gap else number.end, number.end)):
                if unit := self.units.behind(self.text, start, start - number.end):
                    return None if number.kind == "scientific" and unit.name in _CHARGES else unit
        return None

    def _needs_unit(self, number: Number) -> bool:
        said = self.text.text[number.start : number.end]
        if said in self.known.weak or said in self.english.weak:
            return True
        following = self.text.text[number.end : number.end + 1]
        if number.kind == "digits" and (_LETTER.match(following) or following == "_"):
            return True
        return bool(_TELEPHONE.fullmatch(said))

    def _with_tail(self, found: _Found, tail: Number) -> _Found:
        """Add the fraction of "two hours and a half"."""
        gap = self.text.text[found.unit_end : tail.start]
        joint = any(known.sum.fullmatch(gap) for known in (self.known, self.english))
        if tail.kind != "part" or tail.value >= 1 or not joint or self._unit_behind(tail):
            return found
        if found.unit is None or found.number.value.denominator != 1:
            return found
        number = replace(found.number, end=tail.end, value=found.number.value + tail.value)
        return replace(found, number=number, unit_end=tail.end)

    def _signed(self, found: _Found, taken: int) -> _Found:
        text, number = self.text.text, found.number
        if number.kind in ("ordinal", "term", "alone"):
            return found
        if below := self.known.below.match(text, found.unit_end) or self.english.below.match(
            text, found.unit_end
        ):
            return replace(found, number=replace(number, value=-number.value), unit_end=below.end())
        for known in (self.known, self.english):
            sign = known.sign.search(text, max(0, found.start - _BEFORE), found.start)
            # Behind another number it is a subtraction.
            if sign and (not taken or text[taken : sign.start()].strip()):
                return replace(found, start=sign.start(), number=replace(number, value=-number.value))
        return found
