"""SQLite engines: a file for the exclusive use of one server process, and memory."""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from itertools import chain
from pathlib import Path
from threading import Lock
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import URL, Connection, Table, event
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool, QueuePool, StaticPool

from tallystick.contract.exceptions import Unavailable
from tallystick.store import schema
from tallystick.store.engine import KNOWN, READERS, Engine, Row, sqlite_file
from tallystick.store.exceptions import (
    DatabaseInUse,
    DatabaseUnavailable,
    DatabaseUnusable,
    UnknownDatabase,
)
from tallystick.store.file_lock import FileLock
from tallystick.store.sqlite_outages import (
    READ_OUTAGES,
    WRITE_OUTAGES,
    raise_outage,
    telling,
    to_unavailable,
)

BUSY_S = 5
"""How many seconds a writer waits for the command line, which may write beside a server."""

INSERTED_AT_ONCE = 64
"""The number of rows in one INSERT statement."""

TURN_S = 0.002
"""How many seconds the event loop waits for the database in memory, whose transactions are short.
"""

PATIENCE_S = 1.0
"""How many seconds to wait for the file's lock: a migration on the command line is short."""


def engine(url: URL, *, exclusive: bool) -> Engine:
    """Return the engine of ``sqlite:///FILE``, or of ``sqlite://`` for memory."""
    if url.host or url.query:
        raise UnknownDatabase(f"leave host and options out of an SQLite URL; {KNOWN}")
    file = sqlite_file(url)
    return File(file.resolve(), exclusive=exclusive) if file else Memory()


class _Writing:
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
        driver = _driver(connection)
        for insert in _inserts(rows):
            driver.execute(*insert)

    def translate(self, error: Exception) -> Exception:
        """Return the store's exception for a driver's error, or else the error itself."""
        return to_unavailable(error, WRITE_OUTAGES) or error

    def blames_row(self, error: Exception) -> bool:
        """Return whether a row caused an insert to fail, rather than the state of the database."""
        return not isinstance(error, (Unavailable, sqlite3.OperationalError))


