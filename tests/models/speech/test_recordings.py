"""Real models on real recordings."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from lamha.device.audio import read, write
from lamha.models.errors import AudioUnreadable, VoiceMissing
from lamha.models.speech.audio import Audio
from lamha.models.speech.moonshine import Moonshine
from lamha.models.speech.piper import Piper
from lamha.models.speech.silero import Silero
from lamha.models.speech.vad import frames, segments, speech_only

pytestmark = pytest.mark.model

WordErrors = Callable[[str, str], float]
JFK = (
    "And so, my fellow Americans, ask not what your country can do for you, "
    "ask what you can do for your country."
)


def test_a_clear_speaker(moonshine: Moonshine, recordings: Path, wer: WordErrors) -> None:
    transcript = moonshine.transcribe(read(recordings / "jfk.flac"))
    assert wer(JFK, transcript.text) <= 0.1
    assert transcript.language == "en"
    assert transcript.seconds == pytest.approx(11, abs=0.01)
    assert 0.8 < transcript.confidence <= 1


def test_commands_between_pauses(
    moonshine: Moonshine, silero: Silero, recordings: Path, wer: WordErrors
) -> None:
    heard = moonshine.transcribe(speech_only(read(recordings / "intent.wav"), silero)).text
    said = "Hi, I'm Pete, can you go forward please? Rotate left. Eat a ham sandwich. Move in reverse."
    assert wer(said, heard) <= 0.1


def test_six_speakers_of_one_command(moonshine: Moonshine, silero: Silero, recordings: Path) -> None:
    paths = sorted((recordings / "office-lights").iterdir())
    heard = [moonshine.transcribe(speech_only(read(path), silero)).text for path in paths]
    assert [text.lower().strip(".") for text in heard].count("turn on the office lights") == 6


def test_digits(moonshine: Moonshine, silero: Silero, recordings: Path) -> None:
    heard = moonshine.transcribe(speech_only(read(recordings / "digits-en.wav"), silero)).text
    assert re.sub(r"\D", "", heard) == "1000190210" + "01803"


@pytest.mark.parametrize("kind", ["stereo", "telephone", "studio", "packed", "float"])
def test_the_same_words_in_any_format(
    kind: str, moonshine: Moonshine, recordings: Path, tmp_path: Path, wer: WordErrors
) -> None:
    audio = read(recordings / "jfk.flac")
    path, low, high = tmp_path / "a.wav", audio.at(8_000).samples, audio.at(48_000).samples
    match kind:
        case "stereo":
            quieter = np.stack([audio.samples, audio.samples * 0.3], axis=1)
            soundfile.write(path, quieter, audio.rate)
        case "telephone":
            soundfile.write(path, low, 8_000, "ULAW")
        case "studio":
            soundfile.write(path, high, 48_000, "PCM_24")
        case "packed":
            path = path.with_suffix(".mp3")
            soundfile.write(path, high, 48_000)
        case "float":
            soundfile.write(path, high, 48_000, "FLOAT")
    assert wer(JFK, moonshine.transcribe(read(path)).text) <= 0.1


def test_nothing_is_heard_where_nobody_speaks(silero: Silero) -> None:
    noise = np.random.default_rng(1)
    hum = 0.2 * np.sin(np.arange(48_000) * 2 * np.pi * 50 / 16_000)
    for sound in (np.zeros(48_000), noise.normal(0, 0.1, 48_000), noise.normal(0, 0.005, 48_000), hum):
        with pytest.raises(AudioUnreadable, match="no speech"):
            speech_only(Audio(sound.astype(np.float32)), silero)


def test_speech_is_found_where_it_was_put(silero: Silero, recordings: Path) -> None:
    command = read(recordings / "office-lights" / "00.wav").samples
    audio = np.concatenate((np.zeros(32_000, np.float32), command, np.zeros(32_000, np.float32)))
    (segment,) = segments(silero.probabilities(frames([audio])))
    assert 1.5 < segment.start / 16_000 < 2.5
    assert 3.3 < segment.stop / 16_000 < 4.6


def test_the_shortest_sounds_do_not_trouble_the_recogniser(moonshine: Moonshine) -> None:
    for size in (0, 1, 100, 3_000):
        transcript = moonshine.transcribe(Audio(np.zeros(size, np.float32)))
        assert len(transcript.text.split()) <= 10
    assert moonshine.transcribe(Audio(np.zeros(0, np.float32))).text == ""


def test_what_the_voice_says_is_understood(joe: Piper, moonshine: Moonshine, wer: WordErrors) -> None:
    said = "Remind me to call Sara at six."
    takes = [next(joe.speak(said)) for _ in range(3)]  # the voice is not the same every time
    assert joe.languages == ("en",)
    assert all(1 < take.seconds < 4 for take in takes)
    assert min(wer(said, moonshine.transcribe(take).text) for take in takes) <= 0.2


def test_each_sentence_is_one_sound(joe: Piper, tmp_path: Path) -> None:
    sounds = list(joe.speak("Turn left. Walk two hundred metres! Is that clear?"))
    assert len(sounds) == 3
    write(tmp_path / "reply.wav", sounds)
    assert soundfile.info(tmp_path / "reply.wav").samplerate == 22_050


def test_nothing_to_say(joe: Piper) -> None:
    assert not list(joe.speak(""))
    assert not list(joe.speak(" \n"))


def test_an_english_voice_refuses_arabic(joe: Piper) -> None:
    with pytest.raises(VoiceMissing, match="Arabic"):
        joe.speak("صباح الخير")
