"""Load on a server: by wrk, or where that is missing by a generator in Python."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from benchmarks.work import Work

CONNECTIONS = 32
SCRIPT = Path("build/bench.lua")
_UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1_000.0}


class Load(NamedTuple):
    """What was sent, and how it was answered."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float


class LoadError(Exception):
    """A request was refused or lost: what was measured is not the work."""


Generator = Callable[[str, Work, int], Load]
"""``f(url, work, seconds)``."""


def generator() -> tuple[str, Generator]:
    """The best generator that this machine has, and its name."""
    if shutil.which("wrk"):
        return "wrk", wrk
    return "a generator in Python, as wrk is missing", python


def wrk(url: str, work: Work, seconds: int) -> Load:
    """Load from one thread of wrk."""
    SCRIPT.write_text(_script(work), encoding="utf-8")
    options = [
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{seconds}s",
        "--timeout",
        "10s",
        "--latency",
        "-s",
        str(SCRIPT),
    ]
    command = ["wrk", *options, url + work.path]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if refused := re.search(r"Non-2xx.*|Socket errors.*", text):
        raise LoadError(refused[0])
    sent = re.search(r"([1-9]\d*) requests in ([\d.]+)s", text)
    if not sent:
        raise LoadError(text)
    return Load(int(sent[1]), float(sent[2]), _quantile(text, "50%"), _quantile(text, "99%"))


def _script(work: Work) -> str:
    lines = [f"wrk.method = {_lua(work.method)}"]
    lines += [f"wrk.headers[ {_lua(n)} ] = {_lua(v)}" for n, v in work.headers.items()]
    if work.body:
        lines.append(f"wrk.body = {_lua(work.body.decode())}")
    return "\n".join([*lines, ""])


def _lua(text: str) -> str:
    return f"[=[{text}]=]"


def _quantile(text: str, name: str) -> float:
    found = re.search(rf"^\s+{name}\s+([\d.]+)(us|ms|s)$", text, re.MULTILINE)
    if not found:
        raise LoadError(text)
    return float(found[1]) * _UNITS_MS[found[2]]


def python(url: str, work: Work, seconds: int) -> Load:
    """Load from this process; it reaches fewer requests a second than wrk."""
    return paced(url, [work], seconds, CONNECTIONS, 0)


def paced(
    url: str, works: Sequence[Work], seconds: float, connections: int, pause_s: float
) -> Load:
    """Load from this process: each connection sends one work after the other, a pause between."""
    started = time.perf_counter()
    requests = [_bytes(each) for each in works]
    times = asyncio.run(_send(url, requests, started + seconds, connections, pause_s))
    return Load(len(times), time.perf_counter() - started, _share(times, 0.5), _share(times, 0.99))


def _share(times: Sequence[float], share: float) -> float:
    return sorted(times)[int(len(times) * share)] * 1_000


def _bytes(work: Work) -> bytes:
    headers = {"Host": "localhost", **work.headers, "Content-Length": str(len(work.body))}
    lines = [f"{work.method} {work.path} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + work.body


async def _send(
    url: str, requests: Sequence[bytes], until: float, connections: int, pause_s: float
) -> list[float]:
    each = (_keep_sending(url, requests, until, pause_s) for _ in range(connections))
    return [seconds for times in await asyncio.gather(*each) for seconds in times]


async def _keep_sending(
    url: str, requests: Sequence[bytes], until: float, pause_s: float
) -> list[float]:
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    times: list[float] = []
    while (sent := time.perf_counter()) < until:
        writer.write(requests[len(times) % len(requests)])
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 20"):
            raise LoadError(head.decode())
        await reader.readexactly(_length(head))
        times.append(time.perf_counter() - sent)
        if pause_s:
            await asyncio.sleep(pause_s)
    writer.close()
    return times


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
