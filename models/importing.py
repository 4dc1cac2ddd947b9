"""Models from a file or folder: known by size and sha256, or any GGUF under its own name."""

import dataclasses
import shutil
from pathlib import Path

from lamha.models import catalog, files, pins
from lamha.models.catalog import Entry, File
from lamha.models.errors import ChecksumMismatch, DownloadFailed, ModelBroken, QuantiseFailed, UnknownModel
from lamha.models.pins import Pin

_MAGIC = b"GGUF"


def entries(held: dict[str, Pin], known: dict[str, Entry]) -> dict[str, Entry]:
    """What was imported under its own name, as the pins remember it."""
    names = dict.fromkeys(key.split("/")[0] for key in held)
    return {name: _entry(name, held, known) for name in names if name not in known}


def bring_in(path: Path, root: Path) -> tuple[Path, ...]:
    """Copy every model found at `path` into the models folder; nothing found is an error."""
    if not path.exists():
        raise DownloadFailed(f"there is no file or folder {path}")
    found = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    placed = [target for each in found for target in _bring_one(each, root)]
    if not placed:
        raise UnknownModel(
            f"{path} holds no file of the catalogue and no GGUF", "`lamha models list` shows what is known"
        )
    return tuple(placed)


def adopt(ready: Path, root: Path, name: str, made_of: str) -> Path:
    """Move a GGUF that was made here into the models folder; an earlier one of the same origin gives way."""
    ensure_free(root, name, made_of)
    target = root / name / f"{name}.gguf"
    pins.add(root, name, target.name, ready, made_of)
    files.place(ready, target)
    return target


def ensure_free(root: Path, name: str, made_of: str) -> None:
    """QuantiseFailed where a name belongs to another model than one made from `made_of`."""
    origins = {pin.made_of for key, pin in pins.read(root).items() if key.split("/")[0] == name}
    if name in catalog.load() or origins - {made_of}:
        raise QuantiseFailed(f"there is another model called {name}", f"run `lamha models remove {name}`")


def _entry(name: str, held: dict[str, Pin], known: dict[str, Entry]) -> Entry:
    mine = [(key.split("/", 1)[1], pin) for key, pin in held.items() if key.split("/")[0] == name]
    found = tuple(File(file, pin.size, "") for file, pin in mine)
    made_of = mine[0][1].made_of
    if source := known.get(made_of):
        return dataclasses.replace(source, name=name, summary=_made(made_of), profiles=(), files=found)
    return Entry(name, "llm", _made(made_of) if made_of else "imported", "unknown", (), (), found)


def _made(made_of: str) -> str:
    return f"made from {made_of} on this device"


def _bring_one(path: Path, root: Path) -> list[Path]:
    likely = [(entry, file) for entry in catalog.load().values() for file in entry.files if _like(path, file)]
    if not likely and not _is_gguf(path):
        return []
    files.ensure_room(root, path.stat().st_size)
    copy = root / ".partial" / ".import" / path.name
    try:
        with files.clearing(copy.parent, f"{path.name} was copied"):
            return _settle(path, copy, files.join([path], copy), likely, root)
    finally:
        shutil.rmtree(copy.parent, ignore_errors=True)


def _settle(path: Path, copy: Path, digest: str, likely: list[tuple[Entry, File]], root: Path) -> list[Path]:
    home = _home(path, digest, likely, pins.read(root))
    if not home:
        return []
    model, name = home
    if not catalog.pinned(model, name):
        pins.add(root, model, name, copy)
    files.place(copy, root / model / name)
    return [root / model / name]


def _like(path: Path, file: File) -> bool:
    return path.stat().st_size == file.size if file.sha256 else path.name == file.name


def _is_gguf(path: Path) -> bool:
    return path.suffix == ".gguf" and not path.name.startswith(".")


def _home(
    path: Path, digest: str, likely: list[tuple[Entry, File]], held: dict[str, Pin]
) -> tuple[str, str] | None:
    for entry, file in likely:
        if pins.apply(held, entry, file).sha256 in ("", digest):
            return entry.name, file.name
    return _own_name(path, digest) if _is_gguf(path) else None


def _own_name(path: Path, digest: str) -> tuple[str, str]:
    with path.open("rb") as source:
        if source.read(len(_MAGIC)) != _MAGIC:
            raise ModelBroken(f"{path} is called GGUF and is none", "copy it again from where it came")
    if path.stem in catalog.load():
        raise ChecksumMismatch(
            f"{path} (sha256 {digest}) is not the {path.stem} of the catalogue", "give it another name"
        )
    return path.stem, path.name
