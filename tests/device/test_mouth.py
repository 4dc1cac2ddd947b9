from collections.abc import Callable, Iterator

import numpy as np
import pytest

from lamha.device.mouth import Mouth
from lamha.models.errors import ModelMissing, VoiceMissing
from lamha.models.speech.arabic import Arabic
from lamha.models.speech.audio import Audio
from lamha.models.speech.espeak import Espeak
from lamha.models.speech.tts import Voice


class Fake:
    languages = ("en",)

    def __init__(self, name: str, said: list[str]) -> None:
        self.name, self.said, self.pace = name, said, 1.0

    def speak(self, text: str) -> Iterator[Audio]:
        self.said.append(f"{self.name} {self.pace}: {text}")
        yield Audio(np.zeros(10, np.float32))


def missing() -> Voice:
    raise ModelMissing("piper-en-joe")


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def make(said: list[str]) -> Callable[[str], Callable[[], Voice]]:
    return lambda name: lambda: Fake(name, said)


def test_a_voice_a_language(make: Callable[[str], Callable[[], Voice]], said: list[str]) -> None:
    mouth = Mouth({language: (make(language),) for language in ("en", "ar", "zh")})
    mouth.pace = 0.8
    for text in ("Call Sara", "اتصل بسارة", "打电话给莎拉"):
        list(mouth.speak(text))
    assert said == ["en 0.8: Call Sara", "ar 0.8: اتصل بسارة", "zh 0.8: 打电话给莎拉"]


def test_names_in_another_script_are_spelt(
    make: Callable[[str], Callable[[], Voice]], said: list[str]
) -> None:
    list(Mouth({"en": (make("en"),)}).speak("The message to سارة is ready"))
    assert said[0].isascii()


def test_one_that_is_not_here_gives_way(make: Callable[[str], Callable[[], Voice]], said: list[str]) -> None:
    list(Mouth({"en": (missing, make("robot"))}).speak("Yes"))
    assert said == ["robot 1.0: Yes"]
    with pytest.raises(ModelMissing):
        Mouth({"en": (missing,)}).speak("Yes")
    with pytest.raises(VoiceMissing, match="no voice for zh"):
        Mouth({"en": (missing,)}).speak("好")


def test_arabic_and_chinese_are_spoken_in_earnest() -> None:
    pytest.importorskip("espeakng_loader", reason="the extra `voice` is not installed")
    mouth = Mouth({"ar": (Arabic,), "zh": (lambda: Espeak("zh"),), "en": (lambda: Espeak("en"),)})
    for text in ("تم حفظ التذكير", "提醒已保存", "The reminder is saved"):
        (sound,) = mouth.speak(text)
        assert 0.7 < sound.seconds < 4
        assert 0.1 < np.abs(sound.samples).max() <= 1
    mouth.pace = 0.6
    (slow,) = mouth.speak("The reminder is saved")
    assert slow.seconds > 1.3 * sound.seconds


def test_a_voice_that_espeak_does_not_have() -> None:
    pytest.importorskip("espeakng_loader", reason="the extra `voice` is not installed")
    with pytest.raises(VoiceMissing, match="no voice xx"):
        list(Espeak("xx").speak("yes"))
