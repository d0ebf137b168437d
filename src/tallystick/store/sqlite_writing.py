"""The writing connection of an SQLite database, and how rows are inserted by it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from itertools import chain

import sqlalchemy as sa
from sqlalchemy import Connection, Table, event
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from tallystick.contract.exceptions import Unavailable
from tallystick.store.engine import IsOver, Row
from tallystick.store.sqlite_outages import WRITE_OUTAGES, raise_outage, telling, to_unavailable

STEPS = 10_000
"""SQLite's steps between two looks at whether a statement should end: some 100 µs of them."""

INSERTED_AT_ONCE = 64
"""The number of rows in one INSERT statement."""


class SqliteWriting:
    """The single writing connection of an SQLite database."""

    committers = 1
    callers = 0
    patience_s: float | None = None

    _begin: str
    _writer: Connection
    _direct: sqlite3.Connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield the writing connection in a transaction; commit it to disk when the block ends."""
        with telling(WRITE_OUTAGES):
            try:
                with self._writer.begin():
                    yield self._writer
            except BaseException:
                # After a failed commit the transaction is over for SQLAlchemy, but not for SQLite.
                self._direct.rollback()
                raise

    def turn(self) -> AbstractContextManager[None]:
        """Return a context that does nothing: one process has the database to itself."""
        return nullcontext()

    def store(self, rows: Mapping[Table, Sequence[Row]]) -> None:
        """Insert complete rows in a transaction of their own."""
        inserts = list(_inserts(rows))
        try:  # `telling` would cost a microsecond of each request
            if len(inserts) == 1:  # a transaction by itself
                self._direct.execute(*inserts[0])
            else:
                self._store_together(inserts)
        except sqlite3.Error as error:
            raise_outage(error, WRITE_OUTAGES)
            raise

    def _store_together(self, inserts: Sequence[tuple[str, Row]]) -> None:
        # By the driver: a transaction through SQLAlchemy costs as much as a dozen rows.
        self._direct.execute(self._begin)
        try:
            for insert in inserts:
                self._direct.execute(*insert)
            self._direct.execute("COMMIT")
        except BaseException:
            self._direct.rollback()
            raise

    def insert(self, connection: Connection, rows: Mapping[Table, Sequence[Row]]) -> None:
        """Insert complete rows within the connection's transaction."""
        driver = driver_of(connection)
        for insert in _inserts(rows):
            driver.execute(*insert)

    def translate(self, error: Exception) -> Exception:
        """Return the store's exception for a driver's error, or else the error itself."""
        return to_unavailable(error, WRITE_OUTAGES) or error

    def blames_row(self, error: Exception) -> bool:
        """Return whether a row caused an insert to fail, rather than the state of the database."""
        return not isinstance(error, (Unavailable, sqlite3.OperationalError))


def set_up(engine: sa.Engine, begin: str, pragmas: Sequence[str]) -> None:
    """Configure each connection, and begin its transactions explicitly."""

    @event.listens_for(engine, "connect")
    def _connect(driver: sqlite3.Connection, _record: object) -> None:
        # None stops the driver from beginning transactions itself, which it does before the first
        # write only: too late for reads of the same snapshot (Python's sqlite3, "Transaction
        # control").
        driver.isolation_level = None
        for pragma in pragmas:
            driver.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


@contextmanager
def ending(driver: sqlite3.Connection, is_over: IsOver | None) -> Iterator[None]:
    """End each statement of the block with an error once `is_over` returns True."""
    if is_over is None:
        yield
        return
    driver.set_progress_handler(is_over, STEPS)
    try:
        yield
    finally:
        driver.set_progress_handler(None, 0)


def driver_of(connection: Connection) -> sqlite3.Connection:
    """Return the driver's connection."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _inserts(rows: Mapping[Table, Sequence[Row]]) -> Iterator[tuple[str, Row]]:
    """Yield INSERT statements of many rows, each with its values.

    One statement of many rows is faster than `executemany`, between whose rows other threads run.
    """
    for table, those in rows.items():
        for start in range(0, len(those), INSERTED_AT_ONCE):
            some = those[start : start + INSERTED_AT_ONCE]
            yield _statement(table, len(some)), list(chain.from_iterable(some))


@cache
def _statement(table: Table, count: int) -> str:
    dialect = SQLiteDialect_pysqlite(paramstyle="qmark")
    insert, values, row = str(table.insert().compile(dialect=dialect)).partition("VALUES ")
    return insert + values + ", ".join([row] * count)
