"""A request's scope has the connection that it came on, which faults get hold of."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from tallystick.mock.breakable_protocol import breakable
from tallystick.mock.faults import EXTENSION
from tallystick.uvicorn_protocol import FastHttpProtocol


@pytest.mark.parametrize("protocol", [HttpToolsProtocol, FastHttpProtocol])
def test_every_request_brings_its_connection(protocol: type[HttpToolsProtocol]) -> None:
    found = asyncio.run(transports(breakable(protocol), requests=2))
    assert len(found) == 2
    assert found[0] is found[1]
    assert isinstance(found[0], asyncio.Transport)


@pytest.mark.parametrize("protocol", [HttpToolsProtocol, FastHttpProtocol])
def test_the_protocol_itself_brings_none(protocol: type[HttpToolsProtocol]) -> None:
    assert asyncio.run(transports(protocol, requests=1)) == [None]


async def transports(protocol: type[HttpToolsProtocol], requests: int) -> list[Any]:
    """What the scopes of so many requests on one connection have of it."""
    found: list[Any] = []

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        found.append(scope.get("extensions", {}).get(EXTENSION))
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    ours, theirs = socket.socketpair()
    config = Config(app, log_config=None, lifespan="off")
    config.load()
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_accepted_socket(
        lambda: protocol(config=config, server_state=ServerState(), app_state={}), ours
    )
    reader, writer = await asyncio.open_connection(sock=theirs)
    for _ in range(requests):
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
    transport.close()
    writer.close()
    await writer.wait_closed()
    return found
