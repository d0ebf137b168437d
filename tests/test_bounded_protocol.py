"""Connections have bounds, and whoever breaks one is told so in the API's own shape."""

from __future__ import annotations

import asyncio
import resource
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from server_process import ServerProcess, StartServer
from tallystick.bounded_protocol import BoundedHttpProtocol
from tallystick.connection_limits import ConnectionLimits
from tallystick.uvicorn_protocol import FastHttpProtocol
from test_uvicorn_protocol import BODY, SENT, answers, app, post, request

KEY = b"x-api-key: XXX1XX12XxxxXXxxXXx0xXxx\r\n"
LARGE = 20_000_000
OWN = {
    "a bad target after a good one",  # uvicorn answers the bad one first
    # It answers these in plain text, and we in the shape of the API.
    "a bad target at once",
    *(name for name in SENT if name.startswith("a body for ")),
    "a chunk that is none",
}


async def bounded_app(scope: Any, receive: Any, send: Any) -> None:
    """Answer as the application of the fast protocol's tests; tell of what is refused."""
    try:
        if scope["type"] == "refused":
            raise scope["problem"]
        if scope["path"] == "/large":
            await send_large(send)
            return
        await app(scope, receive, send)
    except Exception as problem:
        status = getattr(problem, "status", None)
        if status is None:
            raise
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body"})


async def send_large(send: Any) -> None:
    headers = [(b"content-length", b"%d" % LARGE)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"x" * LARGE})


def serving(limits: ConnectionLimits) -> Callable[..., asyncio.Protocol]:
    """The protocol under test; `test_tls_connection` puts TLS around it."""
    return partial(BoundedHttpProtocol, limits=limits)


async def connect(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A caller's side of it."""
    return await asyncio.open_connection("127.0.0.1", port)


@asynccontextmanager
async def bounded(keep_alive_s: float = 5.0, **limits: Any) -> AsyncIterator[int]:
    config = Config(
        bounded_app,
        ws="none",
        lifespan="off",
        log_config=None,
        timeout_keep_alive=keep_alive_s,  # type: ignore[arg-type]  # in parts of a second, too
    )
    config.load()
    state = ServerState()
    kind = serving(ConnectionLimits(**limits))
    made = partial(kind, config=config, server_state=state, app_state={})
    server = await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def statuses(port: int, *pieces: bytes, half_close: bool = False) -> list[int]:
    """The statuses of all answers until the connection is closed by the server."""
    reader, writer = await connect(port)
    for piece in pieces:
        writer.write(piece)
        await asyncio.sleep(0.02)
    if half_close:
        writer.write_eof()
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.anyio
@pytest.mark.parametrize("sent", sorted(set(SENT) - OWN))
async def test_within_the_bounds_every_answer_is_the_fast_protocols(sent: str) -> None:
    ours, fast = await asyncio.gather(
        answers(BoundedHttpProtocol, SENT[sent]), answers(FastHttpProtocol, SENT[sent])
    )
    assert ours == fast


TARGET = b"GET /" + b"x" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"
HEADER = b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 200_000 + b"\r\n\r\n"
MANY = b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-N: 1\r\n" * 30_000 + b"\r\n"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("head", "status"), [(TARGET, 414), (HEADER, 431), (MANY, 431)], ids=["target", "one", "many"]
)
@pytest.mark.parametrize("size", [1_000_000, 50_000, 170_000])
async def test_a_large_head_is_refused_however_it_comes(
    head: bytes, status: int, size: int
) -> None:
    pieces = [head[at : at + size] for at in range(0, len(head), size)]
    async with bounded() as port:
        assert await statuses(port, *pieces) == [status]


CODED = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: %b\r\n\r\n"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("codings", "status"),
    [
        (b"gzip, chunked", 501),
        (b"gzip\r\nTransfer-Encoding: Chunked", 501),
        (b"identity,chunked ", 501),
        (b"gzip", 400),
        (b"chunked, gzip", 400),
        (b", CHUNKED", 200),
    ],
)
async def test_a_body_with_a_coding_under_its_chunks_is_not_read(
    codings: bytes, status: int
) -> None:
    rest = b"1\r\na\r\n0\r\n\r\n" + request("/", "GET", "1.1", "Connection: close")
    answered = [200, 200] if status == 200 else [status]
    async with bounded() as port:
        assert await statuses(port, CODED % codings + rest) == answered
        assert await statuses(port, CODED % codings, rest) == answered


@pytest.mark.anyio
async def test_the_end_of_a_large_head_need_not_come() -> None:
    async with bounded() as port:
        assert await statuses(port, TARGET[:100_000]) == [414]
        assert await statuses(port, HEADER[:170_000]) == [431]
        assert await statuses(port, request("/") + HEADER[:-100], HEADER[-100:]) == [200, 431]


