"""A filter reads few blocks of the log, and whatever needs a number of events few of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.event import listen, remove

from events.logged_events import MANY, make_events, store_all
from manual_clock import ManualClock
from noted_statements import noted_statements
from tallystick.events import DigestKeeper, EventLog, EventSelection, digest_groups, spans
from tallystick.events.digests import BLOCK_EVENTS, bounds_of, find_newest, make_digests, read_spans
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


async def test_a_rare_filter_looks_at_few_digests(
    database: Database, log: EventLog, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = make_events(clock, 40 * BLOCK_EVENTS)
    await store_all(log, events)
    with monkeypatch.context() as patched:
        patched.setattr(digest_groups, "GROUP_BLOCKS", 1_000)
        await DigestKeeper(database, log, clock.read).update_digests()
    before = await count_span_steps(database)
    monkeypatch.setattr(digest_groups, "GROUP_BLOCKS", 8)
    await DigestKeeper(database, log, clock.read).update_digests()
    # Five groups and eight digests in place of forty.
    assert await count_span_steps(database) < before * 0.7


async def test_groups_close_by_are_looked_at_together(
    database: Database, log: EventLog, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(digest_groups, "GROUP_BLOCKS", 2)
    events = make_events(clock, 40 * BLOCK_EVENTS)
    for number in range(0, len(events), 4 * BLOCK_EVENTS):
        events[number] = events[number]._replace(type="seldom")
    await store_all(log, events)
    await DigestKeeper(database, log, clock.read).update_digests()
    seldom = EventSelection(type="seldom", from_ms=1)
    asked = await database.read(partial(list_statements, selection=seldom))
    # Where the near groups end, their digests, the other groups, and the digests of these.
    assert len(asked) == 4


async def test_a_page_costs_the_blocks_that_it_reads_however_they_are_grouped(
    database: Database, log: EventLog, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = make_events(clock, 40 * BLOCK_EVENTS)
    for number in range(0, len(events), 4 * BLOCK_EVENTS):
        events[number] = events[number]._replace(type="seldom")
    await store_all(log, events)
    await DigestKeeper(database, log, clock.read).update_digests()
    grouped = await count_steps(database, EventSelection(type="seldom"))
    monkeypatch.setattr(spans, "GROUPED", (1,))
    assert grouped < 1.2 * await count_steps(database, EventSelection(type="seldom"))


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


async def count_span_steps(database: Database) -> int:
    """Return the tens of steps that SQLite takes to find the spans of a type of none."""
    counting = CountingDatabase(database, each=10)
    none = EventSelection(type="none")
    await counting.read_long(lambda c: list(read_spans(c, bounds_of(none), none)))
    return counting.steps


async def count_steps(
    database: Database, selection: EventSelection, cursor: str | None = None
) -> int:
    """Return the hundreds of steps that SQLite takes for a page."""
    counting = CountingDatabase(database)
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


async def test_the_digests_are_read_in_their_order(database: Database) -> None:
    selection = EventSelection(type="x", from_ms=1)
    plans = await database.read(partial(explain_spans, selection=selection))
    assert any(
        "event_digests USING INDEX sqlite_autoindex_event_digests_1 (first>? AND first<?)" in p
        for p in plans
    )
    assert not any("TEMP B-TREE" in plan for plan in plans)


def explain_spans(connection: Connection, selection: EventSelection) -> list[str]:
    """Return the lines of the plans of what `read_spans` executes."""
    asked = list_statements(connection, selection)
    lines = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {s}", v) for s, v in asked]
    return [row[3] for found in lines for row in found]


def list_statements(connection: Connection, selection: EventSelection) -> list[tuple[str, Any]]:
    """Return what `read_spans` executes, with its values."""
    asked: list[tuple[str, Any]] = []

    def note(_: Connection, __: object, statement: str, values: Any, *___: object) -> None:
        asked.append((statement, values))

    listen(connection, "before_cursor_execute", note)
    list(read_spans(connection, bounds_of(selection), selection))
    remove(connection, "before_cursor_execute", note)
    return asked
