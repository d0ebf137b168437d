"""An alarm tells which cron, what happened, since when, and what its run said last."""

from __future__ import annotations

from typing import Any

import pytest

from charon_world import Process, World
from tallystick.apis.charon import alarms, executions

pytestmark = pytest.mark.anyio

HOUR = 3_600
DAY = 86_400
DAILY = {"slug": "report", "name": "The report", "schedule": "0 14 * * *", "grace": 600}
PARIS = {**DAILY, "timezone": "Europe/Paris"}


async def run(process: Process, cron: Any, *said: str, **end: Any) -> int:
    started = await process.register.write(executions.start_execution, cron["id"])
    for text in said:
        message = {"type": "info", "message": text}
        await process.register.write(executions.add_message, started, message, b"{}")
    body = {"type": "error", "success": False, **end}
    await process.register.write(executions.end_execution, started, body, b"{}")
    return int(started)


async def test_a_failure_tells_its_exit_code_and_its_last_words(world: World) -> None:
    async with world.process() as process:
        cron = await process.crons.create_cron(PARIS)
        execution = await run(
            process, cron, "token=abc", "disk full", message="exit code 3", exitCode=3
        )
        assert await process.alarm("report") == {
            "message": "The report failed with the exit code 3 at 13:00 on 2026-01-01"
            " (Europe/Paris).",
            "slug": "report",
            "name": "The report",
            "state": "failed",
            "previous": "on_time",
            "since": "2026-01-01T13:00:00.000+01:00",
            "due": "2026-01-01T14:00:00.000+01:00",
            "nextDue": "2026-01-01T14:00:00.000+01:00",
            "timezone": "Europe/Paris",
            "missedRuns": 0,
            "execution": {
                "id": execution,
                "started": "2026-01-01T13:00:00.000+01:00",
                "ended": "2026-01-01T13:00:00.000+01:00",
                "durationMs": 0,
                "lost": False,
                "exitCode": 3,
                "output": "token=***\ndisk full\nexit code 3",
            },
            "link": "https://tally/console/crons?id=report",
        }


async def test_a_missed_run_tells_how_many_are_missing_since_when(world: World) -> None:
    async with world.process() as process:
        await process.crons.create_cron(PARIS)
        world.clock.seconds += 73 * HOUR + 600
        await process.register.monitor.update_due()
        alarm = await process.alarm("report")
        assert (alarm["state"], alarm["missedRuns"]) == ("missed", 4)
        assert alarm["since"] == alarm["due"] == "2026-01-01T14:00:00.000+01:00"
        assert alarm["nextDue"] == "2026-01-05T14:00:00.000+01:00"
        assert alarm["execution"] is None


async def test_an_alarm_counts_a_bounded_number_of_missed_runs(world: World) -> None:
    async with world.process() as process:
        await process.crons.create_cron({"slug": "often", "schedule": "* * * * *", "grace": 600})
        world.clock.seconds += 1_000 * HOUR
        await process.register.monitor.update_due()
        assert (await process.alarm("often"))["missedRuns"] == alarms.MOST_MISSED


async def test_an_overrun_tells_of_the_run_that_takes_so_long(world: World) -> None:
    async with world.process() as process:
        cron = await process.crons.create_cron({"slug": "slow", "maxRuntime": 60})
        started = await process.register.write(executions.start_execution, cron["id"])
        await run(process, cron, success=True)
        world.clock.seconds += 60
        await process.register.monitor.update_due()
        alarm = await process.alarm("slow")
        assert (alarm["state"], alarm["due"], alarm["nextDue"]) == ("overrun", None, None)
        assert (alarm["execution"]["id"], alarm["execution"]["ended"]) == (started, None)


async def test_a_lost_run_says_so(world: World) -> None:
    async with world.process() as process:
        cron = await process.crons.create_cron({"slug": "backup"})
        started = await process.register.write(executions.start_execution, cron["id"])
        await process.register.write(executions.renew_lease, started, 45)
        world.clock.seconds += 45
        await process.register.monitor.update_due()
        assert (await process.alarm("backup"))["execution"]["lost"] is True


async def test_the_last_words_are_bounded_and_can_be_stored(world: World) -> None:
    async with world.process() as process:
        cron = await process.crons.create_cron({"slug": "backup"})
        await run(process, cron, "x" * 65_536, "half \ud800 and \0", "y" * 1_990)
        output = (await process.alarm("backup"))["execution"]["output"]
        assert len(output) == alarms.OUTPUT_CHARACTERS
        assert output.endswith("\ufffd\n" + "y" * 1_990)


