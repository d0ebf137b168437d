"""What is older than events are kept goes, but for what a cron's state depends on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import Connection

from charon_world import Process, World
from tallystick.apis.charon import executions

pytestmark = pytest.mark.anyio

CRON: dict[str, Any] = {"slug": "backup", "name": "Backup", "overlap": True}
DAY_MS = 86_400_000
DAY_S = 86_400


async def run(process: Process, world: World) -> int:
    """An execution that has ended and said something."""
    cron = await process.crons.get_cron("backup")
    started = await process.register.write(executions.start_execution, cron["id"])
    end = {"message": "done", "type": "success", "success": True}
    await process.register.write(executions.end_execution, started, end, b"{}")
    world.clock.seconds += 1
    return int(started)


async def ids(process: Process) -> list[int]:
    page = await process.crons.list_executions("backup", 100, 10, None)
    return [execution["id"] for execution in json.loads(page)["executions"]]


async def test_executions_that_ended_long_ago_go_with_their_messages(world: World) -> None:
    async with world.process() as process:
        process.log.add_expirer(executions.expire_executions)
        await process.crons.create_cron(CRON)
        for _ in range(3):
            await run(process, world)
        world.clock.seconds += 2 * DAY_S
        new = [await run(process, world), await run(process, world)]
        await process.log.prune_events(max_age_ms=DAY_MS)
        assert await ids(process) == new[::-1]


async def test_the_last_execution_stays_however_old_it_is(world: World) -> None:
    async with world.process() as process:
        process.log.add_expirer(executions.expire_executions)
        await process.crons.create_cron(CRON)
        last = [await run(process, world) for _ in range(3)][-1]
        world.clock.seconds += 400 * DAY_S
        await process.log.prune_events(max_age_ms=DAY_MS)
        assert await ids(process) == [last]
        assert await process.state("backup") == "on_time"


async def test_an_execution_that_has_not_ended_stays(world: World) -> None:
    async with world.process() as process:
        process.log.add_expirer(executions.expire_executions)
        await process.crons.create_cron(CRON)
        cron = await process.crons.get_cron("backup")
        running = await process.register.write(executions.start_execution, cron["id"])
        last = [await run(process, world) for _ in range(2)][-1]
        world.clock.seconds += 400 * DAY_S
        await process.log.prune_events(max_age_ms=DAY_MS)
        assert await ids(process) == [last, running]


async def test_an_execution_with_many_messages_goes_in_slices(world: World) -> None:
    removed: list[int] = []

    def expire(connection: Connection, before_ms: int, limit: int) -> int:
        removed.append(executions.expire_executions(connection, before_ms, 4))
        return limit if removed[-1] else 0

    async with world.process() as process:
        process.log.add_expirer(expire)
        await process.crons.create_cron(CRON)
        old = await run(process, world)
        said = {"message": "step", "type": "info"}
        for _ in range(5):
            await process.register.write(executions.add_message, old, said, b"{}")
        last = await run(process, world)
        world.clock.seconds += 2 * DAY_S
        await process.log.prune_events(max_age_ms=DAY_MS)
        # Four of six messages, then the other two with their execution; the last one stays.
        assert removed == [4, 1, 0]
        assert await ids(process) == [last]
