"""Words in a picture: PP-OCR through rapidocr, and tesseract for Arabic where that is installed."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any, Protocol

from PIL import Image

from lamha.models.vision.photo import Photo

_SIDE = 960  # pixels that are looked at
_SURE = 0.6  # what is read with less confidence is mostly texture
_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text as it stands in the picture, and how sure that is, from 0 to 1."""

    text: str
    confidence: float


class Reader(Protocol):
    """Reads."""

    def read(self, photo: Photo) -> tuple[Line, ...]:
        """The lines of a picture from the top, none where there is no text."""
        ...


class PaddleReader:
    """Latin letters and Chinese: PP-OCRv6 small, which comes with rapidocr. Loaded with the first picture."""

    def __init__(self, threads: int = 1) -> None:
        self._threads = threads
        self._ocr: Callable[..., Any] | None = None

    def read(self, photo: Photo) -> tuple[Line, ...]:
        """See `Reader`."""
        self._ocr = self._ocr or self._opened()
        found = self._ocr(photo.within(_SIDE).pixels[:, :, ::-1])
        read = zip(found.txts or (), found.scores or (), strict=True)
        return tuple(Line(text.strip(), float(score)) for text, score in read if score >= _SURE)

    def _opened(self) -> Callable[..., Any]:
        import onnxruntime
        from rapidocr import RapidOCR

        onnxruntime.disable_telemetry_events()
        onnx = "EngineConfig.onnxruntime"
        opened: Callable[..., Any] = RapidOCR(
            params={
                "Global.log_level": "error",
                f"{onnx}.intra_op_num_threads": self._threads,
                f"{onnx}.enable_cpu_mem_arena": False,
            }
        )
        return opened


class TesseractReader:
    """The program tesseract in languages by its names, such as "ara"; see `has`."""

    def __init__(self, *languages: str) -> None:
        self._languages = "+".join(languages)

    @staticmethod
    @cache
    def has(language: str) -> bool:
        """Whether it is installed, and knows a language."""
        program = shutil.which("tesseract")
        if not program:
            return False
        listed = subprocess.run([program, "--list-langs"], capture_output=True, text=True, check=False)  # noqa: S603
        return language in listed.stdout.split()

    def read(self, photo: Photo) -> tuple[Line, ...]:
        """See `Reader`; nothing where the program fails."""
        kept = BytesIO()
        Image.fromarray(photo.within(2 * _SIDE).pixels).save(kept, "PNG")
        command = ["tesseract", "stdin", "stdout", "-l", self._languages, "--psm", "11", "tsv"]
        try:
            done = subprocess.run(  # noqa: S603
                command, input=kept.getvalue(), capture_output=True, timeout=_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return ()
        return _lines(done.stdout.decode("utf-8", "replace"))


def _lines(table: str) -> tuple[Line, ...]:
    """Of tesseract's table: a row a word, numbered by block, paragraph and line."""
    words: dict[tuple[str, ...], list[tuple[str, float]]] = {}
    for row in table.splitlines()[1:]:
        cells = row.split("\t")
        if len(cells) == 12 and cells[11].strip() and float(cells[10]) >= 100 * _SURE:
            words.setdefault(tuple(cells[2:5]), []).append((cells[11].strip(), float(cells[10]) / 100))
    return tuple(
        Line(" ".join(text for text, _ in line), min(sure for _, sure in line)) for line in words.values()
    )
