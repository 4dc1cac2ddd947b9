"""Names of units: CLDR's, by Babel, in the three languages, and what `units.toml` adds."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any, Literal

from lamha.skills.quantities.vocabulary import any_of, read
from lamha.skills.spelling import Folded, fold

if TYPE_CHECKING:
    from babel import Locale

_LOCALES = {"en": ("en", "en_GB"), "ar": ("ar",), "zh": ("zh", "zh_Hant")}
_LENGTHS: tuple[Literal["long", "short", "narrow"], ...] = ("long", "short", "narrow")
_COUNTS = {"en": (1, 2), "ar": (1, 2, 3, 11), "zh": (1,)}  # one of each plural
_HAN = re.compile("[\u3400-\u9fff]")
_POWER = re.compile(r"(?<=[^\W\d])([23])(?!\d)")
_PARENTHESISED = re.compile(r"[(\[][^)\]]{1,2}[)\]]")
_INTRODUCED = re.compile(
    r"(?:\bin |\bas an? |\bas |\(|\[|/|, |，|、|\bor |\band |\bunits? ?[:=]? ?|\bnumber of |\bhow many "
    r"|(?<!\w)بال|(?<!\w)ب|(?<!\w)او |(?<!\w)وال|(?<!\w)عدد (?:ال)?|以|用|单位 ?[:为是]? ?|或|几|多少)$"
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit named at `start:end` of the folded text."""

    start: int
    end: int
    unit: str
    name: str


@dataclass(frozen=True, slots=True)
class Units:
    """The names of units of a language and of English."""

    names: Mapping[str, str]
    codes: frozenset[str]
    duals: Mapping[str, str]
    """Words that say "two" and the unit."""
    dual_words: re.Pattern[str]
    glued: frozenset[str]
    small: frozenset[str]
    final: frozenset[str]
    vague: frozenset[str]
    scales: Mapping[str, str]
    endings: str
    longest: int

    def behind(self, text: Folded, start: int, gap: int) -> Unit | None:
        """Return the unit that is named at `start`, which is `gap` characters behind its number."""
        limit = min(self.longest, len(text.text) - start)
        for end in range(start + limit, start, -1):
            name = text.text[start:end]
            unit = self.names.get(name) or self._code(text, start, end)
            if unit and self._stands(text, start, end, gap):
                return Unit(start, end, unit, name)
        return None

    def before(self, text: Folded, end: int) -> Unit | None:
        """Return the currency that is named right before a number at `end`."""
        end = end - 1 if text.text[end - 1 : end] == " " else end
        for start in range(max(0, end - 4), end):
            name = text.text[start:end]
            unit = self.names.get(name, "") if not name.isalpha() else self._code(text, start, end)
            if unit and unit.isupper() and not text.text[start - 1 : start].isalpha():
                return Unit(start, end, unit, name)
        return None

    def named(self, text: Folded) -> Iterator[Unit]:
        """Find every name of a unit, the longest at each place."""
        end = 0
        for start in range(len(text.text)):
            if start < end or not self._begins(text.text, start):
                continue
            apart = not _PARENTHESISED.match(text.text, start - 1)
            if unit := self.behind(text, start, apart):
                end = unit.end
                yield unit

    def _begins(self, text: str, start: int) -> bool:
        before, here = text[start - 1 : start], text[start]
        if not here.isalnum() or _HAN.match(here) or not before.isalnum() or _HAN.match(before):
            return not here.isspace()
        return bool(re.search(r"(?<!\w)(?:بال|ب|وال|ال|لل)$", text[max(0, start - 4) : start]))

    def _code(self, text: Folded, start: int, end: int) -> str:
        if end - start != 3:
            return ""
        code = text.original[slice(*text.span(start, end))]
        return code if code in self.codes else ""

    def _stands(self, text: Folded, start: int, end: int, gap: int) -> bool:
        name, following = text.text[start:end], text.text[end : end + 1]
        if _HAN.match(name[-1]):
            return not (name in self.final and _HAN.match(following) and following not in self.endings)
        if name[-1].isalnum() and following.isalnum() and not _HAN.match(following):
            return False
        capital = text.original[slice(*text.span(start, end))].isupper()
        if name in self.small and capital:
            return False
        return name not in self.glued or gap == 0 or capital


