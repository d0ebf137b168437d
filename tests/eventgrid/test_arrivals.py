"""One delivery brings an event to a channel, and may try again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import Connection, func, insert, select

from tallystick.apis.eventgrid.arrivals import add_arrival
from tallystick.apis.eventgrid.tables import arrivals
from tallystick.clock import SystemClock
from tallystick.events import Event, EventLog
from tallystick.events.ids import new_id
from tallystick.store import Database
from tallystick.store.tables import events

DAY_MS = 86_400_000


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database."""
    if request.param == "sqlite":
        return "sqlite://"
    found: str = request.getfixturevalue("postgres_url")
    return found


def event_in(channel: str, **attributes: str) -> Event:
    kept = json.dumps({"eventgridchannel": channel, **attributes})
    return Event(new_id(1), "eventgrid", "shop", "t", "", 1, b"", kept)


@asynccontextmanager
async def stored(url: str, *kept: Event) -> AsyncIterator[Database]:
    """A database with these events."""
    database = Database(url)
    await database.open()
    rows = [event._asdict() for event in kept]
    await database.write(lambda c: c.execute(insert(events), rows))
    yield database
    await database.close()


def count(connection: Connection) -> int | None:
    return connection.scalar(select(func.count()).select_from(arrivals))


def test_the_first_delivery_to_a_channel_brings_the_event_however_often_it_tries(url: str) -> None:
    asyncio.run(bring_one_event(url))


async def bring_one_event(url: str) -> None:
    published, other = event_in("a"), event_in("a")
    copy = event_in("b", eventgridroot=published.id)
    async with stored(url, published, other, copy) as database:

        async def add(event: Event, channel: str, delivery: str) -> bool:
            return await database.write(lambda c: add_arrival(c, event, channel, delivery))

        assert [await add(published, "b", name) for name in ("1", "2", "1")] == [True, False, True]
        assert await add(other, "b", "3")
        assert not await add(copy, "a", "4")
        assert [await add(copy, "c", "5"), await add(published, "c", "6")] == [True, False]
        await EventLog(database, SystemClock(), 10).prune_events(max_age_ms=DAY_MS)
        assert await database.read(count) == 0
