"""The marker of crons is another one after each change."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, insert, update

from charon_world import World
from sqlite_steps import count_steps
from tallystick.apis.charon import executions
from tallystick.apis.charon.change_marker import read_marker
from tallystick.apis.charon.tables import crons
from tallystick.apis.charon.tables import executions as stored_executions

pytestmark = pytest.mark.anyio

END = {"type": "success", "success": True}


def rename(connection: Connection, _context: Any) -> None:
    connection.execute(update(crons).values(name="another name"))


async def test_each_change_of_a_cron_or_a_run_has_a_marker_of_its_own(world: World) -> None:
    async with world.process() as process:
        register = process.register
        markers = [await register.read(read_marker)]
        assert await register.read(read_marker) == markers[0]
        cron = await process.crons.create_cron({"slug": "hourly", "name": "x"})
        markers.append(await register.read(read_marker))
        id_ = await register.append(executions.start_execution, cron["id"])
        markers.append(await register.read(read_marker))
        await register.append(executions.add_message, id_, {"message": "a", "type": "info"}, b"{}")
        markers.append(await register.read(read_marker))
        await register.append(executions.end_execution, id_, {**END, "message": "done"}, b"{}")
        markers.append(await register.read(read_marker))
        await register.write(rename)
        markers.append(await register.read(read_marker))
    assert len(set(markers)) == len(markers)


async def test_each_change_of_a_run_beside_others_has_a_marker_of_its_own(world: World) -> None:
    async with world.process() as process:
        register = process.register
        cron = await process.crons.create_cron({"slug": "hourly", "maxRuntime": 60})
        await register.write(executions.start_execution, cron["id"])
        world.clock.seconds += 60
        await register.monitor.update_due()
        runs = [await register.write(executions.start_execution, cron["id"]) for _ in range(3)]
        await register.write(executions.renew_lease, runs[0], 10)
        markers = [await register.read(read_marker)]
        await register.write(executions.end_execution, runs[1], END, b"{}")
        markers.append(await register.read(read_marker))
        await register.write(executions.end_execution, runs[2], END, b"{}")
        markers.append(await register.read(read_marker))
        world.clock.seconds += 10
        await register.monitor.update_due()
        markers.append(await register.read(read_marker))
        await register.write(executions.renew_lease, runs[0], 10)
        markers.append(await register.read(read_marker))
    assert len(set(markers)) == len(markers)


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
async def test_runs_under_way_cost_nothing(world: World) -> None:
    async with world.process() as process:
        register = process.register
        cron = await process.crons.create_cron({"slug": "hourly"})
        run = {"cron_id": cron["id"], "started": 0}
        steps = [await register.read(count_steps, read_marker)]
        await register.write(lambda c, _: c.execute(insert(stored_executions), [run] * 3_000))
        steps.append(await register.read(count_steps, read_marker))
    assert steps[1] <= steps[0] + 1