class Memory(_Writing):
    """A database in memory, deleted when it is closed; threads take turns at its one connection."""

    _begin = "BEGIN"

    def __init__(self) -> None:
        self._turn = Lock()

    def open(self) -> None:
        """Create the database and its tables."""
        self._engine = sa.create_engine(
            "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        _set_up(self._engine, self._begin, ["PRAGMA foreign_keys = ON"])
        self._writer = self._engine.connect()
        self._direct = _driver(self._writer)
        with self.writing() as connection:
            schema.prepare(connection)

    def store(self, rows: Mapping[Table, Sequence[Row]]) -> None:
        """Insert complete rows in a transaction of their own."""
        with self._turn:
            super().store(rows)

    def is_in_use(self) -> bool:
        """Return False: other processes can't reach this memory."""
        return False

    def looking(self) -> AbstractContextManager[None]:
        """Return a context with None: the database does not exist before `open`."""
        return nullcontext()

    def store_at_once(self, rows: Mapping[Table, Sequence[Row]]) -> bool:
        """Insert complete rows on the event loop; return False if a thread keeps it busy."""
        # Memory waits for no disk, so this needs no thread. Rows are committed together all the
        # same: 44 µs of CPU a request in place of 76 (docs/decisions/store.md,
        # "Is a row in memory committed with others?").
        if not self._turn.acquire(timeout=TURN_S):
            return False
        try:
            super().store(rows)
        finally:
            self._turn.release()
        return True

    def copy(self) -> sqlite3.Connection:
        """Return a copy of the database, for `restore`."""
        kept = sqlite3.connect(":memory:", check_same_thread=False)
        with self._turn:
            self._direct.backup(kept)
        return kept

    def restore(self, kept: sqlite3.Connection) -> None:
        """Replace the content by an earlier `copy`."""
        with self._turn:
            kept.backup(self._direct)

    def close(self) -> None:
        """Delete the database."""
        self._writer.close()
        self._engine.dispose()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield the connection in a transaction."""
        with self._turn, super().writing() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield the connection in read-only mode."""
        with self._turn, self._query_only(), self._writer.begin():
            yield self._writer

    @contextmanager
    def _query_only(self) -> Iterator[None]:
        self._direct.execute("PRAGMA query_only = ON")
        try:
            yield
        finally:
            self._direct.execute("PRAGMA query_only = OFF")


class File(_Writing):
    """A database file with one writer, and with readers beside it."""

    # Takes the write lock at once: a read that turns into a write later fails with SQLITE_BUSY if
    # another process has written in between (https://sqlite.org/lang_transaction.html).
    _begin = "BEGIN IMMEDIATE"

    def __init__(self, path: Path, *, exclusive: bool) -> None:
        self._path = path
        self._exclusive = exclusive
        self._lock = FileLock(path.with_name(f"{path.name}.lock"))
        # In WAL mode FULL syncs at each commit, so that an acknowledged event survives a power cut
        # (https://sqlite.org/pragma.html#pragma_synchronous).
        self._writers = self._engine(self._begin, "PRAGMA synchronous = FULL")
        self._readers = self._engine("BEGIN", "PRAGMA query_only = ON")

    def open(self) -> None:
        """Create the file and its folder if need be, and migrate it; raise `StoreError`."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # The files that SQLite creates beside it get the same mode.
            self._path.touch(mode=0o600)
            self._open()
        except (OSError, sqlite3.Error, DatabaseError, DatabaseUnavailable) as error:
            self._lock.release()
            raise self._unusable(error) from error
        except BaseException:
            self._lock.release()
            raise

    def close(self) -> None:
        """Disconnect, and release the lock."""
        self._readers.dispose()
        self._writer.close()
        self._writers.dispose()
        self._lock.release()

    def store_at_once(self, rows: Mapping[Table, Sequence[Row]]) -> bool:  # noqa: ARG002
        """Return False: a commit waits for the disk."""
        return False

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection with a read-only snapshot of the database."""
        with telling(READ_OUTAGES), self._readers.connect() as connection, connection.begin():
            yield connection

    def _engine(self, begin: str, pragma: str) -> sa.Engine:
        made = sa.create_engine(
            URL.create("sqlite", database=str(self._path)),
            poolclass=QueuePool,
            pool_size=READERS,
            max_overflow=0,
            connect_args={"timeout": BUSY_S, "check_same_thread": False},
        )
        _set_up(made, begin, ["PRAGMA foreign_keys = ON", pragma])
        return made

    def _open(self) -> None:
        if self._exclusive and not self._lock.acquire(PATIENCE_S):
            raise self._in_use()
        self._writer = self._writers.connect()
        self._direct = _driver(self._writer)
        if self._exclusive:
            self._prepare()
        elif not self._is_current():
            self._prepare_beside()

    def _prepare_beside(self) -> None:
        """Migrate, unless a server is running; raise `DatabaseInUse` if its tables are older."""
        if self._lock.acquire(PATIENCE_S):
            self._prepare()
            self._lock.release()
        elif not self._is_current():
            raise self._in_use()

    def _prepare(self) -> None:
        # The mode is kept in the file, but a copy made by a backup may lack it.
        self._direct.execute("PRAGMA journal_mode = WAL")
        if not self._is_current():
            with self.writing() as connection:
                schema.prepare(connection)

    def _is_current(self) -> bool:
        with self.reading() as connection:
            return schema.is_current(connection)

    def is_in_use(self) -> bool:
        """Return whether another process serves the file."""
        return self._lock.is_held()

    @contextmanager
    def looking(self) -> Iterator[Connection | None]:
        """Yield a read-only connection that leaves no file behind; None if there is no database."""
        try:
            _refuse_unwritable(self._path)
            if not (self._path.exists() and self._path.stat().st_size):
                yield None
                return
            with self._looker().connect() as connection:
                yield connection
        except (OSError, sqlite3.Error, DatabaseError) as error:
            raise self._unusable(error) from error

    def _looker(self) -> sa.Engine:
        # Immutable without a log beside the file: SQLite would create one and leave it.
        has_log = self._path.with_name(f"{self._path.name}-wal").exists()
        target = f"file:{quote(str(self._path))}?mode=ro{'' if has_log else '&immutable=1'}"
        return sa.create_engine(
            "sqlite://",
            creator=lambda: sqlite3.connect(target, uri=True, timeout=BUSY_S),
            poolclass=NullPool,
        )

    def _unusable(self, error: Exception) -> DatabaseUnusable:
        reason = _reason(error)
        words = f"can't use {self._path}: {reason}{_ADVICE.get(reason, '')}"
        return DatabaseUnusable(f"{words}, and the disk is full" if _is_full(self._path) else words)

    def _in_use(self) -> DatabaseInUse:
        return DatabaseInUse(f"{self._path} is in use by another tallystick process")


def _is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free == 0
    except OSError:
        return False


def _refuse_unwritable(path: Path) -> None:
    """Raise `OSError` if the file, or a folder on the way to it, can't be written."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    there = next(p for p in (path, *path.parents) if p.exists())
    if there != path and not there.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(there))
    folder = path.parent if there == path else there
    for needed in {there, folder}:
        if not os.access(needed, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(needed))


def _set_up(engine: sa.Engine, begin: str, pragmas: Sequence[str]) -> None:
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


def _driver(connection: Connection) -> sqlite3.Connection:
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


_ADVICE = {
    "file is not a database": "; name another by --database, or move it away and restore a backup",
}
"""What to do, by the reason in SQLite's words."""


def _reason(error: BaseException) -> str:
    if isinstance(error, DatabaseUnavailable) and error.__cause__:
        return _reason(error.__cause__)
    if isinstance(error, DatabaseError):
        return str(error.orig)
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.strerror}: {error.filename}"
    return str(error)
