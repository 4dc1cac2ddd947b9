"""Weights out of wheels: pip brings one, zipfile opens it, nothing in it is ever installed or run."""

import errno
import os
import re
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Protocol

from lamha.models import files

_PROGRESS = re.compile(r"Progress (\d+) of (\d+)")
_OFFLINE = re.compile(
    r"failed to establish|name resolution|name or service|unreachable|timed out|refused", re.IGNORECASE
)
_OPTIONS = ("--no-deps", "--only-binary=:all:", "--ignore-requires-python", "--no-cache-dir")
_TELL = ("--disable-pip-version-check", "--no-input", "--progress-bar", "raw", "--resume-retries", "5")


class SourceFailed(Exception):
    """One source did not give the file; the next is tried, so this never leaves the store."""


class Wheels(Protocol):
    """Brings one wheel into a folder and reports the share done, 0 to 1, on the way."""

    def __call__(self, package: str, platform: str, folder: Path, report: Callable[[float], None]) -> Path:
        """The wheel; SourceFailed when it cannot be had."""


def pip_download(package: str, platform: str, folder: Path, report: Callable[[float], None]) -> Path:
    """The wheel of a pinned package, by way of pip and of the user's own pip configuration."""
    # -P: a folder called pip where the user stands must not be taken for pip
    command = [sys.executable, "-P", "-m", "pip", "download", *_OPTIONS, *_TELL, "--dest", str(folder)]
    command += ["--platform", platform] if platform else []
    with tempfile.TemporaryFile() as said:  # a second pipe that nobody reads would block pip
        code = _run([*command, package], folder, said, report)
        said.seek(0)
        complaint = said.read().decode("utf-8", "replace")
    if code:
        raise _failure(package, complaint)
    return next(folder.glob("*.whl"))


def unpack(package: Path, member: str, target: Path) -> None:
    """Stream one member out; it gets its name only when its CRC was right."""
    try:
        with zipfile.ZipFile(package) as archive, archive.open(member) as source:
            files.write_whole(source, target)
    except (KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise SourceFailed(f"{package.name} does not give {member}: {error}") from error


def _run(command: list[str], folder: Path, said: IO[bytes], report: Callable[[float], None]) -> int:
    # pip downloads to its own temporary folder first: it must be on the same disk, and go when ours goes
    environment = os.environ | {"TMPDIR": str(folder)}
    with subprocess.Popen(  # noqa: S603 our own interpreter; the package's name is from the catalogue
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=said,
        env=environment,
        text=True,
        errors="replace",
    ) as pip:
        try:
            for line in pip.stdout or ():
                if match := _PROGRESS.match(line):
                    report(int(match[1]) / max(1, int(match[2])))
            return pip.wait()
        finally:
            pip.kill()  # does nothing to one that has ended
            pip.wait()


def _failure(package: str, complaint: str) -> Exception:
    if "No space left on device" in complaint:
        return OSError(errno.ENOSPC, "No space left on device")
    lines = [line.strip() for line in complaint.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")]
    if any(_OFFLINE.search(line) for line in lines):
        return SourceFailed(f"{package}: no package registry can be reached")
    return SourceFailed(f"{package}: {(errors or lines or ['pip failed'])[-1]}")
