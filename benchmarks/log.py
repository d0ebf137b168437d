"""Measure the filters of a large log: ``python -m benchmarks.log``.

Each size has a log of its own, made before a server starts over it. Half of it is of event_store,
half of eventhos, in two hundred types of which some are a thousand times as common as others.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from itertools import accumulate, islice
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import requests
from sqlalchemy import create_engine, func, select

from benchmarks import load
from benchmarks.process import cpu_seconds, resident_mb
from benchmarks.work import Work, create
from postgres import Cluster
from server_process import ServerProcess
from tallystick.apis.eventhos.dev_world import CONTRACT_ID, EVENT, LONG_LIVE_EVENT
from tallystick.delivery import Delivery
from tallystick.delivery.delivery import delivery_id
from tallystick.delivery.tables import deliveries
from tallystick.events import Event
from tallystick.events.digest_groups import GROUP_BLOCKS
from tallystick.events.digests import BLOCK_EVENTS
from tallystick.events.ids import Ids
from tallystick.store import Database
from tallystick.store.tables import event_digest_groups, event_digests, events

SIZES = (100_000, 1_000_000)
CALLS = 300
READERS = 8
INGEST_S = 5.0
ROUNDS = 5
COMPUTED = 500_000
PAUSE_S = 0.01
STARTS = 3
EVERY_MS = 20
TYPES = 200
RARE = ("rare.event", "/event_store/rare", "rare-subject")
"""The type, source and subject of ten events, however long the log is."""

BATCH = 2_000
GATEWAY = {"Authorization": "Bearer dev-gateway-key"}

Query = Mapping[str, str]
Figures = dict[str, Any]

FILTERS: Mapping[str, Query] = {
    "no filter": {},
    "common type": {"type": "type-0"},
    "uncommon type": {"type": "type-150"},
    "rare type": {"type": RARE[0]},
    "type of none": {"type": "none"},
    "common source": {"source": "/event_store/0"},
    "rare source": {"source": RARE[1]},
    "rare source and type": {"source": RARE[1], "type": RARE[0]},
    "api": {"api": "eventhos"},
    "common subject": {"subject": "account-1"},
    "rare subject": {"subject": RARE[2]},
}
COUNTS: Mapping[str, Query] = {
    "counts by type": {"by": "type"},
    "counts by hour": {"by": "hour"},
    "counts of a rare type by hour": {"by": "hour", "type": RARE[0]},
}
RECEIVED: Mapping[str, Query] = {
    "received": {},
    "received, newest first": {"order": "desc"},
    "received of an identifier": {"eventIdentifierSearch": "new-bomb", "order": "desc"},
    "received of no identifier": {"eventIdentifierSearch": "quiet", "order": "desc"},
    "received of a system": {"systemId": "1", "order": "desc"},
    "received, dead": {"state": "dead", "order": "desc"},
    "received, done": {"state": "done", "order": "desc"},
    "received, done, of an identifier": {
        "state": "done",
        "eventIdentifierSearch": "new-bomb",
        "order": "desc",
    },
    "received, done, of an identifier without runs": {
        "state": "done",
        "eventIdentifierSearch": "long-bomb",
        "order": "desc",
    },
}


def main() -> None:
    """Print the figures of each size, and write all of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.log", description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=SIZES)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--calls", type=int, default=CALLS, help="calls of each filter")
    parser.add_argument("--out", type=Path, default=Path("build/bench-log.json"))
    options = parser.parse_args()
    measured: dict[str, Figures] = {}
    with databases(options.database) as new_database:
        empty = measure(new_database(0), 0, options.calls)
        for size in options.events:
            measured[f"{size}"] = measure(new_database(size), size, options.calls)
            show(size, measured[f"{size}"], empty)
    options.out.write_text(
        json.dumps({"database": options.database, "empty": empty, "sizes": measured}, indent=1),
        encoding="utf-8",
    )


@contextmanager
def databases(kind: str) -> Iterator[Callable[[int], str]]:
    """Yield a function that returns the URL of a new database for so many events."""
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            yield lambda size: f"sqlite:///{folder}/{size}.db"
            return
        with Cluster(real=True).running() as cluster, ExitStack() as stack:
            yield lambda _: stack.enter_context(cluster.database())


