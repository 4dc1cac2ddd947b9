import pickle
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from lamha.models.errors import ModelBroken
from lamha.models.paths import models_dir
from lamha.models.store import Store
from lamha.models.vision.efficientnet import read_weights
from lamha.models.vision.encoder import EfficientNet, colours
from lamha.models.vision.gallery import Gallery
from lamha.models.vision.photo import Photo, read

# Classes of ImageNet that the weights were trained on
APPLE, BANANA, LEMON, ORANGE = 948, 954, 951, 950
MODELS = models_dir()


def noise(seed: int = 0, size: tuple[int, int] = (240, 320)) -> Photo:
    return Photo(np.random.default_rng(seed).integers(0, 255, (*size, 3), np.uint8))


@pytest.mark.model
@pytest.mark.parametrize(
    ("name", "label"), [("Granny-Smith", APPLE), ("Banana", BANANA), ("Lemon", LEMON), ("Orange", ORANGE)]
)
def test_the_network_sees_what_it_was_trained_to(
    name: str, label: int, encoder: EfficientNet, data: Path, tmp_path: Path
) -> None:
    """So its layers, its padding and its weights are where they belong."""
    weights = read_weights(Store(MODELS).path("efficientnet-lite1"))
    photo = Photo(read(data / "products/enrol" / name / "0.jpg").pixels).within(240)
    pixels = ((photo.pixels.astype(np.float32) - 127) / 128).transpose(2, 0, 1)[None]
    (head,) = encoder._session.run(["head"], {"picture": pixels})
    logits = weights["_fc.weight"] @ head.mean(axis=(2, 3))[0] + weights["_fc.bias"]
    assert label in np.argsort(-logits)[:2]


@pytest.mark.model
@pytest.mark.parametrize("size", [(1, 1), (1, 500), (31, 17), (240, 240), (2048, 1365)])
def test_any_size(size: tuple[int, int], encoder: EfficientNet) -> None:
    vector = encoder.embed(noise(size=size))
    assert vector.shape == encoder.learn(noise(size=size)).shape == (encoder.dimension,)
    assert np.isfinite(vector).all()


@pytest.mark.model
def test_a_third_of_the_products_is_told_apart(encoder: EfficientNet, data: Path) -> None:
    """The whole set is measured by the benchmark."""
    root = data / "products"
    names = sorted(folder.name for folder in (root / "check").iterdir())[::3]
    photos = [(at, file) for at, name in enumerate(names) for file in (root / "enrol" / name).iterdir()]
    gallery = Gallery(np.array([encoder.learn(read(file)) for _, file in photos]), [at for at, _ in photos])
    looks = [(at, file) for at, name in enumerate(names) for file in (root / "check" / name).iterdir()]
    right = [gallery.rank(encoder.embed(read(file)))[0].label == at for at, file in looks]
    assert np.mean(right) >= 0.75


def test_colours_of_what_is_red_and_green() -> None:
    red, green = (Photo(np.full((50, 50, 3), colour, np.uint8)) for colour in ((200, 30, 30), (30, 200, 30)))
    assert colours(red) @ colours(red) == pytest.approx(1)
    assert colours(red) @ colours(green) == 0


class Harmful:
    def __reduce__(self) -> tuple[object, ...]:
        return (print, ("run",))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not weights",
        pickle.dumps(1),
        pickle.dumps(0x1950A86A20F9469CFC6C),
        pickle.dumps(0x1950A86A20F9469CFC6C) * 2 + pickle.dumps({}) + pickle.dumps(Harmful()),
        pickle.dumps(0x1950A86A20F9469CFC6C) * 2 + pickle.dumps({}) + pickle.dumps(OrderedDict(a=1)) * 2,
    ],
)
def test_a_file_that_is_no_weights_runs_nothing(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "weights.pth").write_bytes(content)
    with pytest.raises(ModelBroken, match=r"weights\.pth"):
        read_weights(tmp_path / "weights.pth")
    assert capsys.readouterr().out == ""
