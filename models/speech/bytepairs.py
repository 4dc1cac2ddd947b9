"""Byte-pair tokens: text to ids and back (Sennrich, Haddow & Birch 2016), by the order of a vocabulary.

A token's id is the round in which it was merged, so that the vocabulary is all that is needed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise

_PART = re.compile(r"'(?:s|t|re|ve|m|ll|d)| ?[^\W\d_]+| ?\d+| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")


class BytePairs:
    """Tokens by id, as bytes; what is not text, such as control tokens, is left out of `ids`."""

    def __init__(self, words: Sequence[bytes], texts: int) -> None:
        self._words = words
        self._ids: Mapping[bytes, int] = {word: id_ for id_, word in enumerate(words[:texts])}

    def encode(self, text: str) -> list[int]:
        """The ids of `text`; a leading space belongs to the word behind it."""
        return [id_ for part in _PART.findall(text) for id_ in merged(_bytes(part.encode()), self._ids)]

    def decode(self, ids: Iterable[int]) -> str:
        """The text of `ids`; half a character becomes U+FFFD."""
        return b"".join(self._words[id_] for id_ in ids).decode(errors="replace")

    def words(self, ids: Sequence[int]) -> list[list[int]]:
        """`ids` cut where a token begins a whole character after a space, or after a script without any."""
        groups: list[list[int]] = []
        for id_ in ids:
            begins = self._words[id_].startswith(b" ") or (
                groups and ideographic(self.decode(groups[-1])[-1:])
            )
            if not groups or (begins and "\ufffd" not in self.decode(groups[-1])):
                groups.append([])
            groups[-1].append(id_)
        return groups


def merged(parts: Sequence[bytes], ids: Mapping[bytes, int]) -> list[int]:
    """The ids of `parts`, each of which has one, with all merges done, the earliest first."""
    parts = list(parts)
    while len(parts) > 1:
        ranks = [ids.get(a + b, len(ids)) for a, b in pairwise(parts)]
        best = min(ranks)
        if best == len(ids):
            break
        at = ranks.index(best)
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return [ids[part] for part in parts]


def characters(text: str, ids: Mapping[bytes, int]) -> list[bytes]:
    """The characters of `text` to begin merging with; one without an id is taken apart into bytes."""
    encoded = [character.encode() for character in text]
    return [part for each in encoded for part in ([each] if each in ids else _bytes(each))]


def printed(line: str) -> bytes:
    """The bytes of a token that a vocabulary prints with one visible character a byte."""
    table = _table()
    return bytes(table[character] for character in line)


@cache
def _table() -> Mapping[str, int]:
    # GPT-2's: what is visible in Latin-1 stands for itself, the other bytes follow from U+0100 on.
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in visible]
    return {chr(byte): byte for byte in visible} | {chr(0x100 + n): byte for n, byte in enumerate(hidden)}


def _bytes(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


def ideographic(character: str) -> bool:
    """Whether it is Chinese or Japanese, which set no words apart."""
    return "\u3040" <= character <= "\u9fff"
