"""Moonshine on plain onnxruntime: raw English speech in, no fixed window, so short commands cost little.

Architecture: Jeffries et al. 2024, "Moonshine: Speech Recognition for Live Transcription and Voice Commands".
"""

import math
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lamha.models.errors import ModelMissing
from lamha.models.memory import give_back
from lamha.models.speech.asr import Said, Transcript, looping
from lamha.models.speech.audio import Audio
from lamha.models.speech.bytepairs import characters, merged
from lamha.models.speech.sessions import broken, open_session

RATE = 16_000
_START, _END = 1, 2
_SHORTEST = 4_000  # samples; the convolutions of the encoder need a little sound to work on
_TOKENS_A_SECOND = 6.5  # faster than people talk: what comes beyond is invented
_FEWEST_TOKENS = 10  # a short command may be quick

_SPACE = "▁".encode()
_MORROW = re.compile(r"\s*(?:morrow|night)\b", re.IGNORECASE)
_HYPHENED = re.compile(r"\b(to)-(morrow|day|night)\b", re.IGNORECASE)
_NOISE = 0.01  # amplitude of the sound without words

Token = tuple[int, float]
type Feed = dict[str, NDArray[np.generic]]


class Moonshine:
    """A recogniser from the folder with encoder_model.ort, decoder_model_merged.ort and tokenizer.bin."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        self._words = read_vocabulary(folder / "tokenizer.bin")
        self._encoder = open_session(folder / "encoder_model.ort", threads)
        self._decoder = open_session(folder / "decoder_model_merged.ort", threads)
        past = [i for i in self._decoder.get_inputs() if i.name.startswith("past_key_values.")]
        self._empty = {i.name: np.zeros((1, i.shape[1], 0, i.shape[3]), np.float32) for i in past}
        # The keys and values over the audio do not change after the first step, those over the words do.
        self._growing = [name for name in self._empty if ".decoder." in name]

    @property
    def languages(self) -> tuple[str, ...]:
        """English only."""
        return ("en",)

    def transcribe(self, audio: Audio) -> Transcript:
        """The words in `audio`, greedily decoded; for half a minute at most."""
        began = time.perf_counter()
        tokens = _settled(self._decode(_prepared(audio)), _cap(audio.seconds)) if len(audio.samples) else []
        words = _modern(said(((self._words[token], likely) for token, likely in tokens)))
        return Transcript(
            text="".join(word.text for word in words).strip(),
            language="en",
            seconds=audio.seconds,
            milliseconds=(time.perf_counter() - began) * 1000,
            confidence=sum(p for _, p in tokens) / len(tokens) if tokens else 0.0,
            words=words,
        )

    def evidence(self, audio: Audio, texts: Sequence[str], prior: float = 1.0) -> list[float]:
        """See `Judge`; a text is one as `transcribe` writes it, with its capitals and full stop."""
        if not len(audio.samples):
            return [0.0] * len(texts)
        noise = np.random.default_rng(0).normal(0, _NOISE, len(audio.at(RATE).samples)).astype(np.float32)
        heard, unheard = self._likelihoods(_prepared(audio), texts), self._likelihoods(noise, texts)
        return [a - prior * b for a, b in zip(heard, unheard, strict=True)]

    def _likelihoods(self, samples: NDArray[np.float32], texts: Sequence[str]) -> list[float]:
        """The log probability of each text and of its end."""
        encoded = self._encoded(samples)
        return [self._likelihood(encoded, self._tokens(text)) for text in texts]

    def _likelihood(self, encoded: Feed, tokens: Sequence[int]) -> float:
        feed = encoded | {
            "input_ids": np.array([[_START, *tokens]]),
            "use_cache_branch": np.array([False]),
        }
        (logits,) = self._decoder.run(["logits"], feed)
        rows = logits[0].astype(np.float64)
        peaks = rows.max(axis=1)
        sums = peaks + np.log(np.exp(rows - peaks[:, None]).sum(axis=1))
        return float(sum(rows[i, t] - sums[i] for i, t in enumerate([*tokens, _END])))

    def _tokens(self, text: str) -> list[int]:
        if not text.strip():
            return []
        return merged(characters(f"▁{text.strip().replace(' ', '▁')}", self._ids), self._ids)

    @cached_property
    def _ids(self) -> dict[bytes, int]:
        return {word: number for number, word in enumerate(self._words)}

    def _encoded(self, samples: NDArray[np.float32]) -> Feed:
        """What the decoder reads before it has said a word."""
        mask = np.ones((1, len(samples)), np.int64)
        (hidden,) = self._encoder.run(None, {"input_values": samples[None], "attention_mask": mask})
        give_back()
        return {"encoder_hidden_states": hidden, "encoder_attention_mask": mask, **self._empty}

    def _decode(self, samples: NDArray[np.float32]) -> Iterator[Token]:
        feed = self._encoded(samples)
        logits = self._step(feed, _START, first=True)
        while True:
            token, probability = _likeliest(logits)
            if token == _END:
                return
            yield token, probability
            logits = self._step(feed, token, first=False)

    def _step(self, feed: Feed, token: int, *, first: bool) -> NDArray[np.float32]:
        """Logits of shape (vocabulary,) after `token`; `feed` is brought up to date."""
        feed["input_ids"] = np.array([[token]])
        feed["use_cache_branch"] = np.array([not first])
        past = list(self._empty) if first else self._growing
        present = [name.replace("past_key_values", "present") for name in past]
        logits, *cache = self._decoder.run(["logits", *present], feed)
        feed.update(zip(past, cache, strict=True))
        return logits[0, -1]  # type: ignore[no-any-return]


def read_vocabulary(path: Path) -> list[bytes]:
    """The tokens of tokenizer.bin by id: each is its length, one byte or two from 128 up, and its bytes."""
    if not path.is_file():
        raise ModelMissing(path.parent.name)
    data = memoryview(path.read_bytes())
    words, at = [], 0
    while at < len(data):
        size, at = data[at], at + 1
        if size >= 128 and at < len(data):
            size, at = size - 128 + data[at] * 128, at + 1
        words.append(bytes(data[at : at + size]))
        at += size
    if at != len(data) or not words:
        raise broken(path, "is cut short")
    return words


def said(tokens: Iterable[tuple[bytes, float]]) -> Iterator[Said]:
    """Words from tokens and their probabilities; a character may be spread over several tokens."""
    parts: list[bytes] = []
    likely = 1.0
    for word, probability in (*tokens, (_SPACE, 1.0)):
        if word.startswith(_SPACE) and parts:
            if text := spelled(parts):
                yield Said(f" {text}", likely)
            parts, likely = [], 1.0
        parts.append(word)
        likely = min(likely, probability)


def spelled(words: Iterable[bytes]) -> str:
    """Text from tokens: control tokens stand in angle brackets, a space is written as U+2581."""
    kept = b"".join(w for w in words if not (len(w) > 2 and w.startswith(b"<") and w.endswith(b">")))
    return kept.decode(errors="replace").replace("▁", " ").strip()


def _prepared(audio: Audio) -> NDArray[np.float32]:
    samples = audio.at(RATE).samples
    return np.pad(samples, (0, max(0, _SHORTEST - len(samples))))


def _cap(seconds: float) -> int:
    return max(_FEWEST_TOKENS, math.ceil(seconds * _TOKENS_A_SECOND))


def _settled(tokens: Iterable[Token], cap: int) -> list[Token]:
    taken: list[Token] = []
    for token in islice(tokens, cap):
        taken.append(token)
        if extra := looping([t for t, _ in taken]):
            return taken[:-extra]
    return taken


def _likeliest(logits: NDArray[np.float32]) -> Token:
    best = int(logits.argmax())
    return best, float(1 / np.exp(logits - logits[best]).sum())


def _modern(words: Iterable[Said]) -> tuple[Said, ...]:
    """It writes "to-morrow" and "to morrow", as in the books that it learnt from."""
    kept: list[Said] = []
    for word in words:
        said = word
        if kept and kept[-1].text.strip().lower() == "to" and _MORROW.match(word.text):
            before = kept.pop()
            said = Said(before.text + word.text.lstrip(), min(before.probability, word.probability))
        kept.append(Said(_HYPHENED.sub(r"\1\2", said.text), said.probability))
    return tuple(kept)
