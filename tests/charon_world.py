"""charon without HTTP: processes over one database, with a clock that a test moves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson

from manual_clock import ManualClock
from tallystick.apis.charon.cron_management import CronManagement
from tallystick.apis.charon.cron_store import CronStore
from tallystick.events import EventLog, EventSelection
from tallystick.store import Database


class Process:
    """The parts of charon in one process, with a test's clock."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.log = EventLog(database, clock, 10_000)
        self.register = CronStore(
            database, clock, self.log, longest_run_s=86_400, console_url="https://tally/console"
        )
        self.crons = CronManagement(self.register)

    async def changes(self, slug: str) -> list[str]:
        """Return the cron's states in the log, the oldest first."""
        page = await self.log.list_events(EventSelection(source=f"/charon/{slug}"), limit=1000)
        types = [event.type for event in reversed(page.events)]
        return [t.removeprefix("charon.cron.") for t in types if t.startswith("charon.cron.")]

    async def alarm(self, slug: str) -> dict[str, Any]:
        """Return the data of the newest event about the cron itself."""
        page = await self.log.list_events(EventSelection(source=f"/charon/{slug}"), limit=100)
        alarms = [event for event in page.events if event.type.startswith("charon.cron.")]
        return dict(orjson.loads(alarms[0].data))

    async def state(self, slug: str) -> str:
        return str((await self.crons.get_cron(slug))["state"])


class World:
    """Processes over one database."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.clock = ManualClock(1_767_268_800)  # noon of the first of January 2026, UTC

    @asynccontextmanager
    async def process(self) -> AsyncIterator[Process]:
        database = Database(self._url)
        await database.open()
        try:
            yield Process(database, self.clock)
        finally:
            await database.close()
