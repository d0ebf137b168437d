"""Callers that offer HTTP/2 lose nothing."""

from __future__ import annotations

import socket
from http.client import HTTPResponse
from urllib.parse import urlsplit

import pytest

from server_process import ServerProcess

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


@pytest.mark.parametrize(
    "pieces",
    [(HEAD + BODY,), (HEAD, BODY), (HEAD[:40], HEAD[40:], BODY)],
    ids=["at once", "head and body", "in pieces"],
)
def test_a_body_after_an_offer_of_http2_is_read(
    server: ServerProcess, pieces: tuple[bytes, ...]
) -> None:
    parts = urlsplit(server.url)
    with socket.create_connection((parts.hostname, parts.port), 10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(2):
            for piece in pieces:
                connection.sendall(piece)
            response = HTTPResponse(connection)
            response.begin()
            assert b"created" in response.read()
