"""llama.cpp behind one object. It knows token ids and numbered sequences, and nothing of text or chat.

The C API is called through llama-cpp-python's low-level bindings; every handle is freed by one
ExitStack, the context before its model. Not thread-safe: one caller at a time.
"""

import ctypes
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from lamha.models.errors import BudgetTooSmall, ModelBroken
from lamha.models.memory import give_back

type Logits = NDArray[np.float32]
"""Shape (vocabulary,): the scores of every possible next token."""


class Row(NamedTuple):
    """One token of a batch: its position, its sequence, and whether its scores are wanted."""

    token: int
    position: int
    sequence: int
    scored: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """What a context is made for. More of anything costs memory."""

    context: int = 1536
    batch: int = 128
    sequences: int = 16
    scored: int = 16
    """Rows of one batch whose scores can be asked for."""
    threads: int = 1


class Engine:
    """A loaded GGUF with its memory of sequences. Close it, or use it in a `with`."""

    def __init__(self, path: Path, settings: Settings | None = None) -> None:
        self.path = path
        self.settings = settings or Settings()
        self._lib = _library()
        self._handles = ExitStack()
        try:
            self._load()
        except BaseException:
            self._handles.close()
            raise

    def _load(self) -> None:
        lib = self._lib
        self._model = lib.llama_model_load_from_file(os.fsencode(self.path), _model_params(lib))
        if not self._model:
            raise ModelBroken(
                f"{self.path.name} is not a model that llama.cpp can load",
                "run `lamha models verify`, or choose another model",
            )
        self._handles.callback(lib.llama_model_free, self._model)
        give_back()  # what reading the vocabulary left behind
        self._context = lib.llama_init_from_model(self._model, _context_params(lib, self.settings))
        if not self._context:
            raise ModelBroken(
                f"no memory for a context of {self.settings.context} tokens", "close other programs"
            )
        self._handles.callback(lib.llama_free, self._context)
        self._batch = lib.llama_batch_init(self.settings.batch, 0, 1)
        self._handles.callback(lib.llama_batch_free, self._batch)
        self._memory = lib.llama_get_memory(self._context)
        self._vocabulary = lib.llama_model_get_vocab(self._model)
        self.vocabulary_size: int = lib.llama_vocab_n_tokens(self._vocabulary)

    def close(self) -> None:
        """Free the model and its memory; twice is once."""
        self._handles.close()
        self._lib = _Closed()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Token ids of a text; control tokens are read as such only where `special`."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        ids = (self._lib.llama_token * room)()
        count = self._lib.llama_tokenize(self._vocabulary, data, len(data), ids, room, False, special)
        if count < 0:
            raise ModelBroken(f"the model makes {-count} tokens of {len(data)} bytes", "choose another model")
        return list(ids[:count])

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """The bytes of one token, no whole characters perhaps; control tokens are empty unless `special`."""
        room = 64
        while True:
            buffer = ctypes.create_string_buffer(room)
            size = self._lib.llama_token_to_piece(self._vocabulary, token, buffer, room, 0, special)
            if size >= 0:
                return buffer.raw[:size]
            room = -size

    def is_end(self, token: int) -> bool:
        """Whether the model means to end its turn with this token."""
        return bool(self._lib.llama_vocab_is_eog(self._vocabulary, token))

    @cached_property
    def bos(self) -> list[int]:
        """What every text of this model begins with: one token, or nothing."""
        wanted = self._lib.llama_vocab_get_add_bos(self._vocabulary)
        return [self._lib.llama_vocab_bos(self._vocabulary)] if wanted else []

    def metadata(self, key: str) -> str:
        """A value of the GGUF's own header, or an empty string."""
        room = 256
        while True:
            buffer = ctypes.create_string_buffer(room)
            size = self._lib.llama_model_meta_val_str(self._model, key.encode(), buffer, room)
            if size < room:
                return buffer.value.decode(errors="replace") if size >= 0 else ""
            room = size + 1

    def decode(self, rows: Sequence[Row]) -> list[Logits]:
        """Run one batch of at most `settings.batch` tokens; the scores of each row that asks, in order."""
        self._check(rows)
        decode, batch = self._lib.llama_decode, self._batch
        for index, row in enumerate(rows):
            batch.token[index] = row.token
            batch.pos[index] = row.position
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = row.sequence
            batch.logits[index] = row.scored
        batch.n_tokens = len(rows)
        status = decode(self._context, batch)
        if status == 1:
            raise BudgetTooSmall(f"the context of {self.settings.context} tokens is full", "say it shorter")
        if status != 0:
            raise ModelBroken(
                f"llama.cpp could not decode {len(rows)} tokens (status {status})", "choose another model"
            )
        return [self._logits(index) for index, row in enumerate(rows) if row.scored]

    def _check(self, rows: Sequence[Row]) -> None:
        settings = self.settings  # llama.cpp writes past its buffers, or leaves scores out, without a word
        scored, most = sum(row.scored for row in rows), max(settings.sequences, settings.scored)
        if len(rows) > settings.batch or scored > most:
            raise ModelBroken(
                f"{len(rows)} tokens, {scored} of them scored, are more than a batch holds",
                "read less at once",
            )

    def _logits(self, index: int) -> Logits:
        scores = self._lib.llama_get_logits_ith(self._context, index)
        return np.ctypeslib.as_array(scores, (self.vocabulary_size,)).copy()  # the next decode overwrites it

    def copy(self, source: int, target: int) -> None:
        """Let `target` begin as `source`; the memory is shared, not copied."""
        self._numbered(source, target)
        self._lib.llama_memory_seq_cp(self._memory, source, target, -1, -1)

    def forget(self, sequence: int, start: int = 0) -> None:
        """Drop a sequence from position `start` on; a closed engine has dropped it already."""
        self._numbered(sequence)
        if not isinstance(self._lib, _Closed):
            self._lib.llama_memory_seq_rm(self._memory, sequence, start, -1)

    def _numbered(self, *sequences: int) -> None:
        for sequence in sequences:  # to llama.cpp a negative number is all of them, or a reason to abort
            if not 0 <= sequence < self.settings.sequences:
                raise ValueError(f"there is no sequence {sequence}; was its branch closed?")


