"""A filter reads few blocks of the log, and whatever needs a number of events few of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from events.logged_events import MANY, make_events, store_all
from manual_clock import ManualClock
from noted_statements import noted_statements
from tallystick.events import DigestKeeper, EventLog, EventSelection, digest_groups
from tallystick.events.digests import BLOCK_EVENTS, find_newest, make_digests
from tallystick.store import Database
from tallystick.store.partitions import NO_END
from tallystick.store.tables import event_digests

pytestmark = pytest.mark.anyio


@pytest.fixture
def url(tmp_path: Path) -> str:
    """SQLite in a file alone: its steps are counted."""
    return f"sqlite:///{tmp_path}/tallystick.db"


RARE = [
    EventSelection(type="rare"),
    EventSelection(source="/rare"),
    EventSelection(subject="rare"),
    EventSelection(api="event_store", type="rare"),
    EventSelection(type="none"),
    EventSelection(sources=["/rare"]),
]


async def test_a_rare_filter_reads_the_digests_and_not_the_log(
    database: Database, log: EventLog, clock: ManualClock
) -> None:
    events = make_events(clock, 40 * BLOCK_EVENTS)
    events[700] = events[700]._replace(
        api="event_store", source="/rare", type="rare", subject="rare"
    )
    await store_all(log, events)
    before = [await count_steps(database, wanted) for wanted in RARE]
    await DigestKeeper(database, log, clock.read).update_digests()
    after = [await count_steps(database, wanted) for wanted in RARE]
    # The block with the event, and the newest one, of more than forty.
    assert all(now < then / 10 for now, then in zip(after, before, strict=True))
    middle = events[20 * BLOCK_EVENTS + 100].id
    spanning = RARE[0]._replace(from_ms=events[100].time, to_ms=events[-100].time)
    for selection in (*RARE, spanning, EventSelection(types=["rare", *MANY])):
        assert await count_steps(database, selection, middle) < 2 * max(after)


@pytest.mark.parametrize(
    "wanted", [EventSelection(type="none"), EventSelection(subject="none", types=MANY)]
)
async def test_a_rare_filter_looks_at_few_digests(
    database: Database,
    log: EventLog,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
    wanted: EventSelection,
) -> None:
    events = make_events(clock, 40 * BLOCK_EVENTS)
    await store_all(log, events)
    # The newest block is open, and is read whatever is sought.
    none = wanted._replace(to_ms=events[-2 * BLOCK_EVENTS].time)
    with monkeypatch.context() as patched:
        patched.setattr(digest_groups, "GROUP_BLOCKS", 1_000)
        await DigestKeeper(database, log, clock.read).update_digests()
    before = await count_steps(database, none, each=10)
    monkeypatch.setattr(digest_groups, "GROUP_BLOCKS", 8)
    await DigestKeeper(database, log, clock.read).update_digests()
    # Five groups and eight digests in place of forty.
    assert await count_steps(database, none, each=10) < before * 0.7


async def test_the_oldest_of_many_events_is_found_without_reading_them(
    database: Database, log: EventLog, clock: ManualClock
) -> None:
    await store_all(log, make_events(clock, 40 * BLOCK_EVENTS))
    await DigestKeeper(database, log, clock.read).update_digests()
    steps = []
    for number in (BLOCK_EVENTS, 38 * BLOCK_EVENTS):
        counting = CountingDatabase(database)
        await counting.read_long(partial(find_newest, number=number))
        steps.append(counting.steps)
    # A step a block, and those of the events of one or two.
    assert steps[1] < steps[0] + 2 * BLOCK_EVENTS * 10 / 100


async def test_a_transaction_that_others_wait_for_digests_four_blocks_by_one_statement(
    database: Database, log: EventLog, clock: ManualClock
) -> None:
    await store_all(log, make_events(clock, 10 * BLOCK_EVENTS))
    with noted_statements() as noted:
        await database.write(partial(make_digests, settled=NO_END))
    assert sum("FROM events" in statement for statement, _ in noted) == 1
    made = select(func.count()).where(event_digests.c.number == BLOCK_EVENTS)
    assert await database.read(lambda connection: connection.scalar(made)) == 4


async def count_steps(
    database: Database, selection: EventSelection, cursor: str | None = None, each: int = 100
) -> int:
    """Return the steps that SQLite takes for a page, so many of them as one."""
    counting = CountingDatabase(database, each)
    log = EventLog(counting, ManualClock(), 10)  # type: ignore[arg-type]  # as far as it reads
    await log.list_events(selection, cursor=cursor)
    return counting.steps


class CountingDatabase:
    """A database that counts SQLite's steps, so many of them as one."""

    def __init__(self, database: Database, each: int = 100) -> None:
        self._database = database
        self._each = each
        self.steps = 0

    async def read_long(self, function: Callable[[Connection], Any]) -> Any:
        return await self._database.read(partial(self._counted, function=function))

    def _counted(self, connection: Connection, function: Callable[[Connection], Any]) -> Any:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_progress_handler(self._count, self._each)
        try:
            return function(connection)
        finally:
            driver.set_progress_handler(None, 0)

    def _count(self) -> int:
        self.steps += 1
        return 0


@pytest.mark.parametrize("oldest_first", [False, True])
async def test_groups_digests_and_events_are_read_in_their_order(
    log: EventLog, database: Database, oldest_first: bool
) -> None:
    wanted = EventSelection(type="x", from_ms=1)
    with noted_statements() as noted:
        if oldest_first:
            await log.list_events_after("", wanted)
        else:
            await log.list_events(wanted)
    plans = await database.read(partial(explain, asked=noted))
    looked_up = [plan.split(" USING ")[0] for plan in plans if plan.startswith("SEARCH")]
    of_log = [each for each in looked_up if each.split()[-1] in TABLES]
    assert of_log == [f"SEARCH {table}" for table in TABLES]
    assert not any("TEMP B-TREE" in plan for plan in plans)


TABLES = ["event_digest_groups", "event_digests", "events"]


def explain(connection: Connection, asked: Sequence[tuple[str, Any]]) -> list[str]:
    """Return the lines of the plans of what reads events."""
    lines = [
        connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        for statement, values in asked
        if "events.id" in statement
    ]
    return [row[3] for found in lines for row in found]
