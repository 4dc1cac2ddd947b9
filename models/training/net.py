"""The lower layers of a Qwen2 in PyTorch, with a LoRA that can be trained: weights come from the GGUF itself.

Read up to a layer they give the states that `models/llm/glance.py` gives (cosine above .999; the tests
compare them). LoRA: Hu et al. 2021, https://arxiv.org/abs/2106.09685.
"""

from collections.abc import Iterator, Mapping
from math import sqrt
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from lamha.models.training.tree import Packed

MATRICES = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
_BIASED = MATRICES[:3]
_NORMS = ("attn_norm", "ffn_norm")

type Tensor = torch.Tensor
type Matrix = NDArray[np.float32]


class Lora:
    """Two thin matrices beside each of a model's: their product is added to it, `scale` times."""

    def __init__(self, down: Mapping[str, Matrix], up: Mapping[str, Matrix], scale: float = 2.0) -> None:
        self.scale = scale
        self.down = {name: torch.tensor(each, requires_grad=True) for name, each in down.items()}
        """By the name of a matrix, shape (rank, in)."""
        self.up = {name: torch.tensor(each, requires_grad=True) for name, each in up.items()}
        """Shape (out, rank)."""

    @classmethod
    def new(cls, shapes: Mapping[str, tuple[int, int]], rank: int) -> Self:
        """One that changes nothing yet, for matrices of the shapes (out, in)."""
        draw = np.random.default_rng(0)
        down = {
            name: draw.standard_normal((rank, width)) / sqrt(width) for name, (_, width) in shapes.items()
        }
        up = {name: np.zeros((out, rank), np.float32) for name, (out, _) in shapes.items()}
        return cls({name: each.astype(np.float32) for name, each in down.items()}, up)

    def matrices(self) -> tuple[dict[str, Matrix], dict[str, Matrix]]:
        """Both halves as they are now."""
        down, up = (
            {name: each.detach().numpy() for name, each in side.items()} for side in (self.down, self.up)
        )
        return down, up

    def parameters(self) -> Iterator[Tensor]:
        """All that is trained."""
        yield from self.down.values()
        yield from self.up.values()

    def added(self, name: str, states: Tensor) -> Tensor:
        """What is added to what the matrix makes of states."""
        thin = functional.linear(states, self.down[name].to(states.dtype))
        return functional.linear(thin, self.up[name].to(states.dtype) * self.scale)


class LowerQwen:
    """A Qwen2 up to the state after layer `last`; bfloat16 weights that stay as they are."""

    def __init__(self, path: Path, last: int) -> None:
        weights, facts = _read(path, last)
        self.weights, self.layers = weights, range(last + 1)
        self._heads, self._shared = facts["head_count"], facts["head_count_kv"]
        self._epsilon, base = facts["layer_norm_rms_epsilon"], facts["freq_base"]
        self._width = weights["blk.0.attn_q.weight"].shape[0] // self._heads
        self._turns = base ** -(torch.arange(0, self._width, 2) / self._width)

    @property
    def shapes(self) -> dict[str, tuple[int, int]]:
        """Shape (out, in) of each matrix that a LoRA can change, by its name in the GGUF."""
        names = [f"blk.{layer}.{matrix}.weight" for layer in self.layers for matrix in MATRICES]
        return {name: (self.weights[name].shape[0], self.weights[name].shape[1]) for name in names}

    def states(self, tree: Packed, lora: Lora) -> Tensor:
        """The states after each token, shape (tokens, width)."""
        states = self.weights["token_embd.weight"][torch.from_numpy(tree.tokens)].float()
        angles = torch.from_numpy(tree.positions).float()[:, None] * self._turns
        turned = angles.cos().repeat(1, 2).bfloat16(), angles.sin().repeat(1, 2).bfloat16()
        unseen = torch.zeros(tree.seen.shape, dtype=torch.bfloat16)
        unseen.masked_fill_(~torch.from_numpy(tree.seen), float("-inf"))
        for layer in self.layers:
            states = states + self._attention(layer, states, lora, turned, unseen)
            states = states + self._feed_forward(layer, states, lora)
        return states

    def _attention(
        self, layer: int, states: Tensor, lora: Lora, turned: tuple[Tensor, Tensor], unseen: Tensor
    ) -> Tensor:
        normed = self._normed(layer, "attn_norm", states)
        query = self._split(self._linear(layer, "attn_q", normed, lora))
        key = self._split(self._linear(layer, "attn_k", normed, lora))
        value = self._split(self._linear(layer, "attn_v", normed, lora))
        each = self._heads // self._shared
        key, value = _turn(key, *turned).repeat_interleave(each, 0), value.repeat_interleave(each, 0)
        mixed = functional.scaled_dot_product_attention(
            _turn(query, *turned)[None], key[None], value[None], attn_mask=unseen[None, None]
        )[0]
        return self._linear(layer, "attn_output", mixed.transpose(0, 1).flatten(1), lora).float()

    def _feed_forward(self, layer: int, states: Tensor, lora: Lora) -> Tensor:
        normed = self._normed(layer, "ffn_norm", states)
        gate = functional.silu(self._linear(layer, "ffn_gate", normed, lora))
        gated = gate * self._linear(layer, "ffn_up", normed, lora)
        return self._linear(layer, "ffn_down", gated, lora).float()

    def _normed(self, layer: int, name: str, states: Tensor) -> Tensor:
        size = torch.rsqrt(states.pow(2).mean(-1, keepdim=True) + self._epsilon)
        return (states * size * self.weights[f"blk.{layer}.{name}.weight"]).bfloat16()

    def _linear(self, layer: int, matrix: str, states: Tensor, lora: Lora) -> Tensor:
        name = f"blk.{layer}.{matrix}"
        weight, bias = self.weights[f"{name}.weight"], self.weights.get(f"{name}.bias")
        return functional.linear(states, weight, bias) + lora.added(f"{name}.weight", states)

    def _split(self, states: Tensor) -> Tensor:
        """Shape (tokens, heads * width) to (heads, tokens, width)."""
        return states.view(len(states), -1, self._width).transpose(0, 1)


def _turn(states: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    half = states.shape[-1] // 2
    return states * cosine + torch.cat([-states[..., half:], states[..., :half]], -1) * sine


def _read(path: Path, last: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The weights of the lower layers by name, and the numbers that say how they work together."""
    from gguf import GGUFReader, dequantize

    reader = GGUFReader(path)
    names = {f"blk.{layer}.{each}.weight" for layer in range(last + 1) for each in (*MATRICES, *_NORMS)}
    names |= {f"blk.{layer}.{each}.bias" for layer in range(last + 1) for each in _BIASED}
    names.add("token_embd.weight")
    weights = {}
    for tensor in reader.tensors:
        if tensor.name in names:
            plain = torch.from_numpy(dequantize(tensor.data, tensor.tensor_type).copy())
            weights[tensor.name] = plain.float() if "_norm" in tensor.name else plain.bfloat16()
    facts = {key.rpartition(".")[2]: field.contents() for key, field in reader.fields.items()}
    return weights, facts
