"""Targets that misbehave: each has its class, and others are served beside it."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tallystick.delivery import transport

pytestmark = pytest.mark.anyio

PEAK_BYTES = 6_000_000
OK = b"HTTP/1.1 200 OK\r\n"
LENGTH_2 = b"Content-Length: 2\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
GZIP = b"Content-Encoding: gzip\r\n"


def head(status: str, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", "Content-Length: 0", *headers, "", ""]).encode()


def bomb() -> bytes:
    """Make the beginning of what unpacks to a gigabyte: as much of it as is ever read."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()


BOMB = bomb()

# Name → what is answered and then the connection is closed, the outcome, and the state.
ANSWERED: dict[str, tuple[bytes, str, str]] = {
    "200 without a body": (head("200 OK"), "delivered", "done"),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", "delivered", "done"),
    "200 in HTTP/1.0": (b"HTTP/1.0 200 OK\r\n\r\nfine", "delivered", "done"),
    "301 to itself": (head("301 Moved", "Location: /301 to itself"), "redirected", "pending"),
    "307 to a metadata address": (
        head("307 Temporary Redirect", "Location: http://169.254.169.254/latest/"),
        "redirected",
        "pending",
    ),
    "400": (head("400 Bad Request"), "rejected", "pending"),
    "410": (head("410 Gone"), "gone", "held"),
    "429, Retry-After 1e99": (head("429 No", "Retry-After: 1e99"), "throttled", "pending"),
    "429, Retry-After -5": (head("429 No", "Retry-After: -5"), "throttled", "pending"),
    "429, Retry-After long past": (
        head("429 No", "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT"),
        "throttled",
        "pending",
    ),
    "503": (head("503 Service Unavailable"), "server_error", "pending"),
    "599": (head("599 Own"), "server_error", "pending"),
    "status 99": (head("99 Low"), "broken", "pending"),
    "status 1000": (head("1000 High"), "broken", "pending"),
    "status abc": (head("abc Text"), "broken", "pending"),
    "close without an answer": (b"", "broken", "pending"),
    "half a head": (OK + b"Content-Le", "broken", "pending"),
    "half a body": (OK + b"Content-Length: 9\r\n\r\nhalf", "broken", "pending"),
    "garbage": (bytes(range(256)) * 4, "broken", "pending"),
    "broken gzip": (OK + LENGTH_2 + GZIP + b"\r\n\x1f\x8b", "delivered", "done"),
    "gzip bomb": (
        OK + f"Content-Length: {len(BOMB)}\r\n".encode() + GZIP + b"\r\n" + BOMB,
        "delivered",
        "done",
    ),
    "gzip cut off": (OK + GZIP + b"\r\n" + gzip.compress(b"text")[:-9], "delivered", "done"),
    "unknown encoding": (
        OK + LENGTH_2 + b"Content-Encoding: x-own\r\n\r\nab",
        "delivered",
        "done",
    ),
    "a body with NUL and broken UTF-8": (OK + LENGTH_2 + b"\r\n\0\xff", "delivered", "done"),
    "a header with broken UTF-8": (
        OK + LENGTH_2 + b"X-Own: \xff\xfe\r\n\r\nab",
        "delivered",
        "done",
    ),
    "a header with NUL": (OK + LENGTH_2 + b"X-Own: a\0b\r\n\r\nab", "broken", "pending"),
    "Content-Length and chunked": (
        OK + LENGTH_2 + CHUNKED + b"\r\n2\r\nab\r\n0\r\n\r\n",
        "broken",
        "pending",
    ),
    "two Content-Lengths": (OK + LENGTH_2 + b"Content-Length: 3\r\n\r\nabc", "broken", "pending"),
    "more bytes than announced": (OK + LENGTH_2 + b"\r\nab" + b"x" * 1_000, "broken", "pending"),
    "a negative Content-Length": (OK + b"Content-Length: -2\r\n\r\nab", "broken", "pending"),
    "a negative chunk size": (OK + CHUNKED + b"\r\n-2\r\nab\r\n0\r\n\r\n", "broken", "pending"),
    "a huge chunk size": (OK + CHUNKED + b"\r\n" + b"f" * 40 + b"\r\nab", "broken", "pending"),
    "a chunk size that is no number": (OK + CHUNKED + b"\r\nzz\r\nab", "broken", "pending"),
}

