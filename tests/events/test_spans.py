"""A filter's blocks are read by few statements, in the order of the log."""

from __future__ import annotations

import re
from typing import Any

import pytest

from manual_clock import ManualClock
from noted_statements import noted_statements
from tallystick.events import DigestKeeper, Event, EventLog, EventSelection
from tallystick.events.digests import BLOCK_EVENTS
from tallystick.events.ids import Ids
from tallystick.store import Database

pytestmark = pytest.mark.anyio

BLOCKS = 24
EVERY_MS = 50
RARE = EventSelection(type="rare")


@pytest.fixture
async def rare(database: Database, log: EventLog, clock: ManualClock) -> list[Event]:
    """Store blocks with two events of a rare type each; return these, newest first."""
    ids, first_ms = Ids(), clock.now_ms() - BLOCKS * BLOCK_EVENTS * EVERY_MS - 60_000
    stored = []
    for count in range(BLOCKS * BLOCK_EVENTS):
        time_ms = first_ms + count * EVERY_MS
        kind = "rare" if count % (BLOCK_EVENTS // 2) == 7 else "t"
        stored.append(Event(ids.new(time_ms), "event_store", "/s", kind, "", time_ms, b"{}", "{}"))
    await log.write(lambda c: log.append_all_within(c, [(event, ()) for event in stored]))
    await DigestKeeper(database, log, clock.read).update_digests()
    return [event for event in reversed(stored) if event.type == "rare"]


def count_reads(noted: list[tuple[str, Any]]) -> int:
    """Return the number of statements that read events."""
    return sum(bool(re.search(r"(FROM|JOIN) events\b", each)) for each, _ in noted)


async def test_blocks_of_a_rare_value_are_read_in_groups(log: EventLog, rare: list[Event]) -> None:
    # Groups of 1, 4, 16 and the other 3 blocks; then the page's events by their ids.
    expected = 5
    with noted_statements() as noted:
        page = await log.list_events(RARE)
    assert page.events == rare
    assert count_reads(noted) == expected
    with noted_statements() as noted:
        page = await log.list_events_after("", RARE)
    assert page.events == rare[::-1]
    assert count_reads(noted) == expected


async def test_a_search_on_sqlite_sorts_no_events_with_their_data(
    url: str, log: EventLog, rare: list[Event]
) -> None:
    with noted_statements() as noted:
        page = await log.list_events(RARE._replace(text="{}"))
    assert page.events == rare
    assert count_reads(noted) == (4 if url.startswith("postgresql") else BLOCKS)


async def test_a_page_that_ends_within_a_group_goes_on_after_its_last_event(
    log: EventLog, rare: list[Event]
) -> None:
    found: list[Event] = []
    cursor: str | None = None
    while len(found) < len(rare):
        page = await log.list_events(RARE, limit=7, cursor=cursor)
        assert 0 < len(page.events) <= 7
        found += page.events
        cursor = page.next
    assert found == rare
    assert cursor is None
