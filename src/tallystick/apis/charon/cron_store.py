"""The store of crons, with the clock and the event log for its transactions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from tallystick.apis.charon.monitor import CronMonitor
from tallystick.apis.charon.write_context import WriteContext
from tallystick.clock import Clock
from tallystick.events import EventLog
from tallystick.store import Database

T = TypeVar("T")
P = ParamSpec("P")


class CronStore:
    """A store of crons and executions, which wakes the monitor after each change."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        log: EventLog,
        *,
        longest_run_s: int,
        console_url: str,
    ) -> None:
        self._database = database
        self._clock = clock
        self._log = log
        self._longest_run_ms = longest_run_s * 1_000
        self._console_url = console_url
        self.monitor = CronMonitor(database, self._context)
        """Records state changes by the passage of time; its owner starts and closes it."""

    async def read(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return the result of a reading function."""
        return await self._database.read(lambda c: function(c, *args, **kwargs))

    async def write(
        self,
        function: Callable[Concatenate[Connection, WriteContext, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Return the result of a writing function, once its changes are on disk."""
        context = self._context()
        written = await self._database.write(lambda c: function(c, context, *args, **kwargs))
        # The change may move the time of the next state change.
        self.monitor.wake()
        return written

    async def append(
        self,
        function: Callable[Concatenate[Connection, WriteContext, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Return the same as `write`; raise `Unavailable` if too many events wait to be stored."""
        context = self._context()
        written = await self._log.write(lambda c: function(c, context, *args, **kwargs))
        self.monitor.wake()
        return written

    def now_ms(self) -> int:
        """Return the time in milliseconds since the epoch."""
        return self._clock.now_ms()

    def _context(self) -> WriteContext:
        record = self._log.append_within
        return WriteContext(self.now_ms(), record, self._longest_run_ms, self._console_url)
