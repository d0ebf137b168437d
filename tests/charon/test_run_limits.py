"""An execution without a limit of its cron's has one from the cron's history."""

from __future__ import annotations

from typing import Any

import pytest

from charon_world import Process, World
from tallystick.apis.charon import crons, executions, run_limits

pytestmark = pytest.mark.anyio

HOUR = 3_600
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
END = {"type": "success", "success": True}


async def run(process: Process, world: World, cron_id: int, seconds: int, **end: Any) -> None:
    started = await process.register.write(executions.start_execution, cron_id)
    world.clock.seconds += seconds
    await process.register.write(executions.end_execution, started, {**END, **end}, b"{}")


async def limit_ms(process: Process, cron_id: int, max_runtime_s: int | None = None) -> int:
    def read(connection: Any) -> int:
        return run_limits.run_limit_ms(connection, cron_id, max_runtime_s, DAY_MS)

    return await process.register.read(read)


async def test_a_limit_is_the_cron_s_or_the_longest(world: World) -> None:
    async with world.process() as process:
        cron = await process.crons.create_cron({"slug": "backup"})
        assert await limit_ms(process, cron["id"], 60) == 60_000
        assert await limit_ms(process, cron["id"]) == DAY_MS


@pytest.mark.parametrize(
    ("seconds", "limit"), [(10, HOUR_MS), (2 * HOUR, 6 * HOUR_MS), (20 * HOUR, DAY_MS)]
)
async def test_a_limit_is_three_times_the_longest_success(
    world: World, seconds: int, limit: int
) -> None:
    async with world.process() as process:
        cron = await process.crons.create_cron({"slug": "backup"})
        await run(process, world, cron["id"], 5)
        await run(process, world, cron["id"], seconds)
        await run(process, world, cron["id"], 23 * HOUR, type="error", success=False)
        assert await limit_ms(process, cron["id"]) == limit


async def test_a_changed_limit_is_that_of_open_executions_too(world: World) -> None:
    async with world.process() as process:
        cron = await process.crons.create_cron({"slug": "backup", "overlap": False})
        await process.register.write(executions.start_execution, cron["id"])
        world.clock.seconds += 60
        changed = await process.crons.update_cron("backup", {"maxRuntime": 60})
        assert changed["state"] == "overrun"
        longer = await process.crons.update_cron("backup", {"maxRuntime": None})
        assert longer["state"] == "on_time"


async def test_an_execution_that_nobody_ends_unlocks_its_cron_within_a_day(world: World) -> None:
    async with world.process() as process:
        cron = await process.crons.create_cron({"slug": "backup", "overlap": False})
        await process.register.write(executions.start_execution, cron["id"])
        world.clock.seconds += 24 * HOUR
        await process.register.write(executions.start_execution, cron["id"])
        assert await process.changes("backup") == ["overrun"]


async def test_a_start_exactly_at_the_limit_tells_of_the_overrun(world: World) -> None:
    async with world.process() as process:
        cron = await process.crons.create_cron({"slug": "often", "maxRuntime": 600})
        for _ in range(3):
            await process.register.write(executions.start_execution, cron["id"])
            world.clock.seconds += 300
        assert await process.changes("often") == ["overrun"]


async def test_an_end_after_the_limit_tells_of_the_overrun_first(world: World) -> None:
    async with world.process() as process:
        cron = await process.crons.create_cron({"slug": "slow", "maxRuntime": 60})
        await run(process, world, cron["id"], 60)
        assert await process.changes("slow") == ["overrun", "on_time", "recovered"]


async def test_one_hung_execution_hides_no_failure_of_the_others(world: World) -> None:
    async with world.process() as process:
        cron = await process.crons.create_cron({"slug": "backup"})
        await process.register.write(executions.start_execution, cron["id"])
        await run(process, world, cron["id"], 5, type="error", success=False)
        assert (await process.crons.get_cron("backup"))["openExecutions"] == 1
        assert await process.changes("backup") == ["failed"]


async def test_many_open_executions_are_read_in_part(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crons, "_OPEN_AT_ONCE", 2)
    async with world.process() as process:
        cron = await process.crons.create_cron({"slug": "often", "maxRuntime": 60})
        for _ in range(4):
            await process.register.write(executions.start_execution, cron["id"])
            world.clock.seconds += 1
        world.clock.seconds += 59
        await process.register.monitor.update_due()
        assert await process.state("often") == "overrun"
        assert (await process.crons.get_cron("often"))["openExecutions"] == 4
