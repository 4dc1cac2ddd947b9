"""Whisper: Arabic, Chinese and what else is not English.

Architecture: Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak Supervision". It was
trained on windows of 30 s; the encoder is given little more than was said, which takes a fifth of the time.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lamha.models.errors import ModelMissing
from lamha.models.speech.asr import Said, Transcript, joined, looping
from lamha.models.speech.audio import Audio
from lamha.models.speech.bytepairs import BytePairs, ideographic, printed
from lamha.models.speech.hallucination import wordless
from lamha.models.speech.sessions import broken
from lamha.models.speech.vad import RATE
from lamha.models.speech.whisper_engine import Encoded, Found, WhisperEngine

LONGEST = 28.0  # seconds heard at once
# Seconds. A few, since what silence makes likely is kept for each.
_WINDOWS = (3.0, 5.0, 8.0, 12.0, 18.0, 30.0)
_SLACK = 1.5  # seconds of silence behind the speech, without which the decoder says everything again
_TOKENS_A_SECOND = 12  # Arabic takes up to two tokens a sound
_FEWEST_TOKENS = 8
_LIKELY = 1e-9  # what the library rounds to 0
_TASK = "startoftranscript", "transcribe", "notimestamps"
_KEPT = 4096  # texts
# Without it half of what is said in Mandarin is written in traditional characters.
_OPENINGS = {"zh": "以下是普通话的句子。"}


@dataclass(frozen=True)
class Reading:
    """One way to read a sound. `score` is the mean log probability of its tokens and of its end, in nats."""

    text: str
    tokens: tuple[int, ...]
    score: float
    no_speech: float
    """probability that nobody speaks"""


class Whisper:
    """A recogniser from the folder with model.bin, config.json and vocabulary.txt."""

    def __init__(self, folder: Path, threads: int = 1, language: str = "") -> None:
        """Whatever is said is taken for `language`; without one, for what it sounds like."""
        self._language = language
        self._lines = _vocabulary(folder / "vocabulary.txt")
        self._engine = WhisperEngine(folder, threads)
        self._silence: dict[tuple[float, str, str], float] = {}
        self._openings: dict[tuple[float, str], NDArray[np.float64]] = {}
        self._quiet: dict[float, list[Encoded]] = {}

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """What it understands, as ISO 639 codes, best known first."""
        first, last = self._token("en"), self._ids["<|translate|>"]
        return tuple(line.strip("<|>") for line in self._lines[first:last])

    def transcribe(self, audio: Audio) -> Transcript:
        """The words in `audio`; what is longer than `LONGEST` is cut there, wherever that is."""
        samples, size = audio.at(RATE).samples, round(LONGEST * RATE)
        parts = [Audio(samples[at : at + size], RATE) for at in range(0, len(samples), size)]
        return joined([self._transcribe(part) for part in parts], self._language or "en", audio.seconds)

    def evidence(self, audio: Audio, texts: Sequence[str], prior: float = 1.0) -> list[float]:
        """See `Judge`; in the language of this recogniser, or what `audio` sounds like."""
        encoded = self.encode(audio)
        return self.weigh(encoded, texts, self._language or self.detect(encoded), prior)

    def encode(self, audio: Audio) -> Encoded:
        """What all else is read from; the first `LONGEST` seconds of `audio`."""
        samples = audio.at(RATE).samples[: round(LONGEST * RATE)]
        seconds = len(samples) / RATE
        return self._engine.encode(
            samples, next(w for w in _WINDOWS if w >= min(seconds + _SLACK, _WINDOWS[-1]))
        )

    def spoken(self, encoded: Encoded, among: Sequence[str] = ()) -> dict[str, float]:
        """The probability of each language, of those `among` which it must be; likeliest first."""
        found = self._engine.languages(encoded)
        heard = {name.strip("<|>"): p for name, p in found if not among or name.strip("<|>") in among}
        return {name: p / sum(heard.values()) for name, p in heard.items()}

    def detect(self, encoded: Encoded, among: Sequence[str] = ()) -> str:
        """The likeliest language."""
        return next(iter(self.spoken(encoded, among)))

    def read(self, encoded: Encoded, language: str, beams: int = 1) -> list[Reading]:
        """The `beams` best readings found, likeliest first."""
        found = self._engine.search(encoded, self._prompt(language), beams, _cap(encoded.seconds))
        return [self._reading(each) for each in found]

    def transcript(self, encoded: Encoded, language: str, reading: Reading, began: float) -> Transcript:
        """`reading` as every recogniser gives it; `began` is when work on it began, by `perf_counter`."""
        words = self._words(encoded, language, reading)
        return Transcript(
            text=reading.text,
            language=language,
            seconds=encoded.seconds,
            milliseconds=(time.perf_counter() - began) * 1000,
            confidence=math.exp(reading.score) if words else 0.0,
            words=words,
        )

    def weigh(self, encoded: Encoded, texts: Sequence[str], language: str, prior: float = 1.0) -> list[float]:
        """The evidence for each text, in nats: see `Judge`.

        What silence makes of a text is computed once, in four times the time.
        """
        if len(self._silence) > _KEPT:
            self._silence.clear()
        new = [t for t in dict.fromkeys(texts) if (encoded.window, language, t) not in self._silence]
        if new:
            quiet = [self._likelihoods(each, new, language) for each in self._unspoken(encoded.window)]
            for text, nats in zip(new, np.mean(quiet, axis=0), strict=True):
                self._silence[encoded.window, language, text] = float(nats)
        likely = self._likelihoods(encoded, texts, language)
        unheard = [self._silence[encoded.window, language, text] for text in texts]
        return [float(nats) - prior * before for nats, before in zip(likely, unheard, strict=True)]

    def shortlist(
        self, encoded: Encoded, texts: Sequence[str], language: str, count: int = 20
    ) -> tuple[str, ...]:
        """About `count` of many texts: those whose first token has most evidence; a step of the decoder."""
        if len(texts) <= count:
            return tuple(texts)
        key, prompt = (encoded.window, language), self._plain(language)
        if key not in self._openings:
            quiet = [self._engine.first(each, prompt) for each in self._unspoken(encoded.window)]
            self._openings[key] = np.mean(quiet, axis=0)
        evidence = self._engine.first(encoded, prompt) - self._openings[key]
        worth = {text: float(evidence[self._tokens(text)[0]]) for text in texts}
        bar = sorted(worth.values(), reverse=True)[count - 1]
        return tuple(text for text in texts if worth[text] >= bar)

    def _transcribe(self, audio: Audio) -> Transcript:
        began = time.perf_counter()
        encoded = self.encode(audio)
        language = self._language or self.detect(encoded)
        return self.transcript(encoded, language, self.read(encoded, language)[0], began)

    def _likelihoods(self, encoded: Encoded, texts: Sequence[str], language: str) -> NDArray[np.float64]:
        """The log probability of each text, its end left open."""
        tokens = [self._tokens(text) for text in texts]
        likely = self._engine.follow(encoded, self._plain(language), [t for t in tokens if t])
        found = iter(likely)
        return np.array([float(np.log(np.maximum(next(found), _LIKELY)).sum()) if t else 0.0 for t in tokens])

    def _tokens(self, text: str) -> list[int]:
        """As the decoder writes it: a space before the first word where words are set apart."""
        bare = text.strip()
        return self._pairs.encode(bare if ideographic(bare[:1]) or not bare else f" {bare}")

    def _words(self, encoded: Encoded, language: str, reading: Reading) -> tuple[Said, ...]:
        if not reading.tokens:
            return ()
        (likely,) = self._engine.follow(encoded, self._plain(language), [reading.tokens])
        words, at = [], 0
        for group in self._pairs.words(reading.tokens):
            words.append(Said(self._pairs.decode(group), float(likely[at : at + len(group)].min())))
            at += len(group)
        return tuple(words)

    def _reading(self, found: Found) -> Reading:
        kept = [token for token in found.tokens if token < self._ids["<|endoftext|>"]]
        kept = kept[: len(kept) - looping(kept)]
        return Reading(self._pairs.decode(kept).strip(), tuple(kept), found.score, found.no_speech)

    def _unspoken(self, window: float) -> list[Encoded]:
        if window not in self._quiet:
            self._quiet[window] = [self._engine.encode(sound, window) for sound in wordless()]
        return self._quiet[window]

    def _prompt(self, language: str) -> list[int]:
        said = self._pairs.encode(_OPENINGS.get(language, ""))
        return [*([self._ids["<|startofprev|>"], *said] if said else []), *self._plain(language)]

    def _plain(self, language: str) -> list[int]:
        start, *tasks = (self._ids[f"<|{name}|>"] for name in _TASK)
        return [start, self._token(language), *tasks]

    def _token(self, language: str) -> int:
        return self._ids[f"<|{language}|>"]

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {line: id_ for id_, line in enumerate(self._lines) if line.startswith("<|")}

    @cached_property
    def _pairs(self) -> BytePairs:
        texts = self._ids["<|endoftext|>"]
        return BytePairs([printed(line) for line in self._lines[:texts]], texts)


def _vocabulary(path: Path) -> list[str]:
    if not path.is_file():
        raise ModelMissing(path.parent.name)
    lines = path.read_text("utf-8", errors="replace").split("\n")
    if "<|startoftranscript|>" not in lines:
        raise broken(path, "is cut short")
    return lines


def _cap(seconds: float) -> int:
    return _FEWEST_TOKENS + math.ceil(seconds * _TOKENS_A_SECOND)
