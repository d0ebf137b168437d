"""How long SQLite takes to select among 100,000 entities, relationships four deep and all."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter, time_ns

from sqlalchemy import Connection

from tallystick.apis.keyastrom import selector_sql, topology
from tallystick.apis.keyastrom.entities import Entity
from tallystick.apis.keyastrom.ingest import DAY_MS
from tallystick.apis.keyastrom.selector import parse_selector
from tallystick.clock import SystemClock
from tallystick.store import Database

MOST_MS = 50
REPEATS = 15
NOW = time_ns() // 1_000_000

PROCESS, HOST, GROUP, CENTER = "PROCESS_GROUP_INSTANCE", "HOST", "HOST_GROUP", "DATACENTER"
SELECTORS = {
    "four deep, from one end": f"type(SERVICE),fromRelationship.runsOn(type({PROCESS}),"
    f"fromRelationship.isProcessOf(type({HOST}),fromRelationship.isInstanceOf(type({GROUP}),"
    f"fromRelationship.isIn(type({CENTER}),entityName.equals(dc-7)))))",
    "four deep, from the other": f"type({CENTER}),toRelationship.isIn(type({GROUP}),"
    f"toRelationship.isInstanceOf(type({HOST}),toRelationship.isProcessOf(type({PROCESS}),"
    'toRelationship.runsOn(type(SERVICE),entityName.equals("service 17")))))',
    "two deep, by tag and name": f"type({PROCESS}),fromRelationship.isProcessOf(type({HOST}),"
    f"tag(env:test),fromRelationship.isInstanceOf(type({GROUP}),entityName.startsWith(group-1)))",
    "a part of a name": "type(SERVICE),entityName(1234)",
    "a name": f"type({HOST}),entityName.equals(host-17)",
    "a tag and an attribute": f"type({HOST}),tag(team:7),osType(LINUX)",
    "what has not a tag": f"type({HOST}),not(tag(env:prod))",
    "a whole type of 20,000": f"type({HOST})",
}


def main() -> None:
    """Print a line for each selector; exit with 1 if one takes too long."""
    with tempfile.TemporaryDirectory() as folder:
        slow = asyncio.run(_measure(f"sqlite:///{folder}/selector.db"))
    if slow:
        sys.exit(f"over {MOST_MS} ms: {', '.join(slow)}")


async def _measure(url: str) -> list[str]:
    database = Database(url)
    await database.open()
    world = list(_world())
    await topology.load_topology(database, SystemClock(), world, lambda _: None)
    print(f"{'selector':28} {'matches':>8} {'median':>8}   ms among {len(world):,} entities")
    slow = [name for name in SELECTORS if await database.read(_is_slow(name))]
    await database.close()
    return slow


def _is_slow(name: str) -> Callable[[Connection], bool]:
    def measured(connection: Connection) -> bool:
        times = [_select(connection, SELECTORS[name]) for _ in range(REPEATS)]
        took = median(ms for ms, _ in times)
        print(f"{name:28} {times[0][1]:8} {took:8.1f}")
        return took > MOST_MS

    return measured


def _select(connection: Connection, text: str) -> tuple[float, int]:
    started = perf_counter()
    selected = selector_sql.matching(parse_selector(text))
    rows = connection.execute(selected.statement, selected.parameters(NOW, NOW - DAY_MS)).all()
    return (perf_counter() - started) * 1_000, len(rows)


def _world() -> Iterator[Entity]:
    for n in range(100):
        yield Entity(f"{CENTER}-{n}", CENTER, f"dc-{n}")
    for n in range(900):
        yield Entity(
            f"{GROUP}-{n}", GROUP, f"group-{n}", relationships={"isIn": [f"{CENTER}-{n % 100}"]}
        )
    for n in range(20_000):
        yield Entity(
            f"{HOST}-{n}",
            HOST,
            f"host-{n}",
            last_seen_ms=NOW,
            tags=[f"env:{'prod' if n % 10 else 'test'}", f"team:{n % 50}"],
            attributes={"osType": "LINUX" if n % 3 else "WINDOWS"},
            relationships={"isInstanceOf": [f"{GROUP}-{n % 900}"]},
        )
    for n in range(39_000):
        on = {"isProcessOf": [f"{HOST}-{n % 20_000}"]}
        yield Entity(f"{PROCESS}-{n}", PROCESS, f"process {n}", last_seen_ms=NOW, relationships=on)
    for n in range(40_000):
        yield Entity(
            f"SERVICE-{n}",
            "SERVICE",
            f"service {n}",
            last_seen_ms=NOW,
            tags=[f"stage:{n % 4}"],
            relationships={
                "runsOn": [f"{PROCESS}-{n % 39_000}"],
                "calls": [f"SERVICE-{n * 7 % 40_000}"],
            },
        )


if __name__ == "__main__":
    main()
