"""PostgreSQL's log is divided by days, which are made ahead and dropped whole."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from functools import partial
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, func, select, text

from manual_clock import ManualClock
from noted_statements import noted_statements
from tallystick.apis.eventgrid.tables import arrivals, traces
from tallystick.delivery import Delivery, Outbox
from tallystick.delivery.tables import attempts, deliveries
from tallystick.events import DigestKeeper, Event, EventLog, EventSelection
from tallystick.events.ids import Ids, lowest_id
from tallystick.events.partition_keeper import DAY_MS
from tallystick.store import Database, TableInUse
from tallystick.store.partitions import end_newest, partitioned_tables, read_partitions
from tallystick.store.tables import events

pytestmark = pytest.mark.anyio

PATIENCE_S = 60
DAYS = 8
QUEUE = 10_000
IDS = Ids()


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[Database]:
    """Return a database on PostgreSQL, whose first partition has today."""
    made = Database(postgres_url)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
async def first_day(database: Database) -> int:
    """Return the time at which the first of many days begins, each with its partition."""
    for table in partitioned_tables():
        [_, last] = await database.read(partial(read_partitions, table=table))
        begin_ms = time_in(last.first)
        ends = [(f"day{n}", lowest_id(begin_ms + (n + 1) * DAY_MS)) for n in range(DAYS)]
        await database.write(partial(end_newest, table=table, ends=ends))
    return begin_ms


def time_in(id_: str) -> int:
    return int(id_[:8] + id_[9:13], 16)


@pytest.fixture
def clock(first_day: int) -> ManualClock:
    """Return a clock at noon of the last day but one."""
    return ManualClock((first_day + (DAYS - 2) * DAY_MS + DAY_MS // 2) // 1_000)


@pytest.fixture
def log(database: Database, clock: ManualClock) -> EventLog:
    return EventLog(database, clock, QUEUE)


def event_at(time_ms: int, kind: str = "t") -> Event:
    return Event(IDS.new(time_ms), "event_store", "/s", kind, "", time_ms, b"{}", "{}")


async def store_days(log: EventLog, first_day: int, of_each: int = 3) -> list[list[Event]]:
    """Store events of the first five days; return those of each day."""
    days = []
    for day in range(5):
        at_ms = first_day + day * DAY_MS
        days.append([event_at(at_ms + n * DAY_MS // of_each) for n in range(of_each)])
        await log.append_all((event, []) for event in days[-1])
    return days


async def ids_left(database: Database, table: Any, column: Any) -> list[str]:
    statement = select(column).select_from(table).order_by(column)
    return await database.read(lambda connection: list(connection.scalars(statement)))


async def test_a_day_that_is_due_is_dropped_whole(
    database: Database, log: EventLog, clock: ManualClock, first_day: int
) -> None:
    days = await store_days(log, first_day)
    keeper = DigestKeeper(database, log, clock.read)
    await keeper.update_digests()
    # Noon of the third day: what is older on this day stays for now.
    age_ms = clock.now_ms() - first_day - 2 * DAY_MS - DAY_MS // 2
    with noted_statements() as noted:
        assert await log.prune_events(max_age_ms=age_ms) == 0
    assert not [statement for statement, _ in noted if statement.startswith("DELETE FROM events")]
    drops = [statement for statement, _ in noted if statement.startswith("DROP TABLE")]
    assert drops == ["DROP TABLE events_first, events_day0, events_day1"]

    kept = [event for day in days[2:] for event in day]
    assert (await log.list_events()).events == kept[::-1]
    await keeper.update_digests()
    assert (await log.list_events(EventSelection(type="t"))).events == kept[::-1]
    assert (await log.list_events(EventSelection(type="none"))).events == []
    late = event_at(first_day)
    await log.append(late)
    assert (await log.list_events(EventSelection(type="t"))).events == [*kept[::-1], late]
    with noted_statements() as noted:
        assert await log.prune_events(max_age_ms=age_ms) == 0
        assert await log.get_event(late.id) is None
        noted.clear()
        assert await log.prune_events(max_age_ms=age_ms) == 0
    assert not [statement for statement, _ in noted if statement.startswith("DROP TABLE")]


async def test_events_over_a_number_go_one_by_one_where_their_day_is_kept(
    log: EventLog, first_day: int
) -> None:
    days = await store_days(log, first_day)
    assert await log.prune_events(max_count=7) == 2
    kept = [event for day in days for event in day][-7:]
    assert (await log.list_events()).events == kept[::-1]


async def test_a_longer_span_loses_its_events_one_by_one(
    log: EventLog, clock: ManualClock, database: Database, first_day: int
) -> None:
    days = await store_days(log, first_day)
    one_day = [(f"day{DAYS}", lowest_id(clock.now_ms() + 12 * DAY_MS))]
    await database.write(partial(end_newest, table=events, ends=one_day))
    clock.seconds += 10 * DAY_MS // 1_000
    recent = event_at(first_day + DAYS * DAY_MS)
    newest = event_at(clock.now_ms())
    await log.append_all([(recent, []), (newest, [])])
    assert await log.prune_events(max_age_ms=DAY_MS) == 1
    assert (await log.list_events()).events == [newest]
    assert len(days) == 5


async def test_what_refers_to_an_event_goes_with_its_day(
    database: Database, log: EventLog, clock: ManualClock, first_day: int
) -> None:
    days = await store_days(log, first_day)
    gone, kept = days[0][0], days[3][0]

    def refer(connection: Connection) -> None:
        for event in (gone, kept):
            for subscription in ("", "s"):
                own = {"id": event.id, "subscription_id": subscription, "received": 0}
                connection.execute(traces.insert(), dict.fromkeys(traces.c.keys(), "") | own)
            place = {"root": event.id, "event_id": event.id}
            connection.execute(arrivals.insert(), dict.fromkeys(arrivals.c.keys(), "") | place)

    await database.write(refer)
    await log.prune_events(max_age_ms=clock.now_ms() - first_day - 2 * DAY_MS)
    assert await ids_left(database, traces, traces.c.id) == [kept.id] * 2
    assert await ids_left(database, arrivals, arrivals.c.event_id) == [kept.id]


async def test_deliveries_and_attempts_go_with_their_event_unless_one_is_under_way(
    database: Database, log: EventLog, clock: ManualClock, first_day: int
) -> None:
    days = await store_days(log, first_day)
    stored = [
        (days[0][0], "leased"),
        (days[0][1], "done"),
        (days[0][2], "dead"),
        (days[2][0], "pending"),
        (days[2][1], "held"),
    ]
    await database.append(*((deliveries, delivery_of(*row)) for row in stored))
    rows = [(f"{event.id}_k_t", 1, 0, 0, "failed", 500, "{}") for event, _ in stored]
    await database.append(*((attempts, row) for row in rows))
    await log.prune_events(max_age_ms=clock.now_ms() - first_day - 2 * DAY_MS)
    outbox = Outbox(database, clock, sender=object())  # type: ignore[arg-type]  # it sends nothing
    with noted_statements() as noted:
        assert await outbox.prune_deliveries() == 2
    assert not [statement for statement, _ in noted if statement.startswith("DELETE FROM attempts")]
    left = [f"{event.id}_k_t" for event, _ in (stored[0], stored[3], stored[4])]
    assert await ids_left(database, deliveries, deliveries.c.id) == left
    assert await ids_left(database, attempts, attempts.c.delivery_id) == left[1:]


def delivery_of(event: Event, state: str) -> Delivery:
    return Delivery(
        id=f"{event.id}_k_t",
        event_id=event.id,
        kind="k",
        target="t",
        endpoint="http://a.example",
        position=0,
        followed=0,
        state=state,
        attempts=1,
        tries=1,
        retried=1,
        due=0,
        owner="",
        until=0,
        detail="",
        tenant="",
    )


async def test_a_partition_that_another_server_has_made_is_passed_over(
    database: Database, log: EventLog, first_day: int
) -> None:
    await store_days(log, first_day)
    before = await database.read(partial(read_partitions, table=events))
    ends = [("late", lowest_id(first_day + day * DAY_MS)) for day in (1, DAYS, DAYS + 1)]
    for _ in range(2):
        await database.write(partial(end_newest, table=events, ends=ends))
    after = await database.read(partial(read_partitions, table=events))
    assert after[:-2] == before[:-1]
    assert after[-2].name == "events_late"


async def test_many_servers_drop_a_day_at_the_same_moment(
    database: Database, log: EventLog, clock: ManualClock, first_day: int, postgres_url: str
) -> None:
    days = await store_days(log, first_day)
    other = Database(postgres_url)
    await other.open()
    logs = [log, EventLog(other, clock, QUEUE)]
    prune = {"max_age_ms": clock.now_ms() - first_day - 2 * DAY_MS}
    outcomes = await asyncio.gather(
        *(each.prune_events(**prune) for each in logs * 2), return_exceptions=True
    )
    # On a busy machine, one may give up on the lock of another.
    assert {type(outcome) for outcome in outcomes} <= {int, TableInUse}
    for each in logs:
        await each.prune_events(**prune)
    kept = [event for day in days[2:] for event in day]
    assert (await log.list_events()).events == kept[::-1]
    assert len(await database.read(partial(read_partitions, table=events))) == DAYS
    await other.close()


async def test_what_came_before_its_day_was_made_is_moved_into_it(
    database: Database, log: EventLog, first_day: int
) -> None:
    early, later = event_at(first_day + DAYS * DAY_MS), event_at(first_day + 40 * DAY_MS)
    await log.append_all([(early, []), (later, [])])
    ends = [("new", lowest_id(first_day + (DAYS + 1) * DAY_MS))]
    await database.write(partial(end_newest, table=events, ends=ends))
    places = text("SELECT tableoid::regclass::text FROM events ORDER BY id")
    names = await database.read(lambda connection: list(connection.scalars(places)))
    assert names == ["events_new", "events_last"]


async def test_a_long_read_stops_neither_the_writer_nor_the_pruning_for_good(
    database: Database, log: EventLog, clock: ManualClock, first_day: int, postgres_url: str
) -> None:
    await store_days(log, first_day)
    prune = partial(log.prune_events, max_age_ms=clock.now_ms() - first_day - 2 * DAY_MS)
    happened: list[str] = []

    async def try_to_prune() -> None:
        with pytest.raises(TableInUse):
            await prune()
        happened.append("refused")

    async def append() -> None:
        await log.append(event_at(clock.now_ms()))
        happened.append("appended")

    with closing(psycopg.connect(postgres_url)) as reader:
        assert reader.execute("SELECT count(*) FROM events").fetchone() == (15,)
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(try_to_prune(), append())
            await append()
        # The read sees what it saw, as it has not ended.
        assert reader.execute("SELECT count(*) FROM events").fetchone() == (17,)
        happened.append("read")
    await prune()
    happened.append("pruned")
    assert sorted(happened[:2]) == ["appended", "refused"]
    assert happened[2:] == ["appended", "read", "pruned"]
    counted = select(func.count()).select_from(events)
    assert await database.read(lambda connection: connection.scalar(counted)) == 9 + 2


async def explained(database: Database, noted: Sequence[tuple[str, Any]], start: str) -> str:
    """Return the plan of the one noted statement that begins with the text."""
    [(statement, parameters)] = [each for each in noted if each[0].startswith(start)]

    def explain(connection: Connection) -> str:
        found = connection.exec_driver_sql(f"EXPLAIN (COSTS OFF) {statement}", parameters)
        return "\n".join(found.scalars())

    return await database.read(explain)


async def test_a_first_page_and_an_event_by_its_id_read_few_partitions(
    database: Database, log: EventLog, clock: ManualClock
) -> None:
    # So many that the database reads no partition as a whole.
    newest = [event_at(clock.now_ms() - n * 60_000) for n in range(3_000, 0, -1)]
    await log.append_all((event, []) for event in newest)
    await database.write(lambda connection: connection.execute(text("ANALYZE events")))
    with noted_statements() as noted:
        assert (await log.list_events(limit=10)).events == newest[:-11:-1]
    for read, partitions in (("SELECT events.id, length", 4), ("SELECT events.id, events.api", 1)):
        plan = await explained(database, noted, read)
        assert len(set(re.findall(r" on (events_\w+)", plan))) == partitions
        assert "Sort" not in plan
        assert "Merge" not in plan

    with noted_statements() as noted:
        assert await log.get_event(newest[0].id) == newest[0]
    plan = await explained(database, noted, "SELECT events.id, events.api")
    assert re.findall(r" on (events_\w+)", plan) == [f"events_day{DAYS - 4}"]


async def test_pages_go_on_from_the_newest_day_to_all_others(log: EventLog, first_day: int) -> None:
    days = await store_days(log, first_day)
    stored = [event for day in days for event in day][::-1]
    page = await log.list_events(limit=4)
    found = page.events
    while page.next:
        page = await log.list_events(limit=4, cursor=page.next)
        found = [*found, *page.events]
    assert found == stored
