"""Sentences of a text that still grows, each as soon as it is whole, so that it can be spoken."""

import re
from collections.abc import Iterable, Iterator

_LONG = 60  # characters, after which a comma is pause enough: the sooner something is heard
_END = re.compile(
    r"(?<!\b[A-Z])(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bDr)(?<!\bSt)(?<!\bvs)(?<!\be\.g)(?<!\bi\.e)[.!?؟…]+[\"”»')\]]*\s+"
    r"|[。！？；]+[”」』）]*|\n+"
)
_PAUSE = re.compile(r"[,;:،؛]\s+|[，、：]")


def sentences(pieces: Iterable[str]) -> Iterator[str]:
    """What is whole, as soon as it is, and at the end what is left; together they are all that was given."""
    text = ""
    for piece in pieces:
        text += piece
        while end := _cut(text):
            yield text[:end]
            text = text[end:]
    if text:
        yield text


def _cut(text: str) -> int:
    """Where the first sentence ends; 0 while that is not known."""
    whole = _END.search(text)
    if whole and whole.end() <= _LONG:
        return whole.end()
    paused = [match.end() for match in _PAUSE.finditer(text) if match.end() >= _LONG]
    ends = [*paused[:1], *([whole.end()] if whole else [])]
    return min(ends, default=0)
