"""Every change of state is recorded and told once, in whichever process."""

from __future__ import annotations

import asyncio

import pytest

from charon_world import World

pytestmark = pytest.mark.anyio
HOUR = 3_600
HOURLY = {"slug": "hourly", "schedule": "0 * * * *", "grace": 600}


async def test_what_did_not_run_is_missed_once(world: World) -> None:
    async with world.process() as process:
        await process.crons.create_cron(HOURLY)
        world.clock.seconds += HOUR + 5
        await process.register.monitor.update_due()
        assert await process.state("hourly") == "late"
        world.clock.seconds += 600
        for _ in range(3):
            await process.register.monitor.update_due()
        world.clock.seconds += 10 * HOUR
        await process.register.monitor.update_due()
        assert await process.state("hourly") == "missed"
        assert await process.changes("hourly") == ["late", "missed"]


async def test_nothing_is_told_before_it_is_so(world: World) -> None:
    async with world.process() as process:
        await process.crons.create_cron(HOURLY)
        world.clock.seconds += HOUR + 4
        pause_s = await process.register.monitor.update_due()
        assert await process.changes("hourly") == []
        assert pause_s == 1.0


async def test_what_was_missed_while_nobody_watched_is_told_once(world: World) -> None:
    async with world.process() as process:
        await process.crons.create_cron(HOURLY)
    world.clock.seconds += 5 * HOUR
    for _ in range(2):
        async with world.process() as process:
            await process.register.monitor.start()
            await process.register.monitor.close()
    async with world.process() as process:
        assert await process.changes("hourly") == ["missed"]


async def test_several_processes_tell_of_a_change_once(postgres_world: World) -> None:
    world = postgres_world
    async with world.process() as one, world.process() as two, world.process() as three:
        for number in range(20):
            await one.crons.create_cron(HOURLY | {"slug": f"c{number}"})
        world.clock.seconds += 2 * HOUR
        looks = [process.register.monitor.update_due() for process in (one, two, three)]
        await asyncio.gather(*looks)
        for number in range(20):
            assert await two.changes(f"c{number}") == ["missed"]


async def test_the_watch_looks_when_the_time_has_come(world: World) -> None:
    async with world.process() as process:
        await process.register.monitor.start()
        await process.crons.create_cron(HOURLY)
        world.clock.seconds += HOUR + 600
        process.register.monitor.wake()
        async with asyncio.timeout(5):
            while await process.changes("hourly") != ["missed"]:
                await asyncio.sleep(0.01)
        await process.register.monitor.close()


async def test_the_watch_survives_a_database_that_fails(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("tallystick.apis.charon.monitor.RETRY_S", 0.01)
    async with world.process() as process:
        watch = process.register.monitor
        await watch.start()
        read = process.register.monitor._database.read
        with monkeypatch.context() as patched:
            patched.setattr(watch._database, "read", _fail)
            watch.wake()
            await asyncio.sleep(0.1)
        assert watch._database.read == read
        await process.crons.create_cron(HOURLY)
        world.clock.seconds += HOUR + 600
        watch.wake()
        async with asyncio.timeout(5):
            while await process.changes("hourly") != ["missed"]:
                await asyncio.sleep(0.01)
        await watch.close()
    assert [record.message.partition(" at ")[0] for record in caplog.records] == [
        "can't watch charon's crons: OSError"
    ]


async def _fail(_function: object) -> None:
    raise OSError("away")


@pytest.mark.parametrize("steps", range(5))
async def test_a_watch_that_is_woken_just_now_ends(world: World, steps: int) -> None:
    async with world.process() as process:
        watch = process.register.monitor
        await watch.start()
        async with asyncio.timeout(20):
            while not watch._woken._waiters:
                await asyncio.sleep(0.01)
        watch.wake()
        for _ in range(steps):
            await asyncio.sleep(0)
        closing = asyncio.create_task(watch.close())
        assert (await asyncio.wait([closing], timeout=5))[0]
