"""A context of llama.cpp as one object. It knows token ids and numbered sequences, nothing of text or chat.

The C API is called through llama-cpp-python's low-level bindings; every handle is freed by one ExitStack, the
context before its weights. Not thread-safe: one caller at a time.
"""

import ctypes
import math
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self, cast

import numpy as np
from numpy.typing import NDArray

from lamha.models.errors import AdapterBroken, BudgetTooSmall, ModelBroken, NoMemory
from lamha.models.llm.inner import Inner
from lamha.models.llm.library import Closed, library
from lamha.models.llm.weights import Weights

type Logits = NDArray[np.float32]
"""Shape (vocabulary,): scores of every possible next token; of an inner layer (width,): its state."""


class Row(NamedTuple):
    """One token of a batch: its position, its sequence, and whether its scores are wanted."""

    token: int
    position: int
    sequence: int
    scored: bool = False


class Threads(NamedTuple):
    """How many threads run a single token, and how many a batch of them."""

    decode: int = 1
    prefill: int = 1


ONE_THREAD = Threads()
SEQUENCES = 256
"""A context has at most so many; as in llama.cpp."""


class Adapter(NamedTuple):
    """A GGUF LoRA and how much of it is added to the weights."""

    path: Path
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What a context is made for. More of anything costs memory."""

    context: int = 1536
    batch: int = 128
    sequences: int = 16
    scored: int = 16
    """Rows of one batch whose scores can be asked for."""
    threads: Threads = ONE_THREAD
    layer: int | None = None
    """Scores are the model's state after this layer, and the layers behind it are not computed."""
    workers: tuple[str, ...] = ()
    """llama.cpp RPC servers that hold some of the layers, as HOST:PORT."""

    def __post_init__(self) -> None:
        if min(self.context, self.batch, self.sequences) < 1 or self.sequences > SEQUENCES:
            raise BudgetTooSmall(
                f"there is no context of {self.context} tokens, batches of {self.batch} and"
                f" {self.sequences} sequences",
                f"at least one of each, and at most {SEQUENCES} sequences",
            )


