"""A caller who does not read an answer is let go; one who reads it slowly gets all of it."""

from __future__ import annotations

import asyncio

import pytest

from test_bounded_protocol import LARGE, bounded
from test_uvicorn_protocol import request

pytestmark = pytest.mark.anyio


async def test_an_answer_that_nobody_reads_is_ended() -> None:
    async with bounded(unread_s=0.2) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1_000)
        writer.write(request("/large") * 10)
        await asyncio.sleep(1)
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await reader.readexactly(LARGE)
        writer.close()


async def test_an_answer_that_is_read_slowly_is_sent_to_its_end() -> None:
    async with bounded(unread_s=0.4) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1_000)
        writer.write(request("/large"))
        for _ in range(10):
            await reader.readexactly(LARGE // 10)
            await asyncio.sleep(0.2)
        writer.close()
