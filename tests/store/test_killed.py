"""A process that is killed has kept all that it acknowledged."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from sqlalchemy import select

from tallystick.store import Database
from tallystick.store.tables import events

pytestmark = pytest.mark.anyio

KILLS = 3
ACKNOWLEDGED_BEFORE_THE_END = 2_000
APPENDING = """
import asyncio, sys
from tallystick.clock import SystemClock
from tallystick.events import Event, EventLog, new_id
from tallystick.store import Database

async def append(log, clock):
    while True:
        now = clock.now_ms()
        event = Event(new_id(now), "a", "/a", "t", "", now, b"{}", "{}")
        await log.append(event)
        print(event.id, flush=True)

async def main():
    database, clock = Database(sys.argv[1]), SystemClock()
    await database.open()
    await asyncio.gather(*(append(EventLog(database, clock, 1_000), clock) for _ in range(32)))

asyncio.run(main())
"""


def acknowledged_by_a_killed_process(url: str) -> list[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", APPENDING, url], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    ids = [process.stdout.readline() for _ in range(ACKNOWLEDGED_BEFORE_THE_END)]
    process.kill()
    ids += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    return [line.strip() for line in ids if line.endswith("\n")]


async def test_every_acknowledged_event_survives_a_kill(lasting_url: str) -> None:
    acknowledged: set[str] = set()
    for _ in range(KILLS):
        acknowledged |= set(acknowledged_by_a_killed_process(lasting_url))
        database = Database(lasting_url)
        started = time.monotonic()
        await database.open()
        assert time.monotonic() - started < 5
        stored = await database.read(
            lambda connection: set(connection.scalars(select(events.c.id)))
        )
        await database.close()
        assert len(acknowledged) >= ACKNOWLEDGED_BEFORE_THE_END
        assert acknowledged <= stored
