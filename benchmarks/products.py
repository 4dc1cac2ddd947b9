"""How well are products recognised, and how soon?

    python -m lamha.benchmarks.products [--parts PART,…] [--out FILE]

pictures: products enrolled with five photos each, asked with others, from `LAMHA_DATA`; by the picture alone
and with the text that is read; and with half of them not enrolled. barcodes: photographed ones. look: the
milliseconds of each step of a look on one core. Every miss is in the JSON, the last line of stdout.
"""

import argparse
import csv
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from lamha.benchmarks.measure import machine, sample
from lamha.device.assistant import ENCODER
from lamha.models.store import Store
from lamha.models.vision.barcode import barcodes
from lamha.models.vision.encoder import EfficientNet
from lamha.models.vision.gallery import Gallery, Matrix
from lamha.models.vision.ocr import PaddleReader
from lamha.models.vision.photo import read
from lamha.skills.products.recognise import heard_together, words_of

_SEEDS = 5
_SURE = 0.75
_MANY = 10_000
type Photos = Sequence[tuple[str, Path]]


def pictures(encoder: EfficientNet, root: Path) -> dict[str, Any]:
    """Shares right, and how well strangers are told from what is known."""
    enrolled, asked = _photos(root / "enrol"), _photos(root / "check")
    names = sorted({name for name, _ in enrolled})
    coarse = _coarse(root / "classes.csv")
    taught = np.array([encoder.learn(read(file)) for _, file in enrolled])
    looks = np.array([encoder.embed(read(file)) for _, file in asked])
    labels = [names.index(name) for name, _ in enrolled]
    gallery, reader = Gallery(taught, labels), PaddleReader()
    alone, fused = [], []
    for (_, file), look in zip(asked, looks, strict=True):
        ranked = {names[each.label]: each.confidence for each in gallery.rank(look)}
        lines = [line.text for line in reader.read(read(file))]
        alone.append(next(iter(ranked)))
        fused.append(max(ranked, key=lambda name: heard_together(ranked[name], words_of(_said(name)), lines)))
    meant = [name for name, _ in asked]
    return {
        "photos asked": len(asked),
        "fine": _share(alone, meant),
        "coarse": _share([coarse[name] for name in alone], [coarse[name] for name in meant]),
        "fine, with text": _share(fused, meant),
        "strangers": _strangers(taught, labels, looks, [names.index(name) for name in meant]),
        "misses": [
            {"meant": name, "said": by_picture, "with text": by_both}
            for name, by_picture, by_both in zip(meant, alone, fused, strict=True)
            if name not in (by_picture, by_both) or by_picture != by_both
        ],
    }


def codes(root: Path) -> dict[str, Any]:
    """Right and wrong ones by kind."""
    found: dict[str, Any] = {}
    for folder in sorted(root.iterdir()):
        files = [file for file in sorted(folder.iterdir()) if file.suffix in (".webp", ".png")]
        texts = {file: [each.text for each in barcodes(read(file))] for file in files}
        right = [file for file, seen in texts.items() if _meant(file) in map(_plain, seen)]
        wrong = [file.name for file, seen in texts.items() if {*map(_plain, seen)} - {_meant(file)}]
        found[folder.name] = {"photos": len(files), "right": len(right), "wrong": wrong}
    return found


def look(encoder: EfficientNet, root: Path) -> dict[str, Any]:
    """Milliseconds of the steps of a look, and of finding one of ten thousand products."""
    files = [file for _, file in _photos(root / "check")][::6]
    reader = PaddleReader()
    reader.read(read(files[0]))
    steps: dict[str, Callable[[Path], object]] = {
        "decode": read,
        "barcode": lambda file: barcodes(read(file)),
        "encoder": lambda file: encoder.embed(read(file)),
        "text": lambda file: reader.read(read(file)),
    }
    times = {name: sample([_timed(step, file) for file in files]).as_json() for name, step in steps.items()}
    draw = np.random.default_rng(0)
    many = Gallery(draw.normal(size=(_MANY, encoder.dimension)).astype(np.float32), list(range(_MANY)))
    asked = draw.normal(size=(20, encoder.dimension)).astype(np.float32)
    many.rank(asked[0])
    return {**times, f"of {_MANY} products": sample([_timed(many.rank, each) for each in asked]).as_json()}


def main(arguments: list[str] | None = None) -> None:
    """Measure the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--parts", default="pictures,barcodes,look", help="some of them, between commas")
    parser.add_argument("--out", type=Path, help="also write the JSON here")
    options = parser.parse_args(arguments)
    data = Path(os.environ.get("LAMHA_DATA", "../shared/data"))
    found: dict[str, Any] = {"machine": machine()}
    with TemporaryDirectory() as folder:
        encoder = EfficientNet(Store().path(ENCODER), Path(folder))
        parts: Mapping[str, Callable[[], dict[str, Any]]] = {
            "pictures": lambda: pictures(encoder, data / "products"),
            "barcodes": lambda: codes(data / "barcodes"),
            "look": lambda: look(encoder, data / "products"),
        }
        for part in options.parts.split(","):
            if part not in parts:
                parser.error(f"there is no part {part}: {', '.join(parts)}")
            found[part] = parts[part]()
            sys.stderr.write(f"{part}: {json.dumps(found[part], ensure_ascii=False, indent=1)}\n")
    text = json.dumps(found, ensure_ascii=False)
    if options.out:
        options.out.write_text(text, "utf-8")
    print(text)


def _photos(folder: Path) -> Photos:
    return [(each.name, file) for each in sorted(folder.iterdir()) for file in sorted(each.glob("*.jpg"))]


def _coarse(file: Path) -> dict[str, str]:
    with file.open(encoding="utf-8", newline="") as rows:
        return {row["class"]: row["coarse_class"] for row in csv.DictReader(rows)}


def _said(name: str) -> str:
    return name.replace("-", " ")


def _share(said: Iterable[str], meant: Iterable[str]) -> float:
    return round(float(np.mean([a == b for a, b in zip(said, meant, strict=True)])), 3)


def _strangers(
    taught: Matrix, labels: Sequence[int], looks: Matrix, meant: Sequence[int]
) -> dict[str, float]:
    """With half of the products enrolled: area under the curve, and strangers that are said to be known."""
    areas, taken = [], []
    for seed in range(_SEEDS):
        order = np.random.default_rng(seed).permutation(len(set(labels)))
        known = set(order[: len(order) // 2].tolist())
        kept = [at for at, label in enumerate(labels) if label in known]
        gallery = Gallery(taught[kept], [labels[at] for at in kept])
        sure = np.array([gallery.rank(each)[0].confidence for each in looks])
        inside = np.array([each in known for each in meant])
        areas.append(float((sure[inside][:, None] > sure[~inside][None]).mean()))
        taken.append(float((sure[~inside] >= _SURE).mean()))
    return {"area under the curve": round(np.mean(areas), 3), "said to be known": round(np.mean(taken), 3)}


def _meant(file: Path) -> str:
    return _plain(file.with_suffix(".txt").read_text("utf-8"))


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _timed(step: Callable[[Any], object], argument: Any) -> float:
    began = time.perf_counter()
    step(argument)
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
