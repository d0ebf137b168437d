"""The retention of events, by age and number."""

from __future__ import annotations

import asyncio
import logging
from time import time

from tallystick.background_tasks import end_tasks
from tallystick.events.log import EventLog
from tallystick.store import DatabaseUnavailable

INTERVAL_S = 60.0
DAY_MS = 86_400_000

_log = logging.getLogger(__name__)


class Retention:
    """A task that removes events over the age or the number once a minute."""

    def __init__(self, log: EventLog, days: int, count: int) -> None:
        """`days` and `count` are the limits; 0 means unlimited."""
        self._log = log
        self._max_age_ms = days * DAY_MS or None
        self._max_count = count or None
        self._task: asyncio.Task[None] | None = None
        self.last_pruned_s: float | None = None
        """When old events were last looked for, in seconds since the epoch; None for never."""

    async def open(self) -> None:
        """Start, if a limit is set."""
        if self._max_age_ms or self._max_count:
            self._task = asyncio.create_task(self._prune())

    async def close(self) -> None:
        """Stop."""
        await end_tasks(self._task)

    async def _prune(self) -> None:
        while True:
            try:
                await self._log.prune_events(max_age_ms=self._max_age_ms, max_count=self._max_count)
                self.last_pruned_s = time()
            except DatabaseUnavailable:
                pass  # the store has logged it
            except Exception as error:  # tried again in a minute
                _log.warning("old events could not be deleted: %s", type(error).__name__)
            await asyncio.sleep(INTERVAL_S)
