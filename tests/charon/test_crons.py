"""Crons are kept, and every change of state is recorded when it is so."""

from __future__ import annotations

from typing import Any

import pytest

from charon_world import Process, World
from tallystick.apis.charon import crons, executions
from tallystick.apis.charon.crons import Cron
from tallystick.apis.charon.exceptions import CronNotFound, SlugTaken

pytestmark = pytest.mark.anyio

HOUR = 3_600
HOURLY: dict[str, Any] = {
    "slug": "hourly",
    "name": "Hourly",
    "active": True,
    "schedule": "0 * * * *",
    "timezone": "UTC",
    "grace_s": 600,
    "max_runtime_s": 60,
    "overlap": True,
}


async def create(process: Process, **columns: Any) -> Cron:
    return await process.register.write(crons.create_cron, {**HOURLY, **columns})


async def test_a_cron_is_found_by_its_slug_as_it_was_made(world: World) -> None:
    async with world.process() as process:
        made = await create(process)
        found = await process.register.read(crons.get_cron, "hourly")
        assert found.id == made.id
        assert (found.state, found.created, found.since) == ("on_time", made.created, made.created)
        with pytest.raises(CronNotFound):
            await process.register.read(crons.get_cron, "daily")


async def test_a_slug_is_given_once(world: World) -> None:
    async with world.process() as process:
        await create(process)
        with pytest.raises(SlugTaken):
            await create(process, name="Another")


async def test_a_cron_that_is_not_active_is_paused_from_the_start(world: World) -> None:
    async with world.process() as process:
        assert (await create(process, active=False)).state == "paused"


async def test_terms_are_in_milliseconds(world: World) -> None:
    async with world.process() as process:
        config = (await create(process)).config
        assert config.grace_ms == 600_000
        assert (await create(process, slug="none", schedule=None)).config.schedule is None


async def test_crons_are_listed_after_one_of_an_id(world: World) -> None:
    async with world.process() as process:
        made = [await create(process, slug=f"c{n}") for n in range(3)]
        listed = await process.register.read(crons.list_crons, made[0].id, 1)
        assert [cron.slug for cron in listed] == ["c1"]


async def test_a_state_may_change_first_when_it_was_said(world: World) -> None:
    async with world.process() as process:
        assert await process.register.read(crons.next_check) is None
        await create(process, slug="later", schedule="0 0 * * *")
        await create(process)
        check = await process.register.read(crons.next_check)
        noon_ms = world.clock.now_ms()
        assert check is not None
        assert noon_ms + HOUR * 1_000 <= check <= noon_ms + (HOUR + 600) * 1_000


async def test_states_are_settled_when_their_time_has_come_and_told_once(world: World) -> None:
    async with world.process() as process:
        for number in range(3):
            await create(process, slug=f"c{number}")
        assert await process.register.write(crons.update_due_states) == 0
        world.clock.seconds += HOUR + 5
        assert await process.register.write(crons.update_due_states) == 3
        assert await process.register.write(crons.update_due_states) == 0
        assert await process.changes("c0") == ["late"]


async def test_only_so_many_states_are_settled_in_one_transaction(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crons, "SETTLED_AT_ONCE", 2)
    async with world.process() as process:
        for number in range(3):
            await create(process, slug=f"c{number}")
        world.clock.seconds += HOUR + 5
        settled = [await process.register.write(crons.update_due_states) for _ in range(3)]
        assert settled == [2, 1, 0]


async def test_a_change_that_changes_nothing_is_no_new_term(world: World) -> None:
    async with world.process() as process:
        made = await create(process)
        world.clock.seconds += 60
        same = await process.register.write(crons.update_cron, made, {"schedule": "0 * * * *"})
        assert same == made
        named = await process.register.write(crons.update_cron, made, {"name": "Other"})
        assert (named.name, named.since) == ("Other", made.since)
        moved = await process.register.write(crons.update_cron, named, {"schedule": "5 * * * *"})
        assert moved.since == world.clock.now_ms()


async def test_a_cron_is_deleted_with_its_executions(world: World) -> None:
    async with world.process() as process:
        made = await create(process)
        await process.register.write(executions.start_execution, made.id)
        await process.register.write(crons.delete_cron, "hourly")
        with pytest.raises(CronNotFound):
            await process.register.write(crons.delete_cron, "hourly")
        again = await create(process)
        found = await process.register.read(
            executions.list_executions, again, None, 10, 10, world.clock.now_ms()
        )
        assert found == []


async def test_the_history_is_what_a_state_depends_on(world: World) -> None:
    async with world.process() as process:
        made = await create(process)
        first = await process.register.write(executions.start_execution, made.id)
        started = world.clock.now_ms()
        world.clock.seconds += 10
        end = {"type": "error", "success": False}
        await process.register.write(executions.end_execution, first, end, b"{}")
        world.clock.seconds += 10
        await process.register.write(executions.start_execution, made.id)
        history = await process.register.read(crons.get_history, made, world.clock.now_ms())
        assert history.newest_start_ms == started + 20_000
        assert history.newest_end_ms == started + 10_000
        assert (history.newest_verdict_ms, history.is_failing) == (started + 10_000, True)
        assert (history.newest_overrun_ms, history.open_limits_ms) == (None, (started + 80_000,))
        late = await process.register.read(crons.get_history, made, started + 80_000)
        assert (late.newest_overrun_ms, late.open_limits_ms) == (started + 80_000, ())
