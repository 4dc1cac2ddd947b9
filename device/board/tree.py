"""Reading what the kernel tells in files, any of which may be missing, forbidden or nonsense."""

import re
from pathlib import Path

_MOST = 1 << 20  # bytes of one file
_CPUS = 4096


class Tree:
    """The files under a root; what cannot be read is empty."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def text(self, path: str) -> str:
        """What a file says, without the space and the zero bytes around it."""
        try:
            with (self.root / path).open("rb") as file:
                return file.read(_MOST).decode("utf-8", "replace").strip("\0 \t\r\n")
        except (OSError, ValueError):
            return ""

    def number(self, path: str) -> int | None:
        """The whole number that a file begins with."""
        found = re.match(r"-?[0-9]{1,18}\b", self.text(path))
        return int(found[0]) if found else None

    def folders(self, path: str, prefix: str) -> tuple[str, ...]:
        """The paths of the entries `prefix` + digits (any entry where the prefix is empty), in order."""
        try:
            names = [entry.name for entry in (self.root / path).iterdir()]
        except OSError:
            return ()
        if prefix:
            names = [name for name in names if re.fullmatch(re.escape(prefix) + "[0-9]{1,6}", name)]
        return tuple(f"{path}/{name}" for name in sorted(names, key=lambda name: (len(name), name)))


def cpus(text: str) -> frozenset[int]:
    """The kernel's lists of CPUs, like 0-3,6."""
    found: set[int] = set()
    for first, last in re.findall(r"(?a:\b(\d{1,6})(?:-(\d{1,6}))?\b)", text):
        found.update(range(int(first), min(int(last or first), _CPUS) + 1))
    return frozenset(found)
