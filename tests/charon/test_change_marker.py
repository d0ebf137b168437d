"""The marker of crons is another one after each change."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, update

from charon_world import World
from tallystick.apis.charon import executions
from tallystick.apis.charon.change_marker import read_marker
from tallystick.apis.charon.tables import crons

pytestmark = pytest.mark.anyio


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
        await register.append(
            executions.end_execution,
            id_,
            {"message": "done", "type": "success", "success": True},
            b"{}",
        )
        markers.append(await register.read(read_marker))
        await register.write(rename)
        markers.append(await register.read(read_marker))
    assert len(set(markers)) == len(markers)