async def test_a_return_to_health_is_a_recovery_and_tells_of_its_run(world: World) -> None:
    async with world.process() as process:
        cron = await process.crons.create_cron({"slug": "backup"})
        await run(process, cron)
        world.clock.seconds += 60
        healthy = await run(process, cron, success=True)
        assert await process.changes("backup") == ["failed", "on_time", "recovered"]
        alarm = await process.alarm("backup")
        assert (alarm["state"], alarm["previous"]) == ("on_time", "failed")
        assert alarm["execution"]["id"] == healthy


async def test_a_pause_is_no_recovery(world: World) -> None:
    async with world.process() as process:
        await process.crons.create_cron({"slug": "backup", "active": False})
        await process.crons.update_cron("backup", {"active": True})
        assert await process.changes("backup") == ["on_time"]


async def test_so_many_failures_in_a_row_are_an_alarm(world: World) -> None:
    async with world.process() as process:
        cron = await process.crons.create_cron({"slug": "backup", "failureThreshold": 3})
        for success in (False, False, True, False, False):
            await run(process, cron, success=success)
            world.clock.seconds += 1
        assert await process.changes("backup") == []
        await run(process, cron)
        assert await process.changes("backup") == ["failed"]


async def test_a_cron_that_stays_bad_is_told_again(world: World) -> None:
    async with world.process() as process:
        await process.crons.create_cron({**DAILY, "reminder": DAY})
        world.clock.seconds += 2 * HOUR + 600
        await process.register.monitor.update_due()
        for _ in range(2):
            world.clock.seconds += DAY
            for _ in range(2):
                await process.register.monitor.update_due()
        assert await process.changes("report") == ["missed", "reminder", "reminder"]
        alarm = await process.alarm("report")
        assert (alarm["state"], alarm["missedRuns"]) == ("missed", 3)
        assert alarm["since"] == "2026-01-01T14:00:00.000+00:00"


async def test_a_muted_cron_runs_and_tells_its_state_when_the_mute_ends(world: World) -> None:
    async with world.process() as process:
        until = "2026-01-01T13:00:00+00:00"
        cron = await process.crons.create_cron(
            {"slug": "backup", "mutedUntil": until, "minInterval": 60, "minRuntime": 60}
        )
        for success in (False, True, False):
            await run(process, cron, success=success)
        assert await process.changes("backup") == []
        assert await process.state("backup") == "failed"
        world.clock.seconds += HOUR
        await process.register.monitor.update_due()
        assert await process.changes("backup") == ["failed"]


async def test_a_cron_that_is_well_when_the_mute_ends_tells_nothing(world: World) -> None:
    async with world.process() as process:
        cron = await process.crons.create_cron({"slug": "backup"})
        await process.crons.update_cron("backup", {"mutedUntil": "2026-01-01T13:00:00Z"})
        for success in (False, True):
            await run(process, cron, success=success)
            world.clock.seconds += 1
        world.clock.seconds += HOUR
        await process.register.monitor.update_due()
        assert await process.changes("backup") == []


async def test_the_first_start_that_comes_too_soon_is_told(world: World) -> None:
    async with world.process() as process:
        cron = await process.crons.create_cron({"slug": "often", "minInterval": 3_600})
        for pause in (3_600, 60, 60, 3_600, 60, 0):
            started = await run(process, cron, success=True)
            world.clock.seconds += pause
        assert await process.changes("often") == ["too_often", "too_often"]
        alarm = await process.alarm("often")
        assert (alarm["state"], alarm["execution"]["id"]) == ("on_time", started)


async def test_the_first_run_that_is_too_short_is_told(world: World) -> None:
    async with world.process() as process:
        cron = await process.crons.create_cron({"slug": "backup", "minRuntime": 60})
        for seconds in (60, 5, 5, 90, 5):
            started = await process.register.write(executions.start_execution, cron["id"])
            world.clock.seconds += seconds
            body = {"type": "success", "success": True}
            await process.register.write(executions.end_execution, started, body, b"{}")
        assert await process.changes("backup") == ["too_short", "too_short"]
        assert (await process.alarm("backup"))["execution"]["durationMs"] == 5_000