@pytest.mark.anyio
async def test_a_head_after_a_large_body_counts_alone() -> None:
    last = request("/", "GET", "1.1", "Connection: close")
    sent = post("/", b"x" * 200_000) + last[:20]
    async with bounded() as port:
        assert await statuses(port, sent, last[20:]) == [200, 200]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "pieces",
    [[request("/")[:20]], [request("/")[:20], b"x", b"y"], [request("/") + request("/")[:20]]],
)
async def test_a_head_that_does_not_end_is_a_408(pieces: Sequence[bytes]) -> None:
    async with bounded(head_s=0.2) as port:
        assert (await statuses(port, *pieces))[-1] == 408


@pytest.mark.anyio
async def test_a_body_that_comes_too_slowly_is_a_408() -> None:
    async with bounded(body_s=0.2) as port:
        assert await statuses(port, post("/", b"body")[:-1]) == [408]


@pytest.mark.anyio
async def test_a_body_at_its_rate_may_take_longer() -> None:
    head = request("/", "POST", "1.1", "Content-Length: 100", "Connection: close")
    async with bounded(body_s=0.2, body_rate=50) as port:
        reader, writer = await connect(port)
        writer.write(head)
        for _ in range(10):
            writer.write(b"x" * 10)
            await asyncio.sleep(0.06)
        assert (await reader.read()).startswith(b"HTTP/1.1 200")
        writer.close()


@pytest.mark.anyio
@pytest.mark.parametrize("sent", [b"", b"\r\n"])
async def test_a_connection_that_says_nothing_is_closed(sent: bytes) -> None:
    async with bounded(keep_alive_s=0.2, head_s=0.2) as port:
        assert await statuses(port, sent) in ([], [408])


@pytest.mark.anyio
async def test_headers_after_a_body_have_a_bound() -> None:
    head = request("/", "POST", "1.1", "Transfer-Encoding: chunked")
    pieces = [head, b"2\r\n{}\r\n0\r\nX-T: ", *[b"x" * 50_000] * 3]
    async with bounded(body=100_000) as port:
        assert await statuses(port, *pieces) == [413]


@pytest.mark.anyio
async def test_an_early_answer_reaches_one_who_still_sends() -> None:
    head = request("/closes", "POST", "1.1", "Content-Length: 5000000").replace(
        b"/closes", b"/deaf"
    )
    head = head.replace(b"Host: x", b"Host: x\r\nConnection: close")
    async with bounded() as port:
        assert await statuses(port, head, *[b"x" * 1_000_000] * 5) == [200]


async def send_until_the_end(port: int, head: bytes, size: int) -> int:
    """Send a head and a body until the connection ends or all is sent; return the body's bytes."""
    reader, writer = await connect(port)
    writer.write(head)
    sent, piece = 0, b"x" * 100_000
    with suppress(ConnectionError):  # the end is a reset if bytes were left unread
        async with asyncio.timeout(10):
            while sent < size and not (reader.at_eof() or writer.is_closing()):
                writer.write(piece)
                sent += len(piece)
                await writer.drain()
                await asyncio.sleep(0)
    writer.close()
    return sent


@pytest.mark.anyio
async def test_what_is_sent_after_an_early_answer_has_a_bound() -> None:
    size = 500_000_000
    head = request("/deaf", "POST", "1.1", f"Content-Length: {size}")
    async with bounded(discard=100_000) as port:
        assert await send_until_the_end(port, head, size) < size


@pytest.mark.anyio
async def test_what_is_still_awaited_after_an_early_answer_has_a_time() -> None:
    head = request("/deaf", "POST", "1.1", "Content-Length: 50000000")
    async with bounded(discard_s=0.2) as port:
        assert await statuses(port, head) == [200]


@pytest.mark.anyio
@pytest.mark.parametrize("hosts", ["", "Host: x\r\nHost: x\r\n", "Host: x\r\nHost: y\r\n"])
async def test_a_request_has_one_host(hosts: str) -> None:
    async with bounded() as port:
        assert await statuses(port, f"GET / HTTP/1.1\r\n{hosts}\r\n".encode()) == [400]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("host", "status"),
    [
        (b"localhost", 200),
        (b"a_b.example:8080", 200),
        (b"127.0.0.1:", 200),
        (b"[::1]:8080", 200),
        (b"", 200),
        (b"a b", 400),
        (b"a<b>", 400),
        (b"a/b", 400),
        (b"user@a", 400),
        (b"a:port", 400),
        (b"::1", 400),
        (b"\xc3\xa9", 400),
    ],
)
async def test_a_host_is_a_host(host: bytes, status: int) -> None:
    async with bounded() as port:
        assert await statuses(port, b"GET / HTTP/1.1\r\nHost: %b\r\n\r\n" % host) == [status]


