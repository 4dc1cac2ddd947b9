"""Learning a wake phrase: with voices that are tones where that is enough."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.models.errors import LamhaError, ModelMissing
from lamha.models.paths import models_dir
from lamha.models.speech.vad import RATE, Samples
from lamha.models.speech.wake import Embedding
from lamha.models.training import wake
from lamha.models.training.wake_rooms import SECONDS, in_noise, placed
from lamha.models.training.wake_voices import PHRASE, Robots, script_of, spelt, texts

EMBEDDING = models_dir() / "speech-embedding"
needs_espeak = pytest.mark.usefixtures("espeak")


@pytest.fixture
def espeak() -> None:
    pytest.importorskip("espeakng_loader", reason="the extra `voice` is not installed")
    pytest.importorskip("pypinyin", reason="the extra `voice` is not installed")


class Tones:
    """The phrase is a tone that rises, everything else one that falls."""

    said: Sequence[str] = ("rises",)

    def say(self, text: str, draw: np.random.Generator) -> Samples:
        time = np.arange(RATE // 2) / RATE
        slope = 900 if text in self.said else -900
        pitch = draw.uniform(900, 1100) + slope * time
        return (0.5 * np.sin(2 * np.pi * np.cumsum(pitch) / RATE)).astype(np.float32)


@pytest.mark.parametrize("phrase", ["", "hey", "lamha", "a b", "this is a very long wake phrase indeed"])
def test_what_makes_no_wake_phrase(phrase: str) -> None:
    with pytest.raises(LamhaError, match="makes no good wake phrase"):
        wake.train(phrase, None, lambda _phrase, _left_out: [])  # type: ignore[arg-type]


@given(st.integers(0, 60_000), st.booleans(), st.integers(0, 99))
def test_a_clip_is_as_long_as_any(size: int, phrase: bool, seed: int) -> None:
    draw = np.random.default_rng(seed)
    sound = draw.normal(0, 0.1, size).astype(np.float32)
    clip = placed(sound, draw, phrase)
    assert len(clip.samples) == round(SECONDS * RATE)
    assert np.abs(clip.samples).max() <= 1.001
    assert (clip.end is not None) == phrase
    assert clip.end is None or 0 <= clip.end <= len(clip.samples)


def test_noise_is_as_loud_as_it_is_said_to_be() -> None:
    draw = np.random.default_rng(0)
    voice = np.sin(np.arange(RATE) / 5).astype(np.float32)
    heard = in_noise(voice, draw, 10.0)
    scale = float(heard @ voice / (voice @ voice))
    noise = heard - scale * voice
    ratio = 10 * np.log10(np.mean((scale * voice) ** 2) / np.mean(noise**2))
    assert ratio == pytest.approx(10, abs=0.7)


def test_what_is_said_besides() -> None:
    ours, other = texts(PHRASE), texts("hello computer")
    assert {"hey", "lamha", "lamha hey", "hey hey", "hey Jarvis"} <= set(ours.nearly)
    assert "hey Jarvis" not in ours.ordinary
    assert "hey Jarvis" in other.ordinary
    assert {script_of(text) for text in ours.ordinary} == {"", "ar", "zh"}


@needs_espeak
def test_words_are_spelt_for_kokoro() -> None:
    assert spelt("hey there") == "hˈA ðˈɛɹ"
    assert spelt("好") == "xau↓"
    assert spelt("نعم")


@needs_espeak
def test_robots_that_are_left_out_are_others() -> None:
    taught, asked = Robots(PHRASE, left_out=False), Robots(PHRASE, left_out=True)
    assert not set(taught._variants) & set(asked._variants)
    assert not set(taught._accents) & set(asked._accents)
    draw = np.random.default_rng(0)
    for text in (taught.said[0], "一二三", "مرحبا"):
        assert len(taught.say(text, draw)) > RATE // 5


@pytest.mark.model
def test_a_head_is_learnt(tmp_path: Path) -> None:
    try:
        embedding = Embedding(EMBEDDING)
    except ModelMissing as error:
        pytest.skip(str(error))
    told: list[tuple[int, int]] = []

    def speakers(_phrase: str, left_out: bool) -> list[wake.Share]:
        some = 8 if left_out else 24
        return [wake.Share(Tones(), some, some, some, 1)] * 2

    def progress(done: int, everything: int) -> None:
        told.append((done, everything))

    head, marks = wake.train("hey lamha", embedding, speakers, progress, steps=150)
    assert (marks.people, marks.false_accepts) == (1.0, 0)
    assert marks.robots >= 0.75  # the bar asks for more than other speech ever had
    assert marks.nearly < 0.2
    assert marks.hours == pytest.approx(16 * SECONDS / 3600)
    assert told[-1] == (192, 192)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert 0.5 <= head.bar < 1
