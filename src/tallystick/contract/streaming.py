"""Bodies without an end of their own, sent piece by piece until the caller leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, MutableMapping
from typing import Any

from tallystick.contract.body import Receive


async def send_pieces(
    pieces: AsyncGenerator[bytes, None],
    receive: Receive,
    send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
) -> int:
    """Send each piece as it comes, until the last one or the caller's leaving; return their size.

    The generator is closed on return.
    """
    gone = asyncio.ensure_future(_caller_left(receive))
    size = 0
    try:
        while (piece := await next_piece(pieces, gone)) is not None:
            size += len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    finally:
        gone.cancel()
        await pieces.aclose()
    return size


async def next_piece(
    pieces: AsyncGenerator[bytes, None], end: asyncio.Future[None]
) -> bytes | None:
    """Return the next piece; None after the last one, and as soon as the end is done."""
    piece = asyncio.ensure_future(_next(pieces))
    either: set[asyncio.Future[Any]] = {piece, end}
    try:
        # A quiet stream has no next piece for a long time, and its caller may leave meanwhile.
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        return piece.result() if piece.done() else None
    finally:
        piece.cancel()
        await asyncio.wait({piece})


async def _next(pieces: AsyncGenerator[bytes, None]) -> bytes | None:
    return await anext(pieces, None)


async def _caller_left(receive: Receive) -> None:
    """Return when the caller has left; a request without a body has an empty piece before."""
    while (await receive())["type"] != "http.disconnect":
        pass
