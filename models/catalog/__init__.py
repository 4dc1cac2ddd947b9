"""What can be had: one TOML a model beside this file, read into frozen dataclasses."""

import difflib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from lamha.models.errors import UnknownModel

PROFILES = ("glasses", "phone", "dev")


@dataclass(frozen=True)
class Part:
    """One member of one wheel or npm package; `package` is pinned, NAME==VERSION."""

    package: str
    member: str


@dataclass(frozen=True)
class Source:
    """One place that gives a whole file: packages whose parts follow each other, or an address."""

    kind: str
    parts: tuple[Part, ...] = ()
    platform: str = ""
    url: str = ""


@dataclass(frozen=True)
class File:
    """One file of a model; size 0 and an empty sha256 mean that nobody has verified it."""

    name: str
    size: int
    sha256: str
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One model, voice or font."""

    name: str
    kind: str
    summary: str
    licence: str
    languages: tuple[str, ...]
    profiles: tuple[str, ...]
    files: tuple[File, ...]

    @property
    def size(self) -> int:
        """Bytes on disk, as far as they are known."""
        return sum(file.size for file in self.files)

    @property
    def verified(self) -> bool:
        """Whether the catalogue pins every file."""
        return all(file.sha256 for file in self.files)


def load() -> dict[str, Entry]:
    """Every entry by its name."""
    return {entry.name: entry for entry in _entries()}


def pinned(model: str, file: str) -> bool:
    """Whether the catalogue itself knows the sha256 of a file."""
    entry = load().get(model)
    return entry is not None and any(each.sha256 for each in entry.files if each.name == file)


def profile(name: str) -> tuple[str, ...]:
    """The names of the entries that a profile holds."""
    if name not in PROFILES:
        raise unknown(name, PROFILES)
    return tuple(entry.name for entry in _entries() if name in entry.profiles)


def unknown(name: str, known: Iterable[str]) -> UnknownModel:
    """The error for a name that is not among `known`, with the nearest ones as its hint."""
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}?" if near else "`lamha models list` shows the names"
    return UnknownModel(f"there is no model called {name}", hint)


def parse(text: str) -> Entry:
    """One entry from its TOML."""
    table = tomllib.loads(text)
    lists: dict[str, Any] = {key: tuple(table.pop(key)) for key in ("languages", "profiles")}
    files = tuple(_file(**file) for file in table.pop("files"))
    return Entry(**table, **lists, files=files)


def _file(name: str, size: int, sha256: str, sources: list[dict[str, Any]]) -> File:
    return File(name, size, sha256, tuple(_source(**source) for source in sources))


def _source(
    kind: str, package: str = "", member: str = "", parts: int = 1, platform: str = "", url: str = ""
) -> Source:
    if kind == "url":
        return Source(kind, url=url)
    numbers = range(1, parts + 1)
    return Source(kind, tuple(Part(package.format(n=n), member.format(n=n)) for n in numbers), platform)


@cache
def _entries() -> tuple[Entry, ...]:
    folder = resources.files("lamha.models.catalog")
    texts = [path.read_text("utf-8") for path in folder.iterdir() if path.name.endswith(".toml")]
    return tuple(sorted(map(parse, texts), key=lambda entry: (entry.kind, entry.name)))
