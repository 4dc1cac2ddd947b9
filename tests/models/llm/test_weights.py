import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lamha.models import memory
from lamha.models.errors import ModelBroken, NoMemory
from lamha.models.llm import weights
from lamha.models.llm.engine import Engine, Row, Settings
from lamha.models.llm.weights import Weights, fingerprint

SMALL = Settings(context=64, batch=8, sequences=2, scored=2)
LARGE = 64 * 65_536
"""Up to so many bytes all of a file counts."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "model.gguf"


@pytest.mark.parametrize("size", [1, 65_535, 65_536, 65_537, LARGE])
def test_every_byte_of_a_small_file_counts(file: Path, size: int) -> None:
    seen = set()
    for at in {0, size // 2, size - 1}:
        data = bytearray(size)
        data[at] = 1
        file.write_bytes(data)
        seen.add(fingerprint(file))
    assert len(seen) == len({0, size // 2, size - 1})


def test_the_size_counts(file: Path) -> None:
    seen = set()
    for size in (0, 1, 65_535, 65_536, 65_537, 3 * LARGE, 3 * LARGE + 1):
        file.write_bytes(bytes(size))
        seen.add(fingerprint(file))
    assert len(seen) == 7


@pytest.mark.parametrize("at", [0, 65_535, 30 * LARGE // 63, 10 * LARGE - 1])
def test_samples_of_a_large_file_count(file: Path, at: int) -> None:
    file.write_bytes(bytes(10 * LARGE))
    before, step = fingerprint(file), (10 * LARGE - 65_536) // 63
    with file.open("r+b") as opened:
        opened.seek(at // step * step + min(at % step, 65_535))
        opened.write(b"\1")
    assert fingerprint(file) != before


def test_a_name_and_a_date_do_not_count(file: Path, tmp_path: Path) -> None:
    file.write_bytes(b"model" * 99_999)
    before = fingerprint(file)
    os.utime(file, (1, 1))
    assert fingerprint(file) == before
    assert fingerprint(file.rename(tmp_path / "other")) == before


def test_too_little_memory_is_said_before_anything_is_loaded(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_bytes(bytes(1_000_000))
    monkeypatch.setattr(memory, "_limits", lambda _root: iter([50_000_000]))
    monkeypatch.setattr(weights, "_load", lambda *_: pytest.fail("loaded"))
    with pytest.raises(NoMemory, match=r"model\.gguf needs 61 MB of memory, and 50 MB are free"):
        Weights.share(file)
    assert not any(key[0] == fingerprint(file) for key in Weights._loaded)


def test_a_file_that_cannot_be_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_bytes(b"GGUF")

    def refuse(_path: Path) -> str:
        raise PermissionError("not yours")

    monkeypatch.setattr(weights, "fingerprint", refuse)
    with pytest.raises(ModelBroken, match=r"model\.gguf cannot be read: not yours"):
        Weights.share(file)


@pytest.mark.model
def test_too_little_memory_for_one_more_context(
    gguf: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Engine(gguf("smollm2-135m"), SMALL) as engine:
        users = engine.weights._users
        monkeypatch.setattr(memory, "_limits", lambda _root: iter([5_000_000]))
        with pytest.raises(NoMemory, match="a context of 64 tokens needs"):
            Engine(engine.path, SMALL)
        assert engine.weights._users == users
        assert len(engine.decode([Row(1, 0, 0, True)])) == 1


@pytest.mark.model
@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_link_is_the_same_file(
    gguf: Callable[[str], Path], tmp_path: Path, link: Callable[[Path, Path], None]
) -> None:
    path, other = gguf("smollm2-135m"), tmp_path / "other.gguf"
    try:
        link(path, other)
    except OSError:
        pytest.skip("another file system")
    with Engine(path, SMALL) as engine, Engine(other, SMALL) as same:
        assert engine.weights is same.weights


SHARED = """
import json, sys
from pathlib import Path
from lamha.models.llm.engine import Engine, Row, Settings
from lamha.models.llm.weights import Weights

def resident():
    return int(Path("/proc/self/status").read_text().partition("VmRSS:")[2].split()[0]) * 1024

path, settings, sizes = Path(sys.argv[1]), Settings(context=64, batch=8, sequences=2, scored=2), []
def measured(engine):
    scores = engine.decode([Row(1, 0, 0, True)])[0].tolist() if engine else []
    sizes.append(resident())
    return scores
measured(None)
one = Engine(path, settings)
wanted = measured(one)
more = [Engine(path, settings) for _ in range(3)]
same = [measured(engine) == wanted for engine in more]
one.close()
same.append(more[0].decode([Row(1, 1, 0, True)])[0].size > 0)
for engine in more:
    engine.close()
measured(None)
again = Engine(path, settings)
same.append(measured(again) == wanted)
again.close()
print(json.dumps([sizes, same, len(Weights._loaded)]))
"""


@pytest.mark.model
def test_several_contexts_hold_the_weights_once_and_the_last_frees_them(gguf: Callable[[str], Path]) -> None:
    path = gguf("smollm2-135m")
    done = subprocess.run([sys.executable, "-c", SHARED, path], capture_output=True, text=True, check=True)
    (before, one, *more, closed, _), same, loaded = json.loads(done.stdout)
    weight = path.stat().st_size
    assert one - before > weight
    assert more[-1] - one < weight / 2  # three contexts
    assert one - closed > weight * 0.8
    assert all(same)
    assert loaded == 0
