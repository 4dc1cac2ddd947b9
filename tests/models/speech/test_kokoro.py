"""Kokoro's voices: how words are spelt for them, and whether another model understands what they say."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import Levenshtein

from lamha.models.errors import ModelBroken, ModelMissing, VoiceMissing
from lamha.models.paths import models_dir
from lamha.models.speech import arabic, mandarin
from lamha.models.speech.audio import Audio
from lamha.models.speech.kokoro import Kokoro
from lamha.models.speech.tts import Voice
from lamha.models.speech.whisper import Whisper

MODEL, WHISPER = models_dir() / "kokoro", models_dir() / "whisper-base"
needs_voices = pytest.mark.usefixtures("voices")


@pytest.fixture(scope="module")
def voices() -> None:
    for library in ("pypinyin", "pinyin_to_ipa", "espeakng_loader", "text2tashkeel"):
        pytest.importorskip(library, reason="the extra `voice` is not installed")


@pytest.fixture(scope="module")
def whisper() -> Whisper:
    for folder in (MODEL, WHISPER):
        if not folder.is_dir():
            pytest.skip(f"no model at {folder}")
    return Whisper(WHISPER)


@needs_voices
@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("你好。", "ni↗xau↓."),  # two third tones: the first becomes the second
        ("知道，十个！", "ꭧɨ→tau↘, ʂɨ↗ kɤ↘!"),
        ("3点", "sa→n tjɛ↓n"),
        ("银行", "i↗nxa↗ŋ"),
        ("行走", "ɕi↗ŋʦou↓"),
        ("瓧", ""),  # nobody says how it is pronounced
        ("", ""),
    ],
)
def test_mandarin(text: str, spelt: str) -> None:
    assert mandarin.phonemes(text) == spelt


@needs_voices
@given(st.text("你好明天八点，。？ 12ab一二", max_size=12))
def test_no_chinese_is_left(text: str) -> None:
    assert not re.search(r"[\u3400-\u9fff]", mandarin.phonemes(text))


@needs_voices
def test_arabic_as_it_is_said() -> None:
    assert arabic.spoken("كِتَابٌ جَدِيدٌ") == "كِتَاب جَدِيد"
    assert arabic.spoken("رِسَالَةٌ").endswith("ه")
    assert re.search("[\u064b-\u0652]", arabic.spoken("ذكرني غدا"))
    spelt = arabic.phonemes("صباح الخير")
    assert spelt.isprintable()
    assert not re.search(r"[ħʕˤ.]", spelt)


def test_what_is_missing_or_broken(tmp_path: Path) -> None:
    folder = tmp_path / "kokoro"
    folder.mkdir()
    with pytest.raises(ModelMissing, match="lamha models pull kokoro"):
        Kokoro(folder)
    (folder / "zf_xiaoxiao.bin").write_bytes(b"<html>")
    with pytest.raises(ModelBroken, match=r"zf_xiaoxiao\.bin"):
        Kokoro(folder)
    (folder / "zf_xiaoxiao.bin").write_bytes(np.zeros(510 * 256, "<f4").tobytes())
    (folder / "vocab.json").write_text("[]")
    with pytest.raises(ModelBroken, match=r"vocab\.json"):
        Kokoro(folder).sound("a")


@pytest.mark.model
@needs_voices
def test_it_is_a_voice(whisper: Whisper) -> None:
    voice: Voice = Kokoro(MODEL)
    assert voice.languages == ("zh",)
    with pytest.raises(VoiceMissing, match="Arabic"):
        voice.speak("مرحبا")
    assert Kokoro(MODEL).sound("…€").seconds >= 0
    (usual,) = voice.speak("好的。")
    voice.pace = 2.0
    (hurried,) = voice.speak("好的。")
    assert 0.3 * usual.seconds < hurried.seconds < 0.8 * usual.seconds


@pytest.mark.model
@needs_voices
def test_another_model_understands_its_chinese(whisper: Whisper) -> None:
    said = "提醒我明天早上八点给妈妈打电话。"
    heard = _heard(whisper, Kokoro(MODEL), said)
    assert heard.replace("8", "八").rstrip("。") == said.rstrip("。")


@pytest.mark.model
@needs_voices
def test_its_arabic_is_understood_better_than_a_robots(whisper: Whisper) -> None:
    said = (
        "ذكرني غدا الساعة الثامنة صباحا أن أتصل بأمي",
        "لا أستطيع أن أفعل ذلك الآن.",
        "قل لسارة إنني سأتأخر",
    )

    def errors(voice: Voice) -> int:
        return sum(Levenshtein.distance(_bare(text), _bare(_heard(whisper, voice, text))) for text in said)

    assert errors(Kokoro(MODEL, "hm_omega", "ar", arabic.phonemes)) < errors(arabic.Arabic())


def _heard(whisper: Whisper, voice: Voice, text: str) -> str:
    samples = np.concatenate([sound.at(16_000).samples for sound in voice.speak(text)])
    return whisper.read(whisper.encode(Audio(samples)), voice.languages[0])[0].text


_bare: Callable[[str], str] = lambda text: re.sub("[^\u0621-\u064a]", "", re.sub("[أإآ]", "ا", text))  # noqa: E731
