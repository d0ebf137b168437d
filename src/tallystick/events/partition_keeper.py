"""The keeper of the log's partitions on PostgreSQL, which makes them before their time comes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

from tallystick.background_tasks import end_tasks
from tallystick.events.ids import lowest_id, time_of
from tallystick.store import Database, DatabaseUnavailable
from tallystick.store.partitions import end_newest, partitioned_tables, read_partitions
from tallystick.store.shared_time import server_time

INTERVAL_S = 60.0
DAY_MS = 86_400_000

AHEAD_MS = 2 * DAY_MS
"""How long before their time partitions are made, in milliseconds."""

MOST_SPANS = 60
"""How many spans an age is divided into at most, as a read of all of them looks at each."""

UNLIMITED_MS = 30 * DAY_MS
"""The span of a partition that no age drops, in milliseconds."""

_log = logging.getLogger(__name__)


class PartitionKeeper:
    """A task that keeps partitions ready for the days to come; it ends at once on SQLite."""

    def __init__(self, database: Database, retention_days: int) -> None:
        """`retention_days` is the age of events to remove; 0 means none."""
        self._database = database
        self._span_ms = span_of(retention_days * DAY_MS or None)
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Make what is missing, and start."""
        if await self._keep_once():
            self._task = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Stop."""
        await end_tasks(self._task)

    async def make_partitions(self) -> bool:
        """Make what is missing; return whether the database has partitions."""
        for table in partitioned_tables():
            found = await self._database.read(partial(read_partitions, table=table))
            if not found:
                return False
            # One clock for all servers: a partition up to a time far ahead would never be dropped.
            now_ms = await self._database.read(server_time)
            if ends := list(_name_ends(found[-1].first, now_ms, self._span_ms)):
                await self._database.write(partial(end_newest, table=table, ends=ends))
        return True

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL_S)
            await self._keep_once()

    async def _keep_once(self) -> bool:
        try:
            return await self.make_partitions()
        except DatabaseUnavailable:
            pass  # the store has logged it
        except Exception as error:  # tried again in a minute
            _log.warning("partitions could not be made: %s", type(error).__name__)
        return True


def span_of(max_age_ms: int | None) -> int:
    """Return how long a partition is to be, in whole days, for the age at which it is dropped."""
    if max_age_ms is None:
        return UNLIMITED_MS
    return max(max_age_ms // MOST_SPANS // DAY_MS, 1) * DAY_MS


def _name_ends(first: str, now_ms: int, span_ms: int) -> Iterator[tuple[str, str]]:
    """Yield a name and an end for each partition to make, from the beginning of the last one on."""
    at_ms = time_of(first)
    today_ms = now_ms // DAY_MS * DAY_MS
    while at_ms < today_ms + AHEAD_MS:
        # The days without a server are one partition.
        end_ms = at_ms + span_ms if at_ms >= today_ms else today_ms
        yield f"{datetime.fromtimestamp(at_ms / 1_000, UTC):%Y%m%d}", lowest_id(end_ms)
        at_ms = end_ms
