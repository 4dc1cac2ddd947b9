"""When the wearer has begun and ended to speak, frame by frame, with a pause that fits what was said.

A finished command ("turn off the light") need not be waited for as long as one that goes on ("remind me to
…"): see Ferrer, Shriberg & Stolcke 2002, "Is the speaker done yet?". The words so far tell which it is.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from lamha.models.speech.vad import FRAME, RATE, Gate, voiced

type Pause = Callable[[int], float]
"""Seconds of silence that end what has been said up to a sample."""

SHORT, USUAL, LONG = 0.32, 0.6, 1.1
"""Seconds to wait after words that are whole, that may go on, and that must go on."""
_HANGING = re.compile(
    r"(?: \b(?: and|or|but|to|the|a|an|my|in|at|on|of|for|with|from|that|if|then|is|are|i|i'm|um+|uh+|er+"
    r" |because|about|into|by|as|please_tell|remind\ me|tell|say|call|text|message"
    r" |twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|point|half\ past|quarter )"
    r"| (?<!\w)(?: و|أو|او|في|من|إلى|الى|على|عن|مع|ال|أن|ان|إن|اللي|يا|لكن|بعد|قبل|قل_?ل?|الساعة|ذكرني|مم+ )"
    r"| [和跟与或到在从给把的是要嗯呃]|然后|还有|提醒我|告诉|点半?前 ) [\s,،，.…-]* $",
    re.IGNORECASE | re.VERBOSE,
)
_CLOSED = re.compile(r"[.!?؟。！？]$")


@dataclass(frozen=True, slots=True)
class Began:
    """Somebody speaks, since this sample; what led up to it is kept."""

    start: int


@dataclass(frozen=True, slots=True)
class Ended:
    """Somebody has spoken, in samples from `start` up to `stop`; `voice` is where the last sound was."""

    start: int
    stop: int
    voice: int
    whole: bool = True
    """Whether it ended in a pause; else it was longer than may be and goes on."""


def pause_after(text: str) -> float:
    """Seconds to wait after what has been understood so far; `text` may be empty."""
    words = text.strip()
    if not words or _HANGING.search(words):
        return LONG if words else USUAL
    return SHORT if _CLOSED.search(words) else USUAL


def endpoints(
    probabilities: Iterable[float], pause: Pause = lambda _voice: USUAL, gate: Gate | None = None
) -> Iterator[Began | Ended | None]:
    """One item a frame of 512 samples: what has become clear with it, or None. Constant memory.

    `gate.silence` is not used: `pause` is asked in every silent frame. Sounds shorter than `gate.shortest`
    begin nothing; what lasts `gate.longest` is ended there and begins anew.
    """
    gate = gate or Gate()
    padding, shortest, longest = (_frames(s) for s in (gate.padding, gate.shortest, gate.longest))
    first = begun = last = -1
    floor = 0
    for frame, speaking in enumerate(voiced(probabilities, gate)):
        item: Began | Ended | None = None
        if speaking:
            first, last = (frame if first < 0 else first), frame + 1
            if begun < 0 and last - first >= shortest:
                begun = max(floor, first - padding)
                item = Began(begun * FRAME)
        if first >= 0 and begun < 0 and not speaking:
            first = -1  # a knock
        elif begun >= 0 and frame + 1 - begun >= longest:
            item = Ended(begun * FRAME, (frame + 1) * FRAME, last * FRAME, whole=False)
            first = begun = -1
            floor = frame + 1
        elif begun >= 0 and not speaking and frame + 1 - last >= _frames(pause(last * FRAME)):
            floor = min(frame + 1, last + padding)
            item = Ended(begun * FRAME, floor * FRAME, last * FRAME)
            first = begun = -1
        yield item


def _frames(seconds: float) -> int:
    return max(1, round(seconds * RATE / FRAME))
