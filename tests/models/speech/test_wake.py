from itertools import pairwise, repeat
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.device import audio
from lamha.models.errors import ModelBroken, ModelMissing
from lamha.models.speech.vad import FRAME, RATE, Samples, frames
from lamha.models.speech.wake import (
    HOP,
    PHRASE,
    QUIET,
    WIDTH,
    WINDOW,
    Embedding,
    Head,
    Wake,
    detections,
    windows,
)
from lamha.models.store import Store
from lamha.models.training.wake_rooms import in_noise
from lamha.models.training.wake_voices import PHRASE as PHRASE_
from lamha.models.training.wake_voices import People, Robots


@given(st.lists(st.floats(0, 1), max_size=300), st.floats(0.1, 0.95))
def test_a_phrase_is_heard_once(scores: list[float], bar: float) -> None:
    heard = list(detections(scores, bar))
    at = [number for number, yes in enumerate(heard) if yes]
    assert len(heard) == len(scores)
    assert all(scores[number] >= bar for number in at)
    for one, other in pairwise(at):
        assert other - one > QUIET
        assert min(scores[one:other]) < bar / 2
    assert bool(at) == any(score >= bar for score in scores)


def head() -> Head:
    zeros = np.zeros(WIDTH, np.float32)
    first, second = np.ones((WINDOW * WIDTH + 1, 3), np.float32), np.ones(4, np.float32)
    return Head("hey you there", first, second, zeros, zeros + 1, 0.5)


def test_a_head_is_kept(tmp_path: Path) -> None:
    head().save(tmp_path / "a.npz")
    kept = Head.load(tmp_path / "a.npz")
    some = np.random.default_rng(0).standard_normal((5, WINDOW, WIDTH)).astype(np.float32)
    assert (kept.phrase, kept.bar) == ("hey you there", 0.5)
    assert np.allclose(kept.odds(some), head().odds(some), rtol=0.01)


def test_what_is_no_head(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        Head.load(tmp_path / "a.npz")
    (tmp_path / "a.npz").write_bytes(b"PK no zip")
    with pytest.raises(ModelBroken, match="lamha wake train"):
        Head.load(tmp_path / "a.npz")
    np.savez(tmp_path / "a.npz", phrase=np.array("x"))
    with pytest.raises(ModelBroken):
        Head.load(tmp_path / "a.npz")


def test_windows_are_runs() -> None:
    assert windows(np.zeros((WINDOW - 1, WIDTH), np.float32)).shape == (0, WINDOW, WIDTH)
    assert windows(np.zeros((WINDOW + 2, WIDTH), np.float32)).shape == (3, WINDOW, WIDTH)


def spoken(text: str, seed: int) -> Samples:
    """By a robot that was left out of the training, with silence around it."""
    pytest.importorskip("espeakng_loader", reason="the extra `voice` is not installed")
    sound = Robots(PHRASE_, left_out=True).say(text, np.random.default_rng(seed))
    silence = np.zeros(RATE, np.float32)
    return np.concatenate([silence, sound, silence], dtype=np.float32)


@pytest.mark.model
def test_a_stream_gives_what_a_recording_gives(embedding: Embedding) -> None:
    samples: Samples = (np.random.default_rng(0).standard_normal(3 * RATE) / 10).astype(np.float32)
    stream = [each for each in embedding.stream(frames([samples])) if each is not None]
    whole = embedding.of(samples[160:])  # the tenth of the stream is the first that sees sound only
    late = stream[9:]
    assert len(stream) == len(samples) // HOP
    assert np.allclose(np.stack(late[: len(whole)]), whole[: len(late)], atol=0.05)


@pytest.mark.model
def test_people_who_were_left_out_are_heard_in_noise(embedding: Embedding) -> None:
    store = Store()
    try:
        people = People(PHRASE_, True, store.path("kokoro"), store.path("kokoro-voices"))
    except ModelMissing as error:
        pytest.skip(str(error))
    ears, draw = Wake(embedding, Head.load(PHRASE)), np.random.default_rng(0)
    silence = np.zeros(RATE, np.float32)
    heard = []
    for text in people.said * 2:
        clip = in_noise(np.concatenate((silence, people.say(text, draw), silence)), draw, 10.0)
        heard.append(sum(ears.hears(frames([clip]))))
    assert heard.count(1) >= 14
    assert max(heard) == 1


@pytest.mark.model
def test_other_words_are_not_the_phrase(embedding: Embedding) -> None:
    ears = Wake(embedding, Head.load(PHRASE))
    for seed, text in enumerate(
        ("good morning everybody", "what time is it", "أريد فنجان قهوة", "现在几点了")
    ):
        assert not any(ears.hears(frames([spoken(text, seed)])))


@pytest.mark.model
def test_real_speech_does_not_wake_it(embedding: Embedding, recordings: Path) -> None:
    ears = Wake(embedding, Head.load(PHRASE))
    for name in ("jfk.flac", "beckett.wav", "negative-reference.wav", "chinese.flac"):
        samples = audio.read(recordings / name).samples
        assert not any(ears.hears(frames([samples])))


@pytest.mark.model
def test_silence_and_noise_do_not_wake_it(embedding: Embedding) -> None:
    ears = Wake(embedding, Head.load(PHRASE))
    noise = np.random.default_rng(0).standard_normal(20 * RATE).astype(np.float32)
    for level in (0.0, 0.001, 0.3):
        assert not any(ears.hears(repeat(np.zeros(FRAME, np.float32), 300)))
        assert not any(ears.hears(frames([level * noise])))
