"""Group commit: what many have to write at one time becomes one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any, NamedTuple, TypeAlias, TypeVar

from sqlalchemy import Connection, NestedTransaction, Table

from tallystick.contract.exceptions import Unavailable
from tallystick.store.engine import Engine, Row
from tallystick.store.exceptions import DatabaseClosed

T = TypeVar("T")

Entry: TypeAlias = tuple[Table, Row]
"""A row and the table that it goes into."""


_Append: TypeAlias = tuple[asyncio.Future[None], Sequence[Entry]]


class _Call(NamedTuple):
    future: asyncio.Future[Any]
    function: Callable[[Connection], Any]


@dataclass(slots=True)
class _Batch:
    appends: list[_Append]
    calls: list[_Call]
    alarm: asyncio.TimerHandle | None = None
    is_given_up: bool = False

    @property
    def size(self) -> int:
        return len(self.appends) + len(self.calls)

    def futures(self) -> list[asyncio.Future[Any]]:
        return [future for future, _ in self.appends] + [c.future for c in self.calls]


class _Failure(NamedTuple):
    error: BaseException


class _BadRow(Exception):
    """One of the rows can't be inserted."""


Outcome: TypeAlias = Any
"""What a call returned, or a `_Failure`."""

Settle: TypeAlias = Callable[[_Batch, Sequence[Outcome]], None]

GATHER_S = 0.002
"""How long rows wait for those of callers who were answered just now and may have more."""

HELD_S = 0.1
"""How long rows wait for a transaction that has more of them, where two can run at a time."""

FEW = 4
"""So few callers are not waited for: a transaction of theirs costs less than the wait."""

SILENT = "The database does not answer."


