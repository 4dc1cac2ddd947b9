import _thread
import errno
import resource
import threading
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lamha.models import files
from lamha.models.errors import ModelBroken, NoSpace, QuantiseFailed
from lamha.models.llm import header
from lamha.models.llm.engine import Engine, Row, Settings
from lamha.models.llm.quantising.perplexity import perplexity, texts
from lamha.models.llm.quantising.quantise import FOR_BOARD, KINDS, Recipe, quantise

COARSE = Recipe("Q4_0", fitted=False)  # in seconds


@pytest.fixture
def small(gguf: Callable[[str], Path]) -> Path:
    return gguf("smollm2-135m")


def surprise(path: Path) -> float:
    with Engine(path, Settings(context=512, batch=64, sequences=1, scored=64)) as engine:
        return perplexity(engine, texts()["en"])


@pytest.fixture(scope="module")
def before(gguf: Callable[[str], Path]) -> float:
    return surprise(gguf("smollm2-135m"))


@pytest.mark.model
@pytest.mark.parametrize(
    ("recipe", "size", "lost"),
    [
        (Recipe("Q8_0", fitted=False), 144_811_072, 0.01),
        (Recipe("Q4_0", output="Q8_0", finer=(("attn_[kv]", "Q8_0"),)), 95_044_672, 0.2),
        (COARSE, 77_571_136, 0.35),
    ],
)
def test_a_copy_works_and_loses_little(
    small: Path, before: float, tmp_path: Path, recipe: Recipe, size: int, lost: float
) -> None:
    target, seen = tmp_path / "new" / "copy.gguf", list[tuple[int, int]]()
    quantise(small, target, recipe, lambda done, everything: seen.append((done, everything)))
    assert list(target.parent.iterdir()) == [target]
    assert seen == [(done, 272) for done in range(1, 273)]
    assert target.stat().st_size == size
    assert surprise(target) / before - 1 < lost
    with Engine(target, Settings(context=64, batch=8, sequences=1, scored=1)) as engine:
        (scores,) = engine.decode([Row(1, 0, 0, True)])
        assert scores.shape == (49152,)


@contextmanager
def nothing_left_in(folder: Path) -> Iterator[None]:
    there = sorted(folder.rglob("*"))
    yield
    assert sorted(folder.rglob("*")) == there


@pytest.mark.model
@pytest.mark.parametrize("size", [0, 3, 1000, 3_000_000, 50_000_000])
def test_a_source_that_is_cut_off(small: Path, tmp_path: Path, size: int) -> None:
    source = tmp_path / "cut.gguf"
    with small.open("rb") as whole:
        source.write_bytes(whole.read(size))
    with nothing_left_in(tmp_path), pytest.raises(ModelBroken, match=r"cut\.gguf"):
        quantise(source, tmp_path / "copy.gguf", COARSE)


def test_a_source_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "words.gguf").write_text("these are words, and no model")
    for name in ("words.gguf", "absent.gguf"):
        with nothing_left_in(tmp_path), pytest.raises(ModelBroken, match=name):
            quantise(tmp_path / name, tmp_path / "copy.gguf", COARSE)


@pytest.mark.parametrize(
    "recipe",
    [Recipe("Q9_9"), Recipe("Q4_K"), Recipe("Q4_0", output="Q0"), Recipe("Q4_0", finer=(("a", "B"),))],
)
def test_a_kind_that_does_not_exist(tmp_path: Path, recipe: Recipe) -> None:
    source = tmp_path / "any.gguf"
    source.touch()
    with nothing_left_in(tmp_path), pytest.raises(QuantiseFailed, match="choose from Q4_0"):
        quantise(source, tmp_path / "copy.gguf", recipe)


@pytest.mark.model
def test_the_source_is_never_replaced(small: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked.gguf"
    linked.symlink_to(small)
    for target in (linked, small):
        with nothing_left_in(tmp_path), pytest.raises(QuantiseFailed, match="would replace"):
            quantise(small, target, COARSE)


@pytest.mark.model
def test_no_room_is_told_before_anything_is_written(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "free")(70_000_000)
    monkeypatch.setattr(files.shutil, "disk_usage", lambda _: usage)
    with nothing_left_in(tmp_path), pytest.raises(NoSpace, match="are needed"):
        quantise(small, tmp_path / "copy.gguf", COARSE)


@pytest.mark.model
def test_a_disk_that_becomes_full_meanwhile(small: Path, tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (30_000_000, before[1]))  # a file that may not grow further
    try:
        with nothing_left_in(tmp_path), pytest.raises(NoSpace, match="full"):
            quantise(small, tmp_path / "copy.gguf", COARSE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.model
def test_a_file_that_is_not_whole_is_not_kept(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(arguments: list[str], *_: object) -> None:
        with small.open("rb") as whole:
            Path(arguments[1]).write_bytes(whole.read(90_000_000))

    monkeypatch.setattr("lamha.models.llm.quantising.quantise._run", cut)
    with nothing_left_in(tmp_path), pytest.raises(NoSpace, match="not whole"):
        quantise(small, tmp_path / "copy.gguf", COARSE)


@pytest.mark.model
def test_a_disk_that_fails_when_the_file_is_moved(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def place(*_: object) -> None:
        raise OSError(errno.EIO, "the card was pulled")

    monkeypatch.setattr(files, "place", place)
    with nothing_left_in(tmp_path), pytest.raises(OSError, match="pulled"):
        quantise(small, tmp_path / "copy.gguf", COARSE)


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = tmp_path / "empty.gguf", tmp_path / "copy.gguf"
    source.write_bytes(b"GGUF" + (3).to_bytes(4, "little") + bytes(16))

    def touch(*_: object) -> None:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(Path, "touch", touch)
    with nothing_left_in(tmp_path), pytest.raises(QuantiseFailed, match="cannot be written"):
        quantise(source, target, COARSE)


@pytest.mark.model
def test_ctrl_c_ends_it_at_once(small: Path, tmp_path: Path) -> None:
    interrupted = threading.Event()

    def progress(done: int, _: int) -> None:
        if done == 3:
            interrupted.set()
            _thread.interrupt_main()

    with nothing_left_in(tmp_path), pytest.raises(KeyboardInterrupt):
        quantise(small, tmp_path / "copy.gguf", Recipe("IQ4_NL"), progress)
    assert interrupted.is_set()


@pytest.mark.model
def test_an_earlier_copy_stays_until_there_is_a_better_one(small: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.gguf"
    target.write_text("an earlier one")

    def stop(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        quantise(small, target, COARSE, stop)
    assert target.read_text() == "an earlier one"
    quantise(small, target, COARSE)
    assert len(header.tensors(target)) == 272


def test_recipes_are_of_kinds_that_exist() -> None:
    assert {recipe.kind for recipe in FOR_BOARD} <= set(KINDS)
    assert [str(recipe) for recipe in FOR_BOARD] == list(dict.fromkeys(map(str, FOR_BOARD)))
