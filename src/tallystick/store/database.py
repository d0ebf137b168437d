"""The port of the store: all that anyone keeps goes through it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, text

from tallystick.contract.exceptions import Failed, Problem, Unavailable
from tallystick.store.batch import Entry, call
from tallystick.store.engine import READERS, engine_for
from tallystick.store.exceptions import DatabaseClosed, DatabaseUnavailable
from tallystick.store.outage import Outage, remove_probe, store_probe
from tallystick.store.revisions import Revisions
from tallystick.store.writer import SILENT, Writer

if TYPE_CHECKING:
    from tallystick.store.sqlite import Memory

T = TypeVar("T")

FAULTS: Mapping[str, Callable[[], Problem]] = {
    "store": partial(Failed, "TALLYSTICK_FAULT=store makes the store fail."),
    "away": partial(Unavailable, SILENT),
}


class Database:
    """One database, used from one event loop.

    When it is away, every call raises `Unavailable`, within a few seconds.
    With `exclusive` nobody else may serve it at the same time; without, it is used for a short
    while beside a server. Once `arm_fault` was called, every call fails with `fault` ``store``, and
    with ``away`` as if the database were away.
    """

    def __init__(self, url: str, *, fault: str = "", exclusive: bool = True) -> None:
        self._engine = engine_for(url, exclusive=exclusive)
        self._fault = fault
        self._is_failing = False
        self._writer: Writer | None = None
        self._outage = Outage()
        self._readers = ThreadPoolExecutor(READERS, "tallystick-reader")
        self.revisions = Revisions(self.read)
        """Tells when another process has changed something."""

    async def open(self) -> None:
        """Connect, and make or migrate the tables; raises `StoreError`."""
        await asyncio.to_thread(self._engine.open)
        self._writer = Writer(self._engine, self._outage)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Let no other process pass here before the block has ended.

        What a service makes at its first start is made by one, however many start together.
        """
        turn = self._engine.turn()
        await asyncio.to_thread(turn.__enter__)
        try:
            yield
        finally:
            await asyncio.to_thread(turn.__exit__, None, None, None)

    async def close(self) -> None:
        """Finish everything that was accepted, then disconnect."""
        await self.revisions.close()
        if self._writer:
            await self._writer.close()
            self._writer = None
            await asyncio.to_thread(self._readers.shutdown)
            await asyncio.to_thread(self._engine.close)

    async def read(self, function: Callable[[Connection], T]) -> T:
        """What the function finds, called in a thread on one state of the database."""
        self._opened()
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._engine.patience_s):
                return await loop.run_in_executor(self._readers, self._read, function)
        except TimeoutError:
            raise self._silent() from None

    async def write(self, function: Callable[[Connection], T]) -> T:
        """What the function returns, once all that it wrote is on disk.

        It is called in a thread; what it raises undoes all that it wrote, and is raised here.
        """
        return await self._opened().call(function)

    def append(self, *entries: Entry) -> asyncio.Future[None]:
        """Insert rows, all or none; the future is done when they are on disk.

        A row has a value for every column, in their order and as the driver takes it.
        """
        return self._opened().append(entries)

    @property
    def waiting(self) -> int:
        """Appends and writes that are not on disk yet."""
        return self._writer.waiting if self._writer else 0

    @property
    def outage(self) -> str:
        """Why the database did not store something; empty again when `ping` finds that it does."""
        return self._outage.reason

    async def ping(self) -> None:
        """Return if the database answers, and in an outage only if it stores again."""
        if self._outage.reason:
            await self.write(store_probe)
            await self.write(remove_probe)
            self._outage.end()
        else:
            await self.read(lambda connection: connection.execute(text("SELECT 1")))

    async def copy(self) -> object:
        """The state of now, for `restore`; a database in memory only."""
        return await asyncio.to_thread(self._memory.copy)

    async def restore(self, kept: Any) -> None:
        """Be again as a `copy` is, and have all that is held in memory read anew."""
        await asyncio.to_thread(self._memory.restore, kept)
        await self.revisions.call_back()

    @property
    def _memory(self) -> Memory:
        from tallystick.store.sqlite import Memory

        self._opened()
        assert isinstance(self._engine, Memory)
        return self._engine

    def arm_fault(self) -> None:
        """From now on, fail if `fault` says so: the service is up, and its world is made."""
        self._is_failing = self._fault in FAULTS

    def _opened(self) -> Writer:
        if self._is_failing:
            raise FAULTS[self._fault]()
        if self._writer is None:
            raise DatabaseClosed
        return self._writer

    def _read(self, function: Callable[[Connection], T]) -> T:
        try:
            with self._engine.reading() as connection:
                return call(function, connection)
        except DatabaseUnavailable as error:
            self._outage.log(error)
            raise

    def _silent(self) -> DatabaseUnavailable:
        silent = DatabaseUnavailable(SILENT)
        self._outage.log(silent)
        return silent
