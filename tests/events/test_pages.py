"""A page of the log has a bound in bytes, and reads little more than its events."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection

from events.test_log import an_event, appended
from manual_clock import ManualClock
from noted_statements import noted_statements
from tallystick.events import Event, EventLog, EventSelection, pages
from tallystick.events.ids import Ids
from tallystick.store import Database

pytestmark = pytest.mark.anyio


@pytest.fixture
async def stored(log: EventLog, clock: ManualClock) -> list[Event]:
    """Store events of 22 bytes each, and return them, newest first."""
    new, now_ms = Ids().new, clock.now_ms()
    events = [
        an_event(now_ms + n, id=new(now_ms + n), data=b"[%018d]" % n, attributes="{}")
        for n in range(5)
    ]
    await appended(log, *events)
    return events[::-1]


@pytest.mark.parametrize("most", [1, 44, 65, 66, 1_000])
async def test_a_page_ends_at_its_bytes_with_one_event_at_least(
    log: EventLog, stored: list[Event], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE_BYTES", most)
    full, found = min(4, max(1, most // 22)), []
    cursor = None
    while True:
        page = await log.list_events(EventSelection(api="event_store"), limit=4, cursor=cursor)
        found += page.events
        if page.next is None:
            break
        assert len(page.events) == full
        cursor = page.next
    assert len(page.events) <= full
    assert found == stored


async def test_sqlite_reads_one_event_after_the_other(
    url: str, database: Database, log: EventLog, stored: list[Event]
) -> None:
    with noted_statements() as noted:
        page = await log.list_events(limit=4)
        older = await log.list_events_after("", EventSelection(), 4)
    assert (page.events, older.events) == (stored[:4], stored[:0:-1])
    whole = [each for each in noted if "events.data, events.attributes" in each[0]]
    assert len(whole) == 2

    def plans(connection: Connection) -> list[str]:
        return [step for asked in whole for step in _plan(connection, *asked)]

    if not url.startswith("postgresql"):  # which sends all events of a page at once
        steps = await database.read(plans)
        assert not [step for step in steps if "TEMP B-TREE" in step]


def _plan(connection: Connection, statement: str, values: Any) -> list[str]:
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    return [row.detail for row in rows]
