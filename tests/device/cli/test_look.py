"""`lamha look` and `lamha products` on real photos, with the real networks."""

import json
from pathlib import Path

import pytest

from lamha.device.cli import main
from lamha.models.errors import ModelMissing
from lamha.models.paths import models_dir
from lamha.models.store import Store

MODELS = models_dir()
type Captured = pytest.CaptureFixture[str]


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        Store(MODELS).path("efficientnet-lite1")
    except ModelMissing as missing:
        pytest.skip(str(missing))
    monkeypatch.setenv("LAMHA_MODELS", str(MODELS))


def said(capsys: Captured) -> str:
    return str(json.loads(capsys.readouterr().out)["speech"])


@pytest.mark.model
def test_what_is_enrolled_is_known_again(real: None, data: Path, capsys: Captured) -> None:
    for name in ("Granny-Smith", "Banana"):
        photos = [str(file) for file in sorted((data / "products/enrol" / name).iterdir())]
        assert main(["products", "enrol", name.replace("-", " "), *photos]) == 0
    assert main(["products", "list", "--json"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2 + 2  # each as it was enrolled, and the list
    assert main(["look", str(data / "products/check/Granny-Smith/0.jpg"), "--json"]) == 0
    assert said(capsys) == "This is Granny Smith."


@pytest.mark.model
def test_a_barcode_is_looked_up(real: None, data: Path, capsys: Captured) -> None:
    code = (data / "barcodes/ean13-1/4.txt").read_text().strip()
    assert main(["products", "add", "the book", "--barcode", code, "--price", "9 EUR"]) == 0
    capsys.readouterr()
    assert main(["look", str(data / "barcodes/ean13-1/4.webp"), "how much does it cost?", "--json"]) == 0
    assert said(capsys) == "It costs 9 EUR."


@pytest.mark.parametrize("name", ["nothing.jpg", "broken.jpg"])
def test_a_file_that_is_no_picture(name: str, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    assert main(["look", str(tmp_path / name)]) == 1
    assert name in capsys.readouterr().out


def test_an_empty_folder(tmp_path: Path, capsys: Captured) -> None:
    assert main(["look", str(tmp_path)]) == 1
    assert "no picture in" in capsys.readouterr().out


def test_without_a_camera(capsys: Captured) -> None:
    assert main(["look", "63"]) == 1
    assert "no camera 63" in capsys.readouterr().out


def test_products_by_hand(capsys: Captured) -> None:
    assert main(["products", "add", "شاي أخضر", "--brand", "Lipton", "--price", "2 EUR"]) == 0
    assert main(["products", "search", "شاي"]) == 0
    assert capsys.readouterr().out == "1  شاي أخضر  Lipton  2 EUR\n" * 2
    assert main(["products", "search", "soap"]) == 1
    assert main(["products", "remove", "1"]) == 0
    assert main(["products", "remove", "1"]) == 1
    assert main(["products", "add", " ?"]) == 1


def test_two_products_with_one_barcode(capsys: Captured) -> None:
    assert main(["products", "add", "tea", "--barcode", "5901234123457"]) == 0
    assert main(["products", "add", "soap", "--barcode", "5901234123457"]) == 1
    assert "tea has the barcode" in capsys.readouterr().err
