"""espeak-ng by its C library: a small robot voice for a hundred languages. GPL-3.0, in the extra `voice`.

The API is that of speak_lib.h, https://github.com/espeak-ng/espeak-ng/blob/master/src/include/espeak-ng/speak_lib.h
"""

import ctypes
from collections.abc import Iterator
from functools import cache
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamha.models.errors import VoiceMissing
from lamha.models.speech.audio import Audio
from lamha.models.speech.tts import check_language, clauses

_SYNCHRONOUS = 2
_RATE, _PITCH = 1, 3  # parameters
_CHARACTERS, _UTF8, _PHONEMES, _IPA = 1, 1, 0x100, 2
_WORDS_A_MINUTE, _MIDDLE = 160, 50
_VOICES = {"en": "en-us", "zh": "cmn"}
_Heard = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
_ONE_AT_A_TIME = Lock()


class Espeak:
    """A voice for one language; `variant` is one of espeak-ng's own ("f3"), `pitch` 0…99."""

    def __init__(self, language: str, variant: str = "", pitch: int = _MIDDLE) -> None:
        self.pace = 1.0
        self.languages = (language.split("-")[0],)
        name = _VOICES.get(language, language)
        self._name, self._pitch = f"{name}+{variant}" if variant else name, pitch

    def speak(self, text: str) -> Iterator[Audio]:
        """A sound for each clause; VoiceMissing for a text in another script, or without the library."""
        check_language(text, (*self.languages, "en"))
        library, rate = _library()
        return (Audio(self._samples(library, clause), rate) for clause in clauses(text))

    def sound(self, text: str) -> Audio:
        """A text in one go; it may hold phonemes in double brackets, in espeak-ng's own alphabet."""
        library, rate = _library()
        return Audio(self._samples(library, text), rate)

    def phonemes(self, text: str) -> str:
        """How the voice would say it, in the International Phonetic Alphabet; a line each clause."""
        library, _ = _library()
        rest, clauses_ = ctypes.c_char_p(text.encode()), []
        with _ONE_AT_A_TIME:
            self._choose(library)
            while rest.value:
                said = library.espeak_TextToPhonemes(ctypes.byref(rest), _CHARACTERS, _IPA)
                clauses_.append((said or b"").decode())
        return "\n".join(clauses_)

    def _choose(self, library: Any) -> None:
        if library.espeak_SetVoiceByName(self._name.encode()):
            raise VoiceMissing(f"espeak-ng has no voice {self._name}")

    def _samples(self, library: Any, text: str) -> NDArray[np.float32]:
        heard: list[NDArray[np.int16]] = []

        def keep(samples: Any, count: int, _events: object) -> int:
            if samples and count:
                heard.append(np.ctypeslib.as_array(samples, (count,)).copy())
            return 0

        callback, said = _Heard(keep), text.encode() + b"\0"
        with _ONE_AT_A_TIME:
            library.espeak_SetSynthCallback(callback)
            self._choose(library)
            library.espeak_SetParameter(_RATE, round(_WORDS_A_MINUTE * self.pace), 0)
            library.espeak_SetParameter(_PITCH, self._pitch, 0)
            flags = _UTF8 | _PHONEMES
            library.espeak_Synth(said, len(said), 0, _CHARACTERS, 0, flags, None, None)
            library.espeak_Synchronize()
        return np.concatenate([np.zeros(0, np.int16), *heard]).astype(np.float32) / np.float32(32768)


@cache
def _library() -> tuple[Any, int]:
    """The library and its sample rate in hertz."""
    try:
        import espeakng_loader
    except ImportError as error:
        raise VoiceMissing("the replies cannot be spoken", "pip install lamha[voice]") from error
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    rate = library.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0)
    if rate <= 0:
        raise VoiceMissing("espeak-ng cannot be started", "pip install --force-reinstall espeakng-loader")
    return library, int(rate)
