"""The rule for the addresses of requests, used when a URL is saved, tested and called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
SINK = "tallystick:sink"
"""A URL for tests without a network: requests to it succeed, with themselves as the response."""

REMEMBERED = 1_000
"""The number of URLs whose check is cached."""

_PORTS = {"http": 80, "https": 443}
# The special-purpose registries of IANA (RFC 6890), and addresses at which clouds keep the
# credentials of their machines. The list is our own, as that of `ipaddress` differs between
# versions of Python.
_NOT_PUBLIC = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32",
            "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
            "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        ),
    )
)  # fmt: skip
_UNFIT = re.compile(r"[\x00-\x1f\x7f]|^[^/?#]*\s|^[^/?#]*//[^/?#]*\s")
# The part of IPv6 that IANA has allocated for global unicast.
_GLOBAL_UNICAST = ip_network("2000::/3")
# Prefixes of IPv6 addresses that embed an IPv4 address in their last 32 bits: compatible and mapped
# (RFC 4291), translated (RFC 2765) and NAT64 (RFC 6052).
_EMBEDDING = tuple(
    ip_network(prefix) for prefix in ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96")
)


class AddressRefused(Exception):
    """The allowed networks exclude this address."""


class InvalidUrl(AddressRefused):
    """The URL can't be called, whatever networks are allowed."""


class Addresses:
    """The check of addresses: public ones are permitted, and those of the allowed networks."""

    def __init__(self, allowed: Iterable[Network] = ()) -> None:
        self.allowed = tuple(allowed)
        # The rule is constant, and most deliveries go to known URLs.
        self._check = lru_cache(REMEMBERED)(self._check_url)

    def permits(self, text: str) -> bool:
        """Return whether requests to an IP address are permitted."""
        try:
            address = ip_address(text.partition("%")[0])
        except ValueError:
            return False
        reached = _reached(address)
        return any(reached in network for network in self.allowed) or _is_public(reached)

    def check_url(self, url: str) -> None:
        """Return if the URL may be called, as far as its text tells; raise `AddressRefused`.

        The address of a host name is checked when its socket is created.
        """
        self._check(url)

    def _check_url(self, url: str) -> None:
        if url == SINK:
            return
        endpoint = endpoint_of(url)
        if "@" in urlsplit(url).netloc:
            raise InvalidUrl("a URL may not have a user or a password")
        self.check_host(urlsplit(endpoint).hostname or "")

    def check_host(self, host: str) -> None:
        """Return if a host may be called, as far as its text tells; raise `AddressRefused`."""
        address = "127.0.0.1" if f".{host.rstrip('.')}".endswith(".localhost") else host
        if _is_literal(address) and not self.permits(address):
            raise AddressRefused(f"nothing may be sent to {host}")


@lru_cache(REMEMBERED)
def endpoint_of(url: str) -> str:
    """Return the origin of a URL, such as ``https://example.org:443``; raise `InvalidUrl`."""
    if url == SINK:
        return SINK
    return str(read_origin(url, _PORTS))


class Origin(NamedTuple):
    """The place that a URL leads to."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


def read_origin(url: str, ports: Mapping[str, int]) -> Origin:
    """Return the origin of a URL; raise `InvalidUrl`.

    `ports` are the known schemes, each with its usual port.
    """
    # `urlsplit` silently removes some of these characters.
    if _UNFIT.search(url):
        raise InvalidUrl("must be a URL without control characters, or spaces in its host")
    try:
        parts = urlsplit(url)
        default = ports[parts.scheme]
        port = default if parts.port is None else parts.port
    except (ValueError, KeyError):
        raise InvalidUrl(f"must be an {' or '.join(ports)} URL") from None
    if not parts.hostname or port == 0:
        raise InvalidUrl("must be a URL with a host and a port that can be called")
    return Origin(parts.scheme, parts.hostname, port)


def _is_literal(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _reached(address: Address) -> Address:
    """Return the address that is reached in the end: the embedded one of an IPv6 address."""
    if isinstance(address, IPv4Address):
        return address
    if address.sixtofour is not None:  # RFC 3056
        return address.sixtofour
    if int(address) > 1 and any(address in network for network in _EMBEDDING):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return not any(address in network for network in _NOT_PUBLIC)
