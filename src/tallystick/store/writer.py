"""Group commit: what many have to write at one time becomes one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, NamedTuple, TypeAlias, TypeVar

from sqlalchemy import Connection, NestedTransaction, Table

from tallystick.store.engine import Engine, Row
from tallystick.store.errors import DatabaseClosed

T = TypeVar("T")

Entry: TypeAlias = tuple[Table, Row]
"""A row and the table that it goes into."""


class _Append(NamedTuple):
    future: asyncio.Future[None]
    entries: Sequence[Entry]


class _Call(NamedTuple):
    future: asyncio.Future[Any]
    function: Callable[[Connection], Any]


class _Batch(NamedTuple):
    appends: list[_Append]
    calls: list[_Call]

    def futures(self) -> list[asyncio.Future[Any]]:
        return [append.future for append in self.appends] + [c.future for c in self.calls]


class _Failure(NamedTuple):
    error: BaseException


class _BadRow(Exception):
    """One of the rows can't be inserted."""


Outcome: TypeAlias = Any
"""What a call returned, or a `_Failure`."""


class Writer:
    """The one thread that writes.

    While it commits, all that comes in waits; then that is the next transaction. An append or a
    call is done when it is on disk. One that fails is undone alone; if the transaction fails, all
    that was in it fails.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._loop = asyncio.get_running_loop()
        self._queue: SimpleQueue[_Batch | None] = SimpleQueue()
        self._pending = _Batch([], [])
        self._is_busy = False
        self._is_closed = False
        self._idle = asyncio.Event()
        self._idle.set()
        self.waiting = 0
        """Appends and calls that are not on disk yet."""
        self._thread = Thread(target=self._run, name="tallystick-writer", daemon=True)
        self._thread.start()

    def append(self, entries: Sequence[Entry]) -> asyncio.Future[None]:
        """Insert rows, all or none of them; many appends cost little more than one."""
        self._refuse_if_closed()
        future = self._loop.create_future()
        self._pending.appends.append(_Append(future, entries))
        self.waiting += 1
        self._wake()
        return future

    def call(self, function: Callable[[Connection], T]) -> asyncio.Future[T]:
        """Call a function in the transaction; what it raises undoes what it did."""
        self._refuse_if_closed()
        future: asyncio.Future[T] = self._loop.create_future()
        self._pending.calls.append(_Call(future, function))
        self.waiting += 1
        self._wake()
        return future

    async def close(self) -> None:
        """Finish everything that was accepted, and accept nothing more."""
        self._is_closed = True
        await self._idle.wait()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    def _refuse_if_closed(self) -> None:
        if self._is_closed:
            raise DatabaseClosed

    def _wake(self) -> None:
        if not self._is_busy:
            self._is_busy = True
            self._idle.clear()
            # All that this turn of the loop brings goes into one transaction.
            self._loop.call_soon(self._hand_over)

    def _hand_over(self) -> None:
        batch, self._pending = self._pending, _Batch([], [])
        self._queue.put(batch)

    def _settle(self, batch: _Batch, outcomes: Sequence[Outcome]) -> None:
        self.waiting -= len(batch.appends) + len(batch.calls)
        if self._pending.appends or self._pending.calls:
            self._hand_over()
        else:
            self._is_busy = False
            self._idle.set()
        for future, outcome in zip(batch.futures(), outcomes, strict=True):
            # Its caller may have gone away; what he wrote stays written.
            if future.done():
                continue
            if isinstance(outcome, _Failure):
                future.set_exception(outcome.error)
            else:
                future.set_result(outcome)

    def _run(self) -> None:
        while (batch := self._queue.get()) is not None:
            outcomes = self._write(batch)
            self._loop.call_soon_threadsafe(self._settle, batch, outcomes)

    def _write(self, batch: _Batch) -> list[Outcome]:
        try:
            return self._commit(batch)
        except BaseException as error:  # nothing may end the thread: others wait for it
            return [_Failure(error)] * (len(batch.appends) + len(batch.calls))

    def _commit(self, batch: _Batch) -> list[Outcome]:
        try:
            return self._transact(batch, self._insert_together)
        except _BadRow:
            return self._transact(batch, self._insert_singly)

    def _transact(
        self, batch: _Batch, insert: Callable[[Connection, Sequence[_Append]], list[Outcome]]
    ) -> list[Outcome]:
        with self._engine.writing() as connection:
            # Rows first: when they are tried again, no function has been called yet.
            outcomes = insert(connection, batch.appends)
            return outcomes + [_attempt(connection, c.function) for c in batch.calls]

    def _insert_together(self, connection: Connection, appends: Sequence[_Append]) -> list[Outcome]:
        try:
            self._insert(connection, [entry for append in appends for entry in append.entries])
        except Exception as error:
            if self._engine.blames_row(error):
                raise _BadRow from error
            raise
        return [None] * len(appends)

    def _insert_singly(self, connection: Connection, appends: Sequence[_Append]) -> list[Outcome]:
        return [_attempt(connection, partial(self._insert, entries=a.entries)) for a in appends]

    def _insert(self, connection: Connection, entries: Sequence[Entry]) -> None:
        rows: dict[Table, list[Row]] = {}
        for table, row in entries:
            rows.setdefault(table, []).append(row)
        for table, those in rows.items():
            self._engine.insert(connection, table, those)


def call(function: Callable[[Connection], T], connection: Connection) -> T:
    """Call a function whose error a future can carry."""
    try:
        return function(connection)
    except StopIteration as error:  # which would end the coroutine that waits for the future
        raise RuntimeError("the function raised StopIteration") from error


def _attempt(connection: Connection, function: Callable[[Connection], Any]) -> Outcome:
    """Call a function; if it fails, undo what it did and no more."""
    savepoint = connection.begin_nested()
    try:
        outcome = call(function, connection)
    except Exception as error:
        _undo(savepoint, error)
        return _Failure(error)
    savepoint.commit()
    return outcome


def _undo(savepoint: NestedTransaction, error: Exception) -> None:
    """Undo what failed; raises its error if the database has undone the whole transaction."""
    try:
        savepoint.rollback()
    except Exception:
        raise error from None
