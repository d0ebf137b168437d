"""What is written of crons has its time and its events, and wakes the watch."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection

from charon_world import World
from tallystick.apis.charon import to_event
from tallystick.apis.charon.exceptions import CronNotActive
from tallystick.apis.charon.write_context import WriteContext
from tallystick.contract.exceptions import Unavailable
from tallystick.events import EventLog, EventSelection

pytestmark = pytest.mark.anyio


def record(connection: Connection, context: WriteContext, slug: str) -> int:
    """Put an event into the log, and return the time of the write."""
    context.record(connection, to_event.started(slug, 1, context.ms))
    return context.ms


def record_and_fail(connection: Connection, context: WriteContext) -> None:
    record(connection, context, "undone")
    raise CronNotActive


@pytest.mark.parametrize("kind", ["write", "append"])
async def test_a_write_is_given_its_time_and_its_events_are_kept(world: World, kind: str) -> None:
    async with world.process() as process:
        write = getattr(process.register, kind)
        assert await write(record, "hourly") == world.clock.now_ms() == process.register.now_ms()
        [event], _ = await process.log.list_events(EventSelection(source="/charon/hourly"))
        assert event.time == world.clock.now_ms()


@pytest.mark.parametrize("kind", ["write", "append"])
async def test_a_write_that_fails_leaves_no_event(world: World, kind: str) -> None:
    async with world.process() as process:
        with pytest.raises(CronNotActive):
            await getattr(process.register, kind)(record_and_fail)
        assert (await process.log.list_events())[0] == []


@pytest.mark.parametrize("kind", ["write", "append"])
async def test_the_watch_is_woken_by_each_write(
    world: World, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world.process() as process:
        woken: list[None] = []
        monkeypatch.setattr(process.register.monitor, "wake", lambda: woken.append(None))
        await process.register.read(lambda _: None)
        assert woken == []
        await getattr(process.register, kind)(record, "hourly")
        assert woken == [None]


async def test_what_is_appended_is_refused_when_too_much_waits(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world.process() as process:
        full = EventLog(process.log._database, world.clock, 0)
        monkeypatch.setattr(process.register, "_log", full)
        with pytest.raises(Unavailable):
            await process.register.append(record, "hourly")
        assert await process.register.write(record, "hourly")
