"""Over TLS a connection has the bounds it has without, and the handshake has its own."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import pytest

import test_bounded_protocol
from tallystick.bounded_protocol import BoundedHttpProtocol
from tallystick.connection_limits import ConnectionLimits
from tallystick.mock.certificates import issue_certificate
from tallystick.tls_connection import TlsConnection
from tallystick.tls_context import create_context
from test_bounded_protocol import (  # noqa: F401  # collected here again, over TLS
    bounded,
    statuses,
    test_a_body_at_its_rate_may_take_longer,
    test_a_body_that_comes_too_slowly_is_a_408,
    test_a_connection_that_says_nothing_is_closed,
    test_a_head_after_a_large_body_counts_alone,
    test_a_head_that_does_not_end_is_a_408,
    test_a_large_head_is_refused_however_it_comes,
    test_a_request_before_garbage_is_answered_first,
    test_an_early_answer_reaches_one_who_still_sends,
    test_headers_after_a_body_have_a_bound,
    test_the_end_of_a_large_head_need_not_come,
    test_what_is_sent_after_an_early_answer_has_a_bound,
    test_what_is_still_awaited_after_an_early_answer_has_a_time,
)
from test_uvicorn_protocol import request

Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]
ISSUED = issue_certificate(["127.0.0.1"])


@pytest.fixture(autouse=True)
def trusting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """The callers' context, with TLS put around the servers of the tests above."""
    certificate = tmp_path / "certificate.pem"
    certificate.write_bytes(ISSUED.certificate + ISSUED.key)
    served = create_context(certificate)
    trusting = ssl.create_default_context(cadata=ISSUED.authority.decode())

    def serving(limits: ConnectionLimits) -> Callable[..., asyncio.Protocol]:
        http = partial(BoundedHttpProtocol, limits=limits)
        return partial(TlsConnection, served, http, limits)

    async def connect(port: int) -> Pair:
        return await asyncio.open_connection("127.0.0.1", port, ssl=trusting)

    monkeypatch.setattr(test_bounded_protocol, "serving", serving)
    monkeypatch.setattr(test_bounded_protocol, "connect", connect)
    return trusting


@asynccontextmanager
async def raw(port: int) -> AsyncIterator[Pair]:
    """A caller's side of the connection below TLS."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    yield reader, writer
    writer.close()


async def read_to_its_end(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the server closes or resets the connection."""
    found = b""
    with suppress(ConnectionError):
        async with asyncio.timeout(10):
            while piece := await reader.read(1_000_000):
                found += piece
    return found


def hello(trusting: ssl.SSLContext) -> bytes:
    """The first flight of a handshake."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = trusting.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()


@pytest.mark.anyio
@pytest.mark.parametrize("sent", [0, 1, 100, -1])
async def test_a_caller_who_is_slow_in_the_handshake_is_disconnected(
    trusting: ssl.SSLContext, sent: int
) -> None:
    async with bounded(handshake_s=0.3) as port, raw(port) as (reader, writer):
        flight = hello(trusting)
        writer.write(flight[:sent] if sent >= 0 else flight)
        await read_to_its_end(reader)


@pytest.mark.anyio
async def test_a_caller_who_dribbles_a_handshake_gets_no_longer_time(
    trusting: ssl.SSLContext,
) -> None:
    async with bounded(handshake_s=0.3) as port, raw(port) as (reader, writer):
        dribbling = asyncio.create_task(dribble(writer, hello(trusting)))
        await read_to_its_end(reader)
        assert not dribbling.done()
        dribbling.cancel()


async def dribble(writer: asyncio.StreamWriter, sent: bytes) -> None:
    for byte in sent:
        writer.write(bytes([byte]))
        await asyncio.sleep(0.05)


@pytest.mark.anyio
async def test_handshakes_under_way_count_as_connections() -> None:
    async with bounded(connections=1, spare=1) as port, raw(port), raw(port):
        with pytest.raises(ConnectionError):
            await test_bounded_protocol.connect(port)


@pytest.mark.anyio
async def test_a_connection_too_many_is_told_within_what_is_spare() -> None:
    async with bounded(connections=1, spare=1) as port:
        first = await test_bounded_protocol.connect(port)
        assert await statuses(port) == [503]
        first[1].close()


@pytest.mark.anyio
async def test_a_handshake_that_ends_makes_room() -> None:
    async with bounded(connections=1, spare=0) as port:
        async with raw(port):
            pass
        await asyncio.sleep(0.1)
        assert await statuses(port, request("/", "GET", "1.1", "Connection: close")) == [200]


@pytest.mark.anyio
async def test_an_answer_that_is_not_read_ends_the_connection() -> None:
    async with bounded(unread_s=0.2) as port:
        reader, writer = await test_bounded_protocol.connect(port)
        reader._transport.pause_reading()  # type: ignore[attr-defined]  # else it reads by itself
        writer.write(request("/large"))
        await asyncio.sleep(1.5)
        reader._transport.resume_reading()  # type: ignore[attr-defined]
        assert len(await read_to_its_end(reader)) < test_bounded_protocol.LARGE
        writer.close()


@pytest.mark.anyio
async def test_requests_in_one_connection_are_answered_in_turn() -> None:
    async with bounded() as port:
        answer = await statuses(port, request("/late") + request("/"), request("/", "GET", "1.0"))
    assert answer == [200, 200, 200]


@pytest.mark.anyio
async def test_a_caller_who_ends_its_half_of_tls_is_answered_first(
    trusting: ssl.SSLContext,
) -> None:
    async with bounded() as port, raw(port) as (reader, writer):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = trusting.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
        with pytest.raises(ssl.SSLWantReadError):
            tls.do_handshake()
        writer.write(outgoing.read())
        incoming.write(await reader.read(65_536))
        tls.do_handshake()
        tls.write(request("/late"))
        with pytest.raises(ssl.SSLError):
            tls.unwrap()
        writer.write(outgoing.read())
        incoming.write(await read_to_its_end(reader))
        with suppress(ssl.SSLError):
            assert tls.read().startswith(b"HTTP/1.1 200")
            return
        pytest.fail("no answer")


@pytest.mark.anyio
async def test_plain_http_is_told_to_call_by_https() -> None:
    async with bounded() as port, raw(port) as (reader, writer):
        writer.write(request("/"))
        answer = await asyncio.wait_for(reader.read(), 10)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"Content-Length: %d" % len(body) in head
    assert b"https://" in body


@pytest.mark.anyio
async def test_garbage_ends_a_connection() -> None:
    async with bounded() as port:
        async with raw(port) as (reader, writer):
            writer.write(b"\x00" * 100_000)
            assert not (await asyncio.wait_for(reader.read(), 10)).startswith(b"HTTP")
        assert await statuses(port, request("/", "GET", "1.0")) == [200]
