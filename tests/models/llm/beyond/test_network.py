import socket

import pytest

from lamha.models.errors import ServerFailed
from lamha.models.llm.beyond import network
from lamha.models.llm.beyond.network import Endpoint

OWN = (
    *("127.0.0.1", "::1", "10.1.2.3", "172.16.0.1", "172.31.255.254", "192.168.1.20", "169.254.3.4"),
    *("fe80::1", "fe80::1%eth0", "fd00::1", "100.64.0.1", "100.127.1.1", "::ffff:192.168.1.20"),
)
OTHERS = (
    *("8.8.8.8", "172.32.0.1", "172.15.0.1", "100.128.0.1", "192.169.0.1", "0.0.0.0", "224.0.0.1"),  # noqa: S104
    *("255.255.255.255", "::", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::a00:1", "198.18.0.1"),
)


@pytest.mark.parametrize("address", OWN)
def test_the_wearers_own(address: str) -> None:
    assert network.own(address)
    network.check(address)


@pytest.mark.parametrize("address", OTHERS)
def test_all_others(address: str) -> None:
    assert not network.own(address)
    with pytest.raises(ServerFailed, match="not on your own network"):
        network.check(address)


def test_a_name_is_nothing_to_check() -> None:
    network.check("server.local")


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def resolve(_host: str, port: int, *_: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def test_one_address_outside_is_one_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "127.0.0.1", "8.8.8.8")
    with pytest.raises(ServerFailed, match=r"8\.8\.8\.8 is not on your own network"):
        network.connect(Endpoint("home.example", 80), 1)


def test_the_address_that_was_checked_is_the_one_that_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        resolving(monkeypatch, "127.0.0.1")
        asked = list[str]()
        once = socket.getaddrinfo
        monkeypatch.setattr(
            socket, "getaddrinfo", lambda host, *rest: asked.append(host) or once(host, *rest)
        )
        with network.connect(Endpoint("home.example", port), 1) as connection:
            assert connection.getpeername() == ("127.0.0.1", port)
        assert asked == ["home.example"]


def test_the_next_address_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        resolving(monkeypatch, "127.0.0.2", "127.0.0.1")
        with network.connect(Endpoint("home.example", port), 1) as connection:
            assert connection.getpeername() == ("127.0.0.1", port)


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(ServerFailed, match=f"nothing answers at 127.0.0.1:{port}"):
        network.connect(Endpoint("127.0.0.1", port), 1)


@pytest.mark.parametrize("name", ["no-such-name.invalid", "", "a" * 70 + ".local", "\ud800"])
def test_names_that_are_none(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    if name.endswith(".invalid"):  # nothing is looked up outside
        monkeypatch.setattr(socket, "getaddrinfo", unknown)
    if name:
        with pytest.raises(ServerFailed, match="nobody knows the address"):
            network.resolve(Endpoint(name, 80))
