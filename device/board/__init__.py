"""The board that lamha runs on, as its kernel describes it. What it does not tell is unknown, never an error.

tree.py     reading files that may be missing
cpu.py      cores, clusters, features
power.py    battery and temperature
kernels.py  what llama.cpp was compiled for, and what it might have been
pinning.py  keeping threads on some cores
tuning.py   the calibration of a model on this board, from the disk or anew
findings.py what of all this a person should know or do
"""

import hashlib
import math
import os
import re
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from lamha.device.board import cpu, power
from lamha.device.board.cpu import Cluster
from lamha.device.board.power import Battery, Zone
from lamha.device.board.tree import Tree
from lamha.models import memory

__all__ = ["Battery", "Board", "Cluster", "Zone", "read"]

_COUNTS = (1, 2, 3, 4, 6, 8, 12, 16)
_MOST = 8  # numbers of threads that are worth measuring


@dataclass(frozen=True)
class Board:
    """What is known of a board; 0, None and empty mean unknown."""

    name: str
    processor: str
    features: frozenset[str]
    """What all cores can do: neon, dotprod, i8mm, sve, fp16, bf16; avx2, fma, avx512, avx512_vnni, amx, …"""
    clusters: tuple[Cluster, ...]
    """Only of CPUs that this process may use; the fastest first."""
    governor: str
    memory: int
    """Bytes."""
    free: int | None
    """Bytes that this process may still take."""
    battery: Battery | None
    zones: tuple[Zone, ...]
    """The one nearest to its limit first."""
    quota: float = math.inf
    """How many CPUs' time a container may use at once."""

    @property
    def cores(self) -> int:
        """How many threads can work at once; at least one."""
        cores = sum(cluster.cores for cluster in self.clusters)
        return max(1, math.floor(min(cores, self.quota)))

    @property
    def default(self) -> int:
        """The number of threads that llama.cpp's own programs choose (common/common.cpp, cpu_get_num_math).

        It is the number of cores, and where Intel built two kinds of them that of the faster kind. llama.cpp
        does not look at what a container may use; here no more than that counts.
        """
        fast = self.clusters[0].cores if self.clusters and "Intel" in self.processor else self.cores
        return min(fast, self.cores)

    @property
    def counts(self) -> tuple[int, ...]:
        """The numbers of threads that are worth measuring: small ones, and those that fill whole clusters."""
        filled = accumulate(cluster.cores for cluster in self.clusters)
        wanted = {self.default, self.cores, *filled, *_COUNTS}
        usable = sorted(count for count in wanted if count <= self.cores)
        kept = {1, self.default, *usable[: _MOST - 1], usable[-1]}
        return tuple(sorted(kept))

    @property
    def key(self) -> str:
        """The same for boards that are equally fast: what was calibrated on another is worth nothing."""
        cores = [(c.cores, c.mhz, c.part, c.cpus) for c in self.clusters]
        told = repr((self.name, self.processor, sorted(self.features), cores, self.cores))
        return hashlib.blake2b(told.encode("utf-8", "replace"), digest_size=8).hexdigest()


def read(root: Path = Path("/")) -> Board:
    """Read what the files under `root` tell; never an exception."""
    tree, real = Tree(root), root == Path("/")
    told = cpu.processor(tree)
    numbers = cpu.usable(tree, told.parts, _allowed() if real else None)
    clusters = cpu.clusters(tree, numbers, told.parts)
    return Board(
        name=_name(tree),
        processor=_plain(told.name),
        features=told.features,
        clusters=clusters,
        governor=cpu.governor(tree, clusters[0].cpus[0]) if clusters else "",
        memory=_memory(tree),
        free=_free(root),
        battery=power.battery(tree),
        zones=power.zones(tree),
        quota=_quota(tree),
    )


def _name(tree: Tree) -> str:
    return _plain(tree.text("proc/device-tree/model") or tree.text("sys/class/dmi/id/product_name"))


def _plain(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:80]


def _memory(tree: Tree) -> int:
    found = re.search(r"^MemTotal:\s*([0-9]{1,12}) kB", tree.text("proc/meminfo"), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def _free(root: Path) -> int | None:
    try:
        return memory.available(root)
    except ValueError:  # a number with thousands of digits
        return None


def _quota(tree: Tree) -> float:
    group = "sys/fs/cgroup"
    if limits := re.match(r"([0-9]{1,12}) ([0-9]{1,12})", tree.text(f"{group}/cpu.max")):
        quota, period = int(limits[1]), int(limits[2])
    else:
        quota = tree.number(f"{group}/cpu/cpu.cfs_quota_us") or 0
        period = tree.number(f"{group}/cpu/cpu.cfs_period_us") or 0
    return quota / period if quota > 0 and period > 0 else math.inf


def _allowed() -> set[int] | None:
    try:
        return os.sched_getaffinity(0)
    except (AttributeError, OSError):  # not on this platform, or not permitted
        return set(range(os.cpu_count() or 1))
