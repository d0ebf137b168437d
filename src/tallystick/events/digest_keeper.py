"""The keeper of the log's digests, which makes them while events come in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from sqlalchemy import Connection

from tallystick.background_tasks import end_tasks
from tallystick.events.digest_groups import close_group
from tallystick.events.digests import drop_pruned_blocks, has_work, make_digests, newest_block
from tallystick.events.ids import lowest_id
from tallystick.events.log import HELD_UP_MS, EventLog
from tallystick.store import Database, DatabaseUnavailable
from tallystick.store.partitions import NO_END

INTERVAL_S = 1.0

SETTLED_MS = 15_000
"""The age of events at which their block is digested, in milliseconds.

Events that are stored at `HELD_UP_MS` or later are marked as late. The time between the two is left
to commits, and to this task, which tells the log the time once a second.
"""

_log = logging.getLogger(__name__)


class DigestKeeper:
    """A task that makes the digests of settled blocks, some in each short transaction."""

    def __init__(
        self, database: Database, log: EventLog, read_time: Callable[[Connection], int]
    ) -> None:
        """`read_time` returns the milliseconds since the epoch, the same in all processes."""
        self._database = database
        self._log = log
        self._read_time = read_time
        self._task: asyncio.Task[None] | None = None
        self._mark_all()

    async def open(self) -> None:
        """Start."""
        self._task = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Stop."""
        await end_tasks(self._task)

    async def update_digests(self) -> None:
        """Make all digests that are due."""
        settled = await self._settle()
        if await self._database.read(partial(has_work, settled=settled)):
            while await self._database.write(drop_pruned_blocks):
                pass
            while await self._database.write(partial(make_digests, settled=settled)):
                settled = await self._settle()
            while await self._database.write(close_group):
                await self._settle()

    async def _settle(self) -> str:
        """Tell the log what is late by now; return the id up to which blocks may be digested."""
        # This server's own clock may be far behind those of others, and its ids with it.
        now_ms, newest = await self._database.read(lambda c: (self._read_time(c), newest_block(c)))
        self._log.settled = max(lowest_id(now_ms - HELD_UP_MS), newest)
        return lowest_id(now_ms - SETTLED_MS)

    def _mark_all(self) -> None:
        """Let the log take each event for a late one, while it is unknown what is late."""
        self._log.settled = NO_END

    async def _keep(self) -> None:
        while True:
            try:
                await self.update_digests()
            except DatabaseUnavailable:  # the store has logged it
                self._mark_all()
            except Exception as error:  # tried again at the next turn
                self._mark_all()
                _log.warning("the log's digests could not be made: %s", type(error).__name__)
            await asyncio.sleep(INTERVAL_S)
