"""Who else is using the processor."""

import os
import re
import time
from pathlib import Path

from lamha.device.board.tree import Tree

_BUSY = 0.3  # of one core


def busiest(seconds: float = 0.3, root: Path = Path("/")) -> tuple[str, ...]:
    """The names of the other processes that kept a core busy for the next so many seconds, as far as told."""
    before = _used(root)
    time.sleep(seconds)
    ticks = _BUSY * seconds * os.sysconf("SC_CLK_TCK")
    used = [(now - before.get(key, now), key[1]) for key, now in _used(root).items()]
    names = [name for more, name in sorted(used, reverse=True) if more > ticks]
    return tuple(dict.fromkeys(names))[:3]


def room(threads: int, root: Path = Path("/")) -> bool:
    """Whether so many threads would find a core each just now; True where the kernel does not tell."""
    running = re.search(r"(\d{1,6})/\d+", Tree(root).text("proc/loadavg"))
    others = int(running[1]) - 1 if running else 0  # man 5 proc: what is running now, and this is
    return threads + others <= (os.cpu_count() or 1) or not running


def _used(root: Path) -> dict[tuple[str, str], int]:
    """Clock ticks of each process, by its number and name."""
    tree = Tree(root)
    found: dict[tuple[str, str], int] = {}
    for path in tree.folders("proc", ""):
        number = path.removeprefix("proc/")
        if not number.isdecimal() or number == str(os.getpid()):
            continue
        name, _, rest = tree.text(f"{path}/stat").partition("(")[2].rpartition(")")
        fields = rest.split()
        if len(fields) > 12 and fields[11].isdecimal() and fields[12].isdecimal():  # man 5 proc: utime, stime
            found[number, name] = int(fields[11]) + int(fields[12])
    return found
