"""What has ended goes with its event, a slice at a time."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from delivery.conftest import KIND
from tallystick.delivery import Destination, outbox
from tallystick.delivery.tables import attempts, deliveries
from tallystick.store import SliceResult, work_in_slices

pytestmark = pytest.mark.anyio


async def count(world: Any, table: Any) -> int:
    counted = select(func.count()).select_from(table)
    found: int = await world.database.read(lambda connection: connection.scalar(counted))
    return found


async def test_what_was_delivered_goes_with_its_event_a_slice_at_a_time(
    world: Any, endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[int] = []

    async def slicing(database: Any, clock: Any, work: Any) -> int:
        def small(connection: Any, rows: int) -> SliceResult:
            given.append(rows)
            result: SliceResult = work(connection, 2)
            return result

        return await work_in_slices(database, clock, small)

    monkeypatch.setattr(outbox, "work_in_slices", slicing)
    assert await world.outbox.prune_deliveries() == 0
    for _ in range(5):
        await world.send(f"{endpoint.url}/ok")
    await world.deliver()
    world.clock.seconds += 60
    kept = await world.send(f"{endpoint.url}/ok")
    await world.deliver()
    await world.log.prune_events(max_age_ms=1_000)

    assert await world.outbox.prune_deliveries() == 5
    assert await world.states(kept) == ["done"]
    assert (await count(world, deliveries), await count(world, attempts)) == (1, 1)
    # Two, two and one, of attempts and of deliveries.
    assert len(given) == 3 + 3


async def test_an_event_that_is_committed_late_keeps_its_delivery(
    world: Any, endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = world.an_event()

    async def commit_late(*_: object) -> None:
        destinations = [Destination("late", endpoint.url)]
        entries = world.outbox.build_deliveries(late, KIND, destinations)
        await world.log.append(late, *entries)

    await world.dispatcher.close()
    await world.send(f"{endpoint.url}/ok")
    monkeypatch.setattr(outbox, "drop_partitions", commit_late)
    assert await world.outbox.prune_deliveries() == 0
    assert await world.states(late) == ["pending"]
    await world.dispatcher.open()
