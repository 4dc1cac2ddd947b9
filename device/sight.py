"""The wearer's sight: a camera and what is made of its pictures, each network opened when it is needed."""

from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lamha.device.camera import Camera
from lamha.models.vision.barcode import barcodes
from lamha.models.vision.encoder import Encoder
from lamha.models.vision.ocr import PaddleReader, Reader, TesseractReader
from lamha.models.vision.photo import Photo
from lamha.skills.api import Look


class Eyes:
    """A `Sight`. `opening` gives the encoder, once; it raises ModelMissing without its weights."""

    def __init__(self, camera: Camera, encoder: str, opening: Callable[[], Encoder]) -> None:
        self.encoder = encoder
        self._camera, self._opening = camera, opening
        self._open: Encoder | None = None
        self._reader = PaddleReader()

    def look(self) -> Look:
        """Take a picture."""
        return Taken(self._camera.take(), self.opened, self._reader)

    def opened(self) -> Encoder:
        """The encoder."""
        self._open = self._open or self._opening()
        return self._open


class Taken:
    """A `Look` at a photo."""

    def __init__(self, photo: Photo, encoder: Callable[[], Encoder], reader: Reader) -> None:
        self.photo = photo
        self._encoder, self._reader = encoder, reader

    @property
    def fault(self) -> str:
        """See `Look`."""
        return self.photo.fault

    @cached_property
    def barcodes(self) -> tuple[str, ...]:
        """See `Look`."""
        return tuple(found.text for found in barcodes(self.photo) if found.kind == "product")

    @cached_property
    def vector(self) -> NDArray[np.float32]:
        """See `Look`."""
        return self._encoder().embed(self.photo)

    @property
    def lesson(self) -> NDArray[np.float32]:
        """See `Look`."""
        return self._encoder().learn(self.photo)

    @cached_property
    def _latin(self) -> tuple[str, ...]:
        return tuple(line.text for line in self._reader.read(self.photo))

    @cached_property
    def _arabic(self) -> tuple[str, ...]:
        if not TesseractReader.has("ara"):
            return ()
        return tuple(line.text for line in TesseractReader("ara").read(self.photo))

    def lines(self, language: str = "en") -> tuple[str, ...]:
        """See `Look`."""
        return self._latin + (self._arabic if language == "ar" else ())
