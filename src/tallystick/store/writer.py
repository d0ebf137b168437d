"""Group commit: concurrent writes share one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Thread
from time import perf_counter
from typing import TypeAlias, TypeVar

from sqlalchemy import Connection

from tallystick.metric_family import DurationCounts
from tallystick.store.batch import (
    Batch,
    BatchCommitter,
    Call,
    Entry,
    Failure,
    Outcome,
    rows_by_table,
)
from tallystick.store.engine import Engine
from tallystick.store.exceptions import DatabaseClosed, DatabaseUnavailable
from tallystick.store.outage import Outage

T = TypeVar("T")

Settle: TypeAlias = Callable[[Batch, Sequence[Outcome]], None]

# 32 connections to an SQLite file: 53 µs of CPU a request with this wait, and 78 without it
# (docs/decisions/store.md, "Why does a transaction wait for rows to come?").
GATHER_S = 0.002
"""How many seconds rows wait for further rows of the callers that were just answered."""

HELD_S = 0.1
"""How many seconds a batch waits for a larger transaction, where two can run at a time."""

FEW = 4
"""Up to this many callers are answered without a wait: their commit costs less than the wait."""

SILENT = "The database does not answer."


class Writer:
    """A group-commit writer, with threads of its own for inserting rows and calling functions.

    Appends and calls wait during a commit, and form the next transaction together. That one also
    waits up to `GATHER_S` for the callers answered by the last commit. Without this wait, clients
    with one request at a time split into two halves, and each half commits separately. An append or
    call is done when it is on disk.
    """

    def __init__(self, engine: Engine, outage: Outage) -> None:
        self._engine = engine
        self._outage = outage
        self._committer = BatchCommitter(engine, outage)
        self._loop = asyncio.get_running_loop()
        self._batches: SimpleQueue[Batch | None] = SimpleQueue()
        self._calls: SimpleQueue[Batch | None] = SimpleQueue()
        self._pending = Batch([], [])
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
        """The number of appends and calls that are not on disk yet."""
        self.commit_times = DurationCounts()
        """How long transactions took, from the hand-over of their batch until they were on disk."""
        self._threads = [self._start(self._batches, self._settle) for _ in range(self._free)]
        self._threads += [self._start(self._calls, self._done) for _ in range(engine.callers)]

    def append(self, entries: Sequence[Entry]) -> asyncio.Future[None]:
        """Insert rows, all or none; many concurrent appends cost little more than one."""
        self._refuse()
        self._admit()
        future = self._loop.create_future()
        self._pending.appends.append((future, entries))
        if not self._gathering or len(self._pending.appends) >= self._enough:
            self._wake()
        return future

    def call(self, function: Callable[[Connection], T]) -> asyncio.Future[T]:
        """Call a function in a transaction; roll back its changes if it raises."""
        self._refuse()
        self._admit()
        future: asyncio.Future[T] = self._loop.create_future()
        call = Call(future, function)
        if self._engine.callers:
            self._hand_over(Batch([], [call], perf_counter()), self._calls)
        else:
            self._pending.calls.append(call)
            self._wake()
        return future

    async def close(self) -> None:
        """Finish all accepted work, and accept no more."""
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
            raise DatabaseUnavailable(SILENT)

    def _admit(self) -> None:
        self.waiting += 1
        self._idle.clear()

    def _start(self, queue: SimpleQueue[Batch | None], settle: Settle) -> Thread:
        # A daemon, as one that waits for a silent database must not keep the process from ending.
        thread = Thread(
            target=self._run, args=(queue, settle), name="tallystick-writer", daemon=True
        )
        thread.start()
        return thread

    def _wake(self) -> None:
        if self._free and not self._is_waking:
            self._is_waking = True
            # All calls of this turn of the event loop share one transaction.
            self._loop.call_soon(self._commit_pending)

    def _gather(self, answered: int) -> None:
        """Commit the pending batch once most callers just answered have sent their next rows."""
        expected = answered + len(self._pending.appends)
        if expected <= FEW or self._pending.calls:
            self._commit_pending()
            return
        # Not all of them: one that left would cost the others the whole of `GATHER_S`.
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
        """Return whether the pending batch must wait for a larger one under way.

        Two small transactions cost more than one of both, so only a larger batch starts beside
        another.
        """
        # On PostgreSQL a request cost 60 µs of CPU with this rule and 98 µs without it
        # (docs/decisions/store.md, "How are events written to PostgreSQL?").
        left = self._held_until - self._loop.time()
        if self._pending.size > self._under_way or left <= 0:
            return False
        self._wait_for(self._under_way + 1, left)
        return True

    def _commit_now(self) -> None:
        batch, self._pending = self._pending, Batch([], [])
        batch.begun = perf_counter()
        self._free -= 1
        self._under_way += batch.size
        self._held_until = self._loop.time() + HELD_S
        if self._is_stored_at_once(batch):
            self._settle(batch, [None] * len(batch.appends))
        else:
            self._hand_over(batch, self._batches)

    def _is_stored_at_once(self, batch: Batch) -> bool:
        try:
            return not batch.calls and self._engine.store_at_once(rows_by_table(batch.appends))
        except Exception:  # the thread finds the error again, and the row at fault
            return False

    def _stop_gathering(self) -> None:
        if self._gathering:
            self._gathering.cancel()
            self._gathering = None

    def _hand_over(self, batch: Batch, queue: SimpleQueue[Batch | None]) -> None:
        if self._engine.patience_s:
            batch.alarm = self._loop.call_later(self._engine.patience_s, self._give_up, batch)
        queue.put(batch)

    def _give_up(self, batch: Batch) -> None:
        """Fail the callers of a batch whose database is silent; it may still be stored later."""
        batch.is_given_up = True
        self._outage.begin(DatabaseUnavailable(SILENT))
        _fail(batch)
        if batch.appends:
            self._silent += 1
            self._under_way -= batch.size
            self._wake()
        if self._silent == self._engine.committers:
            pending, self._pending = self._pending, Batch([], [])
            _fail(pending)
            self._count_off(pending)

    def _settle(self, batch: Batch, outcomes: Sequence[Outcome]) -> None:
        self._free += 1
        if batch.is_given_up:
            self._silent -= 1
        else:
            self._under_way -= batch.size
        self._gather(len(batch.appends))
        self._done(batch, outcomes)

    def _done(self, batch: Batch, outcomes: Sequence[Outcome]) -> None:
        if batch.alarm:
            batch.alarm.cancel()
        self.commit_times.add(perf_counter() - batch.begun)
        self._count_off(batch)
        for future, outcome in zip(batch.futures(), outcomes, strict=True):
            # The caller may have gone away; their write stays.
            if future.done():
                continue
            if isinstance(outcome, Failure):
                future.set_exception(outcome.error)
            else:
                future.set_result(outcome)

    def _count_off(self, batch: Batch) -> None:
        self.waiting -= batch.size
        if not self.waiting:
            self._idle.set()

    def _run(self, queue: SimpleQueue[Batch | None], settle: Settle) -> None:
        while (batch := queue.get()) is not None:
            outcomes = self._committer.commit(batch)
            self._loop.call_soon_threadsafe(settle, batch, outcomes)


def _fail(batch: Batch) -> None:
    for future in batch.futures():
        if not future.done():
            future.set_exception(DatabaseUnavailable(SILENT))
