"""EfficientNet-Lite1 as an ONNX network, built from its published weights without PyTorch.

Tan & Le 2019, "EfficientNet"; the Lite variants have ReLU6 and no squeeze-and-excitation, see the notes in
tensorflow/tpu. The file of weights is the older format of `torch.save`: pickles, and then the numbers.
"""

import pickle
import tempfile
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from lamha.models.errors import ModelBroken

SIDE = 240
"""Pixels of the square that it was trained on; it takes any size."""
TAPS = ("stage5", "stage6", "head")
"""Outputs of `build`, from edges and textures to whole things: feature maps (n, channels, rows, columns)."""

type Weights = Mapping[str, NDArray[np.float32]]
_MAGIC = 0x1950A86A20F9469CFC6C
_EPSILON = 1e-3  # of the batch norms
_OPSET = 17
_KINDS = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


@dataclass(frozen=True, slots=True)
class _Stage:
    blocks: int
    stride: int


_STAGES = (_Stage(1, 1), _Stage(3, 2), _Stage(3, 2), _Stage(4, 2), _Stage(4, 1), _Stage(5, 2), _Stage(1, 1))


def build(weights: Path, out: Path) -> None:
    """Write the network, whole or not at all. ModelBroken where the weights are no EfficientNet-Lite1."""
    import onnx

    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        made = Path(folder) / out.name
        onnx.save(_Graph(read_weights(weights)).model(), str(made))
        made.replace(out)


def read_weights(path: Path) -> dict[str, NDArray[np.float32]]:
    """The tensors of a file by name. Nothing in the file is run: what is more than tensors is ModelBroken."""
    try:
        with path.open("rb") as file:
            if _Restricted(file).load() != _MAGIC:
                raise ModelBroken(f"{path.name} is no file of weights", "pull the model again")
            _Restricted(file).load(), _Restricted(file).load()  # the version, and the machine
            tensors, keys = _Restricted(file).load(), _Restricted(file).load()
            stored = {
                key: _numbers(file, kind) for key, kind in zip(keys, _kinds(tensors, keys), strict=True)
            }
        return {name: tensor.of(stored) for name, tensor in tensors.items()}
    except (pickle.UnpicklingError, EOFError, ValueError, AttributeError, TypeError, KeyError) as error:
        raise ModelBroken(f"{path.name} cannot be read: {error}", "pull the model again") from error


@dataclass(frozen=True, slots=True)
class _Storage:
    key: str
    kind: np.dtype[Any]


@dataclass(frozen=True, slots=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    """In numbers; kernels that came from TensorFlow lie the other way round."""

    def of(self, stored: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        numbers = stored[self.storage.key]
        last = self.offset + sum(
            step * (size - 1) for step, size in zip(self.strides, self.shape, strict=True)
        )
        if min((self.offset, *self.strides, *self.shape), default=0) < 0 or last >= len(numbers):
            raise ValueError("a tensor reaches past its numbers")
        steps = [step * numbers.itemsize for step in self.strides]
        return as_strided(numbers[self.offset :], self.shape, steps, writeable=False).astype(np.float32)


class _Restricted(pickle.Unpickler):
    """Knows tensors and dictionaries, and nothing that could do harm."""

    def find_class(self, module: str, name: str) -> Any:
        if module == "torch" and name in _KINDS:
            return _KINDS[name]
        known = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): lambda storage, offset, shape, strides, *_: _Tensor(
                storage, offset, tuple(shape), tuple(strides)
            ),
        }
        if (module, name) not in known:
            raise pickle.UnpicklingError(f"it holds {module}.{name}")
        return known[module, name]

    def persistent_load(self, pid: Any) -> _Storage:
        _, kind, key, *_ = pid
        return _Storage(key, kind)


def _kinds(tensors: Mapping[str, _Tensor], keys: list[str]) -> Iterator[np.dtype[Any]]:
    kinds = {tensor.storage.key: tensor.storage.kind for tensor in tensors.values()}
    return (kinds[key] for key in keys)


