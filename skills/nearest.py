"""Of many tools, those that an utterance may mean: they share words, or pieces of words, with it.

Where a list is short enough for the model to weigh them all, nothing is left out.
"""

import re
from collections import Counter
from collections.abc import Mapping
from math import sqrt

from lamha.skills.tools import Tool, spoken

_PIECE = 3


def nearest(
    tools: Mapping[str, Tool], text: str, most: int, sizes: Mapping[str, int] | None = None
) -> list[str]:
    """Names of tools that are `most` together, in their own order; all where they are no more.

    Without `sizes` each counts 1. There is always one.
    """
    sizes = dict.fromkeys(tools, 1) if sizes is None else sizes
    if sum(sizes.values()) <= most:
        return list(tools)
    said = _pieces(text)
    described = {name: _pieces(_about(tool)) for name, tool in tools.items()}
    common = Counter(piece for pieces in described.values() for piece in pieces)
    likeness = {name: _likeness(said, pieces, common) for name, pieces in described.items()}
    best, room = set[str](), most
    for name in sorted(likeness, key=lambda name: -likeness[name]):
        if not best or sizes[name] <= room:
            best.add(name)
            room -= sizes[name]
    return [name for name in tools if name in best]


def _about(tool: Tool) -> str:
    values = (str(value) for schema in tool.properties.values() for value in schema.get("enum", ()))
    return " ".join(
        (spoken(tool.name), tool.description, *tool.examples, *map(spoken, tool.properties), *values)
    )


def _pieces(text: str) -> Counter[str]:
    words = re.findall(r"\w+", text.lower())
    padded = (f" {word} " for word in words)
    return Counter(word[i : i + _PIECE] for word in padded for i in range(len(word) - _PIECE + 1))


def _likeness(said: Counter[str], other: Counter[str], common: Counter[str]) -> float:
    """Shared pieces, rare ones first, against the length of what is compared."""
    shared = sum(1 / common[piece] for piece in said.keys() & other.keys())
    return shared / sqrt(sum(1 / common[piece] for piece in other) + 1)