# Name → what comes first, what comes over and over, how many seconds after one another.
ENDLESS: dict[str, tuple[bytes, bytes, float, str]] = {
    "an endless chunked body": (
        OK + CHUNKED + b"\r\n",
        b"1000\r\n" + b"x" * 4096 + b"\r\n",
        0,
        "delivered",
    ),
    "an endless body to the end of the connection": (OK + b"\r\n", b"x" * 4096, 0, "delivered"),
    "an endless header": (OK + b"X-Own: ", b"x" * 4096, 0, "broken"),
    "endless headers": (OK, b"X-Own: x\r\n" * 400, 0, "broken"),
    "an endless status line": (b"HTTP/1.1 200 ", b"x" * 4096, 0, "broken"),
    "an endless chunk extension": (OK + CHUNKED + b"\r\n2;", b"x" * 4096, 0, "broken"),
    "endless trailers": (OK + CHUNKED + b"\r\n0\r\n", b"X-Own: x\r\n" * 400, 0, "broken"),
    "endless 100 Continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 200, 0, "broken"),
    "endless answers": (b"", head("200 OK") * 200, 0, "delivered"),
    "endless empty lines": (b"", b"\r\n" * 2_000, 0, "broken"),
    "silence": (b"", b"", 60, "timeout"),
    "a head of one byte every half second": (OK + b"X-Own: ", b"x", 0.5, "timeout"),
    "a body of one byte every half second": (
        OK + b"Content-Length: 1000\r\n\r\n",
        b"x",
        0.5,
        "timeout",
    ),
}


class MisbehavingTarget:
    """A server at whose port each connection is treated as a test wants it."""

    def __init__(self, serve: Callable[..., Any], context: ssl.SSLContext | None = None) -> None:
        self._serve = serve
        self._context = context

    async def __aenter__(self) -> str:
        self._server = await asyncio.start_server(self._run, "127.0.0.1", 0, ssl=self._context)
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _run(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._serve(reader, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "TOTAL_S", 1.0)


@pytest.fixture
async def flat_memory() -> AsyncIterator[None]:
    """Let the test take no memory to speak of."""
    tracemalloc.start()
    yield
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < PEAK_BYTES


async def deliver(world: Any, endpoint: Any, url: str) -> tuple[str, str]:
    """Deliver to the target, and to another one beside it; the outcome and the state."""
    event = await world.send(url)
    other = await world.send(f"{endpoint.url}/ok")
    await world.deliver()
    assert await world.states(other) == ["done"]
    [outcome] = await world.outcomes(event)
    [state] = await world.states(event)
    return outcome, state


async def _read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
    return head + await reader.readexactly(length)


@pytest.mark.reliability("Targets that misbehave")
@pytest.mark.usefixtures("flat_memory")
@pytest.mark.parametrize("name", ANSWERED)
async def test_an_answer_of_every_kind_has_its_class(
    small_world: Any, endpoint: Any, name: str
) -> None:
    answer, outcome, state = ANSWERED[name]
    requests = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await _read_request(reader))
        writer.write(answer)

    async with MisbehavingTarget(serve) as address:
        found = await deliver(small_world, endpoint, f"http://{address}/")
    assert (*found, len(requests)) == (outcome, state, 1)


