"""The keeper makes the partitions of the days to come, before any event needs them."""

from __future__ import annotations

import asyncio
import re
import time
from functools import partial

import pytest
from sqlalchemy import text

from tallystick.clock import SystemClock
from tallystick.events import Event, EventLog, EventSelection, PartitionKeeper
from tallystick.events.ids import Ids, time_of
from tallystick.events.partition_keeper import AHEAD_MS, DAY_MS, UNLIMITED_MS, span_of
from tallystick.store import Database, DatabaseUnavailable, TableInUse
from tallystick.store.partitions import partitioned_tables, read_partitions

pytestmark = pytest.mark.anyio

QUEUE = 10_000
IDS = Ids()


def event_at(time_ms: int) -> Event:
    return Event(IDS.new(time_ms), "event_store", "/s", "t", "", time_ms, b"{}", "{}")


async def test_an_event_of_any_time_has_its_place(postgres_url: str) -> None:
    database = Database(postgres_url)
    await database.open()
    await PartitionKeeper(database, 1).make_partitions()
    log = EventLog(database, SystemClock(), QUEUE)
    now_ms = int(time.time() * 1_000)
    times = [now_ms + days * DAY_MS for days in (-20_000, -366, -1, 0, 1, 40, 30_000)]
    stored = [event_at(time_ms) for time_ms in times]
    rows = [(event, ()) for event in stored]
    await log.append_all(rows[::2])
    await database.write(lambda connection: log.append_all_within(connection, rows[1::2]))

    places = text("SELECT tableoid::regclass::text FROM events ORDER BY id")
    names = await database.read(lambda connection: list(connection.scalars(places)))
    assert names[:4] == ["events_first"] * 4
    assert re.fullmatch(r"events_\d{8}", names[4])
    assert names[5:] == ["events_last"] * 2
    assert (await log.list_events()).events == stored[::-1]
    assert (await log.list_events_after("", EventSelection())).events == stored
    assert [await log.get_event(event.id) for event in stored] == stored
    await database.close()


async def test_many_servers_make_partitions_at_the_same_moment(postgres_url: str) -> None:
    databases = [Database(postgres_url) for _ in range(4)]
    await asyncio.gather(*(database.open() for database in databases))
    keepers = [PartitionKeeper(database, 7) for database in databases]
    await asyncio.gather(*(keeper.open() for keeper in keepers))
    for keeper in keepers:
        await keeper.make_partitions()
        await keeper.close()
    for table in partitioned_tables():
        found = await databases[0].read(partial(read_partitions, table=table))
        assert [each.end for each in found[:-1]] == [each.first for each in found[1:]]
        assert (found[0].first, found[-1].end) == ("", "~")
        ahead_ms = time_of(found[-1].first) - int(time.time() * 1_000)
        assert 0 < ahead_ms <= AHEAD_MS
    for database in databases:
        await database.close()


class FailingDatabase:
    """A database whose every read fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def read(self, _: object) -> str:
        raise self._error


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        (DatabaseUnavailable(), []),
        (TableInUse("events"), ["partitions could not be made: TableInUse"]),
    ],
)
async def test_what_fails_is_told_unless_the_database_tells_it(
    error: Exception, lines: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    keeper = PartitionKeeper(FailingDatabase(error), 1)  # type: ignore[arg-type]  # as far as asked
    await keeper.open()
    await keeper.close()
    assert caplog.messages == lines


def test_partitions_are_as_long_as_a_sixtieth_of_the_age_in_whole_days() -> None:
    assert [span_of(days * DAY_MS) // DAY_MS for days in (1, 60, 119, 120, 3_650)] == [
        1,
        1,
        1,
        2,
        60,
    ]
    assert span_of(None) == UNLIMITED_MS
    assert span_of(1_000) == DAY_MS
