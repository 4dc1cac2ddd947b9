"""From token bytes to text that can be shown: whole characters, stop strings, sentence ends."""

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

SENTENCE_END = re.compile(r"[.!?…]+[\"'”’)\]»]*(?=\s|$)|[。！？؟]+[”’」』）»\"']*|\n")
"""Where a sentence may be cut in English, Arabic and Chinese, abbreviations aside."""
_ABBREVIATION = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Fig|vs)|\.[A-Za-z]|(?:^|\n)\s*\d+)\.$")
"""A dot that ends no sentence: a title's, the last one of `p.m.`, that of an item's number."""
_LONGEST_ABBREVIATION = 16


def characters(pieces: Iterable[bytes]) -> Iterator[str]:
    """Whole characters as soon as their last byte is there; broken ones become U+FFFD at the end."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for piece in pieces:
        yield decoder.decode(piece)
    if rest := decoder.decode(b"", final=True):
        yield rest


class StopFilter:
    """Holds back text that may be the beginning of a stop string; `stopped` once one was seen."""

    def __init__(self, stops: Sequence[str]) -> None:
        self.stops = tuple(stop for stop in stops if stop)
        self.stopped = False
        self._held = ""

    def push(self, text: str) -> str:
        """The part of the text so far that is safe to show."""
        self._held += text
        found = [(at + len(stop), at) for stop in self.stops if (at := self._held.find(stop)) >= 0]
        if found:  # the one that is complete first, so that it does not matter how the text is cut in pieces
            self.stopped = True
            return self._take(min(found)[1])
        return self._take(len(self._held) - self._overlap())

    def flush(self) -> str:
        """What is still held back, once nothing more comes."""
        return "" if self.stopped else self._take(len(self._held))

    def _take(self, count: int) -> str:
        shown, self._held = self._held[:count], self._held[count:]
        return shown

    def _overlap(self) -> int:
        """How many of the last characters could begin a stop string."""
        longest = max((len(stop) for stop in self.stops), default=1) - 1
        for size in range(min(longest, len(self._held)), 0, -1):
            if any(stop.startswith(self._held[-size:]) for stop in self.stops):
                return size
        return 0


def ends_sentence(text: str) -> bool:
    """Whether the text stops where a sentence does."""
    stripped = text.rstrip()
    return any(end == len(stripped) for end in _ends(stripped))


def shorten(text: str, fits: int) -> str:
    """At most `fits` characters, cut at the last sentence end, else at a space, else anywhere.

    A cut that would throw away more than half of what fits is none.
    """
    fits = max(fits, 0)
    if len(text) <= fits:
        return text
    sentences = takewhile(lambda end: end <= fits, _ends(text))
    spaces = (at for at in range(fits + 1) if text[at].isspace())
    for cut in (max(sentences, default=0), max(spaces, default=0)):
        kept = text[:cut].rstrip()
        if kept and len(kept) >= fits / 2:
            return kept
    return text[:fits]


def _ends(text: str) -> Iterator[int]:
    for match in SENTENCE_END.finditer(text):
        dot = match.start() + 1
        if match[0][0] != ".":
            yield match.end()
        elif match.end() == len(text) and text[:dot][-2:-1].isdigit():
            continue  # what goes on may be the rest of a number
        elif not _ABBREVIATION.search(text, max(0, dot - _LONGEST_ABBREVIATION), dot):
            yield match.end()
