"""What a picture looks like, as numbers that lie near those of pictures of the same thing."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from lamha.models.speech.sessions import open_session
from lamha.models.vision.efficientnet import SIDE, TAPS, build
from lamha.models.vision.photo import Photo

_SHARES = (0.7, 0.7, 1.0)  # how much each tap counts, and the colours
_COLOURS = 0.7
_BINS = (12, 4, 4)  # of hue, saturation and brightness
_MIDDLE = 28 / 96  # how wide the middle is, which counts more
_TURNED = 12.0  # degrees


class Encoder(Protocol):
    """Sees."""

    name: str
    dimension: int

    def embed(self, photo: Photo) -> NDArray[np.float32]:
        """Shape (dimension,): for a look, the mean over a few crops."""
        ...

    def learn(self, photo: Photo) -> NDArray[np.float32]:
        """The same over more crops, mirrored and turned: for a photo that is remembered."""
        ...


class EfficientNet:
    """Three layers of EfficientNet-Lite1 and a histogram of colours, which tell apples from apples.

    `weights` is the published file; the network that is built from it is kept in `folder`.
    """

    name = "efficientnet-lite1"
    dimension = 112 + 192 + 1280 + int(np.prod(_BINS))

    def __init__(self, weights: Path, folder: Path) -> None:
        network = folder / f"{self.name}.onnx"
        if not network.is_file() or network.stat().st_mtime < weights.stat().st_mtime:
            folder.mkdir(parents=True, exist_ok=True)
            build(weights, network)
        self._session = open_session(network)

    def embed(self, photo: Photo) -> NDArray[np.float32]:
        """See `Encoder`."""
        return self._mean(photo, list(_crops(Image.fromarray(photo.pixels)))[:3])

    def learn(self, photo: Photo) -> NDArray[np.float32]:
        """See `Encoder`."""
        return self._mean(photo, list(_crops(Image.fromarray(photo.pixels))))

    def _mean(self, photo: Photo, crops: Sequence[Image.Image]) -> NDArray[np.float32]:
        seen = np.mean([self._seen(crop) for crop in crops], axis=0)
        return np.concatenate((seen, _COLOURS * colours(photo))).astype(np.float32)

    def _seen(self, crop: Image.Image) -> NDArray[np.float32]:
        pixels = (np.asarray(crop, np.float32) - 127) / 128
        maps: list[Any] = self._session.run(list(TAPS), {"picture": pixels.transpose(2, 0, 1)[None]})
        pooled = [each.mean(axis=(2, 3))[0] for each in maps]
        pooled[-1] = np.sqrt(np.maximum(pooled[-1], 0))  # of counts, some of which are very large
        return np.concatenate([share * _unit(part) for share, part in zip(_SHARES, pooled, strict=True)])


def colours(photo: Photo) -> NDArray[np.float32]:
    """Roots of the shares of hues, saturations and brightnesses, above all in the middle; length 1."""
    pixels = np.asarray(Image.fromarray(photo.pixels).convert("HSV").resize((96, 96)), np.float64)
    away = (np.mgrid[:96, :96] - 47.5) / (96 * _MIDDLE)
    weights = 1 + 3 * np.exp(-(away**2).sum(axis=0))
    counts, _ = np.histogramdd(
        pixels.reshape(-1, 3), bins=_BINS, range=((0, 256),) * 3, weights=weights.ravel()
    )
    return np.sqrt(counts.ravel() / counts.sum()).astype(np.float32)


def _crops(image: Image.Image) -> Iterator[Image.Image]:
    """All of it, its middle, mirrored; then those to learn from."""
    whole = image.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    yield whole
    yield _middle(image, 0.8)
    yield ImageOps.mirror(whole)
    yield ImageOps.mirror(_middle(image, 0.8))
    yield _middle(image, 0.6)
    yield _middle(image.rotate(_TURNED, Image.Resampling.BICUBIC), 0.8)


def _middle(image: Image.Image, share: float) -> Image.Image:
    side = max(1, round(share * min(image.size)))
    left, top = (image.width - side) // 2, (image.height - side) // 2
    box = (left, top, left + side, top + side)
    return image.resize((SIDE, SIDE), Image.Resampling.BICUBIC, box=box)


def _unit(numbers: NDArray[np.float32]) -> NDArray[np.float32]:
    return numbers / max(float(np.linalg.norm(numbers)), 1e-9)