def _numbers(file: IO[bytes], kind: np.dtype[Any]) -> NDArray[Any]:
    count = int.from_bytes(file.read(8), "little")
    data = file.read(count * kind.itemsize)
    if len(data) != count * kind.itemsize:
        raise EOFError("it ends too early")
    return np.frombuffer(data, kind)


class _Graph:
    """The network, node by node. Batch norms are folded into the convolutions before them."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def model(self) -> Any:
        """See `build`."""
        from onnx import TensorProto, checker, helper

        try:
            self._layers()
        except KeyError as missing:
            raise ModelBroken(f"the weights have no {missing}", "pull the model again") from missing
        self._constant("floor", np.float32(0)), self._constant("ceiling", np.float32(6))
        size: list[str | int | None] = ["n", 3, "rows", "columns"]
        graph = helper.make_graph(
            self._nodes,
            "efficientnet-lite1",
            [helper.make_tensor_value_info("picture", TensorProto.FLOAT, size)],
            [helper.make_tensor_value_info(tap, TensorProto.FLOAT, ["n", None, None, None]) for tap in TAPS],
            self._constants,
        )
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=9)
        checker.check_model(made)
        return made

    def _layers(self) -> None:
        tensor = self._convolved("picture", "_conv_stem", "_bn0", "stem", stride=2)
        number = 0
        for at, stage in enumerate(_STAGES, 1):
            for block in range(stage.blocks):
                tensor = self._block(tensor, f"_blocks.{number}", stage.stride if not block else 1)
                number += 1
            if f"stage{at}" in TAPS:
                self._add("Identity", [tensor], f"stage{at}")
        self._convolved(tensor, "_conv_head", "_bn1", "head")

    def _block(self, before: str, name: str, stride: int) -> str:
        tensor = before
        if f"{name}._expand_conv.weight" in self._weights:
            tensor = self._convolved(tensor, f"{name}._expand_conv", f"{name}._bn0", f"{name}.wide")
        deep = self._convolved(
            tensor, f"{name}._depthwise_conv", f"{name}._bn1", f"{name}.deep", stride, depthwise=True
        )
        narrow = self._convolved(deep, f"{name}._project_conv", f"{name}._bn2", f"{name}.narrow", linear=True)
        same = self._channels(f"{name}._project_conv", 0) == self._entering(name)
        return self._add("Add", [narrow, before], f"{name}.out") if same and stride == 1 else narrow

    def _channels(self, name: str, axis: int) -> int:
        return int(self._weights[f"{name}.weight"].shape[axis])

    def _entering(self, name: str) -> int:
        expands = f"{name}._expand_conv.weight" in self._weights
        return (
            self._channels(f"{name}._expand_conv", 1)
            if expands
            else self._channels(f"{name}._depthwise_conv", 0)
        )

    def _convolved(
        self,
        tensor: str,
        name: str,
        norm: str,
        out: str,
        stride: int = 1,
        depthwise: bool = False,
        linear: bool = False,
    ) -> str:
        """A convolution with "same" padding as TensorFlow's, its batch norm, and ReLU6 unless `linear`."""
        kernel = self._weights[f"{name}.weight"]
        scale = self._weights[f"{norm}.weight"] / np.sqrt(self._weights[f"{norm}.running_var"] + _EPSILON)
        shift = self._weights[f"{norm}.bias"] - scale * self._weights[f"{norm}.running_mean"]
        kept = self._constant(f"{out}.kernel", kernel * scale[:, None, None, None])
        moved = self._constant(f"{out}.shift", shift)
        options = {"strides": [stride, stride], "auto_pad": "SAME_UPPER"}
        groups = {"group": len(kernel)} if depthwise else {}
        result = self._add(
            "Conv", [tensor, kept, moved], out if linear else f"{out}.sum", **options, **groups
        )
        return result if linear else self._add("Clip", [result, "floor", "ceiling"], out)

    def _add(self, kind: str, inputs: list[str], out: str, **options: Any) -> str:
        from onnx import helper

        self._nodes.append(helper.make_node(kind, inputs, [out], out, **options))
        return out

    def _constant(self, name: str, numbers: Any) -> str:
        from onnx import numpy_helper

        self._constants.append(numpy_helper.from_array(np.asarray(numbers, np.float32), name))
        return name
