"""A retry that was set while the clock was ahead does not wait for that time."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from sqlalchemy import update

from tallystick.delivery import dispatcher, far_retries
from tallystick.delivery.far_retries import recall_far_retries
from tallystick.delivery.schedule import LONGEST_MS
from tallystick.delivery.tables import deliveries

pytestmark = pytest.mark.anyio

AHEAD_S = 40 * 86_400


async def recalled(world: Any) -> int:
    return await recall_far_retries(world.database, world.clock)


async def fail(world: Any, endpoint: Any) -> Any:
    event = await world.send(f"{endpoint.url}/500")
    await world.deliver()
    return event


async def test_a_retry_of_a_clock_that_was_ahead_is_made_due(
    world: Any, endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(far_retries, "AT_ONCE", 2)
    world.clock.seconds = int(time.time()) + AHEAD_S  # PostgreSQL has a clock of its own
    events = [await fail(world, endpoint) for _ in range(3)]
    world.clock.step_back(AHEAD_S)
    await world.deliver()
    assert [len(await world.outcomes(event)) for event in events] == [1, 1, 1]

    assert await recalled(world) == 3
    assert await recalled(world) == 0
    await world.pass_time(60)
    assert [len(await world.outcomes(event)) for event in events] == [2, 2, 2]


async def test_a_retry_of_the_schedule_and_a_first_attempt_of_another_day_keep_their_time(
    world: Any, endpoint: Any
) -> None:
    world.clock.seconds = int(time.time())
    event = await fail(world, endpoint)
    latest = world.clock.now_ms() + LONGEST_MS
    await world.dispatcher.close()
    postponed = await world.send(f"{endpoint.url}/ok")
    c = deliveries.c

    def set_due(connection: Any) -> None:
        later = {"due": latest + 1_000 * AHEAD_S, "retried": 1}
        connection.execute(update(deliveries).where(c.event_id == event.id).values(due=latest))
        connection.execute(update(deliveries).where(c.event_id == postponed.id).values(later))

    await world.database.write(set_due)
    assert await recalled(world) == 0
    await world.dispatcher.open()


async def test_a_dispatcher_does_so_while_it_runs(
    world: Any, endpoint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "TIDY_S", 0.01)
    world.clock.seconds = int(time.time()) + AHEAD_S
    event = await fail(world, endpoint)
    await world.dispatcher.close()
    world.clock.step_back(AHEAD_S - 60)  # by then PostgreSQL's time is past
    await world.dispatcher.open()
    async with asyncio.timeout(30):
        while len(await world.outcomes(event)) == 1:
            await asyncio.sleep(0.01)
