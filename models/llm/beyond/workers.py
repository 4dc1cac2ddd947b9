"""llama.cpp's RPC workers: machines on the wearer's network that hold the layers of a model.

ggml ends the process when a worker is lost (GGML_ABORT in ggml-rpc.cpp), so only a child process uses them;
`process.Workers` starts it. How a worker is started: https://github.com/ggml-org/llama.cpp/tree/master/tools/rpc
"""

import ctypes
import socket
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any

from lamha.models.errors import ServerFailed
from lamha.models.llm.beyond import network
from lamha.models.llm.beyond.network import Endpoint

CONNECT_S = 3.0
_POINTER, _TEXT = ctypes.c_void_p, ctypes.c_char_p
_SIGNATURES: dict[str, tuple[Any, ...]] = {  # ggml-backend.h: what is given back, and what it takes
    "ggml_backend_reg_by_name": (_POINTER, _TEXT),
    "ggml_backend_reg_get_proc_address": (_POINTER, _POINTER, _TEXT),
    "ggml_backend_reg_dev_count": (ctypes.c_size_t, _POINTER),
    "ggml_backend_reg_dev_get": (_POINTER, _POINTER, ctypes.c_size_t),
}


def endpoints(text: str) -> tuple[Endpoint, ...]:
    """Workers as HOST:PORT,HOST:PORT; ServerFailed where one is none, or not of the wearer's network."""
    return tuple(_endpoint(part.strip()) for part in text.split(",") if part.strip())


def ensure_supported(lib: Any) -> None:
    """ServerFailed where llama.cpp was compiled without its RPC backend, as it is unless one asks for it."""
    if not lib.llama_supports_rpc():
        raise ServerFailed(
            "this llama.cpp was compiled without RPC workers",
            'reinstall it: CMAKE_ARGS="-DGGML_RPC=ON" pip install --force-reinstall --no-deps '
            f"--no-binary llama-cpp-python llama-cpp-python=={version('llama-cpp-python')}",
        )


def place(lib: Any, params: Any, workers: Iterable[str]) -> None:
    """Let a model's layers lie on these workers (HOST:PORT), shared out by their free memory.

    `params` are `llama_model_params`. ServerFailed where a worker cannot be reached; one that is lost later
    ends this process.
    """
    ensure_supported(lib)
    found = [device for worker in workers for device in _devices(lib, _endpoint(worker))]
    devices = (ctypes.c_void_p * (len(found) + 1))(*found)  # a null ends the list
    params.devices = ctypes.addressof(devices)
    params.kept = devices  # as long as the address is in use


def _endpoint(text: str) -> Endpoint:
    host, _, port = text.rpartition(":")
    if not host or ":" in host or not port.isdecimal():  # ggml knows no IPv6
        raise ServerFailed(f"{text} is no worker", "write it as 192.168.1.20:50052")
    network.check(host)
    return Endpoint(host, int(port))


def _devices(lib: Any, endpoint: Endpoint) -> Iterator[int]:
    """The devices of a worker, reached at the address that was checked."""
    with network.connect(endpoint, CONNECT_S, socket.AF_INET) as probe:
        checked = Endpoint(*probe.getpeername())
    ggml = _ggml(lib)
    backend = ggml["ggml_backend_reg_by_name"](b"RPC")
    found = ggml["ggml_backend_reg_get_proc_address"](backend, b"ggml_backend_rpc_add_server")
    worker = ctypes.CFUNCTYPE(_POINTER, _TEXT)(found)(str(checked).encode())
    if not worker:
        raise ServerFailed(f"the worker {endpoint} has no device", "check its log")
    for index in range(ggml["ggml_backend_reg_dev_count"](worker)):
        yield ggml["ggml_backend_reg_dev_get"](worker, index)


def _ggml(lib: Any) -> dict[str, Any]:
    """Functions of ggml, which the bindings leave out; libllama brings them along."""
    return {name: ctypes.CFUNCTYPE(*signature)((name, lib._lib)) for name, signature in _SIGNATURES.items()}
