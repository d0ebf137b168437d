"""Measure what slow endpoints cost a healthy one: from request to delivery, with and without.

A whole server has one subscription for each endpoint. The slow ones have many deliveries pending
and take 25 seconds for each; the healthy one gets an event every 20 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import uvloop

from benchmarks import work
from benchmarks.process import free_port, serving
from benchmarks.sends import QUIET

SLOW = 20
SLOW_S = 25.0
PENDING = 100
"""Deliveries to each slow endpoint."""

EVERY_S = 0.02
GATEWAY = {"Authorization": "Bearer dev-gateway-key"}
KEY = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
EVENT = {"cl": "EDF", "hs": "AWS", "ac": "525060831330", "re": "eu-west-3", "st": "OK"}
ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"

_PROBE = re.compile(rb"probe-\d+")


class FairnessEndpoints:
    """The healthy endpoint and the slow ones, which differ by their addresses alone."""

    def __init__(self) -> None:
        self.arrived: dict[bytes, float] = {}
        """Probe → when it came first."""

    async def open(self) -> int:
        """Return the port of all addresses of this machine."""
        server = await asyncio.start_server(self._serve, "0.0.0.0", 0)
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_slow = writer.get_extra_info("sockname")[0] != "127.0.0.1"
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
                body = await reader.readexactly(length)
                await asyncio.sleep(SLOW_S if is_slow else 0)
                if found := _PROBE.search(body):
                    self.arrived.setdefault(found[0], time.perf_counter())
                writer.write(ANSWER)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            writer.close()  # the server has stopped, or the measurement is over


def main() -> None:
    """Print a line without slow endpoints, and one with them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fairness", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000, help="to the healthy endpoint")
    options = parser.parse_args()
    print(f"{'slow endpoints':>14} {'p50 ms':>8} {'p99 ms':>8}   of a healthy one")
    for slow in (0, SLOW):
        times = measure(slow, options.events)
        p50, p99 = statistics.median(times), sorted(times)[len(times) * 99 // 100]
        print(f"{slow:14} {p50 * 1e3:8.1f} {p99 * 1e3:8.1f}", flush=True)


def measure(slow: int, events: int) -> Sequence[float]:
    """Return how long each of so many deliveries took beside slow endpoints, in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command = [sys.executable, "-m", "tallystick", "serve", "--dev", "--port", str(port)]
        command += ["--database", f"sqlite:///{folder}/tallystick.db"]
        with serving(command, QUIET, Path(folder), port, work.create().succeeds) as server:
            return uvloop.run(_measure(server.url, slow, events))


async def _measure(url: str, slow: int, events: int) -> Sequence[float]:
    endpoints = FairnessEndpoints()
    port = await endpoints.open()
    async with aiohttp.ClientSession(url) as session:
        await _subscribe(session, "HEALTHY", f"http://127.0.0.1:{port}/")
        for number in range(slow):
            await _subscribe(session, f"SLOW{number}", f"http://127.0.1.{number + 1}:{port}/")
            await asyncio.gather(*(_send(session, f"SLOW{number}", "slow") for _ in range(PENDING)))
        sent = {}
        for number in range(events):
            probe = f"probe-{number}"
            sent[probe.encode()] = time.perf_counter()
            await _send(session, "HEALTHY", probe)
            await asyncio.sleep(EVERY_S)
    while len(endpoints.arrived) < events:
        await asyncio.sleep(0.1)
    return [endpoints.arrived[probe] - begun for probe, begun in sent.items()]


async def _subscribe(session: aiohttp.ClientSession, kind: str, sink: str) -> None:
    body = {"name": kind, "sink": sink, "filters": [{"exact": {"type": kind}}]}
    async with session.post("/gateway/v1/subscriptions", json=body, headers=GATEWAY) as answer:
        assert answer.status == 201, await answer.text()


async def _send(session: aiohttp.ClientSession, kind: str, message: str) -> None:
    query = EVENT | {"ty": kind, "me": message}
    async with session.get("/create", params=query, headers=KEY) as answer:
        assert answer.status == 200, await answer.text()


if __name__ == "__main__":
    main()
