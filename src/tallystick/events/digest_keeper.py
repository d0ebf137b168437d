"""The keeper of the log's digests, which makes them while events come in."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from tallystick.background_tasks import end_tasks
from tallystick.clock import Clock
from tallystick.events.digests import drop_pruned_blocks, has_work, make_digest, newest_block
from tallystick.events.ids import lowest_id
from tallystick.events.log import EventLog
from tallystick.store import Database, DatabaseUnavailable

INTERVAL_S = 1.0

SETTLED_MS = 15_000
"""The age of events at which their block is digested, in milliseconds.

Events that are stored at `HELD_UP_MS` or later are marked as late. The time between the two is left
to commits, and to the clocks of several servers.
"""

_log = logging.getLogger(__name__)


class DigestKeeper:
    """A task that makes the digests of settled blocks, each in a short transaction of its own."""

    def __init__(self, database: Database, log: EventLog, clock: Clock) -> None:
        self._database = database
        self._log = log
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start."""
        self._task = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Stop."""
        await end_tasks(self._task)

    async def update_digests(self) -> None:
        """Make all digests that are due."""
        settled = lowest_id(self._clock.now_ms() - SETTLED_MS)
        # Told to the log first: a block has no digest yet, if the log takes its events as in time.
        self._log.settled = max(settled, await self._database.read(newest_block))
        if await self._database.read(partial(has_work, settled=settled)):
            while await self._database.write(drop_pruned_blocks):
                pass
            while await self._database.write(partial(make_digest, settled=settled)):
                pass

    async def _keep(self) -> None:
        while True:
            try:
                await self.update_digests()
            except DatabaseUnavailable:
                pass  # the store has logged it
            except Exception as error:  # tried again at the next turn
                _log.warning("the log's digests could not be made: %s", type(error).__name__)
            await asyncio.sleep(INTERVAL_S)
