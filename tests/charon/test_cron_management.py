"""Crons are made and changed, each under its slug."""

from __future__ import annotations

import asyncio

import pytest

from charon_world import World
from tallystick.apis.charon.exceptions import SlugTaken
from tallystick.contract.exceptions import Invalid

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
        assert await process.changes("hourly") == ["missed", "on_time", "recovered"]


async def test_a_name_forgives_nothing(world: World) -> None:
    async with world.process() as process:
        await process.crons.create_cron(HOURLY)
        world.clock.seconds += 2 * HOUR
        await process.register.monitor.update_due()
        changed = await process.crons.update_cron("hourly", {"name": "Hourly \ud800"})
        assert (changed["state"], changed["name"]) == ("missed", "Hourly ?")


async def test_a_schedule_and_an_interval_do_not_go_together(world: World) -> None:
    async with world.process() as process:
        with pytest.raises(Invalid):
            await process.crons.create_cron({**HOURLY, "every": "15m"})
        await process.crons.create_cron(HOURLY)
        with pytest.raises(Invalid):
            await process.crons.update_cron("hourly", {"every": "15m"})
        changed = await process.crons.update_cron("hourly", {"schedule": None, "every": "15m"})
        assert (changed["every"], changed["due"]) == ("15m", "2026-01-01T12:15:00.000Z")


@pytest.mark.parametrize("until", ["2026-02-30T00:00:00Z", "2026-01-01T00:00:00+99:00"])
async def test_a_mute_ends_at_a_real_time(world: World, until: str) -> None:
    async with world.process() as process:
        with pytest.raises(Invalid):
            await process.crons.create_cron({"slug": "muted", "mutedUntil": until})


async def test_crons_of_one_state_are_listed(world: World) -> None:
    async with world.process() as process:
        await process.crons.create_cron(HOURLY)
        await process.crons.create_cron({"slug": "paused_one.eu", "active": False})
        page = await process.crons.list_crons(10, None, "paused")
        assert [cron["slug"] for cron in page["crons"]] == ["paused_one.eu"]


async def test_a_schedule_is_previewed_without_a_cron(world: World) -> None:
    async with world.process() as process:
        shown = await process.crons.preview_schedule({"schedule": "0 * * * *", "count": 2})
        assert shown == {
            "next": ["2026-01-01T13:00:00.000Z", "2026-01-01T14:00:00.000Z"],
            "words": "at the start of every hour",
        }
        assert (await process.crons.list_crons(1, None))["crons"] == []


@pytest.mark.parametrize(
    "unusable", [{"schedule": "often"}, {"schedule": "@daily", "timezone": "Mars/Olympus"}]
)
async def test_an_unusable_schedule_has_no_preview(world: World, unusable: dict[str, str]) -> None:
    async with world.process() as process:
        with pytest.raises(Invalid):
            await process.crons.preview_schedule(unusable)
