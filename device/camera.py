"""Where pictures come from: a file, the newest of a folder, or a webcam."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from lamha.models.errors import CameraMissing, PhotoUnreadable
from lamha.models.vision.photo import Photo, read, sharpest

_BURST, _SETTLING = 5, 4  # pictures to choose from, and those before that, in which the exposure settles
_PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"}


class Camera(Protocol):
    """Takes pictures."""

    def take(self) -> Photo:
        """What is before it now. CameraMissing, PhotoUnreadable."""
        ...


class FileCamera:
    """A picture from a file, or the newest one in a folder, as a phone or glasses put them there."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def take(self) -> Photo:
        """See `Camera`."""
        return read(self._newest() if self._path.is_dir() else self._path)

    def _newest(self) -> Path:
        found = [each for each in self._path.iterdir() if each.suffix.lower() in _PICTURES]
        if not found:
            raise PhotoUnreadable(f"there is no picture in {self._path}", "take one")
        return max(found, key=lambda each: each.stat().st_mtime)


class Webcam:
    """A camera of this machine, by its number; OpenCV opens it for each look and closes it again."""

    def __init__(self, number: int = 0) -> None:
        self._number = number

    def take(self) -> Photo:
        """The sharpest of a burst. See `Camera`."""
        import cv2

        device = cv2.VideoCapture(self._number)
        try:
            if not device.isOpened():
                raise CameraMissing(f"no camera {self._number} is here", "plug one in, or name a photo")
            taken = list(islice(_frames(device), _SETTLING, _SETTLING + _BURST))
        finally:
            device.release()
        if not taken:
            raise CameraMissing(f"the camera {self._number} gives no picture", "does another program use it?")
        return sharpest(taken)


def _frames(device: Any) -> Iterator[Photo]:
    while True:
        there, pixels = device.read()
        if not there:
            return
        yield Photo(np.ascontiguousarray(pixels[:, :, ::-1]))
