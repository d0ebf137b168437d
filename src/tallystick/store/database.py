"""The store's entry point: `Database`, for everything the program keeps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from tallystick.contract.exceptions import Failed, Problem, Unavailable
from tallystick.metric_family import DurationCounts
from tallystick.store.batch import Entry, call
from tallystick.store.companion import COMPANION
from tallystick.store.engine import READERS, IsOver, engine_for
from tallystick.store.exceptions import DatabaseClosed, DatabaseUnavailable
from tallystick.store.giving_way import give_way
from tallystick.store.long_read import LongRead, ReadTooLong
from tallystick.store.long_readers import LongReaders
from tallystick.store.outage import Outage, UntoldOutage, remove_probe, store_probe
from tallystick.store.revisions import Revisions
from tallystick.store.writer import SILENT, Writer

if TYPE_CHECKING:
    from tallystick.store.sqlite_memory import Memory

T = TypeVar("T")

ASKED_IN_PATIENCE = 5
"""How often a long read asks the database whether it answers, in the time of its patience."""

FAULTS: Mapping[str, Callable[[], Problem]] = {
    "store": partial(Failed, "TALLYSTICK_FAULT=store makes the store fail."),
    "away": partial(Unavailable, SILENT),
}


class Database:
    """A database, used from one event loop.

    While it is unreachable, every call raises `Unavailable` within a few seconds. An `exclusive`
    database is served by this process alone; without `exclusive` it is used for a short time beside
    a server. The setting `fault` takes effect when `arm_fault` is called: with ``store`` every call
    fails, and with ``away`` every call fails as if the database were unreachable.
    """

    def __init__(self, url: str, *, fault: str = "", exclusive: bool = True) -> None:
        self._engine = engine_for(url, exclusive=exclusive)
        self._fault = fault
        self._is_failing = False
        self._writer: Writer | None = None
        self._outage = Outage()
        self._readers = ThreadPoolExecutor(READERS, "tallystick-reader")
        self._urgent = 0
        """The number of writes that somebody waits for."""
        self._long_readers = LongReaders(lambda: self._urgent)
        self.revisions = Revisions(self.read)
        """The counters that tell of other processes' changes."""

    async def open(self) -> None:
        """Connect, and create or migrate the tables; raise `StoreError`."""
        await asyncio.to_thread(self._engine.open)
        self._writer = Writer(self._engine, self._outage)

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Let only one of the processes on this database run the block at a time.

        A service creates its initial rows in such a block. Several processes may start together,
        and still create them once.
        """
        turn = self._engine.turn()
        await asyncio.to_thread(turn.__enter__)
        try:
            yield
        finally:
            await asyncio.to_thread(turn.__exit__, None, None, None)

    async def close(self) -> None:
        """Finish all accepted writes, then disconnect."""
        await self.revisions.close()
        if self._writer:
            await self._writer.close()
            self._writer = None
            for threads in (self._readers, self._long_readers):
                await asyncio.to_thread(threads.shutdown)
            await asyncio.to_thread(self._engine.close)

    async def read(self, function: Callable[[Connection], T]) -> T:
        """Return the result of a function called in a thread, with a snapshot of the database."""
        self._opened()
        loop, read = asyncio.get_running_loop(), partial(self._read, function)
        return await self._patiently(loop.run_in_executor(self._readers, read))

    async def read_long(self, function: Callable[[Connection], T]) -> T:
        """Return what `read` does, for a function that may look at much of the database.

        Few such reads run at a time, after all other threads, and `read` waits for none of them. It
        raises `ReadTooLong` when it has taken `LONGEST_S`; on SQLite it ends early when its caller
        is gone.
        """
        self._opened()
        read = LongRead()
        go_on = partial(self._go_on, read, function)
        task = asyncio.create_task(self._long_readers.run(go_on))
        try:
            # What takes long may wait for others, or for the machine: the database is asked itself,
            # and so early that a caller of a silent one waits little longer than others do.
            patience_s = self._engine.patience_s
            asked_after_s = patience_s and patience_s / ASKED_IN_PATIENCE
            while not (await asyncio.wait({task}, timeout=asked_after_s))[0]:
                await self.ping()
                if read.is_over():
                    raise ReadTooLong
            return task.result()
        finally:
            task.cancel()
            read.end()

    async def _patiently(self, read: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._engine.patience_s):
                return await read
        except TimeoutError:
            raise self._silent() from None

    async def write(self, function: Callable[[Connection], T], *, is_urgent: bool = False) -> T:
        """Return the result of a writing function, once its changes are on disk.

        The function runs in a thread. Its changes are rolled back if it raises, and its exception
        is raised here. The first write takes a `Companion` of the task along. Long reads stand back
        for an urgent one as they do for an append.
        """
        self._urgent += is_urgent
        companion, call_ = COMPANION.get(), self._opened().call
        return await (companion.write(call_, function) if companion else call_(function))

    def append(self, *entries: Entry) -> asyncio.Future[None]:
        """Insert rows, all or none; the returned future is done when they are on disk.

        A row has a value for every column, in the table's order and in the driver's types.
        """
        self._urgent += 1
        return self._opened().append(entries)

    @property
    def waiting(self) -> int:
        """Return how many appends and writes are not on disk yet."""
        return self._writer.waiting if self._writer else 0

    @property
    def commit_times(self) -> DurationCounts:
        """Return how long transactions took since the database was opened."""
        return self._writer.commit_times if self._writer else DurationCounts()

    @property
    def outage(self) -> str:
        """Return why the database failed to store; empty if it did not, or once `ping` succeeds."""
        return self._outage.reason

    def take_untold_outage(self) -> UntoldOutage | None:
        """Return the outage that calls met since the last time, though it may be over."""
        return self._outage.take_untold()

    async def ping(self) -> None:
        """Return if the database answers, and during an outage only if it can store again."""
        if self._outage.reason:
            await self.write(store_probe)
            await self.write(remove_probe)
            self._outage.end()
        else:
            await self.read(lambda connection: connection.execute(text("SELECT 1")))
            self._outage.note_answer()

    async def copy(self) -> object:
        """Return a copy of a database in memory, for `restore`."""
        return await asyncio.to_thread(self._memory.copy)

    async def restore(self, kept: Any) -> None:
        """Replace the content by an earlier `copy`, and make every cache reload."""
        await asyncio.to_thread(self._memory.restore, kept)
        await self.revisions.call_back()

    @property
    def _memory(self) -> Memory:
        from tallystick.store.sqlite_memory import Memory

        self._opened()
        assert isinstance(self._engine, Memory)
        return self._engine

    def arm_fault(self) -> None:
        """Enable the configured `fault`, once the service has started and has its initial rows."""
        self._is_failing = self._fault in FAULTS

    def _opened(self) -> Writer:
        if self._is_failing:
            raise FAULTS[self._fault]()
        if self._writer is None:
            raise DatabaseClosed
        return self._writer

    def _go_on(self, read: LongRead, function: Callable[[Connection], T]) -> T:
        if read.is_over():  # while it waited for a thread
            raise ReadTooLong
        try:
            return self._read(function, read.is_over)
        except DatabaseError as error:
            if read.is_over():
                raise ReadTooLong from error
            raise

    def _read(self, function: Callable[[Connection], T], is_over: IsOver | None = None) -> T:
        try:
            with self._engine.reading(is_over) as connection:
                if is_over and self._engine.reads_beside_writes:
                    give_way(connection, lambda: self.waiting)
                return call(function, connection)
        except DatabaseUnavailable as error:
            self._outage.log(error)
            raise

    def _silent(self) -> DatabaseUnavailable:
        silent = DatabaseUnavailable(SILENT)
        self._outage.log(silent)
        return silent
