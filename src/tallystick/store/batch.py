"""A batch: what many have to write at one time, and its one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypeAlias, TypeVar

from sqlalchemy import Connection, NestedTransaction, Table

from tallystick.store.engine import Engine, Row
from tallystick.store.outage import Outage

T = TypeVar("T")

Entry: TypeAlias = tuple[Table, Row]
"""A row and the table that it goes into."""


Append: TypeAlias = tuple[asyncio.Future[None], Sequence[Entry]]


class Call(NamedTuple):
    """A function that writes, and the future of what it returns."""

    future: asyncio.Future[Any]
    function: Callable[[Connection], Any]


@dataclass(slots=True)
class Batch:
    """Appends and calls that are committed together, and the alarm of those who wait for them."""

    appends: list[Append]
    calls: list[Call]
    alarm: asyncio.TimerHandle | None = None
    is_given_up: bool = False

    @property
    def size(self) -> int:
        """Return how many appends and calls there are."""
        return len(self.appends) + len(self.calls)

    def futures(self) -> list[asyncio.Future[Any]]:
        """Return the futures of the appends, then those of the calls."""
        return [future for future, _ in self.appends] + [c.future for c in self.calls]


class Failure(NamedTuple):
    """Why an append or a call was undone."""

    error: BaseException


class _BadRow(Exception):
    """One of the rows can't be inserted."""


Outcome: TypeAlias = Any
"""What a call returned, or a `Failure`."""


class BatchCommitter:
    """Commits batches in one transaction each, in the thread that calls it.

    A row or a function that fails is undone alone; if the transaction fails, all that was in it
    fails.
    """

    def __init__(self, engine: Engine, outage: Outage) -> None:
        """`outage`: begins with what the database can't store."""
        self._engine = engine
        self._outage = outage

    def commit(self, batch: Batch) -> list[Outcome]:
        """Return what became of each append and call, in their order; raise nothing."""
        try:
            return self._commit(batch)
        except BaseException as error:  # nothing may end the thread: others wait for it
            self._outage.begin(error)
            return [Failure(error)] * batch.size

    def _commit(self, batch: Batch) -> list[Outcome]:
        if self._engine.callers and batch.calls:
            return [self._call_alone(batch.calls[0].function)]
        try:
            return self._commit_together(batch)
        except _BadRow:
            return self._transact(batch, self._insert_singly)

    def _call_alone(self, function: Callable[[Connection], Any]) -> Outcome:
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
            # Rows first: when they are tried again, no function has been called yet.
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
        """Call a function; if it fails, undo what it did and no more."""
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
    """Return the rows of several appends, in their order, by table."""
    rows: dict[Table, list[Row]] = {}
    for _, entries in appends:
        for table, row in entries:
            rows.setdefault(table, []).append(row)
    return rows


def call(function: Callable[[Connection], T], connection: Connection) -> T:
    """Call a function whose error a future can carry."""
    try:
        return function(connection)
    except StopIteration as error:  # which would end the coroutine that waits for the future
        raise RuntimeError("the function raised StopIteration") from error


def _undo(savepoint: NestedTransaction, error: Exception) -> None:
    """Undo what failed; raises its error if the database has undone the whole transaction."""
    try:
        savepoint.rollback()
    except Exception:
        raise error from None
