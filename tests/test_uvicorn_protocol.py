"""Connections answer as uvicorn's own do, to the byte; callers who offer HTTP/2 lose nothing."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import weakref
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from http.client import HTTPResponse
from typing import Any
from urllib.parse import urlsplit

import pytest
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from server_process import ServerProcess
from tallystick.uvicorn_protocol import FastHttpProtocol

BODY = (
    b'{"cl":"EDF","ty":"H2C","hs":"AWS","ac":"PRODUCTION","re":"eu-west-3","st":"OK",'
    b'"me":"Upgrade: h2c"}'
)
# As Java's HttpClient writes it.
HEAD = (
    b"POST /create HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nContent-Length: %d\r\n"
    b"Host: x\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\nUpgrade: h2c\r\n"
    b"Content-Type: application/json\r\nx-api-key: XXX1XX12XxxxXXxxXXx0xXxx\r\n\r\n" % len(BODY)
)
KEEP_ALIVE_S = 0.4
QUIET_S = 0.1
gone: list[str] = []
"""What the application was told when its caller had left, or had his answer."""


IN_NAME = HEAD.index(b"grade: ")


@pytest.mark.parametrize("offer", [b"h2c", b"websocket", b"TLS/1.0, x"])
@pytest.mark.parametrize(
    "pieces",
    [
        (HEAD + BODY + HEAD + BODY,),
        (HEAD, BODY, HEAD, BODY),
        (HEAD[:40], HEAD[40:], BODY, HEAD + BODY),
        (HEAD[:IN_NAME], HEAD[IN_NAME:] + BODY[:5], BODY[5:] + HEAD, BODY),
    ],
    ids=["at once", "heads and bodies", "in pieces", "in the name of the header"],
)
def test_a_body_after_an_offer_of_another_protocol_is_read(
    server: ServerProcess, pieces: tuple[bytes, ...], offer: bytes
) -> None:
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port), 10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece.replace(b": h2c\r", b": %b\r" % offer))
        got = b""
        while got.count(b"Event created successfully") < 2:
            answer = connection.recv(65_536)
            assert answer, got
            got += answer


@pytest.mark.anyio
async def test_a_body_after_an_offer_is_never_read_as_a_request() -> None:
    hidden = request("/hidden", "GET", "1.1", "Connection: close")
    offer = ["Connection: Upgrade", "Upgrade: x", f"Content-Length: {len(hidden)}"]
    head = request("/", "POST", "1.1", *offer)
    for pieces in ([head + hidden], [head, hidden]):
        answer = await answers(FastHttpProtocol, pieces)
        assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.anyio
async def test_as_many_offers_as_a_read_holds_are_declined() -> None:
    offer = request("/", "GET", "1.1", "Connection: Upgrade", "Upgrade: x")
    async with served(FastHttpProtocol) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(offer * 2_000)
        for _ in range(2_000):
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            await reader.readexactly(int(head.partition(b"content-length: ")[2].split()[0]))
        writer.close()
        await writer.wait_closed()


LONG = "/create?" + "&".join(f"n{n}=1" for n in range(12_000))


@pytest.mark.parametrize("cut", [0, 1], ids=["whole", "in pieces"])
def test_a_target_is_read_up_to_its_limit(server: ServerProcess, cut: int) -> None:
    parts = urlsplit(server.url)
    sent = request(LONG, "POST", "1.1", "x-api-key: XXX1XX12XxxxXXxxXXx0xXxx", "Content-Length: 1")
    with socket.create_connection((parts.hostname, parts.port), 10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in [sent, b"1"] if cut else [sent + b"1"]:
            connection.sendall(piece)
        response = HTTPResponse(connection)
        response.begin()
        assert response.status == 400
        assert json.load(response)["code"] == "P001"


def test_a_tunnel_is_no_offer(server: ServerProcess) -> None:
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port), 10) as connection:
        connection.sendall(b"CONNECT http://x:443/create HTTP/1.1\r\nHost: x\r\n\r\n")
        response = HTTPResponse(connection)
        response.begin()
        assert response.status == 405


@pytest.mark.anyio
@pytest.mark.parametrize("earlier", [[], ["/late"]])
async def test_what_follows_a_tunnel_is_no_request(earlier: list[str]) -> None:
    sent = b"".join(map(request, earlier)) + request("/", "CONNECT") + request("/hidden")
    answer = await answers(FastHttpProtocol, [sent])
    assert answer.count(b"HTTP/1.1 200") == 1 + len(earlier)
    assert b"'CONNECT'" in answer.partition(b"connection: close\r\n\r\n")[2]


@pytest.mark.parametrize("spaces", [b" ", b"\t  "])
def test_spaces_after_a_headers_value_are_no_part_of_it(
    server: ServerProcess, spaces: bytes
) -> None:
    parts = urlsplit(server.url)
    head = (
        b"GET /create HTTP/1.1\r\nHost: x\r\nx-api-key: XXX1XX12XxxxXXxxXXx0xXxx%b\r\n\r\n" % spaces
    )
    with socket.create_connection((parts.hostname, parts.port), 10) as connection:
        connection.sendall(head)
        response = HTTPResponse(connection)
        response.begin()
        assert (response.status, b"P001" in response.read()) == (400, True)


WORD = (b"x-word", b"w")
LENGTH = b"content-length"
HEADERS: dict[str, list[tuple[bytes, bytes]]] = {
    "/parts": [(LENGTH, b"6")],
    "/ends-later": [(LENGTH, b"4")],
    "/chunks": [],
    "/nothing": [],
    "/bodiless": [(LENGTH, b"0")],
    "/closes": [WORD, (LENGTH, b"4"), (b"connection", b"close")],
    "/too-long": [WORD, (LENGTH, b"3")],
    "/twice": [(LENGTH, b"4"), (LENGTH, b"4")],
    "/closes-in-capitals": [(LENGTH, b"4"), (b"Connection", b"close")],
    "/capitals": [(b"X-Word", b"W"), (b"Content-Length", b"4")],
    "/splits": [(b"x-word", b"w\r\nx-other: o"), (LENGTH, b"4")],
}
PARTS = {
    "/parts": [b"one", b"", b"two"],
    "/ends-later": [b"text", b""],
    "/chunks": [b"one", b"two"],
    "/nothing": [b""],
    "/bodiless": [b""],
}
SLEEPS_S = {"/late": QUIET_S / 4, "/slow": KEEP_ALIVE_S * 1.5}


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer in the way that the path names."""
    path = scope["path"]
    if path == "/fails":
        raise RuntimeError("on purpose")
    body = b"" if path == "/deaf" else await _read(receive)
    await asyncio.sleep(SLEEPS_S.get(path, 0))
    if path == "/waits":
        gone.append((await receive())["type"])
    if path == "/silent":
        return
    listening = asyncio.create_task(receive()) if path == "/listens" else None
    await asyncio.sleep(0)
    await _answer(scope, body, send)
    if path == "/lingers":
        await asyncio.sleep(QUIET_S)
    if listening:
        async with asyncio.timeout(KEEP_ALIVE_S / 2):
            gone.append((await listening)["type"])


