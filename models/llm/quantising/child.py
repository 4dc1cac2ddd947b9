"""The process in which llama.cpp quantises: it can be ended at any moment, and says on stderr how far it is.

    python -m lamha.models.llm.quantising.child SOURCE TARGET RECIPE

RECIPE is JSON, the fields of `quantise.Recipe`. Exit code 0 when TARGET is written.
"""

import ctypes
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

from lamha.models.llm import header
from lamha.models.llm.library import library


def main(source: str, target: str, recipe: str) -> int:
    """Quantise one file; llama.cpp's own log goes to stderr."""
    lib, wanted, tensors = library(), json.loads(recipe), header.tensors(Path(source))
    lib.llama_log_set(lib.llama_log_callback(), None)  # speak again
    params = lib.llama_model_quantize_default_params()
    params.nthread = os.cpu_count() or 1
    params.allow_requantize = params.pure = True
    params.max_buf_size = 64 << 20  # without it a tensor is held whole, as float32: 0.5 GB for a vocabulary
    params.ftype = getattr(lib, f"LLAMA_FTYPE_MOSTLY_{wanted['kind']}")
    _ends(lib, params, wanted["output"], wanted["embeddings"], tensors)
    held = [_finer(lib, params, wanted["finer"])]
    if wanted["fitted"]:
        held.append(_fit(lib, params, tensors))
    status: int = lib.llama_model_quantize(os.fsencode(source), os.fsencode(target), ctypes.byref(params))
    del held  # until here llama.cpp had only their addresses
    return status


def _type(lib: Any, kind: str) -> int:
    number: int = getattr(lib, f"GGML_TYPE_{kind}")
    return number


def _ends(lib: Any, params: Any, output: str, embeddings: str, tensors: tuple[header.Tensor, ...]) -> None:
    if all(tensor.name != "output.weight" for tensor in tensors):  # the embeddings stand for it
        embeddings = output or embeddings
    if output:
        params.output_tensor_type = _type(lib, output)
    if embeddings:
        params.token_embedding_type = _type(lib, embeddings)


def _finer(lib: Any, params: Any, finer: list[tuple[str, str]]) -> Any:
    overrides = (lib.llama_model_tensor_override * (len(finer) + 1))()
    for override, (pattern, kind) in zip(overrides, finer, strict=False):  # the last one ends the list
        override.pattern, override.type = pattern.encode(), _type(lib, kind)
    params.tt_overrides = ctypes.cast(overrides, type(params.tt_overrides))
    return overrides


def _fit(lib: Any, params: Any, tensors: tuple[header.Tensor, ...]) -> Any:
    """Say that all columns weigh the same.

    Where it is told how much they weigh, llama.cpp looks for the scale of a block with the least error;
    otherwise it takes the largest value's.
    """
    flat = [tensor for tensor in tensors if len(tensor.shape) > 1]
    matrix = (lib.llama_model_imatrix_data * (len(flat) + 1))()
    ones = np.ones(max((_columns(tensor) for tensor in flat), default=1), np.float32)
    for row, tensor in zip(matrix, flat, strict=False):
        row.name, row.size = tensor.name.encode(), _columns(tensor)
        row.data = ones.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
    params.imatrix = ctypes.cast(matrix, type(params.imatrix))
    return matrix, ones


def _columns(tensor: header.Tensor) -> int:
    return tensor.shape[0] * (tensor.shape[2] if len(tensor.shape) > 2 else 1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
