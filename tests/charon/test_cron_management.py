"""Crons are made and changed, each under its slug."""

from __future__ import annotations

import asyncio

import pytest

from charon_world import World
from tallystick.apis.charon.exceptions import SlugTaken

pytestmark = pytest.mark.anyio
HOUR = 3_600
HOURLY = {"slug": "hourly", "schedule": "0 * * * *", "grace": 600}


async def test_one_slug_is_one_cron_in_several_processes(postgres_world: World) -> None:
    async with postgres_world.process() as one, postgres_world.process() as two:
        adds = [
            process.crons.create_cron({"slug": "same"}) for process in (one, two) for _ in range(5)
        ]
        found = await asyncio.gather(*adds, return_exceptions=True)
        assert sum(isinstance(result, SlugTaken) for result in found) == 9


async def test_a_new_schedule_forgives_what_was_missed(world: World) -> None:
    async with world.process() as process:
        await process.crons.create_cron(HOURLY)
        world.clock.seconds += 2 * HOUR
        await process.register.monitor.update_due()
        await process.crons.update_cron("hourly", {"schedule": "30 * * * *"})
        assert await process.changes("hourly") == ["missed", "on_time"]


async def test_a_name_forgives_nothing(world: World) -> None:
    async with world.process() as process:
        await process.crons.create_cron(HOURLY)
        world.clock.seconds += 2 * HOUR
        await process.register.monitor.update_due()
        changed = await process.crons.update_cron("hourly", {"name": "Hourly \ud800"})
        assert (changed["state"], changed["name"]) == ("missed", "Hourly ?")
