"""llama.cpp's C API as llama-cpp-python binds it: imported late, quiet, asked why only after a failure."""

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

_ERROR = 4  # enum ggml_log_level


@cache
def library() -> Any:
    """llama_cpp's low-level bindings (they are slow to import), made quiet."""
    lib = bindings("llama_cpp")
    _silence(lib)
    lib.llama_backend_init()
    return lib


def bindings(module: str) -> Any:
    """A module of llama_cpp alone: the package around it imports what lamha has no use for (11 MB, 60 ms)."""
    package = ModuleType("llama_cpp")
    spec = find_spec("llama_cpp")
    package.__path__ = list(spec.submodule_search_locations or ()) if spec else []
    before = sys.modules.setdefault("llama_cpp", package)
    try:
        return import_module(f"llama_cpp.{module}")
    finally:
        if before is package:  # whoever imports the package later gets all of it
            del sys.modules["llama_cpp"]


class Closed:
    """Stands where the library was, since a call with a freed handle would end the process."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("the engine is closed")


def why(failing: Callable[[], object]) -> str:
    """Call again what has just failed; the last error that llama.cpp logs while it fails, or nothing.

    Not while it might succeed: a log in Python swallows Ctrl-C, which cannot leave a callback.
    """
    with _log() as lines:
        failing()
    return lines[-1] if lines else ""


@contextmanager
def _log() -> Iterator[list[str]]:
    lib, lines = library(), list[str]()

    def keep(level: int, text: bytes, _: object) -> None:
        line = text.decode(errors="replace").strip().partition(": ")[2].removeprefix("error loading model: ")
        if level == _ERROR and line and "failed to load model" not in line:  # as if that were why
            lines.append(line)

    callback = lib.llama_log_callback(keep)
    lib.llama_log_set(callback, None)
    try:
        yield lines
    finally:
        _silence(lib)


def _silence(lib: Any) -> None:
    # C's abs ignores what it is given, and is no Python.
    lib.llama_log_set(ctypes.cast(ctypes.CDLL(None).abs, lib.llama_log_callback), None)
