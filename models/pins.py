"""What was seen at the first download of files that nobody has verified: pins.json beside the models."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from lamha.models import files
from lamha.models.catalog import Entry, File
from lamha.models.errors import StorageBroken


@dataclass(frozen=True)
class Pin:
    """Size and digest of a file as it first came."""

    size: int
    sha256: str
    made_of: str = ""
    """The model that it was made from on this device."""


def read(root: Path) -> dict[str, Pin]:
    """The pins by MODEL/FILE."""
    path = root / "pins.json"
    if not path.exists():
        return {}
    try:
        return {key: Pin(**value) for key, value in json.loads(path.read_text("utf-8")).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise StorageBroken(
            f"{path} cannot be read ({error})", "mend or delete it, then pull again"
        ) from error


def apply(pins: dict[str, Pin], entry: Entry, file: File) -> File:
    """The file with what its pin says of it, if the catalogue itself says nothing."""
    pin = pins.get(f"{entry.name}/{file.name}")
    if file.sha256 or not pin:
        return file
    return dataclasses.replace(file, size=pin.size, sha256=pin.sha256)


def add(root: Path, model: str, file: str, path: Path, made_of: str = "") -> None:
    """Remember a file as it is now."""
    pin = Pin(path.stat().st_size, files.sha256(path), made_of)
    _write(root, read(root) | {f"{model}/{file}": pin})


def forget(root: Path, model: str) -> None:
    """Drop the pins of one model."""
    _write(root, {key: pin for key, pin in read(root).items() if not key.startswith(f"{model}/")})


def _write(root: Path, pins: dict[str, Pin]) -> None:
    growing = root / "pins.json.tmp"
    table = {key: _known(pin) for key, pin in sorted(pins.items())}
    growing.write_text(json.dumps(table, indent=2) + "\n", "utf-8")
    files.place(growing, root / "pins.json")


def _known(pin: Pin) -> dict[str, object]:
    return {name: value for name, value in dataclasses.asdict(pin).items() if value != ""}
