"""Words made comparable: folded over case, accents and Arabic spelling, and compared by sound."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

_THRESHOLD = 0.85
_BY_SOUND = 0.95  # what the same sound is worth next to the same letters
_SHORTEST_FUZZY = 5  # a letter more or less makes another word of a shorter one
_TITLES = re.compile(
    "dr|mr|mrs|ms|miss|prof|sir|uncle|aunt|al|el|abu|umm|om|دكتور|الدكتور|استاذ|الاستاذ|ابو|ام|ابن|بن"
)
# What English says often and what sounds like a name ("called" is no Khalid, "team" no Tim).
_ORDINARY = re.compile(
    "all|am|an|any|are|called|calls|carry|court|dance|dollars|done|garden|had|have|holy|how|july|lie|mail|main"
    "|make|many|marine|marks|meet|men|mine|more|next|not|now|say|see|seen|shall|she|shown|sorry|sunday|team"
    "|tell|then|than|them|they|victory|was|were|when|where|wine|you|your"
)

_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[وف]?[لبك]?عبد ?[^\W\d_{_HAN}]+|[{_HAN}]+|[^\W\d_{_HAN}]+")
_CHINESE = re.compile(rf"[{_HAN}]")
_ARABIC_PREFIX = re.compile("(?!(?:لدينا|كامل|فعلي|فعلا)$)[وف]?[لبك]?")  # "we have" is no "to Dina"
_ONE_LETTER = str.maketrans({"ة": "ه", "ى": "ي", "ٱ": "ا", "ی": "ي", "ک": "ك", "ـ": None})
_SOUNDS = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("ph", "f"),
        ("ck|q", "k"),
        ("c(?=[eiy])", "s"),
        ("c(?!h)", "k"),
        ("kh", "k"),
        ("gh(?![aeiou])", ""),
        ("([aeiou])h(?![aeiou])", r"\1"),
        ("z", "s"),
        ("ou|oo", "u"),
        ("ee|ie|ea|ey|ei|y(?![aeiou])", "i"),
        (r"(.)\1+", r"\1"),
        ("[صث]", "س"),
        ("ط", "ت"),
        ("[ضظذ]", "د"),
        ("ق", "ك"),
    )
]


@dataclass(frozen=True, slots=True)
class Word:
    """A run of letters of one script, at `start:end` of the folded text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Folded:
    """A text without case, accents and spelling variants, and where each of its characters came from."""

    text: str
    words: tuple[Word, ...]
    original: str
    origin: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where `text[start:end]` stands in the original."""
        return self.origin[start], self.origin[end]

    def spelt(self, word: Word) -> str:
        """Return `word` as the original writes it."""
        return self.original[slice(*self.span(word.start, word.end))]


def fold(text: str) -> Folded:
    """Make `text` comparable."""
    pieces = [(piece, index) for index, character in enumerate(text) for piece in _folded(character)]
    folded = "".join(piece for piece, _ in pieces)
    words = tuple(Word(match[0].replace(" ", ""), *match.span()) for match in _WORD.finditer(folded))
    return Folded(folded, words, text, (*(index for _, index in pieces), len(text)))


def is_chinese(words: Iterable[str]) -> bool:
    """Say whether any of `words` is written in Chinese characters."""
    return any(_CHINESE.match(word) for word in words)


@lru_cache(maxsize=1024)
def readings(word: str) -> tuple[tuple[int, str], ...]:
    """Return `word` as it is, and without each Arabic prefix it may have; the number is how much was shed."""
    return tuple(_readings(word))


def _readings(word: str) -> Iterator[tuple[int, str]]:
    yield 0, word
    prefix = _ARABIC_PREFIX.match(word)
    for shed in range(1, prefix.end() + 1 if prefix else 1):
        if len(word) - shed >= 3:
            yield shed, word[shed:]
            if word[shed - 1 : shed + 1] == "لل":  # "ل" before the article swallows its alef
                yield shed, "ا" + word[shed:]


def given_name(words: tuple[str, ...]) -> str | None:
    """Return the name a person is called by, of a name in full; None where that cannot be told."""
    if len(words) == 1 and is_chinese(words):
        # One surname character and two of the given name, as most are.
        return words[0][1:] if len(words[0]) == 3 else None
    return words[0] if len(words) > 1 and not _TITLES.fullmatch(words[0]) else None


def alike(word: str, name: str) -> float:
    """Return how surely `word` is `name`, both folded: 1 for the same letters, 0 below the threshold."""
    if word == name:
        return 1.0
    similarity = _similarity(_sound(word), _sound(name))
    return 0.0 if similarity < _THRESHOLD or _ORDINARY.fullmatch(word) else _BY_SOUND * similarity


def same_in_latin(word: str, name: str) -> bool:
    """Whether two names in different scripts are spelt by the same consonants in Latin letters."""
    mine, other = _skeleton(word), _skeleton(name)
    return mine == other and len(mine) > 1


def consonants(text: str) -> int:
    """How many consonants a text has in Latin letters."""
    return len(_skeleton(text))


@lru_cache(maxsize=4096)
def _skeleton(text: str) -> str:
    # Imported where it is used: its tables are read from files.
    from anyascii import anyascii

    letters = re.sub(r"(.)\1", r"\1", re.sub("[^a-z`]", "", anyascii(text).lower()))
    return re.sub("[aeiouw]|^`", "", re.sub("h$", "", letters))


def _similarity(word: str, name: str) -> float:
    if word == name:
        return 1.0
    if min(len(word), len(name)) < _SHORTEST_FUZZY or word[0] != name[0]:
        return 0.0
    # Recognisers mistake vowels more than consonants, so consonants count twice.
    letters = Levenshtein.normalized_similarity(word, name)
    return (letters + Levenshtein.normalized_similarity(_consonants(word), _consonants(name))) / 2


@lru_cache(maxsize=4096)
def _consonants(word: str) -> str:
    return re.sub("[aeiouy]", "", word)


@lru_cache(maxsize=4096)
def _sound(word: str) -> str:
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    return word


def _folded(character: str) -> str:
    """Fold one character; marks and what is not seen become nothing."""
    pieces = unicodedata.normalize("NFKD", character.casefold()).translate(_ONE_LETTER)
    return "".join(piece for piece in pieces if unicodedata.category(piece) not in ("Mn", "Cf"))
