"""Chinese as it is written in one way: Whisper mixes traditional characters in."""

from dataclasses import replace
from functools import cache
from typing import Any

from lamha.models.speech.asr import Said, Transcript


def simplified(transcript: Transcript) -> Transcript:
    """The same words in simplified characters."""
    words = tuple(Said(_converter().convert(word.text), word.probability) for word in transcript.words)
    return replace(transcript, text=_converter().convert(transcript.text), words=words)


@cache
def _converter() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")
