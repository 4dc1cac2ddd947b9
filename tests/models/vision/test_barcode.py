from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from lamha.models.vision.barcode import Barcode, barcodes
from lamha.models.vision.photo import Photo, read


def drawn(code: str, kind: zxingcpp.BarcodeFormat, degrees: float = 0) -> Photo:
    made = zxingcpp.create_barcode(code, kind)
    pixels = np.asarray(made.to_image(scale=3, add_quiet_zones=True))
    image = Image.fromarray(pixels).resize((pixels.shape[1], max(pixels.shape[0], 160))).convert("RGB")
    return Photo(np.asarray(image.rotate(degrees, expand=True, fillcolor="white")))


def test_photographed_codes(data: Path) -> None:
    right, wrong, every = 0, [], 0
    for kind in ("ean13-1", "ean8-1", "upca-1"):
        for file in sorted((data / "barcodes" / kind).iterdir()):
            if file.suffix in (".webp", ".png"):
                meant, found = file.with_suffix(".txt").read_text().strip(), barcodes(read(file))
                every += 1
                right += Barcode(meant, "product") in found
                wrong += [(file.name, each) for each in found if each.text != meant]
    assert right >= 0.9 * every
    assert wrong == []


def test_photographed_qr_codes_are_no_products(data: Path) -> None:
    for file in sorted((data / "barcodes/qrcode-1").glob("*.webp")):
        (found,) = barcodes(read(file))
        assert found.kind == "text"


@settings(max_examples=30, deadline=None)
@example(6666, 20)  # a part of it looks like an EAN-8
@given(st.integers(0, 10**12 - 1), st.sampled_from([0, 90, 180, 20, 45]))
def test_a_code_from_any_side(number: int, degrees: float) -> None:
    digits = f"{number:012}"
    check = -sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits)) % 10
    found = barcodes(drawn(f"{digits}{check}", zxingcpp.BarcodeFormat.EAN13, degrees))
    assert {each.text.zfill(13) for each in found} == {f"{digits}{check}"}


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 70, 3), (2000, 3, 3), (240, 320, 3)])
def test_no_code(shape: tuple[int, ...]) -> None:
    assert barcodes(Photo(np.full(shape, 200, np.uint8))) == ()


def test_products_without_a_code_have_none(data: Path) -> None:
    """A wrong code would name a wrong product."""
    files = sorted((data / "products/check").glob("*/0.jpg"))
    apples = [file for file in files if file.parent.name in ("Granny-Smith", "Banana", "Kiwi", "Lemon")]
    assert [barcodes(read(file)) for file in apples] == [()] * len(apples)
