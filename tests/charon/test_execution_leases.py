"""An execution that said that it is alive is lost when it says so no more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from charon_world import Process, World
from tallystick.apis.charon import executions
from tallystick.apis.charon.exceptions import AlreadyEnded, AlreadyRunning, ExecutionNotFound

pytestmark = pytest.mark.anyio

END = {"type": "success", "success": True}


async def start(process: Process, **cron: Any) -> int:
    made = await process.crons.create_cron({"slug": "backup", "overlap": False, **cron})
    return await process.register.write(executions.start_execution, made["id"])


async def states(process: Process) -> list[str]:
    page = json.loads(await process.crons.list_executions("backup", 10, 10, None))
    return [execution["state"] for execution in page["executions"]]


async def renew(process: Process, execution: int, seconds: int = 45) -> None:
    await process.register.write(executions.renew_lease, execution, seconds)


async def start_with_lease(process: Process) -> int:
    execution = await start(process)
    await renew(process, execution)
    return execution


async def wait(world: World, process: Process, seconds: int) -> None:
    world.clock.seconds += seconds
    await process.register.monitor.update_due()


async def test_an_execution_without_a_lease_is_never_lost(world: World) -> None:
    async with world.process() as process:
        await start(process)
        await wait(world, process, 3_600)
        assert await states(process) == ["running"]


async def test_a_lapsed_lease_is_a_failure_and_unlocks_the_cron(world: World) -> None:
    async with world.process() as process:
        await start_with_lease(process)
        await wait(world, process, 44)
        assert await states(process) == ["running"]
        await wait(world, process, 1)
        assert await states(process) == ["lost"]
        assert await process.changes("backup") == ["failed"]
        cron = await process.crons.get_cron("backup")
        await process.register.write(executions.start_execution, cron["id"])
        assert await process.changes("backup") == ["failed"]


async def test_a_start_ends_a_lost_execution_by_itself(world: World) -> None:
    async with world.process() as process:
        await start_with_lease(process)
        cron = await process.crons.get_cron("backup")
        with pytest.raises(AlreadyRunning):
            await process.register.write(executions.start_execution, cron["id"])
        world.clock.seconds += 45
        await process.register.write(executions.start_execution, cron["id"])
        assert await states(process) == ["running", "lost"]


async def test_a_lost_execution_that_lives_on_is_no_failure(world: World) -> None:
    async with world.process() as process:
        execution = await start_with_lease(process)
        await wait(world, process, 100)
        await renew(process, execution)
        assert await states(process) == ["running"]
        assert await process.changes("backup") == ["failed", "on_time", "recovered"]


async def test_a_lost_execution_may_still_tell_its_end(world: World) -> None:
    async with world.process() as process:
        execution = await start_with_lease(process)
        await wait(world, process, 100)
        await process.register.write(executions.end_execution, execution, END, b"{}")
        assert await states(process) == ["succeeded"]
        assert await process.state("backup") == "on_time"


async def test_an_ended_execution_has_no_lease(world: World) -> None:
    async with world.process() as process:
        execution = await start_with_lease(process)
        await process.register.write(executions.end_execution, execution, END, b"{}")
        with pytest.raises(AlreadyEnded):
            await renew(process, execution)
        with pytest.raises(ExecutionNotFound):
            await renew(process, execution + 1)
        await wait(world, process, 100)
        assert await states(process) == ["succeeded"]


async def test_nothing_is_lost_while_the_server_was_away(world: World) -> None:
    async with world.process() as process:
        await start_with_lease(process)
    world.clock.seconds += 3_600
    async with world.process() as process:
        await process.register.monitor.start()
        assert await states(process) == ["running"]
        await process.register.monitor.close()
        await wait(world, process, 60)
        assert await states(process) == ["lost"]


@pytest.mark.parametrize(
    ("outcome", "state"), [("succeeded", "on_time"), ("failed", "failed"), ("abandoned", "on_time")]
)
async def test_an_execution_is_ended_by_hand(world: World, outcome: str, state: str) -> None:
    async with world.process() as process:
        execution = await start(process)
        body = {"outcome": outcome, "message": "rebooted \ud800"}
        shown = await process.crons.end_execution("backup", execution, body)
        assert (shown["state"], shown["messageCount"]) == (outcome, 1)
        assert await process.state("backup") == state
        with pytest.raises(AlreadyEnded):
            await process.crons.end_execution("backup", execution, body)
        cron = await process.crons.get_cron("backup")
        await process.register.write(executions.start_execution, cron["id"])


async def test_an_execution_is_ended_by_hand_under_its_own_cron(world: World) -> None:
    async with world.process() as process:
        execution = await start(process)
        await process.crons.create_cron({"slug": "other"})
        with pytest.raises(ExecutionNotFound):
            await process.crons.end_execution("other", execution, {"outcome": "failed"})
