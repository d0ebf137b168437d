"""Reads and writes what is kept of crons, with the time and the log that go with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from tallystick.apis.charon.crons import WriteContext
from tallystick.apis.charon.monitor import CronMonitor
from tallystick.clock import Clock
from tallystick.events import EventLog
from tallystick.store import Database

T = TypeVar("T")
P = ParamSpec("P")


class CronStore:
    """What is kept of crons."""

    def __init__(self, database: Database, clock: Clock, log: EventLog) -> None:
        self._database = database
        self._clock = clock
        self._log = log
        self.monitor = CronMonitor(database, self._context)
        """Records the changes that come with time; its owner opens and closes it."""

    async def read(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What the function finds."""
        return await self._database.read(lambda c: function(c, *args, **kwargs))

    async def write(
        self,
        function: Callable[Concatenate[Connection, WriteContext, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Return what the function returns, once all that it wrote is on disk."""
        context = self._context()
        written = await self._database.write(lambda c: function(c, context, *args, **kwargs))
        # A state may change by itself at another time than before.
        self.monitor.wake()
        return written

    async def append(
        self,
        function: Callable[Concatenate[Connection, WriteContext, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Return as `write` does; raise `Unavailable` if too many events wait to be stored."""
        context = self._context()
        written = await self._log.write(lambda c: function(c, context, *args, **kwargs))
        self.monitor.wake()
        return written

    def now_ms(self) -> int:
        """The time in milliseconds since the epoch."""
        return self._clock.now_ms()

    def _context(self) -> WriteContext:
        return WriteContext(self.now_ms(), self._log.append_within)
