"""What is claimed has room in memory, and a row at fault stands alone."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, insert, text

from changes_at_once import change_at_once
from store_rows import entry
from tallystick.clock import SystemClock
from tallystick.delivery import (
    Addresses,
    Attempt,
    Delivery,
    DeliveryState,
    Destination,
    Outbox,
    Sender,
    attempt_runner,
    dispatcher,
    leases,
)
from tallystick.delivery.adapter import Undeliverable
from tallystick.delivery.leases import (
    Claim,
    EndpointHealth,
    Settlement,
    change_health,
    claim_deliveries,
    hold_deliveries,
)
from tallystick.delivery.outbox import forget_target
from tallystick.delivery.shares import Lane, SharedPool
from tallystick.delivery.tables import deliveries
from tallystick.events import Event, new_id
from tallystick.store import Database, DatabaseUnavailable
from tallystick.store.shared_time import server_time

pytestmark = pytest.mark.anyio

BYTES = b'"' + b"x" * 398 + b'"'


async def claim(world: Any, free_bytes: int, *, is_idle: bool) -> list[Claim]:
    sizes = SharedPool(free_bytes)
    if not is_idle:
        sizes.take_share(Lane("another", "http://127.0.0.1:8"), 1)
    demand = world.demand(bytes=sizes)
    claims, _ = await world.database.write(
        lambda connection: claim_deliveries(connection, demand, world.clock.now_ms())
    )
    found: list[Claim] = claims
    return found


async def store(world: Any, count: int) -> list[Any]:
    """Store events to be delivered, while nothing delivers them."""
    await world.dispatcher.close()
    return [await world.send("http://127.0.0.1:9/", data=BYTES) for _ in range(count)]


async def test_no_more_is_claimed_than_there_is_room_for(world: Any) -> None:
    sent = await store(world, 5)
    # A lane has no more than is left beside the reserve.
    claims = await claim(world, free_bytes=2_200, is_idle=True)
    assert [claimed.event for claimed in claims] == sent[:2]
    assert await claim(world, free_bytes=100, is_idle=False) == []


async def test_an_event_that_is_larger_than_all_room_is_claimed_alone(world: Any) -> None:
    sent = await store(world, 3)
    for event in sent:
        [claimed] = await claim(world, free_bytes=100, is_idle=True)
        assert claimed.event == event


async def test_an_event_is_read_once_for_all_its_deliveries(world: Any) -> None:
    await world.dispatcher.close()
    event = await world.send(["http://127.0.0.1:9/a", "http://127.0.0.1:9/b"], data=BYTES)
    first, second = await claim(world, free_bytes=2_200, is_idle=True)
    assert first.event is second.event
    assert first.event == event


@pytest.mark.parametrize(
    ("error", "state"), [(ValueError("no row of this table"), "dead"), (MemoryError(), "pending")]
)
async def test_an_event_that_can_not_be_read_stops_no_other_and_waits_if_memory_is_lacking(
    world: Any, endpoint: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, state: str
) -> None:
    read = leases._read_together

    def read_or_fail(connection: Any, ids: Any) -> Any:
        if sent[1].id in ids:
            raise error
        return read(connection, ids)

    await world.dispatcher.close()
    sent = [await world.send(f"{endpoint.url}/ok", data=BYTES) for _ in range(3)]
    with monkeypatch.context() as patched:
        patched.setattr(leases, "_read_together", read_or_fail)
        await world.dispatcher.open()
        await world.deliver()
    assert [await world.states(event) for event in sent] == [["done"], [state], ["done"]]
    delivery = await world.only(sent[1])
    assert delivery.detail == f"its event can't be read: {type(error).__name__}"
    await world.pass_time(60)
    assert await world.states(sent[1]) == ["dead" if state == "dead" else "done"]


# PostgreSQL's columns have types, and hold no such row.
@pytest.mark.parametrize("url", ["memory", "sqlite"], indirect=True)
async def test_an_attempt_that_can_not_be_recorded_is_tried_again_and_stops_no_other(
    world: Any, endpoint: Any
) -> None:
    await world.dispatcher.close()
    sent = [await world.send(f"{endpoint.url}/ok", data=BYTES) for _ in range(3)]
    broken = text("UPDATE events SET data = 'text' WHERE id = :id")
    await world.database.write(lambda c: c.execute(broken, {"id": sent[1].id}).rowcount)
    await world.dispatcher.open()
    await world.deliver()
    assert [await world.states(event) for event in sent] == [["done"], ["pending"], ["done"]]
    assert await world.outcomes(sent[1]) == ["broken"]


async def test_an_end_that_can_not_be_written_is_dead_alone_with_its_reason(
    world: Any, endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without the check for it, half a surrogate pair is a text that no statement takes.
    monkeypatch.setattr(attempt_runner, "mask_error", lambda words, _: words)
    monkeypatch.setattr(dispatcher, "POLL_S", 0.01)
    build_request = world.adapter.build_request

    async def refuse_one(delivery: Any, event: Any) -> Any:
        if event.id == sent[1].id:
            raise Undeliverable("\ud800")
        return await build_request(delivery, event)

    monkeypatch.setattr(world.adapter, "build_request", refuse_one)
    await world.dispatcher.close()
    sent = [await world.send(f"{endpoint.url}/ok") for _ in range(3)]
    await world.dispatcher.open()
    ended = [["done"], ["dead"], ["done"]]
    async with asyncio.timeout(30):
        while [await world.states(event) for event in sent] != ended:
            with suppress(Exception):  # the turn that fails is what this is about
                await world.deliver()
    assert "its end can't be written" in (await world.only(sent[1])).detail


# SQLite has one process, which voids all leases at its start.
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("ends_in_s", "is_lost"), [(-1, True), (20, False), (40 * 86_400, True)])
async def test_a_lease_that_lapsed_or_is_of_a_clock_that_was_ahead_is_taken_over(
    world: Any, ends_in_s: int, is_lost: bool
) -> None:
    [event] = await store(world, 1)
    await claim(world, free_bytes=2_200, is_idle=True)

    def take_over(connection: Any) -> int:
        end = text("UPDATE deliveries SET until = :until")
        connection.execute(end, {"until": server_time(connection) + 1_000 * ends_in_s})
        lost = leases.end_leases(
            connection,
            leases.find_lapsed(connection),
            world.clock.now_ms(),
            random=lambda: 0.5,
            build_failure_rows=lambda _: (),
        )
        return len(lost)

    assert await world.database.write(take_over) == is_lost
    assert await world.states(event) == ["pending" if is_lost else "leased"]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_a_claim_whose_answer_is_lost_is_attempted_soon(
    world: Any, endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = world.database.write
    lost: list[Any] = []

    async def lose_first_claim(function: Any) -> Any:
        result = await write(function)
        if isinstance(result, tuple) and result[0] and not lost:
            lost.append(result)
            raise DatabaseUnavailable
        return result

    await world.dispatcher.close()
    event = await world.send(f"{endpoint.url}/ok")
    monkeypatch.setattr(dispatcher, "POLL_S", 0.01)
    monkeypatch.setattr(world.database, "write", lose_first_claim)
    await world.dispatcher.open()
    async with asyncio.timeout(leases.LEASE_MS / 1_000 / 2):
        while await world.states(event) != ["done"]:
            await asyncio.sleep(0.02)
    assert lost
    assert await world.outcomes(event) == ["lost", "delivered"]


BREAK = text("SELECT pg_terminate_backend(pg_backend_pid())")


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_a_connection_that_breaks_at_a_claim_says_nothing_of_its_events(
    world: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sent = await store(world, 2)

    def read(connection: Connection, _: object) -> Any:
        with connection.begin_nested():
            connection.execute(BREAK)

    monkeypatch.setattr(leases, "_read_together", read)
    with pytest.raises(DatabaseUnavailable):
        await claim(world, free_bytes=2_200, is_idle=True)
    assert "can't be read" not in caplog.text
    assert [await world.states(event) for event in sent] == [["pending"], ["pending"]]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_an_event_that_the_database_can_not_read_in_time_waits_with_all_its_tries(
    world: Any, endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_slowly(connection: Connection, _: object) -> Any:
        with connection.begin_nested():
            connection.execute(text("SET LOCAL statement_timeout = 10"))
            connection.execute(text("SELECT pg_sleep(1)"))

    await world.dispatcher.close()
    event = await world.send(f"{endpoint.url}/ok")
    with monkeypatch.context() as patched:
        patched.setattr(leases, "_read_together", read_slowly)
        await world.dispatcher.open()
        await world.deliver()
    delivery = await world.only(event)
    assert (delivery.state, delivery.tries) == ("pending", 0)
    assert delivery.detail == "its event can't be read: OperationalError"
    await world.pass_time(60)
    assert await world.outcomes(event) == ["local", "delivered"]


async def test_what_is_claimed_while_it_stops_is_leased_to_nobody(
    world: Any, endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = world.database.write

    async def write_late(function: Any) -> Any:
        await asyncio.sleep(0.1)
        return await write(function)

    def write_in_any_case(function: Any) -> Any:
        # A transaction goes on in its thread when the task that waits for it is cancelled.
        return asyncio.shield(asyncio.create_task(write_late(function)))

    await world.dispatcher.close()
    event = await world.send(f"{endpoint.url}/ok", data=b"{}")
    with monkeypatch.context() as patched:
        patched.setattr(world.database, "write", write_in_any_case)
        await world.dispatcher.open()
        await asyncio.sleep(0.05)
        await world.dispatcher.close()
        await asyncio.sleep(0.15)
    assert await world.states(event) in (["done"], ["pending"])
    await world.dispatcher.open()


def test_two_processes_change_the_health_of_the_same_targets_in_any_order(
    postgres_url: str,
) -> None:
    failing, called = EndpointHealth(1, None, "500"), []

    def fail(connection: Connection, *targets: str) -> None:
        change_health(connection, {("test", target): failing for target in targets})

    def fail_backwards(connection: Connection) -> None:
        called.append("called")
        fail(connection, "b", "a")

    change_at_once(
        postgres_url,
        lambda c: fail(c, "a", "b"),
        lambda c: forget_target(c, "test", "a"),
        fail_backwards,
        lambda c: forget_target(c, "test", "b"),
    )
    # A deadlock would have it called again.
    assert called == ["called"]


def test_what_follows_from_a_response_is_stored_by_the_process_that_ends_the_delivery(
    postgres_url: str,
) -> None:
    event = Event(new_id(1), "test", "/test", "kind", "", 1, b"1", "{}")
    outbox = Outbox(Database("sqlite://"), SystemClock(), Sender(Addresses()))
    [(_, row)] = outbox.build_deliveries(event, "test", [Destination("well", "a")])
    leased = Delivery._make(row)._replace(state="leased", attempts=1, tries=1)
    arrived = Attempt(leased.id, 1, 1, 1, "delivered", 200, "{}")

    def end_lease(connection: Connection) -> None:
        leases.end_leases(
            connection, [leased.id], 2, random=lambda: 0.5, build_failure_rows=lambda _: ()
        )

    def settle_late(connection: Connection) -> None:
        done = Settlement(leased, arrived, DeliveryState.DONE, 1, "", [entry("followed")])
        leases.settle_deliveries(connection, [done], 2)

    change_at_once(
        postgres_url,
        lambda c: c.execute(insert(deliveries).values(leased)),
        end_lease,
        settle_late,
    )
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT state FROM deliveries").fetchall() == [("pending",)]
        told = connection.execute("SELECT 1 FROM revisions WHERE name = 'followed'").fetchall()
    assert told == []


def test_a_group_that_one_process_holds_and_another_ends_at_once_lets_the_next_begin(
    postgres_url: str,
) -> None:
    event = Event(new_id(1), "test", "/test", "kind", "", 1, b"1", "{}")
    outbox = Outbox(Database("sqlite://"), SystemClock(), Sender(Addresses()))
    destinations = [Destination("gone", "a"), Destination("well", "b"), Destination("next", "b", 1)]
    entries = outbox.build_deliveries(event, "test", destinations)
    gone, well, following = (Delivery._make(row) for _, row in entries)
    leased = well._replace(state="leased", attempts=1, tries=1)
    arrived = Attempt(well.id, 1, 1, 1, "delivered", 200, "{}")

    def store_all(connection: Connection) -> None:
        for each in (gone, leased, following):
            connection.execute(insert(deliveries).values(each))
        change_health(connection, {("test", "gone"): EndpointHealth(1, 1, "410")})

    def settle(connection: Connection) -> None:
        done = Settlement(leased, arrived, DeliveryState.DONE, 1, "")
        leases.settle_deliveries(connection, [done], 2)

    change_at_once(postgres_url, store_all, lambda c: hold_deliveries(c, [gone], 2), settle)
    with psycopg.connect(postgres_url) as connection:
        found = connection.execute("SELECT target, state FROM deliveries").fetchall()
    assert dict(found) == {"gone": "held", "well": "done", "next": "pending"}