@pytest.mark.anyio
async def test_http_1_0_needs_no_host() -> None:
    async with bounded() as port:
        assert await statuses(port, b"GET / HTTP/1.0\r\n\r\n") == [200]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "pieces",
    [[request("/late")], [post("/late", b"body")[:-1], b"y"], [request("/late") + request("/")]],
    ids=["whole", "in pieces", "two"],
)
async def test_one_who_closes_half_is_answered(pieces: Sequence[bytes]) -> None:
    async with bounded() as port:
        found = await statuses(port, *pieces, half_close=True)
    assert found == [200] * b"".join(pieces).count(b"HTTP/1.1")


@pytest.mark.anyio
@pytest.mark.parametrize("bad", [b"garbage\r\n\r\n", request("http://x")])
async def test_a_request_before_garbage_is_answered_first(bad: bytes) -> None:
    async with bounded() as port:
        assert await statuses(port, request("/late") + bad) == [200, 400]


def exchange(server: ServerProcess, *pieces: bytes) -> bytes:
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port), 10) as connection:
        for piece in pieces:
            connection.sendall(piece)
        answer = b""
        while got := connection.recv(65536):
            answer += got
        return answer


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        (b"/create", b'"statusCode":414'),
        (b"/event/send", b'"code":414000'),
        (b"/api/v2/events/ingest", b'"code":414'),
        (b"/api/1/start", b'"code":414'),
        (b"/gateway/v1/events", b'"status":414'),
        (b"/nowhere", b'"status":414'),
    ],
)
def test_a_refusal_has_the_shape_of_the_api(
    server: ServerProcess, path: bytes, shape: bytes
) -> None:
    answer = exchange(server, b"POST " + path + b"?" + b"x" * 200_000 + b" HTTP/1.1\r\n")
    assert answer.startswith(b"HTTP/1.1 414 ")
    assert shape in answer


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        (b"/create", b'"code":"P001"'),
        (b"/event/send", b'"code":400000'),
        (b"/api/v2/events/ingest", b'"message":"is not HTTP/1.1"'),
        (b"/api/1/start", b'"code":400'),
        (b"/v1/a/sources", b'"error_code":"EG.00014000"'),
        (b"/gateway/v1/events", b'"detail":"is not HTTP/1.1"'),
    ],
)
@pytest.mark.parametrize("rest", [b"X: a\0b\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\nz\r\n"])
def test_what_is_no_http_is_refused_in_the_shape_of_the_api(
    server: ServerProcess, path: bytes, shape: bytes, rest: bytes
) -> None:
    answer = exchange(server, b"POST " + path + b" HTTP/1.1\r\nHost: x\r\n" + rest)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert shape in answer


def test_a_host_that_is_none_is_told_by_its_name(server: ServerProcess) -> None:
    answer = exchange(server, b"GET /gateway/v1/events HTTP/1.1\r\nHost: a b\r\n\r\n")
    told = b'"where":"header","name":"Host","message":"must be a host, with or without a port"'
    assert told in answer


def test_the_settings_bound_the_head(start_server: StartServer) -> None:
    server = start_server(TALLYSTICK_HEAD_LIMIT="2048", TALLYSTICK_TARGET_LIMIT="1024")
    assert exchange(server, request("/" + "x" * 1_100)).startswith(b"HTTP/1.1 414")
    assert exchange(server, request("/", "GET", "1.1", "x: " + "x" * 2_100)).startswith(
        b"HTTP/1.1 431"
    )


@pytest.mark.anyio
async def test_a_connection_too_many_is_told_when_to_come_back() -> None:
    async with bounded(connections=1, spare=0) as port:
        first = await connect(port)
        assert await statuses(port) == [503]
        first[1].write(request("/"))
        assert (await first[0].readline()).startswith(b"HTTP/1.1 200")
        first[1].close()


def test_a_413_reaches_one_who_sends_two_megabytes(server: ServerProcess) -> None:
    for _ in range(10):
        answer = exchange(
            server,
            post("/create", b" " * 2_000_000).replace(
                b"Host: x", KEY[:-2] + b"\r\nHost: x\r\nConnection: close"
            ),
        )
        assert answer.startswith(b"HTTP/1.1 413")


def test_more_connections_than_files_leave_room_for_good_requests(
    start_server: StartServer,
) -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, before[1]))
    try:
        server = start_server()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    parts = urlsplit(server.url)
    create = post("/create", BODY).replace(
        b"Host: x", b"Host: x\r\nContent-Type: application/json\r\n" + KEY[:-2]
    )
    with ExitStack() as stack:

        def connect() -> socket.socket:
            made = socket.create_connection((parts.hostname, parts.port), 10)
            return stack.enter_context(made)

        kept = connect()
        for _ in range(300):
            connect()
        for _ in range(20):
            kept.sendall(create)
            assert kept.recv(65536).startswith(b"HTTP/1.1 20")
        new = connect()
        new.sendall(request("/healthz"))
        assert new.recv(65536)[:12] in (b"HTTP/1.1 503", b"HTTP/1.1 200")
    assert server.stderr.count("new ones are refused") == 1
