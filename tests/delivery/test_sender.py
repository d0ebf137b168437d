"""Endpoints that misbehave: each has its class, and none harms the sender."""

from __future__ import annotations

import asyncio
import ssl
import time
import tracemalloc
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tallystick.delivery import (
    AttemptOutcome,
    DeliveryFailure,
    OutgoingRequest,
    dispatcher,
    transport,
)
from tallystick.delivery.adapter import RESPONSE_LIMIT

pytestmark = pytest.mark.anyio


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "TOTAL_S", 0.3)


@pytest.mark.parametrize(
    ("path", "outcome"),
    [
        ("/ok", AttemptOutcome.DELIVERED),
        ("/400", AttemptOutcome.REJECTED),
        ("/500", AttemptOutcome.SERVER_ERROR),
        ("/429", AttemptOutcome.THROTTLED),
        ("/410", AttemptOutcome.GONE),
        ("/302", AttemptOutcome.REDIRECTED),
        ("/reset", AttemptOutcome.BROKEN),
        ("/garbage", AttemptOutcome.BROKEN),
        ("/endless", AttemptOutcome.DELIVERED),
        ("/bomb", AttemptOutcome.DELIVERED),
    ],
)
async def test_each_answer_has_its_class(
    small_world: Any, endpoint: Any, path: str, outcome: AttemptOutcome
) -> None:
    event = await small_world.send(endpoint.url + path)
    await small_world.deliver()
    assert await small_world.outcomes(event) == [outcome]
    assert endpoint.paths == [path]


@pytest.mark.usefixtures("quick")
async def test_an_endpoint_that_says_nothing_is_given_up(small_world: Any, endpoint: Any) -> None:
    event = await small_world.send(f"{endpoint.url}/hang")
    await small_world.deliver()
    assert await small_world.outcomes(event) == [AttemptOutcome.TIMEOUT]


async def test_a_port_where_nobody_listens_is_unreachable(small_world: Any, endpoint: Any) -> None:
    await endpoint.stop()
    event = await small_world.send(f"{endpoint.url}/ok")
    await small_world.deliver()
    assert await small_world.outcomes(event) == [AttemptOutcome.UNREACHABLE]
    reason = f"can't connect to 127.0.0.1:{endpoint.port}: Connection refused"
    assert (await small_world.only(event)).detail == reason


async def test_a_certificate_that_nobody_vouches_for_is_refused(
    small_world: Any, tmp_path: Path
) -> None:
    server = await asyncio.start_server(
        lambda *_: None, "127.0.0.1", 0, ssl=_self_signed(tmp_path / "certificate.pem")
    )
    port = server.sockets[0].getsockname()[1]
    event = await small_world.send(f"https://127.0.0.1:{port}/ok")
    await small_world.deliver()
    assert await small_world.outcomes(event) == [AttemptOutcome.TLS_ERROR]
    assert "self-signed certificate" in (await small_world.only(event)).detail
    server.close()


def _self_signed(file: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), True)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


async def test_a_name_that_is_not_known_is_tried_again(
    small_world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nowhere(*_: object, **__: object) -> Any:
        raise OSError("Name or service not known")

    monkeypatch.setattr("tallystick.delivery.resolver.NameResolver.resolve", nowhere)
    event = await small_world.send("http://nowhere.example/")
    await small_world.deliver()
    assert await small_world.outcomes(event) == [AttemptOutcome.DNS_ERROR]
    assert await small_world.states(event) == ["pending"]


async def test_a_body_without_end_is_cut_off(small_world: Any, endpoint: Any) -> None:
    response = await small_world.sender.send_request(
        OutgoingRequest("POST", f"{endpoint.url}/endless")
    )
    assert (len(response.body), response.truncated) == (RESPONSE_LIMIT, True)


async def test_a_gzip_bomb_is_not_unpacked(small_world: Any, endpoint: Any) -> None:
    tracemalloc.start()
    response = await small_world.sender.send_request(
        OutgoingRequest("POST", f"{endpoint.url}/bomb")
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (response.body, response.truncated) == (b"\0" * RESPONSE_LIMIT, True)
    assert peak < 5_000_000


async def test_connections_are_kept(small_world: Any, endpoint: Any) -> None:
    for _ in range(5):
        await small_world.sender.send_request(
            OutgoingRequest("POST", f"{endpoint.url}/ok", body=b"{}")
        )
    assert endpoint.connections == 1


async def test_the_proxies_of_the_environment_are_not_used(
    small_world: Any, endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    response = await small_world.sender.send_request(OutgoingRequest("GET", f"{endpoint.url}/ok"))
    assert response.status == 200


@pytest.mark.parametrize("header", ["a\r\nb", "ü\0", "a\nX-Other: b"])
async def test_a_header_that_no_request_can_carry_is_no_request(
    small_world: Any, endpoint: Any, header: str
) -> None:
    outgoing = OutgoingRequest("GET", f"{endpoint.url}/ok", [("X-From-A-Template", header)])
    with pytest.raises(DeliveryFailure) as refused:
        await small_world.sender.send_request(outgoing)
    assert refused.value.outcome is AttemptOutcome.UNDELIVERABLE
    assert endpoint.connections == 0


async def test_one_slow_endpoint_of_fifty_does_not_slow_the_rest(
    small_world: Any, endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "GRACE_S", 0)
    slow = f"{endpoint.url}/hang"
    for _ in range(200):
        await small_world.send(slow)
    begun = time.monotonic()
    # Other addresses of this machine are other endpoints.
    others = [f"http://127.0.0.{n}:{endpoint.port}/ok" for n in range(2, 51)]
    for _ in range(4):
        for url in others:
            await small_world.send(url)
    while endpoint.paths.count("/ok") < 4 * len(others):
        assert time.monotonic() - begun < 10
        await asyncio.sleep(0.01)
    assert endpoint.paths.count("/hang") == 16  # its share, and no more
    await small_world.dispatcher.close()
