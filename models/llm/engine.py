"""llama.cpp behind one object. It knows token ids and numbered sequences, and nothing of text or chat.

The C API is called through llama-cpp-python's low-level bindings; every handle is freed by one
ExitStack, the context before its model. Not thread-safe: one caller at a time.
"""

import ctypes
import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from lamha.models.errors import ModelBroken

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

    context: int = 2048
    batch: int = 128
    sequences: int = 24
    scored: int = 32
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
                f"{self.path.name} is not a model that llama.cpp can load", "run `lamha models verify`"
            )
        self._handles.callback(lib.llama_model_free, self._model)
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
                return buffer.value.decode() if size >= 0 else ""
            room = size + 1

    def decode(self, rows: Sequence[Row]) -> list[Logits]:
        """Run one batch of at most `settings.batch` tokens; the scores of each row that asks, in order."""
        batch = self._batch
        for index, row in enumerate(rows):
            batch.token[index] = row.token
            batch.pos[index] = row.position
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = row.sequence
            batch.logits[index] = row.scored
        batch.n_tokens = len(rows)
        status = self._lib.llama_decode(self._context, batch)
        if status != 0:
            raise ModelBroken(
                f"llama.cpp could not decode {len(rows)} tokens (status {status})", "shorten the text"
            )
        return [self._logits(index) for index, row in enumerate(rows) if row.scored]

    def _logits(self, index: int) -> Logits:
        scores = self._lib.llama_get_logits_ith(self._context, index)
        return np.ctypeslib.as_array(scores, (self.vocabulary_size,)).copy()  # the next decode overwrites it

    def copy(self, source: int, target: int) -> None:
        """Let `target` begin as `source`; the memory is shared, not copied."""
        self._lib.llama_memory_seq_cp(self._memory, source, target, -1, -1)

    def forget(self, sequence: int, start: int = 0) -> None:
        """Drop a sequence from position `start` on."""
        self._lib.llama_memory_seq_rm(self._memory, sequence, start, -1)

    def use_threads(self, count: int) -> None:
        """Decode and prefill on `count` threads from the next batch on."""
        self._lib.llama_set_n_threads(self._context, count, count)


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


_kept: list[object] = []  # ctypes callbacks must outlive their registration


def _library() -> Any:
    """llama_cpp, imported late (it is slow to import) and made quiet once."""
    from llama_cpp import llama_cpp as lib

    if not _kept:

        @lib.llama_log_callback  # type: ignore[untyped-decorator]
        def quiet(_level: int, _text: bytes, _data: object) -> None:
            return

        lib.llama_log_set(quiet, ctypes.c_void_p())
        lib.llama_backend_init()
        _kept.append(quiet)
    return lib


def fingerprint(path: Path) -> str:
    """A cheap identity of a file (name, size, time of change) for caches of what was computed from it."""
    status = path.stat()
    return f"{path.name}:{status.st_size}:{status.st_mtime_ns}"
