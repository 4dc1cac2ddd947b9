"""The model's state between two of its layers, while llama.cpp computes them.

What a text means is said best in the middle of a model; its last layers turn that into the next word.
llama.cpp asks a callback before and after it computes each tensor (`ggml_backend_sched_eval_callback`): this
one takes the state after one layer, and ends the computation there, which saves the time of all that follow.
"""

import ctypes
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamha.models.llm.library import bindings

_NUMBER = 4  # bytes of a float


class Inner:
    """What llama.cpp calls while it computes; `wanted` are the rows of a batch whose state is taken."""

    def __init__(self, lib: Any, layer: int, width: int) -> None:
        self.wanted: list[int] = []
        self._states: list[NDArray[np.float32]] = []
        self._name, self._width = f"l_out-{layer}".encode(), width
        self.callback = lib.ggml_backend_sched_eval_callback(self._called)

    def taken(self) -> list[NDArray[np.float32]]:
        """The states of the wanted rows of the last batch, in order."""
        states, self._states = self._states, []
        return states

    def _called(self, tensor: Any, asking: bool, _: Any) -> bool:
        """Whether a tensor is wanted; once it is computed, whether to go on."""
        ggml = _ggml()
        if ggml.ggml_get_name(tensor) != self._name:
            return not asking
        if not asking:
            self._states = [self._row(ggml, tensor, row) for row in self.wanted]
        return asking

    def _row(self, ggml: Any, tensor: Any, row: int) -> NDArray[np.float32]:
        state = np.empty(self._width, np.float32)
        size = self._width * _NUMBER
        ggml.ggml_backend_tensor_get(tensor, state.ctypes.data, row * size, size)
        return state


@cache
def _ggml() -> Any:
    ggml = bindings("_ggml").libggml
    ggml.ggml_get_name.restype = ctypes.c_char_p
    ggml.ggml_get_name.argtypes = [ctypes.c_void_p]
    ggml.ggml_backend_tensor_get.restype = None
    ggml.ggml_backend_tensor_get.argtypes = [
        ctypes.c_void_p,
        ctypes.c_void_p,
        ctypes.c_size_t,
        ctypes.c_size_t,
    ]
    return ggml
