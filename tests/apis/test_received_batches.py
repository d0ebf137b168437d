from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import func, select

from manual_clock import ManualClock
from tallystick.apis import received_batches
from tallystick.apis.received_batches import (
    KNOWN_MS,
    ReceivedBatch,
    ReceivedBatches,
    ReceivedEvent,
    identity_key,
)
from tallystick.events import Event, EventLog, new_id
from tallystick.store import Database
from tallystick.store.tables import ingested

pytestmark = pytest.mark.anyio


@pytest.fixture
def batches(log: EventLog, database: Database, clock: ManualClock) -> ReceivedBatches:
    return ReceivedBatches(log, database, clock)


def received(id_: str, subject: str = "") -> ReceivedEvent:
    """Return an event; one without an id has no key."""
    event = Event(new_id(1), "crm", "/orders", "made", subject, 1, b"{}", "{}")
    return ReceivedEvent(identity_key("/orders", id_) if id_ else None, event)


async def subjects(log: EventLog) -> Sequence[str]:
    return [event.subject for event in reversed((await log.list_events()).events)]


async def test_an_event_with_a_key_is_stored_once_and_one_without_each_time(
    batches: ReceivedBatches, log: EventLog, clock: ManualClock
) -> None:
    first = [received("1", "a"), received("", "b"), received("1", "c"), received("", "d")]
    assert await batches.store_batch(ReceivedBatch(clock.now_ms(), first, [])) == 3
    again = [received("1", "e"), received("2", "f"), received("", "g")]
    assert await batches.store_batch(ReceivedBatch(clock.now_ms(), again, [])) == 2
    assert await subjects(log) == ["a", "b", "d", "f", "g"]


async def test_keys_are_forgotten_after_a_week_while_batches_are_stored(
    batches: ReceivedBatches,
    log: EventLog,
    database: Database,
    clock: ManualClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(received_batches, "FORGET_S", 0.01)
    await batches.store_batch(ReceivedBatch(clock.now_ms(), [received("1", "a")], []))
    assert await batches.forget_old() == 0
    clock.seconds += KNOWN_MS // 1_000 + 1
    forgetting = asyncio.create_task(batches.keep_forgetting())
    async with asyncio.timeout(20):
        while await database.read(lambda c: c.scalar(select(func.count()).select_from(ingested))):
            await asyncio.sleep(0.01)
    forgetting.cancel()
    assert await batches.store_batch(ReceivedBatch(clock.now_ms(), [received("1", "b")], [])) == 1
    assert await subjects(log) == ["a", "b"]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
async def test_two_processes_with_the_same_events_store_each_once(
    log: EventLog, url: str, database: Database, clock: ManualClock
) -> None:
    other = Database(url)
    await other.open()
    ids = [str(number) for number in range(6_000)]
    there = ReceivedBatches(EventLog(other, clock, 10_000), other, clock)
    stored = await asyncio.gather(
        ReceivedBatches(log, database, clock).store_batch(
            ReceivedBatch(clock.now_ms(), [received(id_) for id_ in ids], [])
        ),
        there.store_batch(
            ReceivedBatch(clock.now_ms(), [received(id_) for id_ in reversed(ids)], [])
        ),
    )
    await other.close()
    assert sum(stored) == len(ids)