async def _read(receive: Any) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    return body + await _read(receive) if message.get("more_body") else body


async def _answer(scope: Any, body: bytes, send: Any) -> None:
    told = [scope[name] for name in ("method", "path", "raw_path", "query_string", "http_version")]
    text = b"text" if scope["path"] in HEADERS else repr((told, body)).encode()
    headers = HEADERS.get(scope["path"], [WORD, (LENGTH, b"%d" % len(text))])
    parts = PARTS.get(scope["path"], [text])
    status = 204 if scope["path"] == "/nothing" else 200
    await send({"type": "http.response.start", "status": status, "headers": headers})
    for left, part in reversed(list(enumerate(reversed(parts)))):
        more = {"more_body": True} if left else {}
        content = {"body": part} if part else {}  # both may be left out
        await send({"type": "http.response.body", **content, **more})


def request(path: str, method: str = "GET", version: str = "1.1", *lines: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/{version}", "Host: x", *lines, "", ""]).encode()


def post(path: str, body: bytes) -> bytes:
    return request(path, "POST", "1.1", f"Content-Length: {len(body)}") + body


CHUNKED = request("/", "POST", "1.1", "Transfer-Encoding: chunked")
SENT: dict[str, Sequence[bytes]] = {
    "a whole request": [request("/a%20b/%2F?c=d%20e")],
    "a body": [post("/", b"body")],
    "a body after its head": [post("/", b"body")[:-4], b"body"],
    "a body in pieces": [post("/", b"body")[:-2], b"d", b"y"],
    "a head in pieces": [post("/", b"body")[:9], post("/", b"body")[9:]],
    "chunks at once": [CHUNKED + b"2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n"],
    "chunks one by one": [CHUNKED, b"2\r\nbo\r\n", b"2\r\ndy\r\n0\r\n\r\n"],
    "a chunk that is none": [CHUNKED + b"2\r\nbo\r\nno\r\n"],
    "a body that waits to be asked for": [
        request("/", "POST", "1.1", "Content-Length: 4", "Expect: 100-continue"),
        b"body",
    ],
    "HEAD": [request("/", "HEAD")],
    "HTTP/1.0": [request("/", "GET", "1.0")],
    "HTTP/1.0 that would stay": [request("/", "GET", "1.0", "Connection: keep-alive")],
    "the last request": [request("/", "GET", "1.1", "Connection: close")],
    "requests one after the other": [request("/"), post("/", b"body"), request("/")],
    "requests for longer than a quiet connection is kept": [request("/")] * 12,
    "a slow answer": [request("/"), request("/slow"), request("/")],
    "a slow answer, asked for early": [request("/") + request("/slow") + request("/")],
    "two at once": [post("/late", b"one") + post("/", b"two")],
    "a slow answer, asked for early and late": [request("/"), request("/") + request("/slow")],
    "three at once": [request("/"), request("/late") + request("/") + request("/")],
    "three at once, of which one is closed": [
        request("/late") + request("/", "GET", "1.1", "Connection: close") + request("/")
    ],
    "one and a half": [post("/", b"one") + post("/", b"two")[:-1], b"o"],
    "no HTTP": [b"hello\r\n\r\n"],
    **{
        f"a body for {target}": [post(target, b"body")[:-4], b"body"]
        for target in ("http://x", "http://x:no/", "http://a@b@c/")
    },
    "a bad target at once": [post("http://x", b"body")],
    "a bad target after a good one": [request("/late") + request("http://x")],
    "an offer of WebSockets": [
        request("/", "GET", "1.1", "Connection: Upgrade", "Upgrade: websocket")
    ],
    **{
        f"to {path}": [request(path), request("/")]
        for path in (
            "/parts", "/ends-later", "/chunks", "/nothing", "/closes", "/too-long", "/twice",
            "/closes-in-capitals", "/capitals", "/bodiless", "/splits", "/silent", "/fails",
            "/deaf", "/lingers",
        )
    },
    "HEAD to /nothing": [request("/nothing", "HEAD")],
    "a body to the deaf": [post("/deaf", b"body"), request("/")],
    "a late body to the deaf": [post("/deaf", b"body")[:-4], b"body", request("/")],
}  # fmt: skip


@asynccontextmanager
async def served(
    kind: type[HttpToolsProtocol],
    state: ServerState | None = None,
    keep_alive_s: float = KEEP_ALIVE_S,
) -> AsyncIterator[int]:
    config = Config(
        app,
        ws="none",
        lifespan="off",
        log_config=None,
        timeout_keep_alive=keep_alive_s,  # type: ignore[arg-type]  # in parts of a second, too
    )
    config.load()
    state = state or ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: kind(config, state, {}), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def answers(kind: type[HttpToolsProtocol], pieces: Sequence[bytes]) -> bytes:
    """All that comes back until the connection is closed."""
    async with served(kind) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            for piece in pieces:
                writer.write(piece)
                await asyncio.sleep(QUIET_S / 2)
            async with asyncio.timeout(5):
                return await reader.read()
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


@pytest.mark.anyio
@pytest.mark.parametrize("sent", SENT)
async def test_every_answer_is_uvicorns_own(sent: str) -> None:
    ours, uvicorns = await asyncio.gather(
        answers(FastHttpProtocol, SENT[sent]), answers(HttpToolsProtocol, SENT[sent])
    )
    assert ours == uvicorns


@pytest.mark.anyio
@pytest.mark.parametrize("pieces", [[post("/waits", b"body")], [post("/waits", b"")[:-1], b"\n"]])
async def test_an_application_that_waits_is_told_that_its_caller_is_gone(
    pieces: Sequence[bytes],
) -> None:
    gone.clear()
    async with served(FastHttpProtocol) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(QUIET_S / 2)
        writer.close()
        await writer.wait_closed()
        async with asyncio.timeout(5):
            while not gone:
                await asyncio.sleep(0.01)
    assert gone == ["http.disconnect"]


@pytest.mark.anyio
async def test_an_application_that_listens_is_told_when_its_answer_is_sent() -> None:
    gone.clear()
    assert await answers(FastHttpProtocol, [request("/listens")])
    assert gone == ["http.disconnect"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "pieces", [[], [request("/")], [request("/slow")], [post("/", b"body")[:-1]]]
)
async def test_nothing_waits_any_more_when_the_caller_is_gone(pieces: Sequence[bytes]) -> None:
    state = ServerState()
    async with served(FastHttpProtocol, state) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        for piece in pieces:
            writer.write(piece)
        await asyncio.sleep(QUIET_S / 2)
        assert state.tasks
        writer.close()
        await writer.wait_closed()
        async with asyncio.timeout(5):
            while state.tasks:
                await asyncio.sleep(0.01)


@pytest.mark.anyio
async def test_nothing_is_kept_of_a_connection_that_was_closed() -> None:
    made: list[weakref.ref[FastHttpProtocol]] = []

    class Watched(FastHttpProtocol):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            made.append(weakref.ref(self))

    async with served(Watched, keep_alive_s=60) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request("/"))
        await reader.readuntil(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()
        async with asyncio.timeout(5):
            while made[0]():
                await asyncio.sleep(0.01)
                gc.collect()


@pytest.mark.anyio
async def test_bodies_that_nobody_reads_leave_one_timer() -> None:
    looked: list[float] = []

    class Watched(FastHttpProtocol):
        def timeout_keep_alive_handler(self) -> None:
            looked.append(self.loop.time())
            super().timeout_keep_alive_handler()

    large = post("/deaf", b" " * 300_000)
    async with served(Watched) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(10):
            writer.write(large)
            await reader.readuntil(b"\r\n\r\n")
        looked.clear()
        started = asyncio.get_running_loop().time()
        for _ in range(20):
            writer.write(request("/"))
            await asyncio.sleep(KEEP_ALIVE_S / 5)
        passed = asyncio.get_running_loop().time() - started
        assert len(looked) <= passed / KEEP_ALIVE_S + 1
        writer.close()
        await writer.wait_closed()