@pytest.mark.reliability("Targets that misbehave")
@pytest.mark.usefixtures("flat_memory")
@pytest.mark.parametrize("name", ENDLESS)
async def test_what_does_not_end_is_ended(small_world: Any, endpoint: Any, name: str) -> None:
    first, more, pause, outcome = ENDLESS[name]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read_request(reader)
        writer.write(first)
        while True:
            writer.write(more)
            await writer.drain()
            await asyncio.sleep(pause)

    async with MisbehavingTarget(serve) as address:
        found, _ = await deliver(small_world, endpoint, f"http://{address}/")
    assert found == outcome


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("1e99", 60), ("-5", 60), ("Fri, 31 Dec 1999 23:59:59 GMT", 60), ("9" * 99, 24 * 60 * 60)],
)
async def test_no_retry_after_makes_a_delivery_wait_for_more_than_a_day(
    small_world: Any, value: str, seconds: int
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read_request(reader)
        writer.write(head("429 Too Many Requests", f"Retry-After: {value}"))

    async with MisbehavingTarget(serve) as address:
        event = await small_world.send(f"http://{address}/")
        await small_world.deliver()
    due = (await small_world.only(event)).due
    assert due - small_world.clock.now_ms() == seconds * 1_000


async def test_a_reset_is_broken(small_world: Any, endpoint: Any) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read_request(reader)
        writer.transport.abort()

    async with MisbehavingTarget(serve) as address:
        found = await deliver(small_world, endpoint, f"http://{address}/")
    assert found == ("broken", "pending")


async def test_an_answer_before_the_request_was_read_is_taken(
    small_world: Any, endpoint: Any
) -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head("200 OK", "Connection: close"))
        await asyncio.sleep(0.2)

    async with MisbehavingTarget(serve) as address:
        found = await deliver(small_world, endpoint, f"http://{address}/")
    assert found in {("delivered", "done"), ("broken", "pending")}


async def test_a_signature_that_is_echoed_is_not_kept(small_world: Any) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = (await _read_request(reader)).decode().split("\r\n")
        [signature] = [line for line in lines if line.lower().startswith("webhook-signature")]
        signatures.append(signature.partition(": ")[2])
        writer.write(head("200 OK", signature, f"X-Echo: {signatures[0]}"))

    signatures: list[str] = []
    small_world.adapter.signing_secrets = ["whsec_c2VjcmV0"]
    async with MisbehavingTarget(serve) as address:
        event = await small_world.send(f"http://{address}/")
        await small_world.deliver()
    delivery = await small_world.only(event)
    [attempt] = (await small_world.outbox.list_attempts([delivery.id]))[delivery.id]
    assert signatures[0].startswith("v1,")
    assert "c2VjcmV0" not in attempt.record


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (head("abc secret"), "its answer is not HTTP: Bad status line: Invalid status code"),
        (b"secret" * 10_000, "its answer is not HTTP: Bad status line"),
        (OK + b"X-Own: secret\0\r\n\r\n", "its answer is not HTTP: Invalid HTTP header"),
        (OK + b"Content-Length: 99\r\n\r\nsecret", "the body of its answer broke off"),
        (OK + b"X-Own: secret", "it closed the connection before it had answered"),
    ],
)
async def test_a_reason_has_neither_the_url_nor_the_answer(
    small_world: Any, answer: bytes, reason: str
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _read_request(reader)
        writer.write(answer)

    async with MisbehavingTarget(serve) as address:
        event = await small_world.send(f"http://{address}/?token=secret")
        await small_world.deliver()
    detail = (await small_world.only(event)).detail
    assert detail.startswith(reason)
    assert "secret" not in detail


async def test_https_to_a_plain_port_is_a_tls_error(small_world: Any, endpoint: Any) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(head("400 Bad Request"))

    async with MisbehavingTarget(serve) as address:
        found = await deliver(small_world, endpoint, f"https://{address}/")
    assert found == ("tls_error", "pending")


async def test_tls_that_stalls_is_given_up(small_world: Any, endpoint: Any) -> None:
    async def serve(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async with MisbehavingTarget(serve) as address:
        found = await deliver(small_world, endpoint, f"https://{address}/")
    assert found == ("timeout", "pending")


@pytest.mark.reliability("Targets that misbehave")
@pytest.mark.parametrize("fault", ["expired", "for another name", "self-signed"])
async def test_a_bad_certificate_is_a_tls_error(
    small_world: Any, endpoint: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    certificate = tmp_path / "certificate.pem"
    name = "other.example" if fault == "for another name" else "localhost"
    _create_certificate(certificate, name, days=-1 if fault == "expired" else 1)
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(certificate)
    if fault != "self-signed":  # the client trusts the one who made it
        trusting = ssl.create_default_context(cafile=str(certificate))
        monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", trusting)

    async with MisbehavingTarget(_read_request, served) as address:
        url = f"https://localhost:{address.partition(':')[2]}/"
        found = await deliver(small_world, endpoint, url)
    assert found == ("tls_error", "pending")


def _create_certificate(file: Path, name: str, days: int) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    made_by = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(made_by, made_by, key.public_key(), 1)
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=True)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
