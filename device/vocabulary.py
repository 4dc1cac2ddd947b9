"""What the wearer is likely to say: names, the words of the skills, and what is said alone."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources

from lamha.device.voice.controls import commands as controls
from lamha.models.speech.biasing import ANY, Vocabulary
from lamha.skills.api import Action
from lamha.skills.language import detect
from lamha.skills.storage import Contact

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
_OFTEN = 3
_TELLING = 5
"""Letters; what is shorter is a word of any sentence, and sounds like too many others."""


def vocabulary(contacts: Iterable[Contact], actions: Mapping[str, Action]) -> Vocabulary:
    """Names in any language; words that stand in the examples of skills; answers and controls, said alone."""
    names = tuple(dict.fromkeys(name for contact in contacts for name in _names(contact)))
    examples = tuple(example for action in actions.values() for example in action.examples)
    return Vocabulary({ANY: names, **_words(examples)}, _commands())


def _names(contact: Contact) -> tuple[str, ...]:
    """In full, and what people are called."""
    return tuple(filter(None, (contact.name, *contact.name.split()[:1], *contact.aliases)))


@cache
def _words(examples: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Longer words, and in Chinese what recurs."""
    found: dict[str, dict[str, None]] = {"en": {}, "ar": {}}
    for example in examples:
        kept = found.get(detect(example), {})
        kept.update((word, None) for word in _WORD.findall(example) if _is_telling(word))
    chinese = _recurring([example for example in examples if detect(example) == "zh"])
    return {language: tuple(words) for language, words in found.items()} | {"zh": chinese}


def _recurring(examples: Iterable[str]) -> tuple[str, ...]:
    """Two to four characters that stand together in several examples: words, which nothing sets apart."""
    seen = Counter(piece for example in examples for piece in set(_pieces(example)))
    often = {piece: count for piece, count in seen.items() if count >= _OFTEN}
    return tuple(
        piece
        for piece, count in often.items()
        if not any(piece in other and piece != other and often[other] == count for other in often)
    )


def _pieces(example: str) -> Iterator[str]:
    for run in _CHINESE.findall(example):
        for size in (2, 3, 4):
            yield from (run[at : at + size] for at in range(len(run) - size + 1))


def _is_telling(word: str) -> bool:
    """A long word that is no name: those of the examples are nobody's."""
    return len(word) >= _TELLING and word == word.lower()


@cache
def _commands() -> dict[str, tuple[str, ...]]:
    file = tomllib.loads(resources.files(__package__).joinpath("answers.toml").read_text("utf-8"))
    answers = {language: tuple(said.split("|")) for language, said in file["said"].items()}
    return {language: (*said, *controls(language)) for language, said in answers.items()}
