"""Who hears what: with engines made up where that is enough, and with the real ones on real recordings."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from lamha.benchmarks.speech_recordings import WORDS
from lamha.device import audio
from lamha.device.assistant import open_ears
from lamha.device.ears import Ears, expected
from lamha.device.engines import Engines
from lamha.models.errors import LamhaError, ModelMissing
from lamha.models.speech.asr import Said, Transcript
from lamha.models.speech.audio import Audio
from lamha.models.speech.biasing import ANY, Vocabulary
from lamha.models.speech.vad import RATE, Samples
from lamha.models.speech.whisper import Reading
from lamha.models.speech.whisper_engine import Encoded

JFK = (
    "And so, my fellow Americans, ask not what your country can do for you, "
    "ask what you can do for your country."
)
SPEECH = Audio(np.full(RATE, 0.5, np.float32))


class Loudness:
    def probabilities(self, frames: Iterable[Samples]) -> Iterator[float]:
        return (float(np.abs(frame).max() > 0.1) for frame in frames)


class English:
    languages = ("en",)

    def __init__(self, text: str, probability: float = 0.95) -> None:
        self.text, self.probability = text, probability

    def transcribe(self, audio: Audio) -> Transcript:
        words = tuple(Said(f" {word}", self.probability) for word in self.text.split())
        return Transcript(self.text, "en", audio.seconds, 1, self.probability, words)

    def evidence(self, audio: Audio, texts: Sequence[str], prior: float = 1.0) -> list[float]:
        return [1.0 if text == "Thank you." else 12.0 for text in texts]


class Others:
    """Sounds like `language`, reads `text`, and finds evidence for the texts of `nats`."""

    def __init__(self, language: str, sure: float, text: str, score: float, **nats: float) -> None:
        self.language, self.sure, self.reading = language, sure, Reading(text, (1,), score, 0.0)
        self.nats = nats

    def encode(self, audio: Audio) -> Encoded:
        return Encoded(np.zeros((1, 1, 1), np.float32), audio.seconds, 3.0)

    def spoken(self, encoded: Encoded, among: Sequence[str] = ()) -> dict[str, float]:
        rest = (1 - self.sure) / (len(among) - 1)
        return {code: self.sure if code == self.language else rest for code in among}

    def read(self, encoded: Encoded, language: str, beams: int = 1) -> list[Reading]:
        return [self.reading]

    def transcript(self, encoded: Encoded, language: str, reading: Reading, began: float) -> Transcript:
        return Transcript(reading.text, language, encoded.seconds, 1, 0.9)

    def shortlist(
        self, encoded: Encoded, texts: Sequence[str], language: str, count: int = 20
    ) -> tuple[str, ...]:
        return tuple(texts[:count])

    def weigh(self, encoded: Encoded, texts: Sequence[str], language: str, prior: float = 1.0) -> list[float]:
        return [self.nats.get(text, 0.0) for text in texts]


def ears(english: English | None = None, others: Others | None = None, *languages: str) -> Ears:
    def no_engine() -> English:
        raise AssertionError("opened for nothing")

    opening = Engines(
        lambda: english or no_engine(),
        lambda: others or no_engine(),  # type: ignore[return-value,arg-type]
        Loudness,
    )
    words = Vocabulary({ANY: ("Xavier",)}, {"ar": ("توقف", "نعم"), "zh": ("停",)})
    return Ears(opening, languages or ("en", "ar", "zh"), lambda: words)


@pytest.mark.parametrize(
    ("names", "here", "codes"),
    [
        ("", False, ("en",)),
        ("", True, ("en", "ar", "zh")),
        ("zh", False, ("zh",)),
        ("ar, EN ar", True, ("ar", "en")),
    ],
)
def test_the_languages(names: str, here: bool, codes: tuple[str, ...]) -> None:
    assert expected(names, here=here) == codes


def test_a_language_that_nobody_hears_is_named() -> None:
    with pytest.raises(LamhaError, match="tlh: it hears en, ar, zh"):
        expected("en,tlh", here=True)


def test_english_alone_opens_nothing_else() -> None:
    heard = ears(English("Turn on the light."), None, "en").transcribe(SPEECH)
    assert (heard.text, heard.language) == ("Turn on the light.", "en")


def test_silence_opens_no_recogniser() -> None:
    heard = ears().transcribe(Audio(np.zeros(3 * RATE, np.float32)))
    assert (heard.text, heard.seconds) == ("", 3.0)


def test_a_doubtful_name_is_heard_as_one_that_is_known() -> None:
    assert ears(English("Call Savior.", 0.5), None, "en").transcribe(SPEECH).text == "Call Xavier."


def test_what_fits_silence_as_well_was_not_said() -> None:
    assert ears(English("Thank you.", 0.3), None, "en").transcribe(SPEECH).text == ""


def test_another_language_is_read_by_the_other_recogniser() -> None:
    others = Others("zh", 0.9, "把灯打开", -0.1, 把灯打开=20)
    heard = ears(English("Badden.", 0.3), others).transcribe(SPEECH)
    assert (heard.text, heard.language) == ("把灯打开", "zh")


def test_an_unclear_word_is_a_command_or_nothing() -> None:
    assert (
        ears(English("Talk off.", 0.3), Others("ar", 0.9, "تكاف", -1.0, توقف=5)).transcribe(SPEECH).text
        == "توقف"
    )
    assert ears(English("Talk off.", 0.3), Others("ar", 0.9, "تكاف", -1.0)).transcribe(SPEECH).text == ""


def test_a_command_that_sounds_like_english() -> None:
    taken = ears(English("Talk off.", 0.4), Others("en", 0.6, "", 0.0, **{"توقف": 9, "Talk off.": 10}))
    assert taken.transcribe(SPEECH).text == "توقف"
    meant = ears(English("Walk off.", 0.4), Others("en", 0.6, "", 0.0, **{"توقف": 5, "Walk off.": 17}))
    meant.vocabulary = Vocabulary
    assert meant._told(Encoded(np.zeros((1, 1, 1), np.float32), 1.0, 3.0), ("en", "ar"))[0] == "en"


def test_clear_english_is_never_another_language() -> None:
    heard = ears(English("Stop."), Others("en", 0.9, "", 0.0, توقف=50)).transcribe(SPEECH)
    assert heard.text == "Stop."


def test_the_language_of_the_turn_before_is_likelier() -> None:
    others = Others("en", 0.5, "نعم", -0.1, نعم=20)
    listening = ears(English("Num.", 0.9), others, "ar", "en")
    assert listening.transcribe(SPEECH).language == "ar"


def test_missing_models_are_named_before_anybody_speaks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAMHA_MODELS", str(tmp_path))
    with pytest.raises(ModelMissing, match="silero-vad"):
        open_ears("ar")


def real(languages: str, vocabulary: Vocabulary | None = None) -> Ears:
    try:
        found, _ = open_ears(languages)
    except ModelMissing as error:
        pytest.skip(str(error))
    if vocabulary:
        found.vocabulary = lambda: vocabulary
    return found


@pytest.mark.model
def test_real_arabic_words_with_their_vocabulary(data: Path) -> None:
    commands = tuple(word for said in WORDS.values() for word in said.split())
    hearing = real("ar", Vocabulary(commands={"ar": commands}))
    files = sorted((data / "speech" / "ar").glob("*.wav"))
    right = [
        file.stem
        for file in files
        if hearing.transcribe(audio.read(file)).text in WORDS[file.stem.split("-")[0]].split()
    ]
    assert len(files) == 52
    assert len(right) >= 0.8 * len(files)


@pytest.mark.model
def test_six_people_want_the_office_lights_on(data: Path) -> None:
    hearing = real("en", Vocabulary({"en": ("office lights",)}))
    said = [hearing.transcribe(audio.read(data / f"speech/office-lights/0{n}.wav")).text for n in range(6)]
    assert said == ["Turn on the office lights."] * 6


@pytest.mark.model
def test_languages_are_told_apart(data: Path) -> None:
    hearing = real("en,ar,zh")
    assert hearing.transcribe(audio.read(data / "speech/english.wav")).text == "One, two, three."
    heard = hearing.transcribe(audio.read(data / "speech/chinese.flac"))
    assert heard.language == "zh"
    assert heard.text.endswith("自己的脚")
    assert hearing.transcribe(audio.read(data / "speech/english.wav")).language == "en"


@pytest.mark.model
@pytest.mark.parametrize("sound", ["hum", "noise", "knock"])
def test_what_is_no_speech_gives_no_words(sound: str) -> None:
    time, dice = np.arange(2 * RATE) / RATE, np.random.default_rng(0)
    made = {
        "hum": 0.3 * np.sin(2 * np.pi * 60 * time),
        "noise": dice.normal(0, 0.2, len(time)),
        "knock": np.exp(-60 * (time % 0.7)) * dice.normal(0, 0.5, len(time)),
    }
    for languages in ("en", "ar", "zh"):
        assert real(languages).transcribe(Audio(made[sound].astype(np.float32))).text == ""


def test_clear_english_needs_no_whisper() -> None:
    assert ears(English("Turn on the kitchen light."), None).transcribe(SPEECH).language == "en"


def test_what_cannot_be_english_is_something_else() -> None:
    others = Others("en", 0.9, "ذكرني بعد ساعة", -0.1, **{"ذكرني بعد ساعة": 30})
    others.spoken = lambda _, among=(): dict.fromkeys(among, 0.5)  # type: ignore[method-assign,misc,assignment]
    assert ears(English("The Karani bad saw her.", 0.5), others).transcribe(SPEECH).language == "ar"


def test_chinese_is_written_in_simplified_characters() -> None:
    heard = ears(None, Others("zh", 0.9, "謝謝用英語怎麼說", -0.1, 謝謝用英語怎麼說=30), "zh").transcribe(
        SPEECH
    )
    assert heard.text == "谢谢用英语怎么说"


def test_a_chinese_sentence_is_no_command() -> None:
    others = Others("zh", 0.9, "跟王芳说我会迟到", -1.0, 跟王芳说我会迟到=30, 停=40)
    assert ears(None, others, "zh").transcribe(SPEECH).text == "跟王芳说我会迟到"


class Counting(English):
    """Says how much it heard, in seconds."""

    def __init__(self) -> None:
        super().__init__("")
        self.heard: list[float] = []

    def transcribe(self, audio: Audio) -> Transcript:
        self.heard.append(audio.seconds)
        return Transcript(f"{audio.seconds:.1f}", "en", audio.seconds, 1, 0.9)


def loud(*seconds: float) -> Audio:
    """Silence and speech in turn."""
    parts = [np.full(round(s * RATE), i % 2, np.float32) for i, s in enumerate(seconds)]
    return Audio(np.concatenate(parts))


def test_short_audio_is_one_piece() -> None:
    assert ears(counting := Counting(), None, "en").transcribe(loud(1, 5, 1, 5, 1)).text == "12.0"
    assert len(counting.heard) == 1


def test_long_audio_is_cut_at_pauses() -> None:
    transcript = ears(Counting(), None, "en").transcribe(loud(1, 12, 1, 12, 1))
    assert transcript.text == "12.5 12.5"
    assert transcript.seconds == 27
    assert transcript.confidence == pytest.approx(0.9)


def test_long_silence_has_no_words() -> None:
    transcript = ears(Counting(), None, "en").transcribe(loud(40))
    assert (transcript.text, transcript.language, transcript.confidence) == ("", "en", 0)


def test_nothing_is_read_twice() -> None:
    others = Others("en", 0.9, "", 0.0)
    counting = Counting()
    ears(counting, others).transcribe(loud(0.5, 1, 0.5))
    assert len(counting.heard) == 1


@pytest.mark.model
def test_a_minute_is_transcribed_in_pieces(data: Path) -> None:
    minute = Audio(np.tile(audio.read(data / "speech/jfk.flac").samples, 6))
    transcript = real("en").transcribe(minute)
    words = re.findall("[a-z]+", transcript.text.lower())
    said = re.findall("[a-z]+", JFK.lower()) * 6
    assert Levenshtein.distance(said, words) <= 0.1 * len(said)
    assert transcript.seconds == pytest.approx(66, abs=0.1)
