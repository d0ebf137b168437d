"""An endpoint that takes everything at once: what is measured is who sends."""

from __future__ import annotations

import asyncio
import sys
from typing import cast

import uvloop

ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
LENGTH = b"content-length: "


class Sink(asyncio.Protocol):
    """Answers each request when all of it is there; the requests of a connection come singly."""

    def __init__(self) -> None:
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Answer if that was all."""
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if end and len(body) >= int(head.lower().partition(LENGTH)[2].partition(b"\r\n")[0]):
            self._received = b""
            self._transport.write(ANSWER)


async def serve() -> None:
    """Print the port, and serve until killed."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    try:
        uvloop.run(serve())
    except KeyboardInterrupt:
        sys.exit()
