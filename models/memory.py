"""Keeping the process small on a device that has little. Only glibc can; elsewhere nothing is done."""

import ctypes
import resource
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from lamha.models.errors import NoMemory

_M_MMAP_THRESHOLD = -3  # malloc.h
_LARGE = 1 << 20  # bytes


def give_back() -> None:
    """Return freed memory to the system; worth a call after a model was loaded or an utterance heard.

    Loading and recognising free large blocks that glibc keeps: 40 MB of 300 with all speech loaded.
    """
    if trim := _function("malloc_trim"):
        trim(0)


def return_large_blocks() -> None:
    """From now on return every freed block of a megabyte or more at once.

    By itself glibc begins to keep them, and they do not fit the next sentence: 30 MB for a tenth of the time.
    """
    if mallopt := _function("mallopt"):
        mallopt(_M_MMAP_THRESHOLD, _LARGE)


def available(root: Path = Path("/")) -> int | None:
    """Bytes this process may still take: of the system, its container, its own limit; None if unknown."""
    return min([*_limits(root), *_addresses(root)], default=None)


def ensure(needed: int, what: str, *, reserved: int = 0, root: Path = Path("/")) -> None:
    """NoMemory where less than `needed` is free for `what`.

    What is only `reserved` besides counts where the process is limited in addresses (`ulimit -v`).
    """
    free = min([*_limits(root), *(addresses - reserved for addresses in _addresses(root))], default=needed)
    if free < needed:
        raise NoMemory(
            f"{what} needs {needed // 1_000_000} MB of memory, and {max(free, 0) // 1_000_000} MB are free",
            "close other programs, or choose a smaller model: `lamha models list`",
        )


def _limits(root: Path) -> Iterator[int]:
    if "MemAvailable" in (lines := _table(root / "proc/meminfo")):
        yield lines["MemAvailable"] * 1024
    group = root / "sys/fs/cgroup"
    most, used = _number(group / "memory.max"), _number(group / "memory.current")
    if most is not None and used is not None:
        yield max(most - used, 0)


def _addresses(root: Path) -> Iterator[int]:
    allowed, size = resource.getrlimit(resource.RLIMIT_AS)[0], _table(root / "proc/self/status").get("VmSize")
    if allowed != resource.RLIM_INFINITY and size is not None:
        yield max(allowed - size * 1024, 0)


def _table(path: Path) -> dict[str, int]:
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return {}
    rows = (line.replace(":", " ").split() for line in lines)
    return {row[0]: int(row[1]) for row in rows if len(row) > 1 and row[1].isdecimal()}


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


@cache
def _function(name: str) -> Any:
    return getattr(ctypes.CDLL(None), name, None)
