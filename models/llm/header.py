"""What a GGUF says of itself, looked at before llama.cpp believes it: over a wrong type it ends the process.

Read with ggml's own reader, which refuses what is cut off or no GGUF.
"""

import ctypes
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from lamha.models.errors import ModelBroken
from lamha.models.llm.library import bindings, library

UINT32, FLOAT32, STRING = 4, 6, 8  # enum gguf_type
_FLOATS = {0, 1, 8, 30}  # enum ggml_type: F32, F16, Q8_0, BF16
_LAYERS = 512  # LLAMA_MAX_LAYERS
_ADAPTER = {
    "general.type": STRING,
    "general.architecture": STRING,
    "adapter.type": STRING,
    "adapter.lora.alpha": FLOAT32,
}
_EMBEDDING = "token_embd.weight"


@dataclass(frozen=True)
class Tensor:
    """A tensor's name and shape; `shape[0]` is the length of a row. `kind` is ggml's number of its type."""

    name: str
    shape: tuple[int, ...]
    kind: int = field(default=0, compare=False)


def tensors(path: Path) -> tuple[Tensor, ...]:
    """Every tensor of a file; ModelBroken where it is no GGUF or ends before its header does."""
    with _opened(path) as header:
        if header is None:
            raise ModelBroken(f"{path.name} is no whole GGUF", "pull or import it again")
        return tuple(header.tensors())


def model_flaw(path: Path) -> str:
    """What is wrong with a model's header that llama.cpp would not survive; nothing where all is well."""
    with _opened(path) as header:
        if header is None or header.kind("general.architecture") != STRING:
            return ""  # llama.cpp itself says so
        layers = header.number(f"{header.text('general.architecture')}.block_count")
        return "" if layers is None or 0 < layers <= _LAYERS else f"it cannot have {layers} layers"


def adapter_flaw(path: Path, model: Path) -> str:
    """The same of an adapter that is to be used with a model."""
    with _opened(path) as header:
        if header is None:
            return ""
        for key, kind in _ADAPTER.items():
            if header.kind(key) not in (None, kind):
                return f"its {key} is of the wrong type"
        if not header.kind("general.type") or header.text("general.type") != "adapter":
            return ""
        return _matrices_flaw(list(header.tensors()), model)


def _matrices_flaw(matrices: Sequence[Tensor], model: Path) -> str:
    if not matrices:
        return "it changes nothing"
    for each in matrices:
        if each.kind not in _FLOATS or len(each.shape) > 2:
            return f"its {each.name} is no matrix of numbers"
    if any(each.name.startswith(_EMBEDDING) for each in matrices) and _tied(model):
        return "it changes embeddings that the model uses as its output, too"
    return ""


def _tied(model: Path) -> bool:
    with _opened(model) as header:
        return header is not None and all(each.name != "output.weight" for each in header.tensors())


class _Header:
    def __init__(self, handle: int) -> None:
        self._handle = handle

    def kind(self, key: str) -> int | None:
        """The type of a value, None where there is none of this name."""
        at = self._at(key)
        return None if at < 0 else int(_ggml().gguf_get_kv_type(self._handle, at))

    def text(self, key: str) -> str:
        """A value that is known to be a string."""
        return bytes(_ggml().gguf_get_val_str(self._handle, self._at(key))).decode(errors="replace")

    def number(self, key: str) -> int | None:
        """A whole number, None where it is something else."""
        if self.kind(key) != UINT32:
            return None
        return int(_ggml().gguf_get_val_u32(self._handle, self._at(key)))

    def tensors(self) -> Iterator[Tensor]:
        """Every tensor; dimensions of 1 at the end of its shape are none."""
        lib = _ggml()
        for index in range(lib.gguf_get_n_tensors(self._handle)):
            name = bytes(lib.gguf_get_tensor_name(self._handle, index)).decode(errors="replace")
            shape = lib.gguf_get_tensor_ne(self._handle, index)[:4]
            dimensions = max((at for at, size in enumerate(shape, 1) if size != 1), default=1)
            yield Tensor(name, tuple(shape[:dimensions]), lib.gguf_get_tensor_type(self._handle, index))

    def _at(self, key: str) -> int:
        return int(_ggml().gguf_find_key(self._handle, key.encode()))


@contextmanager
def _opened(path: Path) -> Iterator[_Header | None]:
    handle = _ggml().gguf_init_from_file(os.fsencode(path), _Parameters(True, None))
    try:
        yield _Header(handle) if handle else None
    finally:
        if handle:
            _ggml().gguf_free(handle)


class _Parameters(ctypes.Structure):
    _fields_ = (("no_alloc", ctypes.c_bool), ("context", ctypes.c_void_p))


@cache
def _ggml() -> Any:
    library()  # makes it quiet
    lib, handle, index = bindings("_ggml").libggml, ctypes.c_void_p, ctypes.c_int64
    for name, result, *arguments in (
        ("init_from_file", handle, ctypes.c_char_p, _Parameters),
        ("free", None, handle),
        ("find_key", index, handle, ctypes.c_char_p),
        ("get_kv_type", ctypes.c_int, handle, index),
        ("get_val_str", ctypes.c_char_p, handle, index),
        ("get_val_u32", ctypes.c_uint32, handle, index),
        ("get_n_tensors", index, handle),
        ("get_tensor_name", ctypes.c_char_p, handle, index),
        ("get_tensor_type", ctypes.c_int, handle, index),
        ("get_tensor_ne", ctypes.POINTER(index), handle, index),
    ):
        function = getattr(lib, f"gguf_{name}")
        function.restype, function.argtypes = result, arguments
    return lib
