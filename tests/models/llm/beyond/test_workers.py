from types import SimpleNamespace

import pytest

from lamha.models.errors import ServerFailed
from lamha.models.llm.beyond.network import Endpoint
from lamha.models.llm.beyond.workers import endpoints, ensure_supported, place


def test_endpoints() -> None:
    assert endpoints(" 192.168.1.20:50052, box.local:1 ,") == (
        Endpoint("192.168.1.20", 50052),
        Endpoint("box.local", 1),
    )


@pytest.mark.parametrize("text", ["box", ":1", "box:", "box:x", "[fd00::1]:1", "8.8.8.8:50052", "a:1,b"])
def test_what_is_no_worker_of_the_wearer(text: str) -> None:
    with pytest.raises(ServerFailed) as failed:
        endpoints(text)
    assert failed.value.hint


def test_a_build_without_workers_says_how_to_get_them() -> None:
    lib = SimpleNamespace(llama_supports_rpc=lambda: False)
    with pytest.raises(ServerFailed, match="DGGML_RPC=ON"):
        ensure_supported(lib)
    with pytest.raises(ServerFailed, match="without RPC"):
        place(lib, None, ["127.0.0.1:1"])


def test_a_worker_that_is_not_there_is_an_error_and_not_the_end() -> None:
    lib = SimpleNamespace(llama_supports_rpc=lambda: True)
    with pytest.raises(ServerFailed, match=r"nothing answers at 127\.0\.0\.1:9"):
        place(lib, None, ["127.0.0.1:9"])
