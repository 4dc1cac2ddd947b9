"""The header of a GGUF: which tensors it holds, and how they are shaped. Nothing else is read.

Format: github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3, little-endian.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lamha.models.errors import ModelBroken

MAGIC = b"GGUF"
_STRING, _ARRAY = 8, 9
_WIDTHS = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of a value by the number of its type."""
_DIMENSIONS = 4


@dataclass(frozen=True)
class Tensor:
    """A tensor's name and shape; `shape[0]` is the length of a row."""

    name: str
    shape: tuple[int, ...]


def tensors(path: Path) -> tuple[Tensor, ...]:
    """Every tensor of a file; ModelBroken where it is no GGUF or ends before its header does."""
    with path.open("rb") as file:
        try:
            return tuple(_tensors(_Reader(file)))
        except (ValueError, EOFError, OSError, RecursionError) as error:
            raise ModelBroken(f"{path.name} is no whole GGUF ({error})", "pull or import it again") from error


class _Reader:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def take(self, size: int) -> bytes:
        data = self._file.read(min(size, 1 << 24))  # a length that is not true must not become an allocation
        if len(data) < size:
            raise EOFError("it ends in its header")
        return data

    def skip(self, size: int) -> None:
        self._file.seek(size, 1)

    def number(self, size: int = 8) -> int:
        return int.from_bytes(self.take(size), "little")

    def text(self) -> bytes:
        return self.take(self.number())

    def skip_value(self, kind: int) -> None:
        if kind == _STRING:
            self.skip(self.number())
        elif kind == _ARRAY:
            inner, count = self.number(4), self.number()
            self._skip_values(inner, count)
        else:
            self._skip_values(kind, 1)

    def _skip_values(self, kind: int, count: int) -> None:
        if kind in _WIDTHS:
            self.skip(_WIDTHS[kind] * count)
        elif kind in (_STRING, _ARRAY):
            for _ in range(count):
                self.skip_value(kind)
        else:
            raise ValueError(f"it has a value of the unknown type {kind}")


def _tensors(reader: _Reader) -> Iterator[Tensor]:
    if reader.take(4) != MAGIC or reader.number(4) not in (2, 3):
        raise ValueError("it does not begin as one")
    count, values = reader.number(), reader.number()
    for _ in range(values):
        reader.text()
        reader.skip_value(reader.number(4))
    for _ in range(count):
        name, dimensions = reader.text().decode("utf-8", "replace"), reader.number(4)
        if not 0 < dimensions <= _DIMENSIONS:
            raise ValueError(f"{name} has {dimensions} dimensions")
        yield Tensor(name, tuple(reader.number() for _ in range(dimensions)))
        reader.skip(4 + 8)  # its type, and where its data is
