"""A GGUF in memory: its weights, its words and its facts. All contexts of a process share one copy."""

import ctypes
import hashlib
import os
from contextlib import ExitStack
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from lamha.models import memory
from lamha.models.errors import AdapterBroken, ModelBroken, NoMemory
from lamha.models.llm.header import adapter_flaw, model_flaw
from lamha.models.llm.library import Closed, library, why

_SAMPLES, _SAMPLE = 64, 65_536
"""A file is known by so many samples of so many bytes: 4 MB of it, a few milliseconds."""
_BESIDES = 60_000_000
"""Bytes that the smallest context needs beside the weights."""
_TABLES = 2_000_000
"""Bytes of address space that llama.cpp takes for each layer of a context, and hardly writes to."""
_A_TOKEN = 64
"""Bytes for each token of a batch, by the length of an embedding."""


class Lora(NamedTuple):
    """An adapter in memory: what its file is known by, and its handle."""

    content: str
    handle: Any


class Weights:
    """A loaded GGUF. `share` gives it, `release` gives it back; the last to do so frees it."""

    _loaded: ClassVar[dict[tuple[str, tuple[str, ...]], "Weights"]] = {}

    def __init__(self, path: Path, content: str, workers: tuple[str, ...]) -> None:
        self.path, self._key, self._users = path, (content, workers), 0
        self._lib: Any = library()
        if not workers:  # else they hold what this device cannot
            memory.ensure(path.stat().st_size + _BESIDES, path.name)
        self._handles = ExitStack()
        self.handle: Any = _load(self._lib, path, workers)
        self._handles.callback(self._lib.llama_model_free, self.handle)
        memory.give_back()  # what reading the vocabulary left behind
        self._vocabulary = self._lib.llama_model_get_vocab(self.handle)
        self.vocabulary_size: int = self._lib.llama_vocab_n_tokens(self._vocabulary)
        self.layers = int(self._lib.llama_model_n_layer(self.handle))
        self.width = int(self._lib.llama_model_n_embd(self.handle))
        """Numbers in the state between two layers."""
        self._adapters: dict[str, Lora] = {}

    @classmethod
    def share(cls, path: Path, workers: tuple[str, ...] = ()) -> "Weights":
        """The weights of a file, loaded at most once; ModelBroken or NoMemory where they cannot be.

        `workers` are llama.cpp RPC servers that hold some of the layers.
        """
        if not path.is_file():
            raise ModelBroken(f"{path.name} is not a model that llama.cpp can load", "it is not a file")
        try:
            key = (fingerprint(path), workers)
        except OSError as error:
            raise ModelBroken(f"{path.name} cannot be read", str(error)) from error
        weights = cls._loaded.get(key) or cls(path, *key)
        cls._loaded[key] = weights
        weights._users += 1
        return weights

    def release(self) -> None:
        """Give them back."""
        self._users -= 1
        if not self._users:
            del self._loaded[self._key]
            self._handles.close()
            self._lib = Closed()

    @property
    def identity(self) -> str:
        """The file's content and the build that reads it: a key for what was computed with them."""
        return f"{self._key[0]}|llama-cpp-python {version('llama-cpp-python')}|{build()}"

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
    def end(self) -> int:
        """The token that ends a turn."""
        turn: int = self._lib.llama_vocab_eot(self._vocabulary)
        return turn if turn >= 0 else int(self._lib.llama_vocab_eos(self._vocabulary))

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
            size = self._lib.llama_model_meta_val_str(self.handle, key.encode(), buffer, room)
            if size < room:
                return buffer.value.decode(errors="replace") if size >= 0 else ""
            room = size + 1

    def ensure_memory(self, context: int, batch: int, scored: int) -> None:
        """NoMemory where a context of so many tokens, batches and scores would not fit: llama.cpp aborts."""
        if self._key[1]:  # the workers hold most of it
            return
        lib, layers, width = self._lib, self.layers, self.width
        heads = max(int(lib.llama_model_n_head(self.handle)), 1)
        keys = layers * int(lib.llama_model_n_head_kv(self.handle)) * width // heads * 4
        scores = 2 * scored * self.vocabulary_size * 4
        needed = context * keys + scores + batch * width * _A_TOKEN + 8_000_000
        memory.ensure(needed, f"a context of {context} tokens", reserved=layers * _TABLES)

    def adapter(self, path: Path) -> Lora:
        """A GGUF LoRA, loaded at most once; AdapterBroken where it does not belong here."""
        if not path.is_file():
            raise AdapterBroken(f"there is no adapter {path}", "name a GGUF file")
        try:
            content = fingerprint(path)
        except OSError as error:
            raise AdapterBroken(f"{path.name} cannot be read", str(error)) from error
        if content not in self._adapters:
            self._adapters[content] = Lora(content, self._load_adapter(path))
        return self._adapters[content]

    def _load_adapter(self, path: Path) -> Any:
        def load() -> Any:
            return self._lib.llama_adapter_lora_init(self.handle, os.fsencode(path))

        flaw = adapter_flaw(path, self.path)
        adapter = None if flaw else load()  # freed with its model
        if not adapter:
            raise AdapterBroken(
                f"{path.name} is no adapter for {self.path.name}"
                f" ({flaw or why(load) or 'llama.cpp refuses it'})",
                "use an adapter that was trained on this model",
            )
        return adapter


def _load(lib: Any, path: Path, workers: tuple[str, ...]) -> Any:
    params = lib.llama_model_default_params()
    # Repacked weights are a copy: with mmap the file's pages would count a second time.
    params.load_mode = lib.LLAMA_LOAD_MODE_NONE
    if workers:
        from lamha.models.llm.beyond.workers import place

        place(lib, params, workers)

    model: Any = None

    def load() -> None:
        nonlocal model
        model = lib.llama_model_load_from_file(os.fsencode(path), params)

    flaw = model_flaw(path)
    if not flaw:
        load()
    reason = "" if model else flaw or why(load)
    if not model:  # what failed for want of memory may have worked the second time
        if "alloc" in reason or _starved():
            raise NoMemory(f"there is no memory for {path.name} ({reason})", "close other programs")
        raise ModelBroken(
            f"{path.name} is not a model that llama.cpp can load ({reason or 'it does not say why'})",
            "run `lamha models verify`, or choose another model",
        )
    return model


def _starved() -> bool:
    free = memory.available()
    return free is not None and free < _BESIDES


def fingerprint(path: Path) -> str:
    """What a file is known by: its size and samples of its bytes, spread evenly, as hexadecimal digits.

    Two models differ in all their weights; one that a byte was changed in is for `lamha models verify`.
    """
    size = path.stat().st_size
    digest = hashlib.blake2b(str(size).encode(), digest_size=16)
    step = max((size - _SAMPLE) // (_SAMPLES - 1), _SAMPLE)
    with path.open("rb") as file:
        for start in range(0, size, step):
            file.seek(start)
            digest.update(file.read(_SAMPLE))
    return digest.hexdigest()


@cache
def build() -> str:
    """What llama.cpp was compiled for: other kernels round differently."""
    return hashlib.blake2b(library().llama_print_system_info(), digest_size=8).hexdigest()
