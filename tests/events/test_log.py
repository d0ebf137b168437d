"""The log on every kind of database."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from sqlalchemy import Connection

from manual_clock import ManualClock
from tallystick.contract.exceptions import Unavailable
from tallystick.events import BadCursor, Event, EventLog, EventPage, EventSelection, new_id
from tallystick.events.ids import Ids
from tallystick.store import Database, SliceResult, work_in_slices
from tallystick.store.slices import WorkSlice
from tallystick.store.tables import revisions

pytestmark = pytest.mark.anyio


def an_event(now_ms: int, **fields: Any) -> Event:
    usual = Event(
        id=new_id(now_ms),
        api="event_store",
        source="/event_store/EDF",
        type="START_EC2",
        subject="525060831330",
        time=now_ms,
        data=b'{"cl":"EDF"}',
        attributes="{}",
    )
    return usual._replace(**fields)


async def appended(log: EventLog, *events: Event) -> list[Event]:
    await asyncio.gather(*(log.append(event) for event in events))
    return list(events)


async def ids(log: EventLog, **query: Any) -> list[str]:
    return [event.id for event in (await log.list_events(EventSelection(**query))).events]


async def test_an_event_comes_back_as_it_was(log: EventLog, clock: ManualClock) -> None:
    event = an_event(
        clock.now_ms(),
        subject="é\u2028😀\x7f",
        data=b'{"a":  1e400, "b": "\\ud800", "a": 2}\n',
        attributes='{"client":"dev"}',
    )
    await log.append(event)
    assert await log.get_event(event.id) == event
    assert (await log.list_events()).events == [event]
    assert all(
        type(value) is type(event[n]) for n, value in enumerate((await log.list_events()).events[0])
    )


@pytest.mark.parametrize("id_", ["", "nothing", "0199f0c2-6d3a-7cc1-9a55-0d8a7c1b2e3f", "\x00"])
async def test_an_unknown_id_has_no_event(log: EventLog, id_: str) -> None:
    assert await log.get_event(id_) is None


async def test_events_are_listed_newest_first(log: EventLog, clock: ManualClock) -> None:
    made = await appended(log, *(an_event(clock.now_ms()) for _ in range(50)))
    assert (await log.list_events()).events == made[::-1]


async def test_a_page_is_written_beside_the_event_loop(log: EventLog, clock: ManualClock) -> None:
    [event] = await appended(log, an_event(clock.now_ms()))

    def write(page: EventPage) -> tuple[list[Event], bool]:
        return page.events, threading.current_thread() is threading.main_thread()

    assert await log.write_events(write) == ([event], False)


@pytest.mark.parametrize("limit", [1, 7, 25, 50, 51, 1000])
async def test_pages_visit_each_event_once(log: EventLog, clock: ManualClock, limit: int) -> None:
    made = await appended(log, *(an_event(clock.now_ms()) for _ in range(50)))
    visited: list[Event] = []
    page = await log.list_events(limit=limit)
    while True:
        visited += page.events
        assert len(page.events) <= limit
        if page.next is None:
            break
        # What comes in meanwhile is newer than every page that follows.
        await log.append(an_event(clock.now_ms()))
        page = await log.list_events(limit=limit, cursor=page.next)
    assert visited == made[::-1]


async def test_every_filter_that_is_given_must_match(log: EventLog, clock: ManualClock) -> None:
    first, second, third = await appended(
        log,
        an_event(clock.now_ms()),
        an_event(clock.now_ms(), type="STOP_EC2"),
        an_event(clock.now_ms(), api="keyastrom", source="/keyastrom/default"),
    )
    assert await ids(log, api="keyastrom") == [third.id]
    assert await ids(log, type="START_EC2") == [third.id, first.id]
    assert await ids(log, source="/event_store/EDF", type="STOP_EC2") == [second.id]
    assert await ids(log, api="keyastrom", type="STOP_EC2") == []
    assert await ids(log, type="start_ec2") == []
    assert await ids(log, type="START%") == []


async def test_a_page_of_few_matches_among_many_events(log: EventLog, clock: ManualClock) -> None:
    kinds = ["RARE" if n % 10 == 0 else "OFTEN" for n in range(100)]
    made = await appended(log, *(an_event(clock.now_ms(), type=kind) for kind in kinds))
    page = await log.list_events(EventSelection(type="RARE"), limit=9)
    assert page.events == made[90::-10][:9]
    assert (
        await log.list_events(EventSelection(type="RARE"), limit=9, cursor=page.next)
    ).events == [made[0]]


async def test_from_is_included_and_to_is_not(log: EventLog) -> None:
    times = [1_764_000_000_000, 1_764_000_000_001, 1_764_000_000_002]
    # Ids of its own: those of another test may be seconds ahead.
    new = Ids().new
    made = [an_event(time)._replace(id=new(time)) for time in times for _ in range(2)]
    await appended(log, *made)
    newest_first = [event.id for event in made[::-1]]
    assert await ids(log, from_ms=times[1]) == newest_first[:4]
    assert await ids(log, to_ms=times[1]) == newest_first[4:]
    assert await ids(log, from_ms=times[1], to_ms=times[2]) == newest_first[2:4]
    assert await ids(log, from_ms=times[2], to_ms=times[1]) == []
    assert await ids(log, from_ms=-1, to_ms=1 << 70) == newest_first
    assert await ids(log, from_ms=1 << 70) == []


@pytest.mark.parametrize(
    "cursor",
    ["", "1", "0199f0c2-6d3a-7cc1-9a55-0d8a7c1b2e3f\n", "zzzzzzzz-6d3a-7cc1-9a55-0d8a7c1b2e3f"],
)
async def test_a_cursor_that_no_page_gave_is_refused(log: EventLog, cursor: str) -> None:
    with pytest.raises(BadCursor):
        await log.list_events(cursor=cursor)


async def test_more_than_may_wait_is_refused_and_not_stored(
    database: Database, clock: ManualClock
) -> None:
    log = EventLog(database, clock, queue=3)
    outcomes = await asyncio.gather(
        *(log.append(an_event(clock.now_ms())) for _ in range(5)), return_exceptions=True
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, Unavailable)]
    assert [problem.headers for problem in refused] == [{"Retry-After": "1"}] * 2
    assert len(await ids(log)) == 3
    await log.append(an_event(clock.now_ms()))
    assert len(await ids(log)) == 4


async def test_a_queue_of_none_refuses_everything(database: Database, clock: ManualClock) -> None:
    log = EventLog(database, clock, queue=0)
    event = an_event(clock.now_ms())
    for refused in (
        log.append(event),
        log.append_all([(event, ())]),
        log.write(lambda connection: log.append_within(connection, event)),
    ):
        with pytest.raises(Unavailable):
            await refused
    assert await ids(log) == []


async def test_an_event_is_stored_together_with_what_it_causes(
    log: EventLog, database: Database, clock: ManualClock
) -> None:
    first, second = an_event(clock.now_ms()), an_event(clock.now_ms())
    await log.append(first, (revisions, ("caused", 1)), (revisions, ("caused too", 1)))
    with pytest.raises(Exception, match=r"(?i)unique"):
        await log.append(second, (revisions, ("caused", 1)))
    assert await ids(log) == [first.id]
    numbers = await database.read(lambda connection: connection.execute(revisions.select()).all())
    assert sorted(numbers) == [("caused", 1), ("caused too", 1)]


async def test_what_apis_keep_of_their_own_expires_with_old_events(
    log: EventLog, clock: ManualClock
) -> None:
    asked: list[tuple[int, int]] = []

    def expire(connection: Connection, before_ms: int, limit: int) -> int:  # noqa: ARG001
        asked.append((before_ms, limit))
        return limit if len(asked) < 3 else 1

    log.add_expirer(expire)
    await log.prune_events(max_count=10)
    assert asked == []
    await log.prune_events(max_age_ms=1_000)
    # Asked again while there is more than goes at once.
    assert asked == [(clock.now_ms() - 1_000, rows) for rows in (100, 200, 400)]


async def test_old_events_are_removed(log: EventLog, clock: ManualClock) -> None:
    old = await appended(log, *(an_event(clock.now_ms()) for _ in range(2_500)))
    clock.seconds += 60
    new = await appended(log, an_event(clock.now_ms()))
    assert await log.prune_events(max_age_ms=60_001) == 0
    assert await log.prune_events(max_age_ms=59_999) == len(old)
    assert (await log.list_events()).events == new


async def test_large_events_are_removed_a_few_at_a_time(
    log: EventLog, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: list[int] = []

    async def counting(database: Database, clock: ManualClock, work: WorkSlice) -> int:
        def counted(connection: Connection, rows: int) -> SliceResult:
            result = work(connection, rows)
            counts.append(result.rows)
            return result

        return await work_in_slices(database, clock, counted)

    monkeypatch.setattr("tallystick.events.pruning.work_in_slices", counting)
    large = [b'"' + b"x" * megabytes * 1_000_000 + b'"' for megabytes in (1, 2, 3, 9, 1)]
    await appended(log, *(an_event(clock.now_ms(), data=data) for data in large))
    clock.seconds += 60
    assert await log.prune_events(max_age_ms=1_000) == 5
    # 3 MB, then 3 MB beside which 9 MB do not fit, then what is larger than a slice, and the rest;
    # the slices after them give pages back.
    assert counts[:4] == [2, 1, 1, 1]


async def test_an_age_from_before_all_times_keeps_every_event(
    log: EventLog, clock: ManualClock
) -> None:
    await appended(log, an_event(clock.now_ms()))
    assert await log.prune_events(max_age_ms=clock.now_ms() + 1) == 0


async def test_only_the_newest_events_are_kept(log: EventLog, clock: ManualClock) -> None:
    made = await appended(log, *(an_event(clock.now_ms()) for _ in range(30)))
    assert await log.prune_events(max_count=30) == 0
    assert await log.prune_events(max_count=10) == 20
    assert (await log.list_events()).events == made[:19:-1]
    assert await log.prune_events() == 0


async def test_a_page_ends_early_at_eight_megabytes_and_the_next_goes_on(
    log: EventLog, clock: ManualClock
) -> None:
    made = [
        an_event(clock.now_ms())._replace(data=b'"' + b"x" * 3_000_000 + b'"') for _ in range(5)
    ]
    for event in made:
        await log.append(event)
    first = await log.list_events()
    second = await log.list_events(cursor=first.next)
    third = await log.list_events(cursor=second.next)
    assert [len(page.events) for page in (first, second, third)] == [2, 2, 1]
    assert third.next is None
    assert first.events + second.events + third.events == made[::-1]


async def test_an_event_larger_than_a_page_is_a_page(log: EventLog, clock: ManualClock) -> None:
    event = an_event(clock.now_ms())._replace(data=b'"' + b"x" * 9_000_000 + b'"')
    await log.append(event)
    assert (await log.list_events()).events == [event]
