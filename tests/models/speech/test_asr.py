from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamha.models.errors import ModelBroken, ModelMissing
from lamha.models.speech.asr import Said, Transcript, joined, looping
from lamha.models.speech.audio import Audio
from lamha.models.speech.moonshine import Moonshine, _modern, read_vocabulary, said, spelled
from lamha.models.speech.sessions import open_session


def test_joined_weighs_confidence_by_length() -> None:
    one, two = Transcript("a", "en", 1, 1, 0.2), Transcript("", "en", 3, 1, 0.6)
    assert joined([one, two], "en", 5) == Transcript("a", "en", 5, 2, pytest.approx(0.5))


@pytest.mark.parametrize(
    ("tokens", "extra"),
    [
        ([], 0),
        ([7] * 11, 0),  # a telephone number may have as many zeros
        ([7] * 12, 11),
        ([1, 2, 3] * 3, 0),
        ([9, *[1, 2, 3] * 4], 9),
        ([1, 2] * 5, 0),
        ([*[1, 2] * 6, 3], 0),
    ],
)
def test_looping(tokens: list[int], extra: int) -> None:
    assert looping(tokens) == extra


@given(st.lists(st.integers(0, 5), max_size=6), st.lists(st.integers(6, 9), min_size=1, max_size=12))
def test_a_loop_is_always_found_and_keeps_what_came_before(before: list[int], phrase: list[int]) -> None:
    tokens = before + phrase * 12
    kept = tokens[: len(tokens) - looping(tokens)]
    assert len(kept) < len(tokens)
    assert kept[: len(before)] == before


def test_vocabulary_with_short_long_and_empty_tokens(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.bin"
    path.write_bytes(b"\x01a" + b"\x00" + bytes([128 + 44, 1]) + b"b" * 172)
    assert read_vocabulary(path) == [b"a", b"", b"b" * 172]


@pytest.mark.parametrize("data", [b"", b"\x05abc", b"\x01a\xac", b"\x01a\xac\x01bb"])
def test_vocabulary_cut_short(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "tokenizer.bin").write_bytes(data)
    with pytest.raises(ModelBroken, match=r"tokenizer\.bin"):
        read_vocabulary(tmp_path / "tokenizer.bin")


def test_spelling() -> None:
    words = ["<s>", "▁Turn", "▁it", "▁up", ",", "▁caf"]
    assert spelled([*(w.encode() for w in words), b"\xc3", b"\xa9", b"</s>"]) == "Turn it up, café"
    assert spelled([]) == ""


def test_a_missing_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="lamha models pull moonshine-tiny-en"):
        Moonshine(tmp_path / "moonshine-tiny-en")


@pytest.mark.parametrize("name", ["model.onnx", "model.ort"])
@pytest.mark.parametrize("data", [b"", b"<html>404</html>", bytes(5000)])
def test_a_broken_model_is_named(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ModelBroken, match=name):
        open_session(tmp_path / name)


def test_audio_at_another_rate() -> None:
    audio = Audio(np.zeros(8_000, np.float32), 8_000)
    assert audio.at(8_000) is audio
    assert (audio.at(16_000).rate, len(audio.at(16_000).samples)) == (16_000, 16_000)
    assert audio.at(16_000).samples.dtype == np.float32


def test_words_of_old_books_are_written_as_today() -> None:
    said = [
        Said(" To", 0.9),
        Said(" morrow,", 0.8),
        Said(" from", 0.9),
        Said(" to-day", 0.7),
        Said(" to", 0.9),
    ]
    words = _modern([*said, Said(" bed", 0.9), Said(" to", 0.6), Said(" night.", 0.9)])
    assert "".join(word.text for word in words) == " Tomorrow, from today to bed tonight."
    assert [word.probability for word in words] == [0.8, 0.9, 0.7, 0.9, 0.9, 0.6]


def test_words_are_made_of_tokens_that_may_be_half_a_character() -> None:
    space = "▁"
    tokens = [
        f"{space}Turn".encode(),
        f"{space}it".encode(),
        f"{space}caf".encode(),
        b"\xc3",
        b"\xa9",
        b"</s>",
    ]
    words = list(said(zip(tokens, (0.9, 0.8, 0.7, 0.4, 0.6, 0.9), strict=True)))
    assert words == [Said(" Turn", 0.9), Said(" it", 0.8), Said(" café", 0.4)]
    assert list(said([])) == []
    assert list(said([(b"</s>", 0.5)])) == []
