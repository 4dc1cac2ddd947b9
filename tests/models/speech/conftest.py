"""The real models and recordings; a test that wants one which is not here is skipped and says so."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lamha.models.paths import models_dir
from lamha.models.speech.moonshine import Moonshine
from lamha.models.speech.piper import Piper
from lamha.models.speech.silero import Silero
from lamha.models.speech.wake import Embedding

# Read once, before a test points the folders elsewhere.
MODELS = models_dir()
DATA = Path(os.environ.get("LAMHA_DATA", Path(__file__).parents[4] / "shared" / "data"))


@pytest.fixture(scope="session")
def recordings() -> Path:
    return _present(DATA / "speech", "recordings")


@pytest.fixture(scope="session")
def moonshine() -> Moonshine:
    return Moonshine(_present(MODELS / "moonshine-tiny-en", "model"))


@pytest.fixture(scope="session")
def silero() -> Silero:
    return Silero(_present(MODELS / "silero-vad", "model") / "silero_vad.onnx")


@pytest.fixture(scope="session")
def embedding() -> Embedding:
    return Embedding(_present(MODELS / "speech-embedding", "model"))


@pytest.fixture(scope="session")
def joe() -> Iterator[Piper]:
    pytest.importorskip("piper", reason="the extra `voice` is not installed")
    return Piper(_present(MODELS / "piper-en-joe", "model") / "en_US-joe-medium.onnx")


@pytest.fixture(scope="session")
def wer() -> Callable[[str, str], float]:
    return _word_error_rate


def _present(path: Path, what: str) -> Path:
    if not path.exists():
        pytest.skip(f"no {what} at {path}")
    return path


def _word_error_rate(said: str, heard: str) -> float:
    """Edits between the words, case and punctuation aside, over the number of words that were said."""
    wanted, got = (re.findall(r"[\w']+", text.lower()) for text in (said, heard))
    row = list(range(len(got) + 1))
    for i, word in enumerate(wanted, 1):
        corner, row[0] = row[0], i
        for j, other in enumerate(got, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (word != other))
    return row[-1] / len(wanted)