class Writer:
    """Writes rows, and calls functions that write, in threads of its own.

    While they commit, all that comes in waits; then that is the next transaction. It also waits a
    moment for those whom the last one answered, or many who take turns would fall into halves that
    each commit. An append or a call is done when it is on disk. One that fails is undone alone; if
    the transaction fails, all that was in it fails.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._loop = asyncio.get_running_loop()
        self._batches: SimpleQueue[_Batch | None] = SimpleQueue()
        self._calls: SimpleQueue[_Batch | None] = SimpleQueue()
        self._pending = _Batch([], [])
        self._free = engine.committers
        self._under_way = 0
        self._held_until = 0.0
        self._silent = 0
        self._is_waking = False
        self._gathering: asyncio.TimerHandle | None = None
        self._enough = 0
        self._is_closed = False
        self._idle = asyncio.Event()
        self._idle.set()
        self.waiting = 0
        """Appends and calls that are not on disk yet."""
        self._threads = [self._start(self._batches, self._settle) for _ in range(self._free)]
        self._threads += [self._start(self._calls, self._done) for _ in range(engine.callers)]

    def append(self, entries: Sequence[Entry]) -> asyncio.Future[None]:
        """Insert rows, all or none of them; many appends cost little more than one."""
        self._refuse()
        self._admit()
        future = self._loop.create_future()
        self._pending.appends.append((future, entries))
        if not self._gathering or len(self._pending.appends) >= self._enough:
            self._wake()
        return future

    def call(self, function: Callable[[Connection], T]) -> asyncio.Future[T]:
        """Call a function in a transaction; what it raises undoes what it did."""
        self._refuse()
        self._admit()
        future: asyncio.Future[T] = self._loop.create_future()
        call = _Call(future, function)
        if self._engine.callers:
            self._hand_over(_Batch([], [call]), self._calls)
        else:
            self._pending.calls.append(call)
            self._wake()
        return future

    async def close(self) -> None:
        """Finish everything that was accepted, and accept nothing more."""
        self._is_closed = True
        await self._idle.wait()
        for _ in self._threads:
            self._batches.put(None)
            self._calls.put(None)
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    def _refuse(self) -> None:
        if self._is_closed:
            raise DatabaseClosed
        if self._silent == self._engine.committers:
            raise Unavailable(SILENT)

    def _admit(self) -> None:
        self.waiting += 1
        self._idle.clear()

    def _start(self, queue: SimpleQueue[_Batch | None], settle: Settle) -> Thread:
        thread = Thread(
            target=self._run, args=(queue, settle), name="tallystick-writer", daemon=True
        )
        thread.start()
        return thread

    def _wake(self) -> None:
        if self._free and not self._is_waking:
            self._is_waking = True
            # All that this turn of the loop brings goes into one transaction.
            self._loop.call_soon(self._commit_pending)

    def _gather(self, answered: int) -> None:
        """Commit what waits, at once or when most of those who were answered are here again."""
        expected = answered + len(self._pending.appends)
        if expected <= FEW or self._pending.calls:
            self._commit_pending()
            return
        self._wait_for(expected * 9 // 10, GATHER_S)

    def _wait_for(self, enough: int, seconds: float) -> None:
        self._stop_gathering()
        self._enough = enough
        self._gathering = self._loop.call_later(seconds, self._commit_pending)

    def _commit_pending(self) -> None:
        self._stop_gathering()
        self._is_waking = False
        if self._free and self._pending.size and not self._is_held():
            self._commit_now()

    def _is_held(self) -> bool:
        """Two small transactions cost more than one: beside one that runs a larger one begins."""
        left = self._held_until - self._loop.time()
        if self._pending.size > self._under_way or left <= 0:
            return False
        self._wait_for(self._under_way + 1, left)
        return True

    def _commit_now(self) -> None:
        batch, self._pending = self._pending, _Batch([], [])
        self._free -= 1
        self._under_way += batch.size
        self._held_until = self._loop.time() + HELD_S
        if self._is_stored_at_once(batch):
            self._settle(batch, [None] * len(batch.appends))
        else:
            self._hand_over(batch, self._batches)

    def _is_stored_at_once(self, batch: _Batch) -> bool:
        try:
            return not batch.calls and self._engine.store_at_once(_by_table(batch.appends))
        except Exception:  # which a thread will find again, and whose fault it is
            return False

    def _stop_gathering(self) -> None:
        if self._gathering:
            self._gathering.cancel()
            self._gathering = None

    def _hand_over(self, batch: _Batch, queue: SimpleQueue[_Batch | None]) -> None:
        if self._engine.patience_s:
            batch.alarm = self._loop.call_later(self._engine.patience_s, self._give_up, batch)
        queue.put(batch)

    def _give_up(self, batch: _Batch) -> None:
        """Answer those who wait for a database that says nothing; it may yet do as it was told."""
        batch.is_given_up = True
        _fail(batch)
        if batch.appends:
            self._silent += 1
            self._under_way -= batch.size
            self._wake()
        if self._silent == self._engine.committers:
            pending, self._pending = self._pending, _Batch([], [])
            _fail(pending)
            self._count_off(pending)

    def _settle(self, batch: _Batch, outcomes: Sequence[Outcome]) -> None:
        self._free += 1
        if batch.is_given_up:
            self._silent -= 1
        else:
            self._under_way -= batch.size
        self._gather(len(batch.appends))
        self._done(batch, outcomes)

    def _done(self, batch: _Batch, outcomes: Sequence[Outcome]) -> None:
        if batch.alarm:
            batch.alarm.cancel()
        self._count_off(batch)
        for future, outcome in zip(batch.futures(), outcomes, strict=True):
            # Its caller may have gone away; what he wrote stays written.
            if future.done():
                continue
            if isinstance(outcome, _Failure):
                future.set_exception(outcome.error)
            else:
                future.set_result(outcome)

    def _count_off(self, batch: _Batch) -> None:
        self.waiting -= batch.size
        if not self.waiting:
            self._idle.set()

    def _run(self, queue: SimpleQueue[_Batch | None], settle: Settle) -> None:
        while (batch := queue.get()) is not None:
            outcomes = self._write(batch)
            self._loop.call_soon_threadsafe(settle, batch, outcomes)

    def _write(self, batch: _Batch) -> list[Outcome]:
        try:
            return self._commit(batch)
        except BaseException as error:  # nothing may end the thread: others wait for it
            return [_Failure(error)] * batch.size

    def _commit(self, batch: _Batch) -> list[Outcome]:
        if self._engine.callers and batch.calls:
            return [self._call_alone(batch.calls[0].function)]
        try:
            return self._commit_together(batch)
        except _BadRow:
            return self._transact(batch, self._insert_singly)

    def _call_alone(self, function: Callable[[Connection], Any]) -> Outcome:
        with self._engine.writing() as connection:
            return call(function, connection)

    def _commit_together(self, batch: _Batch) -> list[Outcome]:
        if batch.calls:
            return self._transact(batch, self._insert_together)
        with self._blaming_rows():
            self._engine.store(_by_table(batch.appends))
        return [None] * len(batch.appends)

    def _transact(
        self, batch: _Batch, insert: Callable[[Connection, Sequence[_Append]], list[Outcome]]
    ) -> list[Outcome]:
        with self._engine.writing() as connection:
            # Rows first: when they are tried again, no function has been called yet.
            outcomes = insert(connection, batch.appends)
            return outcomes + [_attempt(connection, c.function) for c in batch.calls]

    def _insert_together(self, connection: Connection, appends: Sequence[_Append]) -> list[Outcome]:
        with self._blaming_rows():
            self._engine.insert(connection, _by_table(appends))
        return [None] * len(appends)

    @contextmanager
    def _blaming_rows(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if self._engine.blames_row(error):
                raise _BadRow from error
            raise

    def _insert_singly(self, connection: Connection, appends: Sequence[_Append]) -> list[Outcome]:
        return [
            _attempt(connection, partial(self._engine.insert, rows=_by_table([each])))
            for each in appends
        ]


def _by_table(appends: Sequence[_Append]) -> Mapping[Table, Sequence[Row]]:
    rows: dict[Table, list[Row]] = {}
    for _, entries in appends:
        for table, row in entries:
            rows.setdefault(table, []).append(row)
    return rows


def _fail(batch: _Batch) -> None:
    for future in batch.futures():
        if not future.done():
            future.set_exception(Unavailable(SILENT))


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
