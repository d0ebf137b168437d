"""A cron does not wait for a time that a clock ahead has written."""

from __future__ import annotations

import time
from typing import Any

import pytest

from charon_world import Process, World
from tallystick.apis.charon import crons, executions, far_times

pytestmark = pytest.mark.anyio
HOUR = 3_600
DAYS = 5 * 86_400
HOURLY = {"slug": "hourly", "schedule": "0 * * * *", "grace": 600}


@pytest.fixture
def world(world: World) -> World:
    """A world at the real time, as PostgreSQL has a clock of its own, that is ahead at first."""
    world.clock.seconds = int(time.time()) // HOUR * HOUR + DAYS
    return world


def set_right(world: World) -> None:
    """Set the clock to the real time, at a full hour: the one before or this one."""
    world.clock.step_back(DAYS)


async def run(process: Process, slug: str, *, ends: bool = True) -> int:
    cron: Any = await process.register.read(crons.get_cron, slug)
    execution = await process.register.append(executions.start_execution, cron.id)
    if ends:
        end = {"success": True}
        await process.register.append(executions.end_execution, execution, end, b"{}")
    return int(execution)


async def miss(world: World, process: Process) -> list[str]:
    """Let two hours go by without a run, and return the states that were told."""
    await process.register.monitor.update_due()
    world.clock.seconds += 2 * HOUR
    await process.register.monitor.update_due()
    return await process.changes("hourly")


async def test_a_run_of_days_ahead_does_not_stand_for_those_of_these_days(world: World) -> None:
    async with world.process() as process:
        await process.crons.create_cron(HOURLY | {"overlap": True})
        await run(process, "hourly")
        await process.register.monitor.update_due()
        set_right(world)
        assert await miss(world, process) == ["missed"]


async def test_it_is_so_too_for_a_server_that_starts_once_the_clock_is_right(world: World) -> None:
    async with world.process() as process:
        await process.crons.create_cron(HOURLY)
        await run(process, "hourly")
    set_right(world)
    async with world.process() as process:
        await process.register.monitor.start()
        assert await miss(world, process) == ["missed"]
        await process.register.monitor.close()


async def test_an_open_run_of_days_ahead_overruns_after_its_own_limit(world: World) -> None:
    async with world.process() as process:
        await process.crons.create_cron(HOURLY | {"max_runtime_s": 1_800})
        await run(process, "hourly", ends=False)
        await process.register.monitor.update_due()
        set_right(world)
        await process.register.monitor.update_due()
        world.clock.seconds += 1_799
        await process.register.monitor.update_due()
        assert await process.state("hourly") == "on_time"
        world.clock.seconds += 1
        await process.register.monitor.update_due()
        assert await process.state("hourly") == "overrun"


async def test_all_of_many_crons_are_recalled_and_none_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(far_times, "AT_ONCE", 2)
    async with world.process() as process:
        for number in range(5):
            await process.crons.create_cron(HOURLY | {"slug": f"c{number}"})
        set_right(world)
        counts = [await process.register.write(far_times.recall_far_times) for _ in range(4)]
        assert counts == [2, 2, 1, 0]


async def test_a_small_step_of_a_clock_changes_nothing(world: World) -> None:
    async with world.process() as process:
        await process.crons.create_cron(HOURLY)
        await run(process, "hourly")
        set_right(world)
        world.clock.seconds += DAYS - 59
        assert await process.register.write(far_times.recall_far_times) == 0