def measure(url: str, size: int, calls: int) -> Figures:
    """Fill a database, and measure a server over it."""
    asyncio.run(fill(url, size))
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as folder:
        server = ServerProcess("--database", url, folder=Path(folder)).start()
        try:
            figures |= wait_for_digests(url, server.pid, size)
            figures["start s"] = statistics.median(measure_start(server) for _ in range(STARTS))
            figures |= measure_filters(server.url, size, calls)
            figures |= measure_ingest(server.url)
            figures["memory MB"] = resident_mb(server.pid)
        finally:
            server.stop()
    return figures


async def fill(url: str, size: int) -> None:
    """Store events up to now, in batches."""
    database = Database(url)
    await database.open()
    rows = make_events(size)
    while batch := list(islice(rows, BATCH)):
        runs = [make_run(event) for event in batch if event.type == EVENT]
        stored = [(events, event) for event in batch]
        await database.append(*stored, *((deliveries, run) for run in runs))
    await database.close()


def make_run(event: Event) -> Delivery:
    """Return a run of the dev world's contract that is done."""
    run_id = delivery_id(event.id, "eventhos", str(CONTRACT_ID))
    told = (run_id, event.id, "eventhos", str(CONTRACT_ID), "", 0, 0)
    return Delivery(*told, "done", 1, 1, 0, event.time, "", 0, "", "")


