"""Crons are counted by their state."""

from __future__ import annotations

import pytest

from charon_world import World
from tallystick.apis.charon import crons
from tallystick.apis.charon.cron_counts import count_crons

pytestmark = pytest.mark.anyio

CRON = {"name": "A", "schedule": None, "timezone": "UTC", "grace_s": 1, "overlap": True}


async def test_each_state_has_its_number(world: World) -> None:
    async with world.process() as process:
        for number, active in enumerate([True, True, False]):
            values = CRON | {"slug": f"c{number}", "active": active, "max_runtime_s": 60}
            await process.register.write(crons.create_cron, values)
        found = (await process.register.read(count_crons)).samples
    assert (found["on_time",], found["paused",], found["missed",]) == (2, 1, 0)
