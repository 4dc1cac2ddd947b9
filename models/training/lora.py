"""A trained LoRA as the GGUF file that llama.cpp adds to a model's weights."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from gguf import GGUFReader, GGUFWriter
from numpy.typing import NDArray

type Matrix = NDArray[np.float32]


def write(
    path: Path, down: Mapping[str, Matrix], up: Mapping[str, Matrix], scale: float, facts: Mapping[str, str]
) -> None:
    """Write a LoRA for Qwen2: matrices by the names that theirs have in the model, and what is to be known.

    `down` are of shape (rank, in), `up` of (out, rank); their product times `scale` is added.
    """
    rank = len(next(iter(down.values())))
    writer = GGUFWriter(path, "qwen2")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", scale * rank)
    for name, fact in facts.items():
        writer.add_string(f"general.{name}", fact)
    for name in down:
        writer.add_tensor(f"{name}.lora_a", down[name].astype(np.float16))
        writer.add_tensor(f"{name}.lora_b", up[name].astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def read(path: Path) -> tuple[dict[str, Matrix], dict[str, Matrix], float]:
    """What `write` wrote: both halves by name, and the scale."""
    reader = GGUFReader(path)
    halves: dict[str, dict[str, Matrix]] = {"lora_a": {}, "lora_b": {}}
    for tensor in reader.tensors:
        name, _, half = tensor.name.rpartition(".")
        halves[half][name] = np.array(tensor.data, np.float32)
    down, up = halves["lora_a"], halves["lora_b"]
    alpha = reader.fields["adapter.lora.alpha"].contents()
    return down, up, alpha / len(next(iter(down.values())))
