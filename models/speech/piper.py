"""Piper's voices: VITS as ONNX, phonemes by espeak-ng. The library is GPL-3.0, in the extra `voice`."""

import json
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from lamha.models.errors import ModelMissing, VoiceMissing
from lamha.models.memory import give_back, return_large_blocks
from lamha.models.speech.audio import Audio
from lamha.models.speech.sessions import broken, open_session
from lamha.models.speech.tts import check_language, clauses

_ESPEAK_CODES = {"cmn": "zh"}  # where espeak-ng does not use ISO 639-1


class Piper:
    """A voice from `NAME.onnx` with `NAME.onnx.json` beside it, loaded when it first speaks."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        self.pace = 1.0
        self._path = path
        self._threads = threads
        self._config = _read_config(path.with_name(f"{path.name}.json"))

    @property
    def languages(self) -> tuple[str, ...]:
        """The one language of this voice."""
        code = str(self._config["espeak"]["voice"]).split("-")[0]
        return (_ESPEAK_CODES.get(code, code),)

    def speak(self, text: str) -> Iterator[Audio]:
        """A sound for each sentence; VoiceMissing for a text in another script, or without piper-tts."""
        check_language(text, self.languages)
        return self._sounds(text, self._voice)

    def _sounds(self, text: str, voice: Any) -> Iterator[Audio]:
        from piper import SynthesisConfig

        settings = SynthesisConfig(length_scale=voice.config.length_scale / self.pace)
        for clause in clauses(text):
            for sound in voice.synthesize(clause, settings):
                give_back()
                yield Audio(sound.audio_float_array, sound.sample_rate)

    @cached_property
    def _voice(self) -> Any:
        try:
            from piper import PiperConfig, PiperVoice
        except ImportError as error:
            raise VoiceMissing("the replies cannot be spoken", "pip install lamha[voice]") from error
        # PiperVoice.load would take the default session: all threads and half as much memory again.
        return_large_blocks()
        session = open_session(self._path, self._threads)
        return PiperVoice(session=session, config=PiperConfig.from_dict(self._config))


def _read_config(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise ModelMissing(path.parent.name)
    try:
        config = json.loads(path.read_bytes())
    except ValueError as error:
        raise broken(path, "is no JSON") from error
    if not isinstance(config, dict) or not {"audio", "espeak", "phoneme_id_map"} <= config.keys():
        raise broken(path, "describes no Piper voice")
    return config
