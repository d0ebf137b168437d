"""When each key was last used, to the minute: a request only adds to a set."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import Connection, bindparam, func, update

from tallystick.clock import Clock
from tallystick.contract.exceptions import Problem
from tallystick.store import Database
from tallystick.store.tables import keys

INTERVAL_S = 60.0


class KeyUse:
    """Collects the keys that are used, and writes all of them down once a minute."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._ids: set[str] = set()
        self._writer: asyncio.Task[None] | None = None
        self.add_key = self._ids.add
        """Note the use of the key of this id; the set's own function, as every request calls it."""

    def open(self) -> None:
        """Begin to write."""
        self._writer = asyncio.create_task(self._write_now_and_then())

    async def close(self) -> None:
        """Write the rest."""
        if self._writer:
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer
            await self._try_to_write()

    async def write(self) -> None:
        """Write what was used since the last time; what can't be written is kept for the next."""
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
        with suppress(Problem):  # the database is away: those who need it say so
            await self.write()


def _write_use(connection: Connection, ids: Sequence[str], now_ms: int) -> None:
    # In the order of ids, as every process locks them; none is used after it was revoked.
    used = update(keys).where(keys.c.id == bindparam("key"))
    used = used.values(used=func.coalesce(keys.c.revoked, now_ms))
    connection.execute(used, [{"key": id_} for id_ in ids])
