"""A filter finds what it would find in the whole log."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import ColumnElement, Table, func, select

from events.logged_events import APIS, EARLIER_S, MANY, make_events, store_all
from manual_clock import ManualClock
from tallystick.events import (
    DigestKeeper,
    Event,
    EventLog,
    EventSelection,
    digest_groups,
    digests,
)
from tallystick.events.cloudevent_lines import to_line
from tallystick.events.digests import (
    BLOCK_EVENTS,
    DIGESTED_EVENTS,
    drop_pruned_blocks,
    find_newest,
)
from tallystick.events.ids import Ids
from tallystick.events.spans import ALL, Span
from tallystick.events.transfer import import_events
from tallystick.store import Database
from tallystick.store.tables import event_digest_groups, event_digests, late_events

pytestmark = pytest.mark.anyio

EVENTS = 11 * BLOCK_EVENTS + 100
GROUPS = 6


@pytest.fixture(autouse=True)
def groups_of_two_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest_groups, "GROUP_BLOCKS", 2)
    monkeypatch.setattr(digests, "BLOCKS_AT_ONCE", 2)
    monkeypatch.setattr(digests, "COUNTED_AT_ONCE", 2)


@pytest.fixture
def keeper(database: Database, log: EventLog, clock: ManualClock) -> DigestKeeper:
    return DigestKeeper(database, log, clock.read)


@pytest.fixture
async def digested(log: EventLog, clock: ManualClock, keeper: DigestKeeper) -> list[Event]:
    """Store events that have their digests, and return them, oldest first."""
    events = make_events(clock, EVENTS)
    await store_all(log, events)
    await keeper.update_digests()
    return events


async def find_all(log: EventLog, selection: EventSelection, limit: int) -> list[str]:
    """Return the ids of all pages."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = await log.list_events(selection, limit=limit, cursor=cursor)
        found += [event.id for event in page.events]
        if page.next is None:
            return found
        cursor = page.next


def choose_selections(clock: ManualClock, events: Sequence[Event]) -> Iterator[EventSelection]:
    """Yield filters of rare and common values, alone and together."""
    middle_ms = clock.now_ms() - EARLIER_S * 500
    for event in (events[0], events[-1], min(events, key=lambda e: -len(e.type))):
        yield EventSelection(type=event.type)
        yield EventSelection(source=event.source, type=event.type)
        yield EventSelection(api=event.api, subject=event.subject)
        yield EventSelection(subject=event.subject, from_ms=middle_ms)
        yield EventSelection(type=event.type, to_ms=middle_ms)
        yield EventSelection(types=[event.type, "t1"], sources=[event.source])
        yield EventSelection(types=[event.type, *MANY], sources=[event.source])
        yield EventSelection(api=event.api, from_ms=middle_ms, to_ms=middle_ms + 60_000)
    yield EventSelection(type="none")
    yield EventSelection(types=MANY)
    yield EventSelection(source="/s/0", type="t1")


def matching(events: Sequence[Event], selection: EventSelection) -> list[str]:
    """Return the ids that a filter must find, newest first."""
    exact = {n: getattr(selection, n) for n in ("api", "source", "type", "subject")}
    return sorted(
        (
            e.id
            for e in events
            if all(v is None or getattr(e, n) == v for n, v in exact.items())
            and (not selection.types or e.type in selection.types)
            and (not selection.sources or e.source in selection.sources)
            and (selection.from_ms is None or e.time >= selection.from_ms)
            and (selection.to_ms is None or e.time < selection.to_ms)
        ),
        reverse=True,
    )


async def test_each_filter_finds_all_of_its_events(
    database: Database, log: EventLog, clock: ManualClock, digested: list[Event]
) -> None:
    assert await count_open(database, event_digests) == 1
    assert await count_open(database, event_digest_groups) == 1
    assert await count(database, event_digest_groups) == GROUPS
    for selection in choose_selections(clock, digested):
        for limit in (40, 1_000):
            assert await find_all(log, selection, limit) == matching(digested, selection)


async def test_many_events_that_are_imported_into_one_block_are_found(
    database: Database,
    log: EventLog,
    clock: ManualClock,
    keeper: DigestKeeper,
    digested: list[Event],
) -> None:
    late = make_late(digested[3 * BLOCK_EVENTS + 10], DIGESTED_EVENTS + 2 * BLOCK_EVENTS)
    late = [event._replace(type=f"late-{n // 100}") for n, event in enumerate(late)]
    await imported(log, clock, late)
    await keeper.update_digests()
    assert await count_open(database, event_digests) == 1
    assert await count_open(database, event_digest_groups) == 1
    for event in late[::100]:
        selection = EventSelection(type=event.type)
        assert await find_all(log, selection, 1_000) == matching(late, selection)


