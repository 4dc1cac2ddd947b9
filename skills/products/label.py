"""What a label says, found by code: allergens and diets, energy, dates, prices. It never guesses.

What harms is looked for first, and a label that is silent is said to be silent: what could not be read may
still be in it.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any, Literal

from rapidfuzz.distance import Levenshtein

from lamha.skills.language import digits

type Verdict = Literal["contains", "traces", "both", "free", "silent"]
type Rows = Mapping[str, Mapping[str, list[str]]]

_TRACES = re.compile(
    r"may (?:also )?contain|may be present|traces? of|facility|same (?:line|equipment)|produced in a"
    r"|قد يحتوي|قد تحتوي|اثار من|اثار|可能含|可能含有|微量|同一生产线"
)
_UNFIT = re.compile(
    r"not (?:suitable|fit|recommended) for|not vegan|not vegetarian|غير مناسب|غير صالح|不适合|不宜"
)
_PREFIX, _SUFFIX = r"(?:[وفبكل]{0,2}(?:ال)?)", r"(?:ات|ه|ي)?"
_LONG = 6  # letters of a word that may be read with one wrong
_ENERGY = re.compile(r"(\d+(?:[.,]\d+)?)\s*(?:kcal|calories|سعره|سعرات|كيلو كالوري|千卡|大卡|卡路里)")
_ENERGY_AFTER = re.compile(r"(?:calories|السعرات|سعرات حراريه|热量)\s*:?\s*(\d+(?:[.,]\d+)?)(?!\s*k?j)")
_BEFORE = re.compile(
    r"best before|best by|use by|expir|\bexp\b|\bbbe?\b|sell by"
    r"|صلاحيه|انتهاء|ينتهي|保质期至|保質期|有效期|到期|此日期前"
)
_MADE = re.compile(r"produced|packed on|\bmfg\b|\bprod\b|انتاج|生产日期|生產日期")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DATES = (
    re.compile(r"(?P<y>20\d\d)\s*[-./年]\s*(?P<m>\d{1,2})\s*[-./月]\s*(?P<d>\d{1,2})"),
    re.compile(r"(?P<d>\d{1,2})\s*[-./]\s*(?P<m>\d{1,2})\s*[-./]\s*(?P<y>20\d\d|\d\d)(?!\d)"),
    re.compile(rf"(?P<d>\d{{1,2}})\s*(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?,?\s*(?P<y>20\d\d|\d\d)(?!\d)"),
    re.compile(rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?\s*(?P<y>20\d\d)(?!\d)"),
    re.compile(r"(?<![\d./-])(?P<m>0[1-9]|1[0-2])\s*[/.]\s*(?P<y>20\d\d)(?!\d)"),
)
_MONEY = re.compile(
    r"(?P<before>[€$£¥￥])\s*(?P<a>\d+(?:[.,]\d{1,2})?)|(?P<b>\d+(?:[.,]\d{1,2})?)\s*"
    r"(?P<after>[€$£¥￥元]|eur|usd|gbp|kr|aed|sar|درهم|ريال|دينار|جنيه)(?!\w)"
)


@dataclass(frozen=True, slots=True)
class Label:
    """What is known of a product: lines read from it, and what the wearer's catalogue holds."""

    lines: tuple[str, ...] = ()
    ingredients: str = ""
    allergens: str = ""
    traces: str = ""

    @property
    def statements(self) -> Iterator[tuple[str, bool]]:
        """Each piece of text, and whether it speaks of traces only."""
        warned = False
        for line in self.lines:
            plain_ = plain(line)
            # A warning runs on over the lines below it, up to the end of its sentence.
            warned = bool(_TRACES.search(plain_)) or (warned and not re.match(r"[A-Z一-鿿]", line))
            yield line, warned
        yield from ((text, bool(_TRACES.search(plain(text)))) for text in (self.ingredients, self.allergens))
        yield self.traces, True


@dataclass(frozen=True, slots=True)
class Finding:
    """What a label says of a topic, and its own words for that."""

    topic: str
    verdict: Verdict
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Price:
    """An amount and the currency as it is written."""

    amount: Decimal
    currency: str
    words: str


def topics() -> tuple[str, ...]:
    """What can be asked for, such as "gluten" and "vegan"."""
    return tuple(_terms())


def topic_of(question: str) -> str:
    """The topic that a question names, "" where it names none; of several the longest name."""
    asked, best = plain(question), ("", 0)
    for topic, rows in _terms().items():
        for name in _every(rows["named"]):
            found = _pattern(name).search(asked)
            if found and len(name) > best[1]:
                best = topic, len(name)
    return best[0]


def finding(topic: str, label: Label) -> Finding:
    """What the label says of a topic. What harms counts more than what is promised."""
    contains: list[str] = []
    traces: list[str] = []
    promised: list[str] = []
    for text, trace in label.statements:
        promise, rest = _promises(topic, plain(text))
        if promise:
            promised.append(_clip(text))
        if words := _betrayed(topic, rest):
            (traces if trace else contains).append(words)
    verdict: Verdict = "silent"
    if contains or traces:
        verdict = "both" if promised else "contains" if contains else "traces"
    elif promised:
        verdict = "free"
    return Finding(topic, verdict, tuple(dict.fromkeys((*promised[:1], *contains, *traces)))[:4])


