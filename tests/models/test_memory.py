import resource
import subprocess
import sys
from pathlib import Path

import pytest

from lamha.models import memory
from lamha.models.errors import NoMemory

FREED = """
import ctypes
from pathlib import Path
from lamha.models import memory

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1])

libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
blocks = [libc.malloc(64_000) for _ in range(1_000)]  # small ones, from the heap
for block in blocks:
    ctypes.memset(block, 1, 64_000)
keep = libc.malloc(64_000)  # at the top: what lies below it is not given back by itself
for block in blocks:
    libc.free(ctypes.c_void_p(block))
before = resident()
memory.give_back()
print(before - resident())
"""


def test_freed_memory_is_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", FREED], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 10_000  # of 15,600 pages


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_function", lambda _name: None)
    memory.give_back()
    memory.return_large_blocks()


@pytest.fixture
def system(tmp_path: Path) -> Path:
    """A system with 4 MB free in a container that may take 3 of them; the process has 1 MB."""
    for name, content in {
        "proc/meminfo": "MemTotal: 9000 kB\nMemAvailable:   4000 kB\n",
        "proc/self/status": "Name: lamha\nVmSize:     1000 kB\n",
        "sys/fs/cgroup/memory.max": "5000000\n",
        "sys/fs/cgroup/memory.current": "2000000\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path


def limited(monkeypatch: pytest.MonkeyPatch, addresses: int) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: (addresses, resource.RLIM_INFINITY))


def test_the_tightest_limit_counts(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limited(monkeypatch, resource.RLIM_INFINITY)
    assert memory.available(system) == 3_000_000
    limited(monkeypatch, 2_024_000)
    assert memory.available(system) == 1_000_000
    limited(monkeypatch, 5)
    assert memory.available(system) == 0
    limited(monkeypatch, resource.RLIM_INFINITY)
    (system / "sys/fs/cgroup/memory.max").write_text("max\n")
    assert memory.available(system) == 4_096_000


def test_a_container_that_has_more_than_it_may(system: Path) -> None:
    (system / "sys/fs/cgroup/memory.current").write_text("6000000\n")
    assert memory.available(system) == 0


def test_what_nobody_knows_is_no_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limited(monkeypatch, resource.RLIM_INFINITY)
    assert memory.available(tmp_path) is None
    memory.ensure(10**18, "all", root=tmp_path)


def test_what_is_missing_is_said(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limited(monkeypatch, resource.RLIM_INFINITY)
    memory.ensure(3_000_000, "a model", root=system)
    with pytest.raises(NoMemory, match="a model needs 4 MB of memory, and 3 MB are free"):
        memory.ensure(4_000_000, "a model", root=system)


def test_what_is_only_reserved_counts_as_addresses(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limited(monkeypatch, resource.RLIM_INFINITY)
    memory.ensure(3_000_000, "a model", reserved=9_000_000, root=system)
    limited(monkeypatch, 5_024_000)
    memory.ensure(2_000_000, "a model", reserved=2_000_000, root=system)
    with pytest.raises(NoMemory, match="needs 2 MB of memory, and 1 MB are free"):
        memory.ensure(2_000_000, "a model", reserved=3_000_000, root=system)
