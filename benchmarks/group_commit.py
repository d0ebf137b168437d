"""What group commit gains on PostgreSQL: events stored by `Log.append`, and by one INSERT each.

Both have the same 32 callers, the same rows, and a server that syncs; the rounds alternate. The
single inserts go through psycopg's asynchronous connections, each a transaction of one statement.
Run it by `PYTHONPATH=tests python benchmarks/group_commit.py [URL of an empty database]`.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack
from statistics import median
from typing import NamedTuple, TypeAlias

import psycopg

from postgres import Cluster
from tallystick.clock import SystemClock
from tallystick.events import Event, EventLog, new_id
from tallystick.store import Database

CALLERS = 32
CONNECTIONS = (4, 32)
ROUNDS = 5
SECONDS = 2.0
DATA = b'{"cl":"EDF","ty":"START_EC2","hs":"AWS","ac":"PRODUCTION","re":"eu-west-3","st":"OK"}'
INSERT = b"INSERT INTO events VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"

Store: TypeAlias = Callable[[Event], Awaitable[object]]


class Measured(NamedTuple):
    """One round."""

    per_second: float
    cpu_us: float
    """Of the program that stores, for one event."""


def main(url: str | None) -> None:
    """Measure, and print a table."""
    with ExitStack() as stack:
        if url is None:
            cluster = stack.enter_context(Cluster(real=True).running())
            url = stack.enter_context(cluster.database())
        asyncio.run(_compare(url))


async def _compare(url: str) -> None:
    async with AsyncExitStack() as stack:
        database = Database(url)
        await database.open()
        stack.push_async_callback(database.close)
        ways: dict[str, Store] = {"group commit": EventLog(database, SystemClock(), 10_000).append}
        for count in CONNECTIONS:
            ways[f"one INSERT each, {count} connections"] = await _inserting(url, count, stack)
        rounds: dict[str, list[Measured]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, store in ways.items():
                rounds[name].append(await _measure(store))
    _show(rounds)


async def _inserting(url: str, count: int, stack: AsyncExitStack) -> Store:
    free: asyncio.Queue[psycopg.AsyncConnection] = asyncio.Queue()
    for _ in range(count):
        connection = await psycopg.AsyncConnection.connect(url, autocommit=True)
        free.put_nowait(await stack.enter_async_context(connection))

    async def insert(event: Event) -> None:
        connection = await free.get()
        try:
            await connection.execute(INSERT, event)
        finally:
            free.put_nowait(connection)

    return insert


async def _measure(store: Store) -> Measured:
    began, cpu = time.perf_counter(), time.process_time()
    counts = await asyncio.gather(*(_store_until(began + SECONDS, store) for _ in range(CALLERS)))
    took, used = time.perf_counter() - began, time.process_time() - cpu
    return Measured(sum(counts) / took, used / sum(counts) * 1e6)


async def _store_until(end: float, store: Store) -> int:
    count = 0
    while time.perf_counter() < end:
        now = time.time_ns() // 1_000_000
        await store(Event(new_id(now), "event_store", "/event_store/EDF", "T", "", now, DATA, "{}"))
        count += 1
    return count


def _show(rounds: dict[str, list[Measured]]) -> None:
    ours = median(each.per_second for each in rounds["group commit"])
    for name, measured in rounds.items():
        rates = sorted(each.per_second for each in measured)
        cpu = min(each.cpu_us for each in measured)
        print(
            f"{name:34} {median(rates):8.0f} events/s ({rates[0]:.0f}-{rates[-1]:.0f})"
            f"  {cpu:6.1f} µs CPU an event  {ours / median(rates):5.2f}"
        )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
