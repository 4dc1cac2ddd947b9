"""What the wearer is likely to say: names, places and commands that a recogniser is to be held to.

Two ways. A short utterance is one of the commands that await it, or none of them: `choose`. In a longer one,
words that the recogniser doubts are tried as the names they sound like: `corrected`. Both ask the acoustic
model how well each text fits the sound (`Judge`), and so what was heard clearly is never replaced.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz.fuzz import ratio

from lamha.models.speech.asr import Judge, Said, Transcript
from lamha.models.speech.audio import Audio
from lamha.models.speech.bytepairs import ideographic

ANY = ""
"""The key of phrases that are said in every language, such as names."""

SURE = 0.85  # a word of this probability was heard clearly
ENOUGH = 2.0  # nats: seven times likelier than in a sound without words
_ALIKE = 56.0  # of 100
_TRIED = 6
_STEM, _ENDING = 4, 3  # letters at least of a word that may have another form, and at most of its ending
_PRIOR = 0.5
_BONUS = 6.0  # nats that a phrase has for being expected
_SWALLOWED = 3.0  # and that it loses for each word that it takes the place of, beyond its own
_CORE = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)
_PREFIX = re.compile(r"^(?:و|ف)?(?:ال|لل|ب|ل|ك|و)?(?=\w{2})")
_SOUNDS = (
    (r"[^a-z]", ""),
    (r"ough?|ow(?=[^aeiou]|$)", "o"),
    (r"ph", "f"),
    (r"gh|(?<=[aeiou])h|^h(?=[^aeiou])|(?<=[^cpstg])h", ""),
    (r"^(?:kn|gn|pn)", "n"),
    (r"^wr", "r"),
    (r"c(?=[eiy])", "s"),
    (r"tch|ch|sh|zh|ti(?=on)", "x"),
    (r"ck|[cq]u?", "k"),
    (r"z", "s"),
    (r"v", "f"),
    (r"(?:ee|ea|ie|ei|y|i)+", "i"),
    (r"(?:oo|ou|u)+", "u"),
    (r"(.)\1+", r"\1"),
)


@dataclass(frozen=True)
class Vocabulary:
    """What may be said, by language (ISO 639-1), or by `ANY` of them."""

    phrases: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """that may stand in a sentence: names, places, words of skills"""
    commands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """that are said alone, with all the ways to say them"""
    weights: Mapping[str, float] = field(default_factory=dict)
    """nats for phrases that are likelier than others, or less likely"""

    def said_in(self, language: str) -> tuple[str, ...]:
        """The phrases of a language, and of any."""
        return (*self.phrases.get(language, ()), *self.phrases.get(ANY, ()))


@dataclass(frozen=True, slots=True)
class Choice:
    """The command that fits best, and the evidence for it in nats."""

    command: str
    nats: float


@dataclass(frozen=True, slots=True)
class _Proposal:
    """The words `first` up to `stop` replaced by `phrase`."""

    first: int
    stop: int
    phrase: str
    words: tuple[Said, ...]
    likeness: float
    bonus: float

    @property
    def text(self) -> str:
        return "".join(word.text for word in self.words).strip()


def choose(commands: Sequence[str], evidence: Sequence[float], enough: float = ENOUGH) -> Choice | None:
    """The command with most evidence; None where that is less than `enough`: something else was said."""
    best = max(zip(evidence, commands, strict=True), default=None)
    return Choice(best[1], best[0]) if best and best[0] >= enough else None


def corrected(transcript: Transcript, audio: Audio, judge: Judge, vocabulary: Vocabulary) -> Transcript:
    """`transcript` with doubtful words as the phrase they sound like, if `audio` fits it as well."""
    found = proposals(transcript, vocabulary)
    if not found:
        return transcript
    plain, *scores = judge.evidence(audio, [transcript.text, *(each.text for each in found)], _PRIOR)
    gain, best = max(
        ((score + each.bonus - plain, each) for score, each in zip(scores, found, strict=True)),
        key=lambda pair: pair[0],
    )
    return replace(transcript, text=best.text, words=best.words) if gain > 0 else transcript


def proposals(transcript: Transcript, vocabulary: Vocabulary) -> list[_Proposal]:
    """Ways to read doubtful words as phrases that sound alike, likest first, at most six."""
    phrases = [each for each in vocabulary.said_in(transcript.language) if _fits(each, transcript.language)]
    found = [each for phrase in phrases for each in _places(transcript.words, phrase, vocabulary)]
    found.sort(key=lambda each: (-each.likeness, each.first))
    seen: dict[str, _Proposal] = {}
    for each in found:
        seen.setdefault(each.text, each)
    return list(seen.values())[:_TRIED]


def alike(one: str, other: str) -> float:
    """How alike two texts sound, 0…100, whatever their scripts; consonants tell more than vowels."""
    a, b = sound(one), sound(other)
    if not a or not b:
        return 0.0
    return (ratio(a, b) + ratio(_consonants(a), _consonants(b))) / 2


@lru_cache(maxsize=8192)
def sound(text: str) -> str:
    """A rough spelling of how `text` sounds, in Latin letters."""
    key = anyascii(text).lower()
    for pattern, by in _SOUNDS:
        key = re.sub(pattern, by, key)
    return key


def _consonants(key: str) -> str:
    return re.sub("[aeiou]", "", key) or key


def _fits(phrase: str, language: str) -> bool:
    """Whether a phrase is in the script of a language; a name in another one breaks the sentence."""
    script = "zh" if ideographic(phrase[:1]) else "ar" if "\u0600" <= phrase[:1] <= "\u06ff" else ""
    return script == (language if language in ("ar", "zh") else "")


def _places(words: Sequence[Said], phrase: str, vocabulary: Vocabulary) -> Iterator[_Proposal]:
    size = len(phrase) if ideographic(phrase[:1]) else len(phrase.split())
    for first, stop in _windows(words, size):
        heard = "".join(word.text for word in words[first:stop])
        if min(word.probability for word in words[first:stop]) >= SURE:
            continue
        space = heard[: len(heard) - len(heard.lstrip())]
        before, core, after = _CORE.fullmatch(heard.strip()).groups()  # type: ignore[union-attr]
        prefix, likeness = _best_prefix(core, phrase)
        if likeness < _ALIKE or any(_is_form(each, f"{prefix}{phrase}") for each in (core, *core.split())):
            continue
        said = Said(f"{space}{before}{prefix}{phrase}{after}", SURE)
        changed = (*words[:first], said, *words[stop:])
        bonus = _BONUS - _SWALLOWED * abs(stop - first - size) + vocabulary.weights.get(phrase, 0.0)
        yield _Proposal(first, stop, phrase, changed, likeness, bonus)


def _is_form(core: str, phrase: str) -> bool:
    """Whether `core` is the phrase itself, or the same word in another form: "lights" for "light"."""
    one, other = sorted((core.casefold(), phrase.casefold()), key=len)
    return other.startswith(one) and len(other) - len(one) <= (_ENDING if len(one) >= _STEM else 0)


def _best_prefix(core: str, phrase: str) -> tuple[str, float]:
    """What of `core` may be an attached particle (Arabic "to", "with"), and how alike the rest sounds."""
    particle = _PREFIX.match(core)
    options = {"", particle.group() if particle else ""}
    scored = [(alike(core.removeprefix(prefix), phrase), -len(prefix), prefix) for prefix in options]
    likeness, _, prefix = max(scored)
    return prefix, likeness


def _windows(words: Sequence[Said], size: int) -> Iterator[tuple[int, int]]:
    for length in {max(1, size - 1), size, size + 1}:
        ends = range(length, len(words) + 1)
        yield from ((end - length, end) for end in ends)
