"""Where nothing may be sent, by its text and when a socket is made."""

from __future__ import annotations

import socket
from ipaddress import ip_network
from typing import Any

import pytest

from tallystick.delivery import (
    Addresses,
    AddressRefused,
    AttemptOutcome,
    DeliveryFailure,
    OutgoingRequest,
    Sender,
)
from tallystick.delivery.addresses import LOOPBACK, SINK, endpoint_of

PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:8.8.8.8"]
REFUSED = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "168.63.129.16",
    "192.0.0.9",
    "192.0.0.170",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.51.100.1",
    "192.168.1.1",
    "198.18.0.1",
    "203.0.113.7",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "2001:1::1",
    "3fff::1",
    "3fff:fff:ffff::1",
    "5f00::1",
    "4000::1",
    "100::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "not an address",
]
# Spellings of this machine that make no URL, with a place for the port.
NO_URL = [
    "http://127.1:{}/ok",
    "http://2130706433:{}/ok",
    "http://0177.0.0.1:{}/ok",
    "http://0:{}/ok",
    "http://user:password@127.0.0.1:{}/ok",
    "http://example.org@127.0.0.1:{}/ok",
]
# Other spellings of this machine, with a place for the port.
THIS_MACHINE = [
    "http://127.0.0.1:{}/ok",
    "http://0x7f.0.0.1:{}/ok",
    "http://0x7f000001:{}/ok",
    "http://0.0.0.0:{}/ok",
    "http://localhost:{}/ok",
    "http://LOCALHOST:{}/ok",
    "http://localhost.:{}/ok",
    "http://[::1]:{}/ok",
    "http://[::]:{}/ok",
    "http://[::ffff:127.0.0.1]:{}/ok",
    "http://[::ffff:7f00:1]:{}/ok",
    "http://[::127.0.0.1]:{}/ok",
    "http://[64:ff9b::7f00:1]:{}/ok",
    "http://[2002:7f00:1::]:{}/ok",
    "http://127.0.0.1:{}#@example.org/ok",
    "http://１２７.0.0.1:{}/ok",
    "http://127。0。0。1:{}/ok",
]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_permitted(address: str) -> None:
    assert Addresses().permits(address)


@pytest.mark.reliability("Addresses that deliveries may not reach")
@pytest.mark.parametrize("address", REFUSED)
def test_others_are_refused(address: str) -> None:
    assert not Addresses().permits(address)


def test_a_network_can_be_allowed() -> None:
    addresses = Addresses([ip_network("10.0.0.0/8")])
    assert addresses.permits("10.1.2.3")
    assert addresses.permits("::ffff:10.1.2.3")
    assert not addresses.permits("192.168.1.1")


@pytest.fixture
def _every_name_leads_here(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(_: object, host: str, port: int, **__: object) -> list[dict[str, Any]]:
        found = {"hostname": host, "host": "127.0.0.1", "port": port}
        return [{**found, "family": socket.AF_INET, "proto": 0, "flags": 0}]

    monkeypatch.setattr("tallystick.delivery.resolver.NameResolver.resolve", resolve)


@pytest.mark.reliability("Addresses that deliveries may not reach")
@pytest.mark.usefixtures("_every_name_leads_here")
@pytest.mark.parametrize(
    ("url", "outcome"),
    [
        *((url, AttemptOutcome.UNDELIVERABLE) for url in NO_URL),
        *((url, AttemptOutcome.FORBIDDEN) for url in THIS_MACHINE),
        ("http://rebound.example:{}/ok", AttemptOutcome.FORBIDDEN),
    ],
)
@pytest.mark.anyio
async def test_no_spelling_of_this_machine_is_connected_to(
    url: str, outcome: AttemptOutcome, endpoint: Any
) -> None:
    sender = Sender(Addresses())
    with pytest.raises(DeliveryFailure) as refused:
        await sender.send_request(OutgoingRequest("POST", url.format(endpoint.port), body=b"{}"))
    await sender.close()
    assert refused.value.outcome is outcome
    assert endpoint.connections == 0


@pytest.mark.anyio
async def test_with_loopback_allowed_it_is_connected_to(endpoint: Any) -> None:
    sender = Sender(Addresses(LOOPBACK))
    for url in ("http://127.0.0.1:{}/ok", "http://localhost:{}/ok"):
        response = await sender.send_request(OutgoingRequest("GET", url.format(endpoint.port)))
        assert response.status == 200
    await sender.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "http://",
        "http:///path",
        "http://example.org:99999/",
        "http://example.org:0/",
        " http://example.org/",
        "http://exa mple.org/",
        "http://example.org\u00a0/",
        "http://example.org/a\r\nb",
        "http://example.org/\0",
        "http://[::1/",
        "http://user:pass@example.org/",
        "http://127.0.0.1/",
        "http://localhost/",
        "http://api.localhost./",
    ],
)
def test_when_saved_a_bad_url_is_refused_too(url: str) -> None:
    with pytest.raises(AddressRefused):
        Addresses().check_url(url)


def test_when_saved_a_good_one_is_taken() -> None:
    Addresses().check_url("https://example.org/hook?a=1")
    Addresses().check_url("https://example.org/a b?c=d e")
    Addresses().check_url(SINK)


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("https://example.org/a", "https://example.org:443"),
        ("http://EXAMPLE.org:8080/b", "http://example.org:8080"),
        ("http://[2606:4700::1]/", "http://[2606:4700::1]:80"),
        (SINK, SINK),
    ],
)
def test_an_endpoint_is_scheme_host_and_port(url: str, endpoint: str) -> None:
    assert endpoint_of(url) == endpoint


@pytest.mark.parametrize("scheme", ["ftp", "file", "gopher", "unix", "http+unix", "ws", ""])
@pytest.mark.parametrize("port", ["", ":80"])
def test_any_other_scheme_is_refused_with_and_without_a_port(scheme: str, port: str) -> None:
    with pytest.raises(AddressRefused, match="http or https"):
        endpoint_of(f"{scheme}://example.org{port}/")
