"""The digests of the log are made beside the calls, and a killed server goes on with them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest
import requests
from sqlalchemy import Engine, create_engine, func, insert, select

from manual_clock import ManualClock
from server_process import StartServer
from tallystick.events import DigestKeeper, Event
from tallystick.events.digests import BLOCK_EVENTS
from tallystick.events.ids import Ids
from tallystick.store import DatabaseUnavailable, schema
from tallystick.store.tables import event_digests, events

BLOCKS = 64
STORED = BLOCKS * BLOCK_EVENTS + 100
EVERY = 1_000
"""One event in so many is rare."""

GATEWAY = {"Authorization": "Bearer dev-gateway-key"}
PATIENCE_S = 60.0


def test_a_server_killed_while_it_digests_an_older_log_goes_on_at_its_next_start(
    lasting_url: str, start_server: StartServer
) -> None:
    engine = create_engine(lasting_url.replace("postgresql://", "postgresql+psycopg://"))
    rare = make_old_log(engine)
    server = start_server("--database", lasting_url)
    wait_until(lambda: count_blocks(engine) > 2)
    server.kill()
    server = start_server("--database", lasting_url)
    assert read_rare(server.url) == rare
    wait_until(lambda: count_blocks(engine) == BLOCKS + 1)
    assert read_rare(server.url) == rare
    engine.dispose()


def make_old_log(engine: Engine) -> list[str]:
    """Make a log in the oldest schema; return the ids of its rare events, newest first."""
    ids, first_ms = Ids(), int(time.time() * 1_000) - 600_000
    rows = [
        Event(ids.new(ms), "event_store", "/s", kind, "", ms, b"{}", "{}")._asdict()
        for n in range(STORED)
        for ms in [first_ms + n]
        for kind in ["common" if n % EVERY else "rare"]
    ]
    with engine.begin() as connection:
        schema.migrate(connection, schema.known()[0])
        connection.execute(insert(events), rows)
    return [row["id"] for row in rows[::-1] if row["type"] == "rare"]


def count_blocks(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(event_digests)) or 0


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def read_rare(url: str) -> list[str]:
    """Return the ids of all rare events, page by page."""
    found: list[str] = []
    query = {"type": "rare", "limit": "7"}
    while True:
        events_url = f"{url}/gateway/v1/events"
        page = requests.get(events_url, query, headers=GATEWAY, timeout=30).json()
        found += [event["id"] for event in page["events"]]
        if page["next"] is None:
            return found
        query["cursor"] = page["next"]


class FailingDatabase:
    """A database whose every read fails, and then says that it was asked."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.asked = asyncio.Event()

    async def read(self, _: object) -> str:
        self.asked.set()
        raise self._error


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (DatabaseUnavailable(), []),
        (ValueError("with a secret"), ["the log's digests could not be made: ValueError"]),
    ],
)
async def test_what_fails_is_told_unless_the_database_tells_it(
    error: Exception, lines: list[str], caplog: pytest.LogCaptureFixture, clock: ManualClock
) -> None:
    database = FailingDatabase(error)
    keeper = DigestKeeper(database, SimpleNamespace(), clock.read)  # type: ignore[arg-type]  # as far as asked
    await keeper.open()
    await asyncio.wait_for(database.asked.wait(), 10)
    await asyncio.sleep(0)
    await keeper.close()
    assert caplog.messages == lines
