"""Trains the head of a wake phrase on synthetic voices alone. Makes `models/speech/hey-lamha.npz`.

    python -m lamha.models.training.wake ["PHRASE"] [--count N] [--out FILE]

A phrase is said by many voices in many ways, in rooms and noise that are made up as well, and so is what is
not the phrase. Some voices are left out: the bar and the marks are theirs. The same every time on a machine.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from lamha.models.errors import LamhaError, ModelMissing
from lamha.models.speech import wake
from lamha.models.speech.vad import RATE
from lamha.models.speech.wake import FIRST_END, HOP, WIDTH, WINDOW, Embedding, Head, Vector, windows
from lamha.models.store import Store
from lamha.models.training.wake_rooms import SECONDS, Clip, placed
from lamha.models.training.wake_voices import PHRASE, People, Robots, Speaks, texts

_EARLY, _LATE = -0.05, 0.4  # seconds around the end of the phrase in which it counts as said
_UNSURE = -0.2, 0.6  # and in which it may
HIDDEN, STEPS, BATCH, RATE_OF_LEARNING = 128, 6000, 256, 1e-3
DROPPED, DECAY = 0.5, 0.05
_ABOVE, _RARE = 0.8, 0.02
"""How far from the best of other speech to the worst phrases: new speech scored up to 5 more than that."""
NOISE = 10.0
"""Decibels by which the noise is below the voices that are left out."""

type Progress = Callable[[int, int], None]
type Speakers = Callable[[str, bool], Sequence["Share"]]


@dataclass(frozen=True)
class Share:
    """What some voices say: the phrase, what is nearly it, and other things, each in so many places."""

    who: Speaks
    phrases: int
    nearly: int
    others: int
    places: int

    @property
    def sounds(self) -> int:
        """How many are made."""
        return self.phrases + self.nearly + self.others


@dataclass(frozen=True)
class Marks:
    """What the voices that were left out show, in noise at `NOISE` decibels."""

    people: float | None
    """share of the phrases that is heard, of voices that sound like people; None without any"""
    robots: float
    nearly: float
    """share of what is nearly the phrase that is taken for it"""
    false_accepts: int
    hours: float
    """of other speech, in which they were counted"""


@dataclass(frozen=True)
class Heard:
    """A clip as the head sees it: windows of embeddings, and what it is."""

    windows: Vector
    end: int | None
    kind: str


def speakers(count: int) -> Speakers:
    """Voices for about `count` phrases by people and four times as many by robots; ModelMissing."""
    store = Store()
    try:
        folder, voices = store.path("kokoro"), store.path("kokoro-voices")
    except ModelMissing:
        folder = None

    def found(phrase: str, left_out: bool) -> list[Share]:
        some = max(1, count // 3) if left_out else count
        robots = Share(Robots(phrase, left_out), 4 * some, some, 12 * some, 1)
        if folder is None:
            return [robots]
        places = 2 if left_out else 6
        return [robots, Share(People(phrase, left_out, folder, voices), some, some // 2, some // 2, places)]

    return found


def train(
    phrase: str,
    embedding: Embedding,
    speakers: Speakers,
    progress: Progress = lambda _done, _all: None,
    steps: int = STEPS,
) -> tuple[Head, Marks]:
    """The head for a phrase; LamhaError where it is too short or too long."""
    if not 5 <= len(phrase.replace(" ", "")) <= 24 or not 2 <= len(phrase.split()) <= 4:
        raise LamhaError(
            f"“{phrase}” makes no good wake phrase", "take two to four words with three syllables or more"
        )
    draw = np.random.default_rng(0)
    taught, asked = speakers(phrase, False), speakers(phrase, True)
    everything = sum(share.sounds for share in (*taught, *asked))
    made = 0

    def told(heard: Iterator[Heard], share: Share) -> list[Heard]:
        nonlocal made
        kept = []
        for number, each in enumerate(heard):
            kept.append(each)
            progress(made + number // share.places, everything)
        made += share.sounds
        return kept

    lessons = [each for share in taught for each in told(_clips(phrase, share, embedding, draw, None), share)]
    exam = [told(_clips(phrase, share, embedding, draw, NOISE), share) for share in asked]
    progress(everything, everything)
    return _with_bar(_learnt(phrase, lessons, draw, steps), exam)


def _clips(
    phrase: str, share: Share, embedding: Embedding, draw: np.random.Generator, ratio: float | None
) -> Iterator[Heard]:
    what = texts(phrase)
    kinds = {"yes": share.who.said, "near": what.nearly, "no": what.ordinary}
    for kind, count in (("yes", share.phrases), ("near", share.nearly), ("no", share.others)):
        for number in range(count):
            said = kinds[kind]
            text = said[number % len(said) if kind == "yes" else int(draw.integers(len(said)))]
            sound = share.who.say(text, draw)
            for _ in range(share.places if kind != "no" else max(1, share.places // 2)):
                yield _seen(placed(sound, draw, kind == "yes", ratio), kind, embedding)


def _seen(clip: Clip, kind: str, embedding: Embedding) -> Heard:
    """With silence before it."""
    before = np.zeros((WINDOW - 1, WIDTH), np.float32)
    found = windows(np.concatenate((before, embedding.of(clip.samples))))
    return Heard(found.astype(np.float16), clip.end, kind)  # half the memory


def _truth(heard: Heard) -> tuple[Vector, Vector]:
    """The windows that are sure, and whether the phrase ends with each, 0 or 1."""
    if heard.end is None:
        return heard.windows, np.zeros(len(heard.windows), np.float32)
    ends = np.arange(len(heard.windows)) * HOP + FIRST_END
    after = (ends - heard.end) / RATE
    said = (after >= _EARLY) & (after <= _LATE)
    sure = said | (after < _UNSURE[0]) | (after > _UNSURE[1])
    return heard.windows[sure], said[sure].astype(np.float32)


def _learnt(phrase: str, lessons: Sequence[Heard], draw: np.random.Generator, steps: int) -> Head:
    """A hidden layer by Adam (Kingma & Ba 2015); a quarter of each batch are phrases."""
    pairs = [_truth(each) for each in lessons]
    data = np.concatenate([pair[0] for pair in pairs])
    truth = np.concatenate([pair[1] for pair in pairs])
    flat = data.reshape(-1, WIDTH)
    centre, spread = (f(flat, axis=0, dtype=np.float32) for f in (np.mean, np.std))
    spread = spread + np.float32(1e-3)
    size = WINDOW * WIDTH + 1
    weights = [
        (draw.standard_normal((size, HIDDEN)) / np.sqrt(size)).astype(np.float32),
        (draw.standard_normal(HIDDEN + 1) / 8).astype(np.float32),
    ]
    moments = [(np.zeros_like(w), np.zeros_like(w)) for w in weights]
    yes, no = np.flatnonzero(truth > 0), np.flatnonzero(truth == 0)
    for number in range(1, steps + 1):
        chosen = np.concatenate((draw.choice(yes, BATCH // 4), draw.choice(no, BATCH - BATCH // 4)))
        batch = ((data[chosen] - centre) / spread).reshape(BATCH, -1).astype(np.float32)
        batch = np.concatenate((batch, np.ones((BATCH, 1), np.float32)), 1)
        gradients = _gradients(weights, batch, truth[chosen], draw)
        pace = RATE_OF_LEARNING * min(1.0, 2 * (1 - number / (steps + 1)))
        for weight, gradient, (mean, square) in zip(weights, gradients, moments, strict=True):
            mean += 0.1 * (gradient - mean)
            square += 0.001 * (gradient**2 - square)
            step = mean / (1 - 0.9**number) / (np.sqrt(square / (1 - 0.999**number)) + 1e-8)
            weight -= pace * (step + DECAY * weight)
    return Head(phrase, weights[0], weights[1], centre, spread, 0.5)


def _gradients(
    weights: Sequence[Vector], inputs: Vector, truth: Vector, draw: np.random.Generator
) -> list[Vector]:
    """Of the cross entropy, with half of the inputs dropped."""
    first, second = weights
    kept = inputs * (draw.random(inputs.shape, dtype=np.float32) > DROPPED)
    before = kept @ first
    hidden = np.concatenate((np.maximum(before, 0), np.ones((len(kept), 1), np.float32)), 1)
    error = (1 / (1 + np.exp(-np.clip(hidden @ second, -30, 30))) - truth) / len(kept)
    back = np.outer(error, second[:-1]) * (before > 0)
    return [(kept.T @ back).astype(np.float32), (hidden.T @ error).astype(np.float32)]


def _with_bar(head: Head, exam: Sequence[Sequence[Heard]]) -> tuple[Head, Marks]:
    """A bar well above all other speech and below nearly every phrase, and what is heard with it."""
    scores = [[(_best(head, each), each.kind) for each in group] for group in exam]
    no = [score for group in scores for score, kind in group if kind == "no"]
    yes = [score for score, kind in scores[-1] if kind == "yes"]
    least = max(no) + 0.01
    limit = float(np.clip(least + _ABOVE * max(0.0, np.quantile(yes, _RARE) - least), 0, 14))
    bar = 1 / (1 + float(np.exp(-limit)))

    def share(groups: Sequence[Sequence[tuple[float, str]]], kind: str) -> float:
        found = [score >= limit for group in groups for score, is_ in group if is_ == kind]
        return float(np.mean(found)) if found else 0.0

    marks = Marks(
        people=share(scores[1:], "yes") if scores[1:] else None,
        robots=share(scores[:1], "yes"),
        nearly=share(scores, "near"),
        false_accepts=sum(score >= limit for score in no),
        hours=len(no) * SECONDS / 3600,
    )
    return replace(head, bar=bar), marks


def _best(head: Head, heard: Heard) -> float:
    return float(head.odds(heard.windows.astype(np.float32)).max())


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("phrase", nargs="?", default=PHRASE)
    parser.add_argument(
        "--count", type=int, default=250, help="phrases said by voices that sound like people"
    )
    parser.add_argument("--out", type=Path, default=wake.PHRASE)
    options = parser.parse_args()
    began = time.monotonic()
    embedding = Embedding(Store().path("speech-embedding"))
    head, marks = train(options.phrase, embedding, speakers(options.count), _tell)
    head.save(options.out)
    sys.stdout.write(f"bar {head.bar:.4f}: {marks}; {time.monotonic() - began:.0f} s\n")


def _tell(done: int, everything: int) -> None:
    if not done % 100 or done == everything:
        sys.stderr.write(f"{done}/{everything}\n")


if __name__ == "__main__":
    main()