def energy(label: Label) -> str:
    """The kilocalories as they stand on the label, "" where there are none."""
    for line in label.lines:
        text = plain(line)
        if found := _ENERGY.search(text) or _ENERGY_AFTER.search(text):
            return found[1].replace(",", ".")
    return ""


def expiry(label: Label) -> tuple[date, str] | None:
    """The day on which it expires and the line that says so; a date that is named as such before any other.

    A month alone ends with its last day; days stand before months, as on labels outside America.
    """
    found: list[tuple[int, date, str]] = []
    before = ""
    for line in label.lines:
        text, near = plain(line), f"{before} {plain(line)}"
        for day in _days(text):
            rank = 0 if _BEFORE.search(near) else 2 if _MADE.search(near) else 1
            found.append((rank, day, line))
        before = text
    if not found:
        return None
    rank, day, line = min(found, key=lambda each: (each[0], -each[1].toordinal()))
    return None if rank == 2 else (day, line)


def prices(lines: Iterable[str]) -> tuple[Price, ...]:
    """All amounts of money that stand in the lines."""
    return tuple(
        Price(Decimal((found["a"] or found["b"]).replace(",", ".")), found["before"] or found["after"], line)
        for line in lines
        for found in _MONEY.finditer(_ascii(line))
    )


def plain(text: str) -> str:
    """In small letters, without marks, Arabic letters of one sound as one, digits in ASCII."""
    decomposed = unicodedata.normalize("NFKD", _ascii(text))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter) and letter != "ـ")
    return bare.replace("ة", "ه").replace("ى", "ي")


def _ascii(text: str) -> str:
    return digits(text).replace("٫", ".").lower()


def _promises(topic: str, text: str) -> tuple[bool, str]:
    """Whether a text promises to be without it; and what is left of the text without promises."""
    if _UNFIT.search(text):
        return False, text
    rows = _terms()[topic]
    promise = False
    for phrase in sorted(_every(rows["without"]), key=len, reverse=True):
        text, count = _pattern(phrase).subn(" ", text)
        promise = promise or bool(count)
    for phrase in _every(rows.get("not", {})):
        text = _pattern(phrase).sub(" ", text)
    return promise, text


def _betrayed(topic: str, text: str) -> str:
    """The words that say it is in there, as they stand; with those of the parts of a diet."""
    rows = _terms()[topic]
    names = tuple(f"{name}*" for name in _every(rows["named"])) if _UNFIT.search(text) else ()
    for term in (*_every(rows["found"]), *names):
        if found := _pattern(term).search(text):
            return found[0].strip()
    for part in rows.get("parts", ()):
        if found_in_part := _betrayed(part, _promises(part, text)[1]):
            return found_in_part
    return _misread(tuple(_every(rows["found"])), text)


def _misread(terms: tuple[str, ...], text: str) -> str:
    """A word of which one letter was read wrong: better one warning too many."""
    long = [term for term in terms if len(term) >= _LONG and term.isalpha() and term.isascii()]
    words = re.findall(rf"[a-z0-9]{{{_LONG},}}", text)
    return next((word for word in words for term in long if Levenshtein.distance(word, term) == 1), "")


def _days(text: str) -> Iterator[date]:
    for pattern in _DATES:
        for found in pattern.finditer(text):
            if day := _day(found.groupdict()):
                yield day
                text = text.replace(found[0], " ")


def _day(part: Mapping[str, str | None]) -> date | None:
    year = int(part["y"] or 0)
    month = _MONTHS.index(part["name"] or "") + 1 if part.get("name") else int(part.get("m") or 0)
    year += 2000 if year < 100 else 0
    try:
        if part.get("d"):
            return date(year, month, int(part["d"] or 0))
        return date.fromordinal(date(year + month // 12, month % 12 + 1, 1).toordinal() - 1)
    except ValueError:
        return None


def _clip(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[:most].rsplit(' ', 1)[0]} …"


def _every(rows: Mapping[str, list[str]]) -> tuple[str, ...]:
    return tuple(name for names in rows.values() for name in names)


@cache
def _pattern(term: str) -> re.Pattern[str]:
    bare = re.escape(plain(term.removesuffix("*"))).replace(r"\ ", r"[\s-]+")
    if re.search(r"[一-鿿]", term):
        return re.compile(bare)
    if re.search(r"[؀-ۿ]", term):
        return re.compile(rf"(?<!\w){_PREFIX}{bare}{_SUFFIX}(?!\w)")
    return re.compile(rf"(?<!\w){bare}{r'\w*' if term.endswith('*') else r'(?!\w)'}")


@cache
def _terms() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("terms.toml").read_text("utf-8"))
