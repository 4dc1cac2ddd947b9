import numpy as np
import pytest

from lamha.models.speech.hallucination import Signs, compression, made_up, wordless
from lamha.models.speech.vad import RATE


@pytest.mark.parametrize(
    "signs",
    [
        Signs("turn on the light", 2, 20),
        Signs("نعم", 1, 5),
        Signs("好", 0.6, 5),
        Signs("Thank you for watching the children.", 3, 40),
        Signs("10 10 10", 2, 12),
        Signs("stop", 1, 6, score=-1.5, no_speech=0.4),
    ],
)
def test_what_was_said_is_kept(signs: Signs) -> None:
    assert made_up(signs) == ""


@pytest.mark.parametrize(
    ("signs", "reason"),
    [
        (Signs("", 1, 0), "no words"),
        (Signs("♪♪", 3, 9), "no words"),
        (Signs("...", 3, 9), "no words"),
        (Signs("you", 3, 5, score=-1.4, no_speech=0.9), "no speech"),
        (Signs("大小" + "小" * 20, 3, 13), "repeats itself"),
        (Signs("R" + "r" * 40, 3, 40), "repeats itself"),
        (Signs("once upon a time there was a king", 1, 30), "too fast"),
        (Signs("you", 3, 0.5), "fits silence as well"),
        (Signs("I'm going to go to the next station.", 3, 2.8), "fits silence as well"),
        (Signs("字幕", 3, 6), "subtitles"),
        (Signs("شكرا للمشاهدة", 3, 8), "subtitles"),
    ],
)
def test_what_nobody_said_is_dropped(signs: Signs, reason: str) -> None:
    assert made_up(signs) == reason


def test_compression_of_short_texts_tells_nothing() -> None:
    assert compression("no no no") == 1
    assert compression("la " * 50) > 5


def test_sounds_without_words() -> None:
    for sound in wordless():
        assert sound.shape == (RATE,)
        assert sound.dtype == np.float32
        assert np.abs(sound).max() <= 3