def make_events(size: int) -> Iterator[Event]:
    """Yield events of types whose numbers fall from the first to the last."""
    ids, choose = Ids(), Random(size)
    first_ms = int(time.time() * 1_000) - size * EVERY_MS - 20_000
    shares = list(accumulate(1 / (1 + n) for n in range(TYPES)))
    numbers = range(TYPES)
    for count in range(size):
        time_ms = first_ms + count * EVERY_MS
        [n] = choose.choices(numbers, cum_weights=shares)
        account = f"account-{choose.randrange(100)}"
        data = b'{"ac":"%s","me":"%s"}' % (account.encode(), b"x" * 120)
        own = (f"/event_store/{n % 7}", f"type-{n}", account)
        api = "event_store"
        if count % 2:
            name = EVENT if n else LONG_LIVE_EVENT
            api, own = "eventhos", ("/eventhos/bomb-factory-8Hd2kL0qWz", name, "")
        elif size >= 10 and count % (size // 10) < 2:
            own = (RARE[1], RARE[0], RARE[2])
        yield Event(ids.new(time_ms), api, own[0], own[1], own[2], time_ms, data, "{}")


def wait_for_digests(url: str, pid: int, size: int) -> Figures:
    """Return how long the digests of a log, and their groups, took that had none."""
    began, cpu_before = time.perf_counter(), cpu_seconds(pid)
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    least = {event_digests: (size - 1_500) // BLOCK_EVENTS}
    least[event_digest_groups] = least[event_digests] // GROUP_BLOCKS
    while size:
        with engine.connect() as connection:
            counts = {t: select(func.count()).select_from(t) for t in least}
            if all((connection.scalar(counts[t]) or 0) > least[t] for t in least):
                break
        time.sleep(0.25)
    engine.dispose()
    return {
        "digests s": time.perf_counter() - began,
        "digests CPU µs an event": (cpu_seconds(pid) - cpu_before) * 1e6 / max(size, 1),
    }


def measure_start(server: ServerProcess) -> float:
    """Return how many seconds a start takes, until the server listens."""
    server.stop()
    began = time.perf_counter()
    server.start()
    return time.perf_counter() - began


def measure_filters(url: str, size: int, calls: int) -> Figures:
    """Return the times of each filter's first page and of pages anywhere in the log."""
    figures: Figures = {"the machine alone": time_machine(calls)}
    listed, counted = f"{url}/gateway/v1/events", f"{url}/gateway/v1/events/counts"
    manager = {"Authorization": f"Bearer {person_token(url)}"}
    anywhere = [cursor_at(fraction / 10, size) for fraction in range(1, 10)] if size else []
    with requests.Session() as session:
        for name, query in FILTERS.items():
            figures[name] = time_calls(session, listed, [query], GATEWAY, calls)
            pages = [{**query, "cursor": cursor} for cursor in anywhere]
            if pages:
                figures[f"{name}, anywhere"] = time_calls(session, listed, pages, GATEWAY, calls)
        for name, query in COUNTS.items():
            figures[name] = time_calls(session, counted, [query], GATEWAY, calls)
        for name, query in RECEIVED.items():
            figures[name] = time_calls(session, f"{url}/event/received", [query], manager, calls)
    return figures


def person_token(url: str) -> str:
    """Return the token of the dev world's admin."""
    login = {"username": "admin", "password": "dev-admin"}
    answer = requests.post(f"{url}/auth/login", json=login, timeout=20)
    answer.raise_for_status()
    token: str = answer.json()["content"]["access_token"]
    return token


def cursor_at(fraction: float, size: int) -> str:
    """Return a cursor at a part of the log, counted from its end."""
    at_ms = int(time.time() * 1_000 - fraction * size * EVERY_MS)
    return Ids().new(at_ms)


def time_calls(
    session: requests.Session,
    url: str,
    queries: Sequence[Query],
    headers: Mapping[str, str],
    calls: int,
) -> tuple[float, float]:
    """Return the p50 and p99 of calls in ms, each query in its turn, once all were read before."""
    took = []
    for number in range(-len(queries), calls):
        began = time.perf_counter()
        query = queries[number % len(queries)]
        answer = session.get(url, params=query, headers=headers, timeout=120)
        answer.raise_for_status()
        if number >= 0:
            took.append((time.perf_counter() - began) * 1_000)
    return percentiles(took)


def time_machine(calls: int) -> tuple[float, float]:
    """Return the p50 and p99 of a computation in ms, which tells how fast the machine is today."""
    took = []
    for _ in range(calls):
        began = time.perf_counter()
        sum(range(COMPUTED))
        took.append((time.perf_counter() - began) * 1_000)
    return percentiles(took)


def percentiles(took: Sequence[float]) -> tuple[float, float]:
    """Return the 50th and the 99th of a hundred parts."""
    ordered = sorted(took)
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]


def measure_ingest(url: str) -> Figures:
    """Return the p99 of events that are sent one by one, alone and beside others in turn."""
    besides: Mapping[str, Callable[[], AbstractContextManager[None]]] = {
        "": nullcontext,
        " beside readers": partial(reading, url),
        " beside busy cores": busy_cores,
    }
    took: dict[str, list[float]] = {name: [] for name in besides}
    for _ in range(ROUNDS):
        for name, beside in besides.items():
            with beside():
                paced = load.paced(url, [create()], INGEST_S, 1, PAUSE_S / 2)
            took[name].append(paced.p99_ms)
    return {f"ingest p99 ms{name}": statistics.median(rounds) for name, rounds in took.items()}


@contextmanager
def reading(url: str) -> Iterator[None]:
    """Run readers of all filters, in a process that takes little of a core."""
    listed = "/gateway/v1/events"
    works = [Work("GET", f"{listed}?{urlencode(query)}", GATEWAY) for query in FILTERS.values()]
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        process.submit(int).result()
        process.submit(load.paced, url, works, INGEST_S + 1, READERS, PAUSE_S)
        yield


@contextmanager
def busy_cores() -> Iterator[None]:
    """Keep each core busy by a program that asks nothing of the server."""
    command = [sys.executable, "-c", "while True: pass"]
    programs = [subprocess.Popen(command) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()


def show(size: int, figures: Figures, empty: Figures) -> None:
    """Print the figures of a size, beside those of an empty log."""
    print(f"\n{size:,} events {'':28} {'p50 ms':>8} {'p99 ms':>8}")
    for name, value in figures.items():
        if isinstance(value, tuple):
            print(f"{name:42} {value[0]:8.1f} {value[1]:8.1f}")
        else:
            print(f"{name:42} {value:8.2f}   empty: {empty[name]:.2f}")


if __name__ == "__main__":
    main()
