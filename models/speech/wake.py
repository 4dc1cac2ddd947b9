"""The wake phrase: Google's speech embedding and a small head of our own on it.

Embedding: Lin et al. 2020, "Training Keyword Spotters with Limited and Synthesized Speech Data". It takes 76
frames of a log-mel spectrogram (10 ms each) and gives 96 numbers, here every 80 ms; the head sees the last
`WINDOW` of them, 1.3 s with what each of them covers.
"""

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lamha.models.errors import ModelBroken, ModelMissing
from lamha.models.speech.sessions import open_session
from lamha.models.speech.vad import Samples

type Vector = NDArray[np.float32]

PHRASE = Path(__file__).with_name("hey-lamha.npz")
"""The phrase that lamha comes with; `lamha.models.training.wake` makes it."""
WIDTH, WINDOW = 96, 12
HOP = 1280
"""Samples between two embeddings: 80 ms."""
FIRST_END = 76 * 160 + 240
"""The sample with which the first embedding of a recording ends."""
_MELS, _STEP, _COVERED = 32, 8, 76  # mel bands; mel frames from one embedding to the next, and in one
_BEFORE = 480  # samples that the first new mel frame looks back on
_TENTH, _TWO = np.float32(0.1), np.float32(2)
_IMPOSSIBLE = -30.0  # log odds below which it makes no difference
QUIET = 20
"""Frames of 512 samples after a detection in which there is no other: 0.6 s."""


class Embedding:
    """The two networks, from the folder with melspectrogram.onnx and embedding_model.onnx."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self._mel = open_session(folder / "melspectrogram.onnx", threads)
        self._network = open_session(folder / "embedding_model.onnx", threads)

    def of(self, samples: Samples) -> Vector:
        """The embeddings of a recording at 16 kHz, of shape (n, 96): one each 80 ms from 0.78 s on."""
        mel = self.mel(samples)
        starts = range(0, len(mel) - _COVERED + 1, _STEP)
        windows = (
            np.stack([mel[at : at + _COVERED] for at in starts]) if starts else np.zeros((0, _COVERED, _MELS))
        )
        return self.embed(windows.astype(np.float32))

    def mel(self, samples: Samples) -> Vector:
        """Log-mel frames of shape (n, 32), each 10 ms."""
        (mel,) = self._mel.run(None, {"input": (samples * 32767)[None]})
        frames: Vector = mel.reshape(-1, _MELS) * _TENTH + _TWO
        return frames

    def embed(self, windows: Vector) -> Vector:
        """From windows of shape (n, 76, 32) to shape (n, 96)."""
        if not len(windows):
            return np.zeros((0, WIDTH), np.float32)
        (out,) = self._network.run(None, {"input_1": windows[..., None]})
        embedded: Vector = out.reshape(-1, WIDTH)
        return embedded

    def stream(self, frames: Iterable[Samples]) -> Iterator[Vector | None]:
        """For each frame of 512 samples the embedding that ends with it, where there is a new one."""
        waiting = np.zeros(_BEFORE, np.float32)
        mel: deque[Vector] = deque([np.zeros((_COVERED, _MELS), np.float32)], maxlen=11)
        for frame in frames:
            waiting = np.concatenate((waiting, frame))
            if len(waiting) < _BEFORE + HOP:
                yield None
                continue
            mel.append(self.mel(waiting[: _BEFORE + HOP])[-_STEP:])
            waiting = waiting[HOP:]
            yield self.embed(np.concatenate(mel)[None, -_COVERED:])[0]


@dataclass(frozen=True)
class Head:
    """A small network over the last embeddings: how likely the phrase has just been said.

    `first` has shape (WINDOW · 96 + 1, hidden), `second` (hidden + 1,); from the probability `bar` on it
    counts.
    """

    phrase: str
    first: Vector
    second: Vector
    centre: Vector
    spread: Vector
    bar: float

    def odds(self, windows: Vector) -> Vector:
        """Log odds of windows of embeddings, of shape (n, WINDOW, 96)."""
        features = ((windows - self.centre) / self.spread).reshape(len(windows), -1)
        hidden = np.maximum(features @ self.first[:-1] + self.first[-1], 0)
        odds: Vector = hidden @ self.second[:-1] + self.second[-1]
        return odds

    def save(self, path: Path) -> None:
        """Write it, at half the precision."""
        half = (array.astype(np.float16) for array in (self.first, self.second, self.centre, self.spread))
        first, second, centre, spread = half
        np.savez_compressed(
            path,
            phrase=np.array(self.phrase),
            bar=np.array(self.bar),
            first=first,
            second=second,
            centre=centre,
            spread=spread,
        )

    @staticmethod
    def load(path: Path) -> "Head":
        """ModelMissing, or ModelBroken where a file is none."""
        if not path.is_file():
            raise ModelMissing(path.stem)
        try:
            with np.load(path) as file:
                names = ("first", "second", "centre", "spread")
                first, second, centre, spread = (file[name].astype(np.float32) for name in names)
                return Head(str(file["phrase"]), first, second, centre, spread, float(file["bar"]))
        except (ValueError, KeyError, OSError, EOFError) as error:
            raise ModelBroken(f"{path} is no wake phrase", "train it again: lamha wake train") from error


def windows(embeddings: Vector) -> Vector:
    """All runs of `WINDOW` embeddings, of shape (n, WINDOW, 96)."""
    starts = range(len(embeddings) - WINDOW + 1)
    found = [embeddings[at : at + WINDOW] for at in starts]
    return np.stack(found) if found else np.zeros((0, WINDOW, WIDTH), np.float32)


class Wake:
    """Hears one phrase."""

    def __init__(self, embedding: Embedding, head: Head) -> None:
        self._embedding, self._head = embedding, head

    @property
    def phrase(self) -> str:
        """What it waits for."""
        return self._head.phrase

    def scores(self, frames: Iterable[Samples]) -> Iterator[float]:
        """How likely (0…1) the phrase has just ended, for each frame of 512 samples at 16 kHz."""
        recent: deque[Vector] = deque([np.zeros(WIDTH, np.float32)] * WINDOW, maxlen=WINDOW)
        score = 0.0
        for embedding in self._embedding.stream(frames):
            if embedding is not None:
                recent.append(embedding)
                odds = float(self._head.odds(np.stack(recent)[None])[0])
                score = 1 / (1 + math.exp(-max(odds, _IMPOSSIBLE)))
            yield score

    def hears(self, frames: Iterable[Samples]) -> Iterator[bool]:
        """For each frame whether the phrase has ended with it."""
        yield from detections(self.scores(frames), self._head.bar)


def detections(scores: Iterable[float], bar: float) -> Iterator[bool]:
    """True once as scores rise above `bar`, and not again within `QUIET` frames or before they fell."""
    quiet, armed = 0, True
    for score in scores:
        heard = armed and not quiet and score >= bar
        quiet = QUIET if heard else max(0, quiet - 1)
        armed = not heard and (armed or score < bar / 2)
        yield heard
