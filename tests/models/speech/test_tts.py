import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.models.errors import ModelBroken, ModelMissing, VoiceMissing
from lamha.models.speech.piper import Piper
from lamha.models.speech.tts import Voice, check_language, clauses


@pytest.mark.parametrize("text", ["", "…", "Hello!", "3 €", "Grüße, señor 😀", "привет"])
def test_what_an_english_voice_may_try(text: str) -> None:
    check_language(text, ("en",))


@pytest.mark.parametrize(
    ("text", "language"),
    [("صباح الخير", "Arabic"), ("早上好", "Chinese"), ("Message to سارة: I am late", "Arabic")],
)
def test_scripts_it_cannot_pronounce(text: str, language: str) -> None:
    with pytest.raises(VoiceMissing, match=f"no voice for {language} is on this device"):
        check_language(text, ("en",))


def test_a_voice_may_speak_its_own_script() -> None:
    check_language("早上好 and hello", ("zh",))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        (" \n ", []),
        ("Turn left. Then right.", ["Turn left. Then right."]),
        ("Reminders:\nCall Sara\n", ["Reminders:", "Call Sara"]),
        ("It is 3,000.50 now, and so it was before.", ["It is 3,000.50 now,", "and so it was before."]),
        ("one two three four five six seven", ["one two three four five", "six seven"]),
        (
            "早上好，今天天气很好，我们去公园散步，然后回家吃饭。",
            ["早上好， 今天天气很好， 我们去公园散步，", "然后回家吃饭。"],
        ),
    ],
)
def test_clauses(text: str, parts: list[str]) -> None:
    assert list(clauses(text, 24, 24)) == parts


@given(st.text("ab,. \n", max_size=200))
def test_clauses_lose_no_word(text: str) -> None:
    found = list(clauses(text, 20, 20))
    assert " ".join(found).split() == text.split()
    assert all(len(part) <= 20 or " " not in part for part in found)


@pytest.fixture
def described(tmp_path: Path) -> Path:
    path = tmp_path / "piper-zh" / "voice.onnx"
    path.parent.mkdir()
    config = {"audio": {"sample_rate": 22050}, "espeak": {"voice": "cmn"}, "phoneme_id_map": {}}
    path.with_name("voice.onnx.json").write_text(json.dumps(config))
    return path


def test_the_language_is_the_voices(described: Path) -> None:
    voice: Voice = Piper(described)
    assert voice.languages == ("zh",)


def test_without_the_library_the_extra_is_named(described: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "piper", None)
    with pytest.raises(VoiceMissing, match=r"pip install lamha\[voice\]"):
        Piper(described).speak("hello")


def test_a_missing_voice_is_named(described: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="piper-en-joe"):
        Piper(tmp_path / "piper-en-joe" / "voice.onnx")
    pytest.importorskip("piper", reason="the extra `voice` is not installed")
    with pytest.raises(ModelMissing, match="piper-zh"):
        Piper(described).speak("hello")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"audio": {}}'])
def test_a_broken_description_is_named(described: Path, text: str) -> None:
    described.with_name("voice.onnx.json").write_text(text)
    with pytest.raises(ModelBroken, match=r"voice\.onnx\.json"):
        Piper(described)