@lru_cache
def units(language: str) -> Units:
    """Return the units of a language: en, ar or zh."""
    # Imported where it is used: Babel takes 50 ms.
    from babel import Locale

    extra = read("units")
    lists = {key: frozenset(fold(name).text for name in value) for key, value in _lists(extra)}
    names: dict[str, str] = {}
    duals: dict[str, str] = {}
    if language == "ar":
        duals |= {fold(name).text: unit for name, unit in extra["duals"].items()}
    for spoken in dict.fromkeys((language, "en")):
        ours = {fold(name).text: unit for name, unit in extra["names"][spoken].items()}
        for locale in _LOCALES[spoken]:
            theirs, twos = _of_locale(Locale.parse(locale), lists["drop"])
            ours |= {name: unit for name, unit in theirs.items() if name not in ours | twos}
            duals = twos | duals
        names |= {name: unit for name, unit in ours.items() if name not in names}
    names |= {_POWER.sub(r"^\1", name): unit for name, unit in names.items()}
    return Units(
        names={name: unit for name, unit in names.items() if name not in lists["not"]},
        codes=frozenset(Locale("en").currencies),
        duals=duals,
        dual_words=re.compile(rf"(?<!\w)[وف]?[بلك]?(?P<word>{any_of(duals)})(?!\w)"),
        glued=lists["glued"],
        small=lists["small"],
        final=lists["final"],
        vague=lists["vague"],
        scales=extra["scales"],
        endings=extra["endings"],
        longest=max(map(len, names)),
    )


def named(text: str, language: str) -> str | None:
    """Return the one unit that `text` names; one behind "in" or the like counts more than another word."""
    folded, known = fold(text), units(language)
    found = list(known.named(folded))
    introduced = {unit.unit for unit in found if _INTRODUCED.search(folded.text[: unit.start])}
    plain = {unit.unit for unit in found if unit.name not in known.vague and unit.name not in known.glued}
    candidates = introduced | plain
    return candidates.pop() if len(candidates) == 1 else None


def _lists(extra: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for key, value in extra.items():
        if isinstance(value, list):
            yield key, value


def _of_locale(locale: "Locale", drop: frozenset[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the names of a locale, and those words that say "two" as well as the unit."""
    from babel.units import format_unit

    names: dict[str, str] = {}
    duals: dict[str, str] = {}
    every = map(str, locale.unit_display_names)
    wanted = [unit for unit in every if unit not in drop and not unit.endswith("-person")]
    for length in _LENGTHS:
        for unit, count in product(wanted, _COUNTS[locale.language]):
            said = fold(format_unit(count, unit, length, locale=locale)).text
            name = re.sub(" {2,}", "", said.replace(str(count), "", 1).strip())
            if name == said and count == 2:
                duals |= dict.fromkeys((name, re.sub(r"ان(?!\w)", "ين", name)), _ours(unit))
            elif not re.search(r"\d{2}", name):
                names.setdefault(name, _ours(unit))
    return _currencies(locale) | names, duals


def _ours(unit: str) -> str:
    return "percent" if unit == "concentr-percent" else unit


def _currencies(locale: "Locale") -> dict[str, str]:
    from babel.numbers import get_currency_name

    names: dict[str, str] = {}
    for code, symbol in locale.currency_symbols.items():
        for name in (
            symbol,
            *(get_currency_name(code, count, locale=locale) for count in _COUNTS[locale.language]),
        ):
            names.setdefault(fold(name).text, code)
    return {name: code for name, code in names.items() if len(name) > 1 or not name.isalnum()}
