"""Kokoro's voices (https://github.com/hexgrad/kokoro): StyleTTS 2 in 82 M parameters, in 8-bit integers.

It reads phonemes: Chinese from pinyin, other languages from espeak-ng where that is there.
"""

import json
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamha.models.errors import ModelMissing
from lamha.models.memory import give_back, return_large_blocks
from lamha.models.speech import mandarin
from lamha.models.speech.audio import Audio
from lamha.models.speech.sessions import broken, open_session
from lamha.models.speech.tts import check_language, clauses

RATE = 24_000
_LONGEST = 510  # phonemes that one style is chosen by
_STYLE = 256
_AFTER, _BETWEEN = 0.25, 0.04  # seconds
_SILENT = 0.01
_JOINED, _LONG = 16, 48  # characters of a part: it takes about as long to make as to hear

type Spelling = Callable[[str], str]
"""From words to phonemes."""


class Kokoro:
    """A voice from the folder with model.onnx, vocab.json and `NAME.bin`, loaded when it first speaks."""

    def __init__(
        self,
        folder: Path,
        name: str = "zf_xiaoxiao",
        language: str = "zh",
        spelling: Spelling = mandarin.phonemes,
        threads: int = 1,
    ) -> None:
        """`spelling` is for `language`. ModelMissing or ModelBroken."""
        self.pace = 1.0
        self.languages = (language,)
        self._folder, self._spelling, self._threads = folder, spelling, threads
        self.style = read_style(folder / f"{name}.bin")
        """what makes the voice; styles can be mixed"""

    def speak(self, text: str) -> Iterator[Audio]:
        """A sound for each clause; VoiceMissing for a text in another script."""
        check_language(text, (*self.languages, "en"))
        return self._sounds(text)

    def _sounds(self, text: str) -> Iterator[Audio]:
        for clause in clauses(text, _JOINED, _LONG):
            sound = self.sound(self._spelling(clause))
            whole = not clause[-1:].isalnum()  # where it was cut within a clause nobody takes a breath
            yield Audio(_trimmed(sound.samples, _AFTER if whole else _BETWEEN), RATE)

    def sound(self, spelt: str) -> Audio:
        """Phonemes in Kokoro's alphabet; others are left out."""
        ids = [self._ids[each] for each in spelt if each in self._ids][:_LONGEST]
        if not ids:
            return Audio(np.zeros(0, np.float32), RATE)
        feed = {
            "tokens": np.array([[0, *ids, 0]], np.int64),
            "style": self.style[len(ids) - 1],
            "speed": np.array([self.pace], np.float32),
        }
        (sound,) = self._network.run(None, feed)
        give_back()
        return Audio(sound.ravel(), RATE)

    @cached_property
    def _ids(self) -> dict[str, int]:
        path = self._folder / "vocab.json"
        try:
            vocabulary: dict[str, int] = json.loads(path.read_bytes())["vocab"]
        except (ValueError, KeyError, TypeError) as error:
            raise broken(path, "holds no vocabulary") from error
        return vocabulary

    @cached_property
    def _network(self) -> Any:
        return_large_blocks()
        return open_session(self._folder / "model.onnx", self._threads)


def _trimmed(samples: NDArray[np.float32], after: float) -> NDArray[np.float32]:
    """Without the silence that each part begins with, and with `after` seconds of that behind it."""
    loud = np.flatnonzero(np.abs(samples) > _SILENT)
    if not len(loud):
        return samples
    first, last = loud[0] - round(_BETWEEN * RATE), loud[-1] + round(after * RATE)
    return samples[max(0, first) : last]


def read_style(path: Path) -> NDArray[np.float32]:
    """Of shape (510, 1, 256): a style for each number of phonemes. ModelMissing or ModelBroken."""
    if not path.is_file():
        raise ModelMissing(path.parent.name)
    styles = np.fromfile(path, "<f4")
    if styles.size != _LONGEST * _STYLE:
        raise broken(path, "is no voice of Kokoro's")
    return styles.reshape(_LONGEST, 1, _STYLE)
