"""Which machines may be asked: those on the wearer's own network, and no others.

A name is resolved once, all its addresses are checked, and the connection goes to one of those: a name that
leads elsewhere a moment later (DNS rebinding) gains nothing by it. Proxies of the environment are not used.
"""

import socket
import time
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, NamedTuple

from lamha.models.errors import ServerFailed

OWN = tuple(
    map(
        ip_network,
        (
            *("127.0.0.0/8", "::1/128"),  # this device
            *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),  # RFC 1918, RFC 4193
            *("169.254.0.0/16", "fe80::/10"),  # link-local
            "100.64.0.0/10",  # RFC 6598: what private overlays such as Tailscale use
        ),
    )
)
HINT = "give an address of your own network, such as 192.168.1.20"


class Endpoint(NamedTuple):
    """A machine's name or address, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Address(NamedTuple):
    """A resolved and checked address, as `socket` wants it."""

    family: int
    where: tuple[Any, ...]


def own(address: str) -> bool:
    """Whether an IP address belongs to this device or to a private network."""
    ip = ip_address(address)
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return any(ip in network for network in OWN if network.version == ip.version)


def check(host: str) -> None:
    """ServerFailed where `host` is an address outside the wearer's network; a name is not resolved."""
    try:
        allowed = own(host)
    except ValueError:
        return  # a name
    if not allowed:
        raise ServerFailed(f"{host} is not on your own network", HINT)


def resolve(endpoint: Endpoint, family: int = socket.AF_UNSPEC) -> list[Address]:
    """All addresses of an endpoint; ServerFailed where there are none, or where one is not the wearer's."""
    try:
        found = socket.getaddrinfo(endpoint.host, endpoint.port, family, socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ServerFailed(f"nobody knows the address of {endpoint.host}", "check its name") from error
    for *_, where in found:
        check(str(where[0]))
    return [Address(family, where) for family, *_, where in found]


def connect(endpoint: Endpoint, seconds: float, family: int = socket.AF_UNSPEC) -> socket.socket:
    """A connection to the first address that answers, within `seconds` for all of them; or ServerFailed."""
    until, problem = time.monotonic() + seconds, "no answer"
    for address in resolve(endpoint, family):
        left = until - time.monotonic()
        if left <= 0:
            break
        connection = socket.socket(address.family, socket.SOCK_STREAM)
        try:
            connection.settimeout(left)
            connection.connect(address.where)
        except OSError as error:
            connection.close()
            problem = error.strerror or "no answer"
        else:
            return connection
    raise ServerFailed(
        f"nothing answers at {endpoint} ({problem})", "check that it runs and is on this network"
    )
