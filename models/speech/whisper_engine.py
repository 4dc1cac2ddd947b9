"""Whisper's network on CTranslate2, in 8-bit integers on the processor. It knows only tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamha.models.errors import ModelMissing
from lamha.models.memory import give_back
from lamha.models.speech.mel import log_mel
from lamha.models.speech.sessions import broken
from lamha.models.speech.vad import RATE, Samples

_FRAMES_A_SECOND = 100
_SHRINKS = 2  # frames that become one state


@dataclass(frozen=True)
class Encoded:
    """What the encoder made of a sound: `states` has the shape (1, 50 a second of `window`, width)."""

    states: NDArray[np.float32]
    seconds: float
    """of sound"""
    window: float
    """seconds with the silence behind it"""


@dataclass(frozen=True)
class Found:
    """A sequence of tokens that the search ended with; `score` is their mean log probability, in nats."""

    tokens: tuple[int, ...]
    score: float
    no_speech: float
    """probability that nobody speaks"""


class WhisperEngine:
    """From the folder with model.bin, config.json and vocabulary.txt; ModelMissing or ModelBroken."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self._model = _opened(folder, threads)

    def encode(self, samples: Samples, window: float) -> Encoded:
        """Sound at 16 kHz with silence behind it up to `window` seconds, 30 at most."""
        mel = log_mel(samples, round(window * _FRAMES_A_SECOND))[None]
        states = np.array(self._model.encode(_view(mel), to_cpu=True))
        give_back()
        return Encoded(states, len(samples) / RATE, window)

    def languages(self, encoded: Encoded) -> list[tuple[str, float]]:
        """The probability of each language by the name of its token, likeliest first."""
        (found,) = self._model.detect_language(_view(encoded.states))
        return list(found)

    def search(self, encoded: Encoded, prompt: Sequence[int], beams: int, longest: int) -> list[Found]:
        """The `beams` best sequences of up to `longest` tokens found, likeliest first; greedy with one."""
        (found,) = self._model.generate(
            _view(encoded.states),
            [list(prompt)],
            beam_size=beams,
            num_hypotheses=beams,
            max_length=len(prompt) + longest,
            return_scores=True,
            return_no_speech_prob=True,
        )
        give_back()
        pairs = zip(found.sequences_ids, found.scores, strict=True)
        return [Found(tuple(tokens), score, found.no_speech_prob) for tokens, score in pairs]

    def follow(
        self, encoded: Encoded, prompt: Sequence[int], texts: Sequence[Sequence[int]]
    ) -> list[NDArray[np.float64]]:
        """The probability of each token of each text where those before it are given; no text is empty."""
        if not texts:
            return []
        found = self._model.align(
            _view(np.repeat(encoded.states, len(texts), axis=0)),
            list(prompt),
            [list(text) for text in texts],
            [_SHRINKS * encoded.states.shape[1]] * len(texts),
            median_filter_width=1,
        )
        return [np.array(each.text_token_probs, np.float64) for each in found]

    def first(self, encoded: Encoded, prompt: Sequence[int]) -> NDArray[np.float64]:
        """The log probability of every token to come first."""
        (found,) = self._model.generate(
            _view(encoded.states),
            [list(prompt)],
            beam_size=1,
            max_length=len(prompt) + 1,
            return_logits_vocab=True,
            suppress_blank=False,
            suppress_tokens=[],
        )
        logits: NDArray[np.float64] = np.array(found.logits[0][0], np.float64).ravel()
        logits -= logits.max()
        logits -= np.log(np.exp(logits).sum())
        return logits


def _opened(folder: Path, threads: int) -> Any:
    import ctranslate2  # 150 ms that a device which hears English alone does without

    if not (folder / "model.bin").is_file():
        raise ModelMissing(folder.name)
    try:
        return ctranslate2.models.Whisper(
            str(folder), device="cpu", compute_type="int8", intra_threads=threads, inter_threads=1
        )
    except (RuntimeError, ValueError) as error:
        raise broken(folder / "model.bin", "cannot be loaded") from error
    finally:
        give_back()


def _view(array: NDArray[np.float32]) -> Any:
    import ctranslate2

    return ctranslate2.StorageView.from_array(np.ascontiguousarray(array))
