"""A filter's blocks are read by one statement, in the order of the log and as far as wanted."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, Select, select

from events.logged_events import MANY
from manual_clock import ManualClock
from noted_statements import noted_statements
from sqlite_steps import count_steps
from tallystick.events import DigestKeeper, Event, EventLog, EventSelection
from tallystick.events.digests import BLOCK_EVENTS, bounds_of, read_parts
from tallystick.events.ids import Ids
from tallystick.events.pages import read_page
from tallystick.events.spans import Part, PartStatement
from tallystick.store import Database
from tallystick.store.tables import events

pytestmark = pytest.mark.anyio

BLOCKS = 24
EVERY_MS = 50
RARE = EventSelection(type="rare")
READS = re.compile(r"(FROM|JOIN) events\b")


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
    return sum(bool(READS.search(each)) for each, _ in noted)


async def test_all_blocks_of_a_rare_value_are_read_by_one_statement(
    url: str, log: EventLog, rare: list[Event]
) -> None:
    # Then the page's events by their ids. PostgreSQL reads the newest day first, and then the rest.
    expected = 3 if url.startswith("postgresql") else 2
    with noted_statements() as noted:
        page = await log.list_events(RARE)
    assert page.events == rare
    assert count_reads(noted) == expected
    with noted_statements() as noted:
        page = await log.list_events_after("", RARE)
    assert page.events == rare[::-1]
    assert count_reads(noted) == 2


async def test_a_search_on_sqlite_sorts_no_events_with_their_data(
    url: str, database: Database, log: EventLog, rare: list[Event]
) -> None:
    with noted_statements() as noted:
        page = await log.list_events(RARE._replace(text="{}"))
    assert page.events == rare
    if url.startswith("postgresql"):  # which sorts those of one block after the other
        return
    [asked] = [each for each in noted if READS.search(each[0])]
    plan = await database.read(
        lambda c: c.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0]}", asked[1]).all()
    )
    assert plan
    assert not [row.detail for row in plan if "TEMP B-TREE" in row.detail]


async def test_a_page_that_ends_within_a_block_goes_on_after_its_last_event(
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


async def test_a_page_of_a_large_open_block_reads_its_own_events_alone(
    url: str, database: Database, log: EventLog, clock: ManualClock
) -> None:
    now_ms, new = clock.now_ms(), Ids().new
    stored = [
        Event(new(now_ms + n), "event_store", "/s", "t", "", now_ms + n, b"{}", "{}")
        for n in range(20 * BLOCK_EVENTS)
    ]
    await log.write(lambda c: log.append_all_within(c, [(event, ()) for event in stored]))
    wanted = EventSelection(type="t")
    with noted_statements() as noted:
        page = await log.list_events(wanted, limit=10)
    assert page.events == stored[:-11:-1]
    if not url.startswith("postgresql"):
        assert await database.read(lambda c: count_steps(c, partial(read_ten, wanted))) < 100
        return
    asked = next(each for each in noted if READS.search(each[0]))
    assert await database.write(lambda c: count_events_read(explain(c, *asked))) == 11


def read_ten(wanted: EventSelection, connection: Connection) -> None:
    parts = read_parts(connection, [bounds_of(wanted)], wanted)
    read_page(connection, wanted, parts, 10, oldest_first=False)


def explain(connection: Connection, statement: str, values: Any) -> Any:
    """Return PostgreSQL's plan with what it did, once it knows the events as it does in time."""
    connection.exec_driver_sql("ANALYZE events")
    explained = connection.exec_driver_sql(
        f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", values
    ).scalar_one()
    return explained[0]["Plan"]


def count_events_read(plan: Any) -> int:
    """Return the number of events that a plan of PostgreSQL's has read."""
    below = sum(map(count_events_read, plan.get("Plans", ())))
    is_of_log = plan.get("Alias", "").startswith("events")
    return below + (int(plan["Actual Rows"] * plan["Actual Loops"]) if is_of_log else 0)


async def test_a_block_on_the_border_of_the_newest_day_is_read_once(
    database: Database, log: EventLog, clock: ManualClock
) -> None:
    ids, every_ms, number = Ids(), 300_000, 3 * BLOCK_EVENTS
    first_ms = clock.now_ms() - number * every_ms - 60_000
    stored = [
        Event(ids.new(ms), "event_store", "/s", f"t{n % 2}", "", ms, b"{}", "{}")
        for n in range(number)
        for ms in [first_ms + n * every_ms]
    ]
    await log.write(lambda c: log.append_all_within(c, [(event, ()) for event in stored]))
    await DigestKeeper(database, log, clock.read).update_digests()
    page = await log.list_events(EventSelection(type="t1"), limit=1_000)
    assert page.events == stored[:0:-2]


@pytest.mark.parametrize(
    ("one", "other", "is_shared"),
    [
        (EventSelection(type="a"), EventSelection(type="b", from_ms=1), True),
        (
            EventSelection(types=["a", "b"], api="x"),
            EventSelection(types=["c", "d"], api="y"),
            True,
        ),
        (EventSelection(types=["a", "b"]), EventSelection(types=["a", "b", "c"]), False),
        (EventSelection(type="a"), EventSelection(subject="a"), False),
    ],
)
async def test_filters_of_one_form_share_the_statement_of_their_blocks(
    database: Database, one: EventSelection, other: EventSelection, is_shared: bool
) -> None:
    def read(connection: Connection, wanted: EventSelection) -> Part:
        [part] = read_parts(connection, [bounds_of(wanted)], wanted)
        return part

    first, second = [await database.read(partial(read, wanted=each)) for each in (one, other)]
    assert (first.blocks is second.blocks) == is_shared
    assert first.keys != second.keys


async def test_a_further_list_of_one_form_builds_no_statement(
    log: EventLog, rare: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    await log.list_events(EventSelection(type="t"), limit=1)
    monkeypatch.delattr(Select, "where")
    page = await log.list_events(RARE)
    assert page.events == rare
    with pytest.raises(AttributeError):
        await log.list_events(EventSelection("event_store", "t", "/s", "", sources=["/s"] * 3))


@pytest.mark.usefixtures("rare")
@pytest.mark.parametrize(("blocks", "limit", "found"), [(3, 100, 6), (100, 5, 5), (100, 100, 48)])
async def test_a_count_ends_with_its_blocks_or_its_events(
    database: Database, blocks: int, limit: int, found: int
) -> None:
    def count(connection: Connection) -> tuple[int, int]:
        [part] = read_parts(connection, [bounds_of(RARE)], RARE)
        rare_ids = select(events.c.id).where(*RARE.rules())
        dialect = connection.dialect.name
        of_parts = PartStatement(dialect, rare_ids, RARE.values(), oldest_first=False)
        return tuple(connection.execute(*of_parts.count_of(part, blocks=blocks, limit=limit)).one())

    assert await database.read(count) == (min(blocks, BLOCKS), found)


@pytest.mark.parametrize("more", [[], MANY])
async def test_a_list_after_an_event_goes_on_in_the_order_of_the_log(
    log: EventLog, rare: list[Event], more: list[str]
) -> None:
    wanted = EventSelection(types=["rare", *more])
    after = rare[-5].id
    page = await log.list_events_after(after, wanted, 30)
    assert page.events == rare[::-1][5:35]
