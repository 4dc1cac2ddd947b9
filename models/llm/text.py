"""From token bytes to text that can be shown: whole characters, stop strings, sentence ends."""

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence

SENTENCE_END = re.compile(r"[.!?…](?=[\s\"'”’)]|$)|[。！？؟](?:[”’」』）])?|\n")
"""Where a sentence may be cut in English, Arabic and Chinese."""


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
        at = min((i for stop in self.stops if (i := self._held.find(stop)) >= 0), default=-1)
        if at >= 0:
            self.stopped = True
            return self._take(at)
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
    return any(match.end() == len(stripped) for match in SENTENCE_END.finditer(stripped))


def shorten(text: str, fits: int) -> str:
    """At most `fits` characters, cut at the last sentence end there is, else at a space, else anywhere."""
    if len(text) <= fits:
        return text
    head = text[:fits]
    ends = [match.end() for match in SENTENCE_END.finditer(head)]
    if ends:
        return head[: ends[-1]].rstrip()
    return head.rsplit(None, 1)[0].rstrip() if re.search(r"\S\s", head) else head