class Engine:
    """A context on a GGUF with its memory of sequences. Close it, or use it in a `with`.

    Several engines on one file share its weights.
    """

    def __init__(self, path: Path, settings: Settings | None = None) -> None:
        self.path = path
        self.settings = settings or Settings()
        self.threads = self.settings.threads
        self.adapters: tuple[tuple[str, float], ...] = ()
        """What the files of the adapters in use are known by, and their scales."""
        self._views: dict[int, Logits] = {}
        self._lib: Any = library()
        self._handles = ExitStack()
        try:
            self._load()
        except BaseException:
            self._handles.close()
            raise

    def _load(self) -> None:
        lib, weights = self._lib, Weights.share(self.path, self.settings.workers)
        self._handles.callback(weights.release)
        self.weights = weights
        self.vocabulary_size: int = weights.vocabulary_size
        settings = self.settings
        weights.ensure_memory(settings.context, settings.batch, max(settings.scored, settings.sequences))
        self._inner = None if settings.layer is None else Inner(lib, settings.layer, weights.width)
        params = _context_params(lib, settings)
        if self._inner:
            params.cb_eval = self._inner.callback
        self._context = lib.llama_init_from_model(weights.handle, params)
        if not self._context:
            raise NoMemory(
                f"there is no memory for a context of {self.settings.context} tokens", "close other programs"
            )
        self._handles.callback(lib.llama_free, self._context)
        self._batch = lib.llama_batch_init(self.settings.batch, 0, 1)
        self._handles.callback(lib.llama_batch_free, self._batch)
        self._memory = lib.llama_get_memory(self._context)

    def close(self) -> None:
        """Free the context, and the weights if nobody else uses them; twice is once."""
        self._handles.close()
        self._lib, self.weights = Closed(), cast("Weights", Closed())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def tokenize(self, text: str, *, special: bool = False) -> list[int]:
        """Token ids of a text; control tokens are read as such only where `special`."""
        return self.weights.tokenize(text, special=special)

    def piece(self, token: int, *, special: bool = False) -> bytes:
        """The bytes of one token, no whole characters perhaps; control tokens are empty unless `special`."""
        return self.weights.piece(token, special=special)

    def is_end(self, token: int) -> bool:
        """Whether the model means to end its turn with this token."""
        return self.weights.is_end(token)

    @property
    def end(self) -> int:
        """The token that ends a turn."""
        return self.weights.end

    @property
    def bos(self) -> list[int]:
        """What every text of this model begins with: one token, or nothing."""
        return self.weights.bos

    def metadata(self, key: str) -> str:
        """A value of the GGUF's own header, or an empty string."""
        return self.weights.metadata(key)

    @property
    def identity(self) -> str:
        """What scores depend on: the weights, the build, and the adapters in use."""
        return self.weights.identity + "".join(f"|{content}*{scale}" for content, scale in self.adapters)

    @property
    def state_identity(self) -> str:
        """What a sequence's state depends on besides its tokens."""
        settings = self.settings
        of = f"{self.identity}|{settings.context}|{settings.batch}|{settings.sequences}"
        return of if settings.layer is None else f"{of}|up to layer {settings.layer}"

    def system_info(self) -> str:
        """The kernels that llama.cpp was compiled with, as it prints them."""
        return bytes(self._lib.llama_print_system_info()).decode()

    def set_threads(self, threads: Threads) -> None:
        """Use so many threads from the next decode on."""
        if threads != self.threads:
            self._lib.llama_set_n_threads(self._context, threads.decode, threads.prefill)
            self.threads = threads

    def adapt(self, *adapters: Adapter) -> None:
        """Add these to the weights from the next decode on, and no others; nothing is loaded again.

        What sequences have read stays as it was read.
        """
        for adapter in adapters:
            if not math.isfinite(adapter.scale):
                raise AdapterBroken(f"{adapter.scale} is no scale", "1 is all of an adapter, 0 nothing")
        loaded = [(self.weights.adapter(adapter.path), adapter.scale) for adapter in adapters]
        used = {lora.content: (lora.handle, scale) for lora, scale in loaded if scale}
        if len(used) < sum(bool(scale) for _, scale in loaded):
            raise AdapterBroken("an adapter is named twice", "add its scales up")
        if (now := tuple((content, scale) for content, (_, scale) in used.items())) == self.adapters:
            return
        handles, scales = zip(*used.values(), strict=True) if used else ((), ())
        array = (self._lib.llama_adapter_lora_p_ctypes * len(used))(*handles)
        if self._lib.llama_set_adapters_lora(
            self._context, array, len(used), (ctypes.c_float * len(used))(*scales)
        ):
            raise AdapterBroken("llama.cpp cannot use these adapters together", "use one of them")
        self.adapters = now

    def decode(self, rows: Sequence[Row], *, lasting: bool = True) -> list[Logits]:
        """Run one batch of at most `settings.batch` tokens; the scores of each row that asks, in order.

        Scores that need not be `lasting` are not copied; the next decode overwrites them.
        """
        self._check(rows)
        decode, batch = self._lib.llama_decode, self._batch
        for index, row in enumerate(rows):
            batch.token[index] = row.token
            batch.pos[index] = row.position
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = row.sequence
            batch.logits[index] = row.scored and not self._inner
        batch.n_tokens = len(rows)
        if self._inner:
            self._inner.wanted = [index for index, row in enumerate(rows) if row.scored]
        status = decode(self._context, batch)
        if status == 1:
            raise BudgetTooSmall(f"the context of {self.settings.context} tokens is full", "say it shorter")
        if status != 0:
            raise ModelBroken(
                f"llama.cpp could not decode {len(rows)} tokens (status {status})", "choose another model"
            )
        if self._inner:
            return self._inner.taken()
        views = [self._logits(index) for index, row in enumerate(rows) if row.scored]
        return [view.copy() for view in views] if lasting else views

    def _check(self, rows: Sequence[Row]) -> None:
        settings = self.settings  # llama.cpp writes past its buffers, or leaves scores out, without a word
        scored, most = sum(row.scored for row in rows), max(settings.sequences, settings.scored)
        if len(rows) > settings.batch or (scored > most and not self._inner):
            raise ModelBroken(
                f"{len(rows)} tokens, {scored} of them scored, are more than a batch holds",
                "read less at once",
            )

    def _logits(self, index: int) -> Logits:
        pointer = self._lib.llama_get_logits_ith(self._context, index)
        address = ctypes.addressof(pointer.contents)
        if address not in self._views:  # a numpy array takes longer to make than to copy
            self._views[address] = np.ctypeslib.as_array(pointer, (self.vocabulary_size,))
        return self._views[address]

    def copy(self, source: int, target: int) -> None:
        """Let `target` begin as `source`; the memory is shared, not copied."""
        self._numbered(source, target)
        self._lib.llama_memory_seq_cp(self._memory, source, target, -1, -1)

    def forget(self, sequence: int, start: int = 0) -> None:
        """Drop a sequence from position `start` on; a closed engine has dropped it already."""
        self._numbered(sequence)
        if not isinstance(self._lib, Closed):
            self._lib.llama_memory_seq_rm(self._memory, sequence, start, -1)

    def state(self, sequence: int) -> bytes:
        """All that the model remembers of a sequence; about 12 kB a token for a model of 0.5B."""
        self._numbered(sequence)
        size = self._lib.llama_state_seq_get_size(self._context, sequence)
        buffer = (ctypes.c_uint8 * size)()
        written = self._lib.llama_state_seq_get_data(self._context, buffer, size, sequence)
        return bytes(buffer)[:written]

    def restore(self, sequence: int, state: bytes) -> bool:
        """Let an empty sequence remember what `state` gave; False, and nothing, where it does not fit.

        The bytes must be what `state` gave: llama.cpp trusts them.
        """
        self._numbered(sequence)
        buffer = (ctypes.c_uint8 * len(state)).from_buffer_copy(state)
        read = self._lib.llama_state_seq_set_data(self._context, buffer, len(state), sequence)
        if read != len(state):
            self.forget(sequence)
        return bool(read == len(state))

    def _numbered(self, *sequences: int) -> None:
        for sequence in sequences:  # to llama.cpp a negative number is all of them, or a reason to abort
            if not 0 <= sequence < self.settings.sequences:
                raise ValueError(f"there is no sequence {sequence}; was its branch closed?")


def _context_params(lib: Any, settings: Settings) -> Any:
    params = lib.llama_context_default_params()
    params.n_ctx = settings.context
    params.n_batch = params.n_ubatch = settings.batch
    params.n_seq_max = settings.sequences
    params.n_outputs_max = max(settings.sequences, settings.scored)
    params.kv_unified = True  # one pool of cells, so that branching a sequence copies nothing
    params.n_threads, params.n_threads_batch = settings.threads
    params.no_perf = True
    return params
