"""Who an utterance names: contacts found by code, in three scripts, spelt as people and recognisers spell.

Words are compared folded: no case, no accents, one alef. Names may also match by sound ("Sarah" for
"Sara"); Arabic ones shed attached prefixes ("لسارة"); Chinese ones need no spaces around them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol

from lamha.skills.spelling import (
    Folded,
    Word,
    alike,
    consonants,
    fold,
    given_name,
    is_chinese,
    readings,
    same_in_latin,
)
from lamha.skills.storage import Contact

_GIVEN = 0.98  # a given name says a little less than the name in full
_PREFIXED = 0.97  # and a name behind a prefix may be another word's beginning
_FOREIGN = 0.9  # a name in another script is spelt in several ways
_TELLING = 3  # consonants
_WEAK = 0.5
_ALSO_WORDS = re.compile(
    "art|april|august|bill|chance|chase|dawn|dean|drew|faith|frank|grace|grant|guy|hope|iris|ivy|jack|joy|june"
    "|king|lily|mark|may|miles|olive|pat|penny|pearl|ray|rich|rob|rose|ruby|sky|sue|summer|will"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A contact named at `utterance[start:end]`, an attached prefix left outside.

    `score` is 1 where name and word are the same, less by sound, and 0.5 where the name
    is an ordinary word too ("will").
    """

    contact: Contact
    start: int
    end: int
    score: float


class Book(Protocol):
    """Where contacts are kept, such as the wearer's `Storage`."""

    def contacts(self) -> Sequence[Contact]:
        """All of them."""
        ...


class Known:
    """A book of names alone, for tools that bring their own."""

    def __init__(self, names: Iterable[str]) -> None:
        self._contacts = tuple(Contact(number, name, (), "") for number, name in enumerate(names, 1))

    def contacts(self) -> Sequence[Contact]:
        """All of them."""
        return self._contacts


class Contacts:
    """The wearer's contacts, to be found in what the wearer says."""

    def __init__(self, storage: Book) -> None:
        self._storage = storage

    def find(self, utterance: str) -> list[Mention]:
        """Return who is named, in order of the utterance; several at one place where they match equally."""
        text = fold(utterance)
        found = [
            candidate for contact in self._storage.contacts() for candidate in _candidates(contact, text)
        ]
        found = found or [c for contact in self._storage.contacts() for c in _foreign(contact, text)]
        strong = [candidate for candidate in found if candidate.mention.score > _WEAK]
        kept = _best(strong or found)
        return sorted(kept, key=lambda mention: (mention.start, mention.contact.id))


class _Candidate(NamedTuple):
    words: int
    mention: Mention


@dataclass(frozen=True, slots=True)
class _Form:
    words: tuple[str, ...]
    worth: float


@lru_cache(maxsize=4096)
def _forms(contact: Contact) -> tuple[_Form, ...]:
    spoken = [tuple(word.text for word in fold(name).words) for name in (contact.name, *contact.aliases)]
    full = [_Form(words, 1.0) for words in spoken if words]
    given = [_Form((name,), _GIVEN) for words in spoken if (name := given_name(words))]
    return (*full, *(form for form in given if form.words not in spoken))


def _candidates(contact: Contact, text: Folded) -> Iterator[_Candidate]:
    for form in _forms(contact):
        for start, end, score in _places(form, text):
            mention = Mention(contact, *text.span(start, end), round(score * form.worth, 4))
            yield _Candidate(len(form.words), mention)


def _places(form: _Form, text: Folded) -> Iterator[tuple[int, int, float]]:
    """Give every place of `form` in `text` as start, end and score."""
    if is_chinese(form.words):
        name = "".join(form.words)
        yield from ((place.start(), place.end(), 1.0) for place in re.finditer(re.escape(name), text.text))
        return
    count = len(form.words)
    for first in range(len(text.words) - count + 1):
        window = text.words[first : first + count]
        for shed, head in readings(window[0].text):
            if score := _score(head, shed, window, form):
                yield (
                    window[0].start + shed,
                    window[-1].end,
                    min(score, _certainty(window, form, text, first)),
                )


def _foreign(contact: Contact, text: Folded) -> Iterator[_Candidate]:
    """Places where a name is said in another script than it is kept in: "Khaled" for "خالد"."""
    for form in _forms(contact):
        name, latin = " ".join(form.words), form.words[0].isascii()
        count = len(form.words) if latin or not is_chinese(form.words) else len(name)
        for size in range(1, count + 1):
            for first in range(len(text.words) - size + 1):
                window = text.words[first : first + size]
                said = " ".join(word.text for word in window)
                shed, head = next((r for r in readings(said) if same_in_latin(r[1], name)), (0, ""))
                if head and said.isascii() != latin and _is_a_name(text, window, head):
                    mention = Mention(contact, *text.span(window[0].start + shed, window[-1].end), _FOREIGN)
                    yield _Candidate(size, mention)


def _is_a_name(text: Folded, window: tuple[Word, ...], head: str) -> bool:
    """A few consonants are also those of other words ("sorry" for "سارة"); a capital tells a name."""
    spelt = text.spelt(window[0])
    return consonants(head) >= _TELLING or spelt[0].isupper() or not spelt.isascii()


def _score(head: str, shed: int, window: tuple[Word, ...], form: _Form) -> float:
    score = alike(head, form.words[0]) * (_PREFIXED if shed else 1.0)
    for word, name in zip(window[1:], form.words[1:], strict=True):
        score = score and min(score, alike(word.text, name))
    return score


def _certainty(window: tuple[Word, ...], form: _Form, text: Folded, first: int) -> float:
    """Doubt a word such as "will", unless it is capitalised inside the sentence, and "على" for "علي"."""
    spelt = text.spelt(window[0])
    capital = first > 0 and spelt[0].isupper()
    if len(form.words) == 1 and (
        spelt.endswith("على") or (_ALSO_WORDS.fullmatch(form.words[0]) and not capital)
    ):
        return _WEAK
    return 1.0


def _best(found: Iterable[_Candidate]) -> list[Mention]:
    """Keep the longest and surest, then what does not overlap them; equals share their place."""

    def rank(candidate: _Candidate) -> tuple[float, ...]:
        mention = candidate.mention
        return -candidate.words, -mention.score, mention.start - mention.end

    kept: dict[tuple[int, int], list[Mention]] = {}
    for _, mention in sorted(found, key=rank):
        place = (mention.start, mention.end)
        if equals := kept.get(place):
            if mention.score == equals[0].score and all(mention.contact != other.contact for other in equals):
                equals.append(mention)
        elif all(mention.end <= start or end <= mention.start for start, end in kept):
            kept[place] = [mention]
    return [mention for mentions in kept.values() for mention in mentions]
