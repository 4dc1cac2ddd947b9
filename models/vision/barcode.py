"""Barcodes and QR codes in a picture, by zxing-cpp, which checks their check digits."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from PIL import Image

from lamha.models.vision.photo import Photo

type Kind = Literal["product", "text"]
_SIDE = 1600  # pixels: more cost time and show no more
_LOOKS = ((1.0, 0.0), (2.0, 0.0), (1.5, 0.0), (1.0, 20.0), (1.0, -20.0), (0.5, 45.0), (0.7, 0.0))
"""Scales and degrees, the cheapest first; zxing-cpp itself halves and turns by 90°."""
_TEXT = zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.DataMatrix
_FORMATS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.AllRetail, *_TEXT])
_LONG = zxingcpp.BarcodeFormat.EAN13, zxingcpp.BarcodeFormat.UPCA
_SHORT = zxingcpp.BarcodeFormat.EAN8, zxingcpp.BarcodeFormat.UPCE
"""Which part of a long one may be taken for."""


@dataclass(frozen=True, slots=True)
class Barcode:
    """`text` is digits for a product (EAN-8, EAN-13, UPC-A or UPC-E), else anything at all."""

    text: str
    kind: Kind


def barcodes(photo: Photo) -> tuple[Barcode, ...]:
    """What two looks agree on, since one may misread and hit a check digit by chance; some milliseconds each.

    Looks are taken until there is something that two have found.
    """
    found: Counter[Barcode] = Counter()
    for pixels in _looks(photo.within(_SIDE)):
        read = zxingcpp.read_barcodes(pixels, formats=_FORMATS)
        long = any(each.format in _LONG for each in read)
        whole = [each for each in read if each.text and not (long and each.format in _SHORT)]
        found.update({Barcode(each.text, _kind(each)) for each in whole})
        if agreed := tuple(code for code, times in found.items() if times > 1):
            return agreed
    return ()


def _kind(found: zxingcpp.Barcode) -> Kind:
    return "text" if found.format in _TEXT else "product"


def _looks(photo: Photo) -> Iterator[NDArray[np.uint8]]:
    image = Image.fromarray(photo.grey)
    for scale, degrees in _LOOKS:
        size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
        if max(size) <= 2 * _SIDE:
            scaled = image.resize(size, Image.Resampling.BICUBIC)
            turned = scaled.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
            yield np.asarray(turned)
