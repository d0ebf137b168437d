"""A batch: writes in one transaction, and their commit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypeAlias, TypeVar

from sqlalchemy import Connection, NestedTransaction, Table

from tallystick.store.engine import Engine, Row
from tallystick.store.exceptions import Deadlocked, Unstorable
from tallystick.store.outage import Outage

T = TypeVar("T")

DEADLOCKS = 2
"""How often a function is called again after a deadlock: nothing of its transaction is stored."""

Entry: TypeAlias = tuple[Table, Row]
"""A table, and a row for it."""


Append: TypeAlias = tuple[asyncio.Future[None], Sequence[Entry]]


class Call(NamedTuple):
    """A writing function, and the future of its result."""

    future: asyncio.Future[Any]
    function: Callable[[Connection], Any]


@dataclass(slots=True)
class Batch:
    """The appends and calls of one transaction, with a timer for giving up on it."""

    appends: list[Append]
    calls: list[Call]
    begun: float = 0.0
    """When it was handed over, by `perf_counter`."""
    alarm: asyncio.TimerHandle | None = None
    is_given_up: bool = False

    @property
    def size(self) -> int:
        """Return the number of appends and calls."""
        return len(self.appends) + len(self.calls)

    def futures(self) -> list[asyncio.Future[Any]]:
        """Return the futures of the appends, followed by those of the calls."""
        return [future for future, _ in self.appends] + [c.future for c in self.calls]


class Failure(NamedTuple):
    """The reason an append or call was rolled back."""

    error: BaseException


class _BadRow(Exception):
    """One of the rows can't be inserted."""


Outcome: TypeAlias = Any
"""The result of a call, None for an append, or a `Failure`."""


class BatchCommitter:
    """A committer of batches, with one transaction for each, in the calling thread.

    A row or function that fails is rolled back alone. If the transaction fails, so does everything
    in it.
    """

    def __init__(self, engine: Engine, outage: Outage) -> None:
        """`outage` starts when the database can't store."""
        self._engine = engine
        self._outage = outage

    def commit(self, batch: Batch) -> list[Outcome]:
        """Return the outcome of each append and call, in their order; catch every exception."""
        try:
            return self._commit(batch)
        except BaseException as error:  # the thread must go on, as others wait for it
            self._outage.begin(error)
            return [Failure(error)] * batch.size

    def _commit(self, batch: Batch) -> list[Outcome]:
        if self._engine.callers and batch.calls:
            # On PostgreSQL a batch has either rows or one function, which locks rows of its own:
            # two that shared a transaction could deadlock with two in another.
            return [self._call_alone(batch.calls[0].function)]
        try:
            return self._commit_together(batch)
        except _BadRow:
            return self._transact(batch, self._insert_singly)

    def _call_alone(self, function: Callable[[Connection], Any]) -> Outcome:
        for _ in range(DEADLOCKS):
            with suppress(Deadlocked):
                return self._call_once(function)
        return self._call_once(function)

    def _call_once(self, function: Callable[[Connection], Any]) -> Outcome:
        with self._engine.writing() as connection:
            return call(function, connection)

    def _commit_together(self, batch: Batch) -> list[Outcome]:
        if batch.calls:
            return self._transact(batch, self._insert_together)
        with self._blaming_rows():
            self._engine.store(rows_by_table(batch.appends))
        return [None] * len(batch.appends)

    def _transact(
        self, batch: Batch, insert: Callable[[Connection, Sequence[Append]], list[Outcome]]
    ) -> list[Outcome]:
        with self._engine.writing() as connection:
            # Rows before functions, so that a second try of the rows calls no function twice.
            outcomes = insert(connection, batch.appends)
            return outcomes + [self._attempt(connection, c.function) for c in batch.calls]

    def _insert_together(self, connection: Connection, appends: Sequence[Append]) -> list[Outcome]:
        with self._blaming_rows():
            self._engine.insert(connection, rows_by_table(appends))
        return [None] * len(appends)

    @contextmanager
    def _blaming_rows(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if self._engine.blames_row(error):
                raise _BadRow from error
            raise

    def _insert_singly(self, connection: Connection, appends: Sequence[Append]) -> list[Outcome]:
        return [
            self._attempt(connection, partial(self._engine.insert, rows=rows_by_table([each])))
            for each in appends
        ]

    def _attempt(self, connection: Connection, function: Callable[[Connection], Any]) -> Outcome:
        """Call a function in a savepoint; if it fails, roll back its own changes only."""
        savepoint = connection.begin_nested()
        try:
            outcome = call(function, connection)
        except Exception as error:
            _undo(savepoint, error)
            told = self._engine.translate(error)
            self._outage.begin(told)
            return Failure(told)
        savepoint.commit()
        return outcome


def rows_by_table(appends: Sequence[Append]) -> Mapping[Table, Sequence[Row]]:
    """Return the rows of several appends by table, each table's in their order."""
    rows: dict[Table, list[Row]] = {}
    for _, entries in appends:
        for table, row in entries:
            rows.setdefault(table, []).append(row)
    return rows


def call(function: Callable[[Connection], T], connection: Connection) -> T:
    """Call a function; raise `Unstorable` for a text that no database can hold.

    Its `StopIteration`, which futures can't carry, becomes a `RuntimeError`.
    """
    try:
        return function(connection)
    except UnicodeEncodeError as error:  # by a driver, for half a surrogate pair
        raise Unstorable from error
    except StopIteration as error:  # a future can't carry it
        raise RuntimeError("the function raised StopIteration") from error


def _undo(savepoint: NestedTransaction, error: Exception) -> None:
    """Roll back to a savepoint; raise the error if the whole transaction was rolled back."""
    try:
        savepoint.rollback()
    except Exception:
        raise error from None
