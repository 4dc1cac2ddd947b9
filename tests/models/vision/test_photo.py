import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from lamha.models.errors import PhotoUnreadable
from lamha.models.vision import photo
from lamha.models.vision.photo import Photo, decode, read, sharpest


def noise(width: int = 320, height: int = 240, seed: int = 0) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)


def shown(image: Image.Image) -> Photo:
    return Photo(np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.bmp", "a.gif", "a.tiff"])
def test_formats(tmp_path: Path, name: str) -> None:
    noise().save(tmp_path / name)
    assert read(tmp_path / name).pixels.shape == (240, 320, 3)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1", "I;16"])
def test_modes(tmp_path: Path, mode: str) -> None:
    image = Image.new(mode, (40, 40)) if mode == "I;16" else noise(40, 40).convert(mode)
    image.save(tmp_path / "a.tiff")
    pixels = read(tmp_path / "a.tiff").pixels
    assert pixels.dtype == np.uint8
    assert pixels.shape == (40, 40, 3)


def test_it_is_turned_as_its_exif_says(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned by a quarter
    noise().save(tmp_path / "a.jpg", exif=exif)
    assert read(tmp_path / "a.jpg").pixels.shape == (320, 240, 3)


def test_the_first_of_a_moving_picture(tmp_path: Path) -> None:
    red, blue = (Image.new("RGB", (64, 64), colour) for colour in ("red", "blue"))
    red.save(tmp_path / "a.gif", save_all=True, append_images=[blue])
    assert read(tmp_path / "a.gif").pixels[32, 32, 0] > 200


def test_a_large_one_is_made_smaller(tmp_path: Path) -> None:
    Image.new("RGB", (9000, 9000), "white").save(tmp_path / "a.jpg")
    assert max(read(tmp_path / "a.jpg").pixels.shape) == 2048


def test_a_bomb_is_not_decoded(tmp_path: Path) -> None:
    """A PNG of some bytes that says that it has 100,000 × 100,000 pixels."""
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    chunks = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b""))
    )
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)
    with pytest.raises(PhotoUnreadable):
        read(tmp_path / "a.png")


def test_a_picture_for_a_wall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo, "LARGEST", 10_000)
    noise().save(tmp_path / "a.png")
    with pytest.raises(PhotoUnreadable, match=r"320 × 240.*make it smaller"):
        read(tmp_path / "a.png")


def test_one_cut_off(tmp_path: Path) -> None:
    noise().save(tmp_path / "a.jpg")
    whole = (tmp_path / "a.jpg").read_bytes()
    with pytest.raises(PhotoUnreadable, match=r"a\.jpg cannot be read as a picture"):
        decode(whole[: len(whole) // 2], "a.jpg")


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(PhotoUnreadable, match=r"a\.jpg"):
        read(tmp_path / "a.jpg")


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PhotoUnreadable, match="No such file"):
        read(tmp_path / "a.jpg")
    with pytest.raises(PhotoUnreadable, match="directory"):
        read(tmp_path)


@given(st.binary(max_size=200))
def test_any_bytes(content: bytes) -> None:
    for data in (content, b"\xff\xd8\xff\xe0" + content, b"GIF89a" + content, b"RIFF\0\0\0\0WEBP" + content):
        with pytest.raises(PhotoUnreadable):
            decode(data)


@pytest.mark.parametrize(
    ("image", "fault"),
    [
        (Image.new("RGB", (200, 200), "black"), "dark"),
        (Image.new("RGB", (200, 200), "white"), "empty"),
        (Image.new("RGB", (200, 1), "white"), "small"),
        (noise().filter(ImageFilter.GaussianBlur(9)).point(lambda value: (value - 100) * 4), "blurred"),
        (noise(), ""),
    ],
)
def test_faults(image: Image.Image, fault: str) -> None:
    assert shown(image).fault == fault


def test_photos_of_products_have_no_fault(data: Path) -> None:
    photos = sorted((data / "products/enrol").rglob("*.jpg"))
    faulty = [file for file in photos if read(file).fault]
    assert len(faulty) <= 0.03 * len(photos)


def test_the_sharpest_of_a_burst() -> None:
    sharp = noise()
    burst = [shown(sharp.filter(ImageFilter.GaussianBlur(radius))) for radius in (3, 0.5, 2)]
    assert sharpest(burst) is burst[1]
