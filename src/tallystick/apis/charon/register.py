"""Reads and writes what is kept of crons, with the time and the log that go with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from tallystick.apis.charon.crons import Moment
from tallystick.apis.charon.watch import Watch
from tallystick.clock import Clock
from tallystick.events import Log
from tallystick.store import Database

T = TypeVar("T")
P = ParamSpec("P")


class Register:
    """What is kept of crons."""

    def __init__(self, database: Database, clock: Clock, log: Log) -> None:
        self._database = database
        self._clock = clock
        self._log = log
        self.watch = Watch(database, self._moment)
        """Notices what changes by itself; it is opened and closed by whoever has it run."""

    async def read(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """What the function finds."""
        return await self._database.read(lambda c: function(c, *args, **kwargs))

    async def write(
        self,
        function: Callable[Concatenate[Connection, Moment, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """What the function returns, once all that it wrote is on disk."""
        moment = self._moment()
        written = await self._database.write(lambda c: function(c, moment, *args, **kwargs))
        # A state may change by itself at another time than before.
        self.watch.wake()
        return written

    def now_ms(self) -> int:
        """The time in milliseconds since the epoch."""
        return self._clock.now_ms()

    def _moment(self) -> Moment:
        return Moment(self.now_ms(), self._log.record)