async def test_late_events_fill_their_block_before_they_divide_it_again(
    database: Database, log: EventLog, keeper: DigestKeeper, digested: list[Event]
) -> None:
    before = await count(database, event_digests)
    for event in make_late(digested[10], 8):
        await log.append(event)
        await keeper.update_digests()
    assert await count(database, event_digests) == before + 1


async def test_blocks_fill_their_group_before_they_divide_it_again(
    database: Database,
    log: EventLog,
    clock: ManualClock,
    keeper: DigestKeeper,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(digest_groups, "GROUP_BLOCKS", 8)
    events = make_events(clock, EVENTS)
    await store_all(log, events)
    await keeper.update_digests()
    before = await count(database, event_digest_groups)
    for block in range(4):
        [late] = make_late(events[block * BLOCK_EVENTS + 10], 1)
        await log.append(late)
        await keeper.update_digests()
    assert await count(database, event_digest_groups) == before + 1


def make_late(event: Event, number: int) -> list[Event]:
    """Return so many events of the time of another."""
    ids = Ids()
    return [event._replace(id=ids.new(event.time), type="late") for _ in range(number)]


async def test_a_block_of_an_earlier_version_is_divided_once_an_event_opens_it(
    database: Database,
    log: EventLog,
    clock: ManualClock,
    keeper: DigestKeeper,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    events = make_events(clock, EVENTS)
    await store_all(log, events)
    with monkeypatch.context() as earlier:
        earlier.setattr(digests, "BLOCK_EVENTS", 2 * BLOCK_EVENTS)
        await keeper.update_digests()
    assert await count(database, event_digests) == 6
    [late] = make_events(clock, 1, type="late")
    await log.append(late)
    await keeper.update_digests()
    # The one that the event is in is three, and of what lay open at the end a block is full.
    assert await count(database, event_digests) == 6 + 2 + 1
    assert await count_open(database, event_digests) == 1
    assert await count_open(database, event_digest_groups) == 1
    for selection in (EventSelection(type="late"), *choose_selections(clock, events)):
        assert await find_all(log, selection, 40) == matching([*events, late], selection)


async def count_open(database: Database, table: Table) -> int:
    return await count(database, table, table.c.streams.is_(None))


async def count(database: Database, table: Table, *rules: ColumnElement[bool]) -> int:
    asked = select(func.count()).select_from(table).where(*rules)
    return await database.read(lambda connection: connection.scalar(asked) or 0)


async def appended_late(log: EventLog, _: ManualClock, events: list[Event]) -> None:
    await log.append(events[0])
    await log.append_all([(event, ()) for event in events[1:10]])
    await store_all(log, events[10:])


async def imported(log: EventLog, clock: ManualClock, events: list[Event]) -> None:
    lines = BytesIO(b"".join(map(to_line, events)))
    await import_events(log._database, clock, lines, lambda _: None)


@pytest.mark.usefixtures("digested")
@pytest.mark.parametrize("store", [appended_late, imported])
async def test_events_that_come_late_are_found(
    database: Database, log: EventLog, clock: ManualClock, keeper: DigestKeeper, store: Any
) -> None:
    late = make_events(clock, 30, type="late", source="/event_store/late", subject="late")
    await store(log, clock, late)
    for selection in (
        EventSelection(type="late"),
        EventSelection(source="/event_store/late"),
        EventSelection(subject="late"),
        EventSelection(types=["late", *MANY]),
    ):
        assert await find_all(log, selection, 7) == matching(late, selection)
    await keeper.update_digests()
    assert await count(database, late_events) == 0
    assert await count_open(database, event_digests) == 1
    assert await count_open(database, event_digest_groups) == 1
    assert await find_all(log, EventSelection(type="late"), 7) == [e.id for e in late[::-1]]


async def test_an_event_that_was_held_up_on_its_way_is_found(
    database: Database, log: EventLog, clock: ManualClock, keeper: DigestKeeper
) -> None:
    await store_all(log, make_events(clock, EVENTS))
    [held_up] = make_events(clock, 1, type="late")
    other = EventLog(database, clock, 10)  # of a process that was stopped before it knew more
    await keeper.update_digests()
    await other.append(held_up)
    assert await find_all(other, EventSelection(type="late"), 7) == [held_up.id]


@pytest.mark.parametrize("behind_s", [12, 20, 90])
async def test_an_event_of_a_server_whose_clock_is_behind_is_found(
    behind_s: int, database: Database, log: EventLog, clock: ManualClock, keeper: DigestKeeper
) -> None:
    wrong = ManualClock(clock.seconds - behind_s)
    other = EventLog(database, wrong, 10)
    await DigestKeeper(database, other, clock.read).update_digests()
    await store_all(log, make_events(clock, EVENTS))
    clock.seconds += 1
    wrong.seconds += 1
    await keeper.update_digests()
    late = Event(Ids().new(wrong.now_ms()), "event_store", "/s", "late", "", 0, b"{}", "{}")
    await other.append(late._replace(time=wrong.now_ms()))
    assert await find_all(log, EventSelection(type="late"), 7) == [late.id]


async def test_each_event_is_late_until_it_is_known_what_is_late(
    database: Database, log: EventLog, clock: ManualClock, keeper: DigestKeeper
) -> None:
    [event] = make_events(clock, 1)
    await log.append(event._replace(id=Ids().new(clock.now_ms()), time=clock.now_ms()))
    assert await count(database, late_events) == 1
    await keeper.update_digests()
    await log.append(event._replace(id=Ids().new(clock.now_ms()), time=clock.now_ms()))
    assert await count(database, late_events) <= 1


async def test_the_blocks_of_pruned_events_go(
    database: Database,
    log: EventLog,
    clock: ManualClock,
    keeper: DigestKeeper,
    digested: list[Event],
) -> None:
    await log.prune_events(max_count=BLOCK_EVENTS)
    await keeper.update_digests()
    blocks = await database.read(lambda c: c.scalars(select(event_digests.c.first)).all())
    assert len(blocks) <= 3
    groups = await database.read(lambda c: c.scalars(select(event_digest_groups.c.first)).all())
    assert set(groups) <= set(blocks)
    await imported(log, clock, digested[:50])
    kept = digested[:50] + digested[-BLOCK_EVENTS:]
    for selection in choose_selections(clock, digested):
        assert await find_all(log, selection, 100) == matching(kept, selection)
    await database.write(drop_pruned_blocks)
    assert await find_all(log, EventSelection(api=APIS[0]), 100) == matching(
        kept, EventSelection(api=APIS[0])
    )


async def test_so_many_newest_events_are_kept_whatever_was_counted(
    database: Database, log: EventLog, clock: ManualClock, keeper: DigestKeeper
) -> None:
    events = make_events(clock, EVENTS)

    async def oldest_of(number: int, bounds: Span) -> str | None:
        return await database.read(partial(find_newest, number=number, bounds=bounds))

    async def check() -> None:
        ids = await find_all(log, EventSelection(), 1_000)
        for bounds in (ALL, Span("", ids[100]), Span(ids[-100], ids[7]), Span(ids[9], ids[9])):
            some = [id_ for id_ in ids if bounds.first <= id_ < bounds.end]
            for number in (1, 100, 101, BLOCK_EVENTS, 2 * BLOCK_EVENTS + 7, len(some) + 1):
                expected = some[number - 1] if number <= len(some) else None
                assert await oldest_of(number, bounds) == expected
            assert not some or await oldest_of(len(some), bounds) == some[-1]

    await store_all(log, events[40:])
    await check()
    await keeper.update_digests()
    await check()
    await imported(log, clock, events[:40])
    await keeper.update_digests()
    await check()
    # The rest of a block, and blocks without events that are not dropped yet.
    await log.prune_events(max_count=BLOCK_EVENTS + 250)
    await check()
    # Now none of these is before the oldest event.
    await imported(log, clock, events[:40])
    await check()
    await keeper.update_digests()
    await check()


async def test_no_event_is_lost_from_a_filter_while_digests_are_made(
    lasting_url: str, clock: ManualClock
) -> None:
    database = Database(lasting_url)
    await database.open()
    log = EventLog(database, clock, 10_000)
    keeper = DigestKeeper(database, log, clock.read)
    other = Database(lasting_url, exclusive=False)
    await other.open()
    logs = [log, EventLog(other, clock, 10_000)]
    try:
        stored = make_events(clock, EVENTS)
        await asyncio.gather(store_beside(logs, stored), digest_beside(keeper))
        await keeper.update_digests()
        for event in stored[:: EVENTS // 40]:
            selection = EventSelection(source=event.source, type=event.type)
            assert await find_all(log, selection, 1_000) == matching(stored, selection)
    finally:
        await other.close()
        await database.close()


async def store_beside(logs: Sequence[EventLog], events: Sequence[Event]) -> None:
    """Store events in any order, some by each log."""
    mixed = random.Random(1).sample(events, len(events))
    for start in range(0, len(mixed), 100):
        log = logs[start // 100 % 2]
        await asyncio.gather(
            store_all(log, mixed[start : start + 90]),
            *(log.append(event) for event in mixed[start + 90 : start + 100]),
        )


async def digest_beside(keeper: DigestKeeper) -> None:
    """Make digests again and again."""
    for _ in range(40):
        await keeper.update_digests()
        await asyncio.sleep(0.01)
