"""A port that leads to another one, until it is closed with all that goes through it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def forwarding(
    port: int, tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[int, Callable[[], Awaitable[None]]]]:
    """Return a port that leads to `port`, and a function that closes it; it may speak TLS."""
    writers: set[asyncio.StreamWriter] = set()

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.add(writer)
        with suppress(OSError):
            while some := await reader.read(65_536):
                writer.write(some)
                await writer.drain()
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pass_on(reader, far_writer), pass_on(far_reader, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)

    async def close() -> None:
        server.close()
        for writer in writers:
            writer.close()
        await asyncio.sleep(0.05)  # each connection notices its end

    try:
        yield server.sockets[0].getsockname()[1], close
    finally:
        await close()
