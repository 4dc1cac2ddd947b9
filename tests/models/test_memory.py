import subprocess
import sys

import pytest

from lamha.models import memory

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
