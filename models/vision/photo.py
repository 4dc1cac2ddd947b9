"""A picture as every part of lamha passes it on: upright, in colour, and no larger than is looked at."""

import io
import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from lamha.models.errors import PhotoUnreadable

LARGEST = 120_000_000
"""Pixels of a file; more are a decompression bomb or a picture for a wall."""
_KEPT = 2048  # pixels of the longer side that are kept: a barcode across the room needs no more
_SMALLEST = 32
_DARK, _FLAT, _BLURRED = 28.0, 4.0, 14.0


@dataclass(frozen=True, eq=False)
class Photo:
    """`pixels` is uint8 of shape (height, width, 3): red, green, blue."""

    pixels: NDArray[np.uint8]

    def within(self, side: int) -> "Photo":
        """No side longer than `side` pixels; the same where none is."""
        if max(self.pixels.shape[:2]) <= side:
            return self
        image = Image.fromarray(self.pixels)
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        return Photo(np.asarray(image))

    @cached_property
    def grey(self) -> NDArray[np.uint8]:
        """Brightness alone, of shape (height, width)."""
        return np.asarray(Image.fromarray(self.pixels).convert("L"))

    @cached_property
    def sharpness(self) -> float:
        """The spread of the Laplacian, at 512 pixels: Pech-Pacheco et al. 2000."""
        grey = self.within(512).grey.astype(np.float32)
        inner = grey[1:-1, 1:-1]
        edges = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * inner
        return float(edges.std())

    @property
    def fault(self) -> str:
        """Why little can be seen: small, dark, empty or blurred; "" where all is well."""
        if min(self.pixels.shape[:2]) < _SMALLEST:
            return "small"
        grey = self.within(512).grey
        if float(np.percentile(grey, 95)) < _DARK:
            return "dark"
        if float(grey.std()) < _FLAT:
            return "empty"
        return "blurred" if self.sharpness < _BLURRED / 4 else ""


def read(path: Path) -> Photo:
    """The first picture of a file in any common format, turned as its EXIF says. PhotoUnreadable."""
    try:
        return decode(path.read_bytes(), path.name)
    except OSError as error:
        raise PhotoUnreadable(f"{path} cannot be read: {error.strerror}") from error


def decode(data: bytes, name: str = "the picture") -> Photo:
    """The same from bytes, such as the glasses send."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is odd in a file that can be read all the same
        try:
            with Image.open(io.BytesIO(data)) as image:
                return _upright(image, name)
        except PhotoUnreadable:
            raise
        except UnidentifiedImageError as error:
            raise PhotoUnreadable(f"{name} is no picture", "take a JPEG, PNG or WebP") from error
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise PhotoUnreadable(f"{name} cannot be read as a picture: {error}", "take it again") from error


def sharpest(photos: list[Photo]) -> Photo:
    """The one of a burst that shows most."""
    return max(photos, key=lambda photo: photo.sharpness)


def _upright(image: Image.Image, name: str) -> Photo:
    width, height = image.size
    if width * height > LARGEST:
        raise PhotoUnreadable(
            f"{name} has {width} × {height} pixels, more than {LARGEST // 1_000_000} million",
            "make it smaller",
        )
    image.draft("RGB", (_KEPT, _KEPT))  # a JPEG is not even decoded in full
    image.thumbnail((_KEPT, _KEPT), Image.Resampling.LANCZOS)
    return Photo(np.asarray(ImageOps.exif_transpose(image).convert("RGB")))
