"""Requests go on to the real server as they are, and its answers come back as they are."""

from __future__ import annotations

import asyncio
import gzip
import socket
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from tallystick.contract.request import Request
from tallystick.mock.upstream import Unreachable, Upstream, UpstreamReply
from tallystick.mock.upstream_tls import create_upstream_context


class OneAnswer:
    """A server on a socket that reads one request and answers in these bytes."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.received = b""

    @contextmanager
    def running(self) -> Iterator[str]:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            listening.settimeout(10)
            thread = Thread(target=self._answer, args=(listening,), daemon=True)
            thread.start()
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
            thread.join()

    def _answer(self, listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            self.received = connection.recv(65_536)
            connection.sendall(self.answer)


def forwarded(url: str, request: Request, raw_path: bytes = b"/parcels/7") -> UpstreamReply:
    async def forward() -> UpstreamReply:
        upstream = Upstream(url, create_upstream_context())
        try:
            return await upstream.forward(request, raw_path)
        finally:
            await upstream.close()

    return asyncio.run(forward())


def get(query: bytes = b"", *headers: tuple[bytes, bytes]) -> Request:
    return Request("GET", "/parcels/7", query, headers, b"")


EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"


def test_a_path_and_a_query_go_on_as_they_were_written() -> None:
    server = OneAnswer(EMPTY)
    with server.running() as url:
        forwarded(f"{url}/base/", get(b"x=%2F+%20y"), b"/parcels/%37")
    assert server.received.startswith(b"GET /base/parcels/%37?x=%2F+%20y HTTP/1.1\r\n")


def test_headers_of_one_connection_do_not_go_on_and_no_others_are_added() -> None:
    server = OneAnswer(EMPTY)
    sent = [(b"x-a", b"b"), (b"connection", b"close"), (b"te", b"trailers"), (b"host", b"mine")]
    with server.running() as url:
        forwarded(url, get(b"", *sent))
    lines = server.received.decode().lower().splitlines()[1:]
    assert {line.partition(":")[0] for line in lines if line} == {"host", "x-a"}
    assert "host: mine" not in lines


def test_an_answer_comes_back_without_the_headers_of_its_connection() -> None:
    answer = b"HTTP/1.1 302 Found\r\nLocation: /x\r\nX-A: b\r\nKeep-Alive: 5\r\n"
    with OneAnswer(answer + b"Content-Length: 3\r\n\r\nabc").running() as url:
        reply = forwarded(url, get())
    assert (reply.status, reply.body) == (302, b"abc")
    assert list(reply.headers) == [(b"Location", b"/x"), (b"X-A", b"b")]
    assert (reply.header(b"x-a"), reply.header(b"x-b")) == ("b", "")


def test_a_server_that_gives_no_answer_is_unreachable_and_named_without_its_password() -> None:
    with OneAnswer(b"").running() as url:
        target = url.replace("//", "//me:hidden@")
        with pytest.raises(Unreachable, match=r"http://127\.0\.0\.1:\d+/? gave no answer") as error:
            forwarded(target, get()._replace(method="POST"))  # a GET is sent twice
    assert "hidden" not in str(error.value)


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [("gzip", gzip.compress(b"abc", mtime=0)), ("deflate", zlib.compress(b"abc"))],
)
def test_a_compressed_answer_is_kept_packed_and_read_unpacked(encoding: str, packed: bytes) -> None:
    reply = UpstreamReply(200, [(b"Content-Encoding", encoding.encode())], packed)
    assert (reply.body, reply.text) == (packed, b"abc")


def test_a_body_that_can_not_be_unpacked_is_not_judged() -> None:
    reply = UpstreamReply(200, [(b"content-encoding", b"br")], b"abc")
    assert (reply.text, reply.unjudged) == (None, ("answer body can't be decoded from br",))
    assert UpstreamReply(200, [(b"content-encoding", b"")], b"abc").text == b"abc"
