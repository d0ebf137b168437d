"""SQLite: a file that one server process has to itself, or memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from sqlite3 import Connection as DriverConnection
from sqlite3 import OperationalError as DriverOperationalError
from threading import Lock

import sqlalchemy as sa
from sqlalchemy import URL, Connection, Table, event
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import QueuePool, StaticPool

from tallystick.store import schema
from tallystick.store.engine import Engine, Row
from tallystick.store.errors import DatabaseInUse, DatabaseUnusable
from tallystick.store.file_lock import FileLock

READERS = 4
BUSY_S = 5
"""How long a writer waits for another process: the command line, beside a server."""

START_PATIENCE_S = 1.0
"""How long a server waits for the lock, which the command line may hold to migrate."""


def engine(url: URL, *, exclusive: bool) -> Engine:
    """The engine of ``sqlite:///FILE``, or of ``sqlite://`` for memory."""
    if url.database in (None, "", ":memory:"):
        return Memory()
    return File(Path(url.database), exclusive=exclusive)


class _Writing:
    """The one connection that writes."""

    _writer: Connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The writer's connection in a transaction, committed and on disk at the end."""
        with self._writer.begin():
            yield self._writer

    def insert(self, connection: Connection, table: Table, rows: Sequence[Row]) -> None:
        """Insert whole rows as fast as the driver can."""
        _driver(connection).executemany(_insert(table), rows)

    def blames_row(self, error: Exception) -> bool:
        """Whether an insert failed for what was inserted, and not for the database's state."""
        return not isinstance(error, DriverOperationalError)


class Memory(_Writing):
    """A database in memory, gone when it is closed; its one connection is used in turns."""

    def __init__(self) -> None:
        self._turn = Lock()

    def open(self) -> None:
        """Make the database and its tables."""
        self._engine = sa.create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        _prepare(self._engine, "BEGIN", ["PRAGMA foreign_keys = ON"])
        self._writer = self._engine.connect()
        with self.writing() as connection:
            schema.migrate(connection)

    def close(self) -> None:
        """Forget everything."""
        self._writer.close()
        self._engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The connection in a transaction."""
        with self._turn, super().writing() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """The connection, which changes nothing meanwhile."""
        with self._turn, self._query_only(), self._writer.begin():
            yield self._writer

    @contextmanager
    def _query_only(self) -> Iterator[None]:
        driver = _driver(self._writer)
        driver.execute("PRAGMA query_only = ON")
        try:
            yield
        finally:
            driver.execute("PRAGMA query_only = OFF")


class File(_Writing):
    """A database file: one writer, and readers that never wait for it."""

    def __init__(self, path: Path, *, exclusive: bool) -> None:
        self._path = path
        self._exclusive = exclusive
        self._lock = FileLock(path.with_name(f"{path.name}.lock"))

    def open(self) -> None:
        """Make the file and its folder if need be, and migrate it; raises `StoreError`."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if self._exclusive:
                self._take_lock()
            self._connect()
        except (OSError, DatabaseError) as error:
            self._lock.free()
            raise DatabaseUnusable(f"can't use {self._path}: {_reason(error)}") from error
        except BaseException:
            self._lock.free()
            raise

    def close(self) -> None:
        """Disconnect, and let others in."""
        self._readers.dispose()
        self._writer.close()
        self._writers.dispose()
        self._lock.free()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database and changes nothing."""
        with self._readers.connect() as connection, connection.begin():
            yield connection

    def _connect(self) -> None:
        self._writers = self._engine("BEGIN IMMEDIATE", "PRAGMA synchronous = FULL")
        self._readers = self._engine("BEGIN", "PRAGMA query_only = ON")
        self._writer = self._writers.connect()
        self._migrate()

    def _engine(self, begin: str, pragma: str) -> sa.Engine:
        made = sa.create_engine(
            URL.create("sqlite", database=str(self._path)),
            poolclass=QueuePool,
            pool_size=READERS,
            max_overflow=0,
            connect_args={"timeout": BUSY_S, "check_same_thread": False},
        )
        pragmas = ["PRAGMA journal_mode = WAL", "PRAGMA foreign_keys = ON", pragma]
        _prepare(made, begin, pragmas)
        return made

    def _migrate(self) -> None:
        with self._readers.connect() as connection:
            if schema.is_current(connection):
                return
        if not self._exclusive:
            self._take_lock()
        with self.writing() as connection:
            if not schema.is_current(connection):
                schema.migrate(connection)
        if not self._exclusive:
            self._lock.free()

    def _take_lock(self) -> None:
        if not self._lock.take(START_PATIENCE_S):
            raise DatabaseInUse(f"{self._path} is in use by another tallystick process")


def _prepare(engine: sa.Engine, begin: str, pragmas: Sequence[str]) -> None:
    """Set up each new connection, and begin transactions ourselves, where the driver would late."""

    @event.listens_for(engine, "connect")
    def _connect(driver: DriverConnection, _record: object) -> None:
        driver.isolation_level = None
        for pragma in pragmas:
            driver.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _driver(connection: Connection) -> DriverConnection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, DriverConnection)
    return driver


@cache
def _insert(table: Table) -> str:
    return str(table.insert().compile(dialect=SQLiteDialect_pysqlite(paramstyle="qmark")))


def _reason(error: Exception) -> str:
    if isinstance(error, DatabaseError):
        return str(error.orig)
    return str(getattr(error, "strerror", None) or error)
