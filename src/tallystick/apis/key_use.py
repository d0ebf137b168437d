"""The time at which each key was last used, exact to a minute."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import Connection, bindparam, func, update

from tallystick.background_tasks import end_tasks
from tallystick.clock import Clock
from tallystick.contract.exceptions import Problem
from tallystick.store import Database
from tallystick.store.tables import keys

INTERVAL_S = 60.0


class KeyUse:
    """A collector of used keys, which stores them once a minute.

    A request only adds an id to a set, as a write for each would slow all of them down
    (docs/decisions/all-apis.md, "How exact is the last use of a key?").
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._ids: set[str] = set()
        self._writer: asyncio.Task[None] | None = None
        self.add_key = self._ids.add
        """Record the use of a key by its id; the set's own method, as every request calls it."""

    def open(self) -> None:
        """Start to store once a minute."""
        self._writer = asyncio.create_task(self._write_now_and_then())

    async def close(self) -> None:
        """Stop, and store the remaining uses."""
        if self._writer:
            await end_tasks(self._writer)
            await self._try_to_write()

    async def write(self) -> None:
        """Store the keys used since the last time; if that fails, keep them for the next time."""
        used = sorted(self._ids)
        if not used:
            return
        self._ids.clear()
        now_ms = self._clock.now_ms()
        try:
            await self._database.write(lambda connection: _write_use(connection, used, now_ms))
        except BaseException:
            self._ids.update(used)
            raise

    async def _write_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL_S)
            await self._try_to_write()

    async def _try_to_write(self) -> None:
        with suppress(Problem):  # the calls that need the database report it
            await self.write()


def _write_use(connection: Connection, ids: Sequence[str], now_ms: int) -> None:
    # Sorted, so that all processes lock the rows in one order; a revoked key is used up to its
    # revocation at the latest.
    used = update(keys).where(keys.c.id == bindparam("key"))
    used = used.values(used=func.coalesce(keys.c.revoked, now_ms))
    connection.execute(used, [{"key": id_} for id_ in ids])
