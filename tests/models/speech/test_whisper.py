"""Whisper without the model where that is enough, and with it on real recordings."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.device.audio import read
from lamha.models.errors import ModelBroken, ModelMissing
from lamha.models.paths import models_dir
from lamha.models.speech.audio import Audio
from lamha.models.speech.bytepairs import BytePairs, characters, merged, printed
from lamha.models.speech.mel import bands, log_mel
from lamha.models.speech.whisper import Whisper

if TYPE_CHECKING:
    from lamha.models.speech.asr import Judge, Recogniser

MODEL = models_dir() / "whisper-base"  # read before a test points the folders elsewhere
SOME = [bytes([byte]) for byte in range(256)] + [b" t", b"he", b" the", "灯".encode()[:2], "灯".encode()]


@pytest.fixture(scope="module")
def whisper() -> Whisper:
    if not MODEL.is_dir():
        pytest.skip(f"no model at {MODEL}")
    return Whisper(MODEL)


def test_a_tone_is_loudest_in_its_band() -> None:
    tone = np.sin(np.arange(16_000) * 2 * np.pi * 1_000 / 16_000).astype(np.float32)
    mel = log_mel(tone, 100)
    assert mel.shape == (80, 100)
    assert mel.dtype == np.float32
    assert set(mel[:, 10:90].argmax(axis=0)) == {
        int((bands()[:, 25]).argmax())
    }  # 1 kHz is frequency 25 of 200


def test_every_band_has_the_same_area() -> None:
    wide = bands()[50:]  # narrow ones lie between two frequencies
    assert wide.sum(axis=1) * 40 == pytest.approx(np.ones(30), rel=0.07)
    assert (bands() > 0).any(axis=1).all()


def test_features_do_not_depend_on_how_loud_it_is() -> None:
    sound = np.random.default_rng(0).normal(0, 0.1, 16_000).astype(np.float32)
    loud, quiet = log_mel(sound, 100), log_mel(sound / 10, 100)
    assert loud - quiet == pytest.approx(np.full((80, 100), 0.5), abs=1e-3)


@pytest.mark.parametrize("size", [0, 1, 400, 16_000, 100_000])
def test_features_of_any_length(size: int) -> None:
    assert log_mel(np.zeros(size, np.float32), 300) == pytest.approx(np.full((80, 300), -1.5))


@given(st.text(max_size=30))
def test_text_becomes_tokens_and_text_again(text: str) -> None:
    pairs = BytePairs(SOME, len(SOME))
    assert pairs.decode(pairs.encode(text)) == text


def test_the_earliest_merges_come_first() -> None:
    pairs = BytePairs(SOME, len(SOME))
    assert pairs.encode(" the") == [258]
    assert [pairs.decode(word) for word in pairs.words(pairs.encode(" the 灯灯 the"))] == [
        " the",
        " 灯",
        "灯",
        " the",
    ]
    ids = {word: id_ for id_, word in enumerate(SOME)}
    assert merged(characters("灯é", ids), ids) == [260, 0xC3, 0xA9]


def test_printed_bytes() -> None:
    assert printed("Ġthe") == b" the"
    assert printed("Ċ") == b"\n"


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="lamha models pull whisper-base"):
        Whisper(tmp_path / "whisper-base")


@pytest.mark.parametrize("vocabulary", ["", "a\nb", "<|startoftranscript|>\n"])
def test_a_broken_model_is_named(tmp_path: Path, vocabulary: str) -> None:
    (tmp_path / "vocabulary.txt").write_text(vocabulary)
    (tmp_path / "model.bin").write_bytes(b"<html>404</html>")
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelBroken, match=r"vocabulary\.txt|model\.bin"):
        Whisper(tmp_path)


@pytest.mark.model
def test_it_recognises_and_judges(whisper: Whisper) -> None:
    recogniser: Recogniser = whisper
    judge: Judge = whisper
    assert {"en", "ar", "zh"} <= set(recogniser.languages)
    assert len(recogniser.languages) == 99
    assert judge.evidence(Audio(np.zeros(16_000, np.float32)), []) == []


@pytest.mark.model
def test_a_clear_speaker(whisper: Whisper, recordings: Path, wer: Callable[[str, str], float]) -> None:
    said = (
        "And so my fellow Americans ask not what your country can do for you, "
        "ask what you can do for your country."
    )
    transcript = whisper.transcribe(read(recordings / "jfk.flac"))
    assert wer(said, transcript.text) == 0
    assert transcript.language == "en"
    assert "".join(word.text for word in transcript.words).strip() == transcript.text
    assert all(0 <= word.probability <= 1 for word in transcript.words)


@pytest.mark.model
def test_chinese_is_known_and_written_in_simplified_characters(whisper: Whisper, recordings: Path) -> None:
    encoded = whisper.encode(read(recordings / "chinese.flac"))
    assert whisper.spoken(encoded, ("en", "ar", "zh"))["zh"] > 0.9
    assert whisper.read(encoded, "zh")[0].text.endswith("自己的脚")
    right, wrong = whisper.weigh(encoded, ["砸自己的脚", "把灯打开"], "zh")
    assert right > 10 > 0 > wrong


@pytest.mark.model
def test_several_readings_come_likeliest_first(whisper: Whisper, recordings: Path) -> None:
    readings = whisper.read(whisper.encode(read(recordings / "english.wav")), "en", beams=4)
    assert len(readings) == 4
    assert [r.score for r in readings] == sorted((r.score for r in readings), reverse=True)


@pytest.mark.model
def test_the_right_word_has_evidence_and_silence_has_none(whisper: Whisper, recordings: Path) -> None:
    encoded = whisper.encode(read(recordings / "ar" / "right-2.wav"))
    words = ("يسار", "يمين", "توقف")
    evidence = dict(zip(words, whisper.weigh(encoded, words, "ar"), strict=True))
    assert max(evidence, key=lambda word: evidence[word]) == "يمين"
    hum = 0.1 * np.sin(np.arange(16_000) * 2 * np.pi * 60 / 16_000).astype(np.float32)
    assert max(whisper.weigh(whisper.encode(Audio(hum)), words, "ar")) < 3


@pytest.mark.model
def test_a_shortlist_keeps_what_was_said(whisper: Whisper, recordings: Path) -> None:
    encoded = whisper.encode(read(recordings / "ar" / "stop-2.wav"))
    words = ("يسار", "يمين", "توقف", "نعم", "لا", "افتح")
    assert "توقف" in whisper.shortlist(encoded, words, "ar", count=2)
    assert whisper.shortlist(encoded, words, "ar") == words


@pytest.mark.model
def test_sound_of_any_length(whisper: Whisper) -> None:
    for size in (0, 1, 100):
        assert whisper.transcribe(Audio(np.zeros(size, np.float32))).seconds == size / 16_000
