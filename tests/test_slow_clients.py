"""Clients that are slow or silent cost the service a connection each, for a while, and no more."""

from __future__ import annotations

import asyncio
import resource
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from reliability import Figures, scaled
from server_process import StartServer

SLOW, SILENT = scaled((100, 300), (2_000, 10_000))
OPENED_AT_ONCE = 100
OWN_FILES = 500
GOOD_REQUESTS = scaled(200, 5_000)
CREATE = "/create?cl=EDF&hs=AWS&ty=START_EC2&ac=525060831330&re=eu-west-3&st=OK&me=Successful"
KEY = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.mark.reliability("Slow and silent clients")
def test_good_requests_are_answered_beside_slow_and_silent_clients(
    start_server: StartServer, figures: Figures
) -> None:
    allow_open_files(SLOW + SILENT + OWN_FILES)
    server = start_server()
    before = resident_mb(server.pid)

    waits, ends = asyncio.run(besiege(server.url))

    assert ends == {("slow", "HTTP/1.1 408"): SLOW, ("silent", ""): SILENT}
    figures.note(
        slow=SLOW,
        silent=SILENT,
        good_requests=len(waits),
        p99=f"{sorted(waits)[len(waits) * 99 // 100] * 1_000:.0f} ms",
        longest=f"{max(waits) * 1_000:.0f} ms",
        memory=f"{before} MB before, {resident_mb(server.pid)} MB after",
    )


async def besiege(url: str) -> tuple[list[float], Counter[tuple[str, str]]]:
    """Return how long each good request took beside the others, and how the others ended."""
    slots = asyncio.Semaphore(OPENED_AT_ONCE)
    silent = [asyncio.create_task(read_end(url, slots, "silent")) for _ in range(SILENT)]
    slow = [asyncio.create_task(read_end(url, slots, "slow")) for _ in range(SLOW)]
    waits = await send_good(url)
    return waits, Counter(await asyncio.gather(*silent, *slow))


async def send_good(url: str) -> list[float]:
    """Send requests that must be answered, and return how long each took."""
    waits = []
    async with aiohttp.ClientSession(headers=KEY) as session:
        for _ in range(GOOD_REQUESTS):
            began = time.monotonic()
            async with session.get(url + CREATE) as answer:
                assert answer.status == 200
            waits.append(time.monotonic() - began)
    return waits


async def read_end(url: str, slots: asyncio.Semaphore, kind: str) -> tuple[str, str]:
    """Connect, send a little or nothing, and return what came before the server closed."""
    async with slots:
        reader, writer = await asyncio.open_connection(urlsplit(url).hostname, urlsplit(url).port)
    dribbling = asyncio.create_task(dribble(writer)) if kind == "slow" else None
    answer = await reader.read(len("HTTP/1.1 408"))
    await reader.read()
    if dribbling:
        dribbling.cancel()
    writer.close()
    return kind, answer.decode()


async def dribble(writer: asyncio.StreamWriter) -> None:
    """Send a head that never ends, a byte a second."""
    writer.write(b"GET /create HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    while True:
        writer.write(b"x")
        await asyncio.sleep(1)


def allow_open_files(count: int) -> None:
    """Let this process and those that it starts open so many files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(count, hard), hard))


def resident_mb(pid: int) -> int:
    """Return the memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return int(kilobytes) // 1024