class _Closed:
    """Stands where the library was, since a call with a freed handle would end the process."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("the engine is closed")


def _model_params(lib: Any) -> Any:
    params = lib.llama_model_default_params()
    # Repacked weights are a copy: with mmap the file's pages would count a second time.
    params.load_mode = lib.LLAMA_LOAD_MODE_NONE
    return params


def _context_params(lib: Any, settings: Settings) -> Any:
    params = lib.llama_context_default_params()
    params.n_ctx = settings.context
    params.n_batch = params.n_ubatch = settings.batch
    params.n_seq_max = settings.sequences
    params.n_outputs_max = max(settings.sequences, settings.scored)
    params.kv_unified = True  # one pool of cells, so that branching a sequence copies nothing
    params.n_threads = params.n_threads_batch = settings.threads
    params.no_perf = True
    return params


@cache
def _library() -> Any:
    """llama_cpp's bindings, imported late (they are slow to import) and made quiet."""
    lib = _bindings()
    # A log in Python would swallow Ctrl-C, which cannot leave a callback. C's abs ignores what it is given.
    lib.llama_log_set(ctypes.cast(ctypes.CDLL(None).abs, lib.llama_log_callback), None)
    lib.llama_backend_init()
    return lib


def _bindings() -> Any:
    """The C API alone: the package around it imports what lamha has no use for (11 MB, 60 ms)."""
    package = ModuleType("llama_cpp")
    spec = find_spec("llama_cpp")
    package.__path__ = list(spec.submodule_search_locations or ()) if spec else []
    before = sys.modules.setdefault("llama_cpp", package)
    try:
        return import_module("llama_cpp.llama_cpp")
    finally:
        if before is package:  # whoever imports the package later gets all of it
            del sys.modules["llama_cpp"]


def fingerprint(path: Path) -> str:
    """A cheap identity of a file (name, size, time of change) for caches of what was computed from it."""
    status = path.stat()
    return f"{path.name}:{status.st_size}:{status.st_mtime_ns}"
