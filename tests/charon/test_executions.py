"""Executions go through their states, and those of long ago go."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import Connection

from changes_at_once import change_at_once
from charon_world import Process, World
from tallystick.apis.charon import crons, executions
from tallystick.apis.charon.exceptions import AlreadyRunning, ExecutionNotFound
from tallystick.apis.charon.write_context import WriteContext

HOUR = 3_600
HOURLY = {"slug": "hourly", "schedule": "0 * * * *", "grace": 600}
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


async def test_of_starts_in_several_processes_one_is_alone(postgres_world: World) -> None:
    world = postgres_world
    async with world.process() as one, world.process() as two:
        cron = await one.crons.create_cron({"slug": "alone", "overlap": False})
        starts = [
            process.register.write(executions.start_execution, cron["id"])
            for process in (one, two)
            for _ in range(10)
        ]
        found = await asyncio.gather(*starts, return_exceptions=True)
        assert sum(isinstance(result, int) for result in found) == 1
        assert sum(isinstance(result, AlreadyRunning) for result in found) == 19
        assert await one.changes("alone") == []


async def test_an_execution_goes_through_its_states(world: World) -> None:
    async with world.process() as process:
        cron = await process.crons.create_cron(HOURLY | {"maxRuntime": 60})
        world.clock.seconds += HOUR
        execution = await process.register.write(executions.start_execution, cron["id"])
        world.clock.seconds += 60
        await process.register.monitor.update_due()
        body = {"type": "error", "success": False}
        await process.register.write(executions.end_execution, execution, body, b"{}")
        world.clock.seconds += HOUR
        await process.register.monitor.update_due()
        again = await process.register.write(executions.start_execution, cron["id"])
        await process.register.write(
            executions.end_execution, again, body | {"success": True}, b"{}"
        )
        told = await process.changes("hourly")
        assert told == ["overrun", "failed", "late", "failed", "on_time", "recovered"]


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


def test_a_message_to_an_execution_whose_cron_is_just_deleted_finds_none(
    postgres_url: str,
) -> None:
    context = WriteContext(1, lambda *_: None, DAY_MS, "")
    values = {"slug": "backup", "name": "Backup", "active": True, "timezone": "UTC"}
    message = {"type": "info", "message": "late"}

    def make(connection: Connection) -> None:
        cron = crons.create_cron(connection, context, {**values, "grace_s": 60, "overlap": True})
        executions.start_execution(connection, context, cron.id)

    with pytest.raises(ExecutionNotFound):
        change_at_once(
            postgres_url,
            make,
            lambda c: crons.delete_cron(c, context, "backup"),
            lambda c: executions.add_message(c, context, 1, message, b"{}"),
        )
