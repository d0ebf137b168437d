"""SQLite engines: a file for the exclusive use of one server process, and memory."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import monotonic
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import URL, Connection, Table
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool, QueuePool

from tallystick.store import outage, schema
from tallystick.store.engine import KNOWN, READERS, Engine, IsOver, Row, sqlite_file
from tallystick.store.exceptions import DatabaseInUse, DatabaseUnavailable, UnknownDatabase
from tallystick.store.file_lock import FileLock
from tallystick.store.long_readers import LONG_READERS
from tallystick.store.reader_gate import ReaderGate
from tallystick.store.sqlite_memory import Memory
from tallystick.store.sqlite_outages import READ_OUTAGES, telling
from tallystick.store.sqlite_refusals import refuse_unwritable, unusable
from tallystick.store.sqlite_writing import SqliteWriting, driver_of, ending, set_up

BUSY_S = 5
"""How many seconds a writer waits for the command line, which may write beside a server."""

LOG_BYTES = 64 * 1024 * 1024
"""The length of the file's log of writes from which new readers wait until it is begun anew."""

SHORTENED_EVERY_S = 5.0
"""The least seconds between two attempts at that: a reader of another process may be in the way."""

CHECKPOINT_S = 0.05
"""How many seconds such an attempt waits, and writers with it, for readers of other processes."""

PATIENCE_S = 1.0
"""How many seconds to wait for the file's lock: a migration on the command line is short."""


FileIdentity = tuple[int, int] | None
"""The device and the number of a file; None if there is none."""


def identify(path: Path) -> FileIdentity:
    """Return which file is at the path."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def engine(url: URL, *, exclusive: bool) -> Engine:
    """Return the engine of ``sqlite:///FILE``, or of ``sqlite://`` for memory."""
    if url.host or url.query:
        raise UnknownDatabase(f"leave host and options out of an SQLite URL; {KNOWN}")
    file = sqlite_file(url)
    if file is None:
        return Memory()
    # `Path.resolve` fails on a link to itself with a `RuntimeError`, until Python 3.13.
    path = Path(os.path.realpath(file))
    if not path.name:
        raise unusable(path, OSError())
    return File(path, exclusive=exclusive)


class File(SqliteWriting):
    """A database file with one writer, and with readers beside it."""

    reads_beside_writes = True

    # Takes the write lock at once: a read that turns into a write later fails with SQLITE_BUSY if
    # another process has written in between (https://sqlite.org/lang_transaction.html).
    _begin = "BEGIN IMMEDIATE"

    def __init__(self, path: Path, *, exclusive: bool) -> None:
        self._path = path
        self._exclusive = exclusive
        self._log = path.with_name(f"{path.name}-wal")
        self._gate = ReaderGate()
        self._shorten_at = 0.0
        self._opened: tuple[FileIdentity, ...] = ()
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
            raise unusable(self._path, error) from error
        except BaseException:
            self._lock.release()
            raise

    def close(self) -> None:
        """Disconnect, and release the lock."""
        self._readers.dispose()
        self._writer.close()
        self._writers.dispose()
        self._lock.release()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield the writing connection in a transaction; commit it to disk when the block ends."""
        self._refuse_moved()
        with super().writing() as connection:
            yield connection

    def store(self, rows: Mapping[Table, Sequence[Row]]) -> None:
        """Insert complete rows in a transaction of their own."""
        self._refuse_moved()
        super().store(rows)

    def _refuse_moved(self) -> None:
        """Raise `DatabaseUnavailable` if others would find no file, or another, at its place.

        SQLite writes on into a removed file, whose last holder takes all of it along.
        """
        if self._opened and self._opened != self._identify():
            raise outage.unavailable(outage.MOVED)

    def _identify(self) -> tuple[FileIdentity, ...]:
        return identify(self._path), identify(self._log)

    def store_at_once(self, rows: Mapping[Table, Sequence[Row]]) -> bool:  # noqa: ARG002
        """Return False: a commit waits for the disk."""
        return False

    @contextmanager
    def reading(self, is_over: IsOver | None = None) -> Iterator[Connection]:
        """Yield a connection with a read-only snapshot of the database."""
        self._shorten_log()
        with (
            telling(READ_OUTAGES),
            self._gate.passed(),
            self._readers.connect() as connection,
            connection.begin(),
            ending(driver_of(connection), is_over),
        ):
            yield connection

    def _shorten_log(self) -> None:
        """Begin the log of writes anew if it is too long: readers at all times keep it growing."""
        if not self._exclusive or monotonic() < self._shorten_at or not self._is_log_long():
            return
        self._shorten_at = monotonic() + SHORTENED_EVERY_S
        # A full disk fails writes, which tell of it.
        with suppress(sqlite3.Error), closing(self._checkpointer()) as connection:
            # Writers go on but for the last step, which has little left to do.
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            with self._gate.emptied() as is_ours:
                if is_ours:
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
                    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _checkpointer(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=CHECKPOINT_S)

    def _is_log_long(self) -> bool:
        try:
            return os.stat(self._log).st_size > LOG_BYTES
        except FileNotFoundError:
            return False

    def _connect(self) -> sqlite3.Connection:
        # Without `mode` SQLite would make an empty file in the place of a removed one.
        target = f"file:{quote(bytes(self._path))}?mode=rw"
        return sqlite3.connect(target, uri=True, timeout=BUSY_S, check_same_thread=False)

    def _engine(self, begin: str, pragma: str) -> sa.Engine:
        made = sa.create_engine(
            "sqlite://",
            creator=self._connect,
            poolclass=QueuePool,
            pool_size=READERS + LONG_READERS,
            max_overflow=0,
        )
        set_up(made, begin, ["PRAGMA foreign_keys = ON", pragma])
        return made

    def _open(self) -> None:
        if self._exclusive and not self._lock.acquire(PATIENCE_S):
            raise self._in_use()
        self._writer = self._writers.connect()
        self._direct = driver_of(self._writer)
        if self._exclusive:
            self._prepare()
        elif not self._is_current():
            self._prepare_beside()
        self._opened = self._identify()

    def _prepare_beside(self) -> None:
        """Migrate, unless a server is running; raise `DatabaseInUse` if its tables are older."""
        if self._lock.acquire(PATIENCE_S):
            self._prepare()
            self._lock.release()
        elif not self._is_current():
            raise self._in_use()

    def _prepare(self) -> None:
        # It holds for a new file; an older one keeps its own (docs/decisions/store.md, "When does
        # an SQLite file become smaller?").
        self._direct.execute("PRAGMA auto_vacuum = INCREMENTAL")
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
            refuse_unwritable(self._path)
            if not (self._path.exists() and self._path.stat().st_size):
                yield None
                return
            with self._looker().connect() as connection:
                yield connection
        except (OSError, sqlite3.Error, DatabaseError) as error:
            raise unusable(self._path, error) from error

    def _looker(self) -> sa.Engine:
        # Immutable without a log beside the file: SQLite would create one and leave it.
        mode = "mode=ro" if self._log.exists() else "mode=ro&immutable=1"
        target = f"file:{quote(bytes(self._path))}?{mode}"
        return sa.create_engine(
            "sqlite://",
            creator=lambda: sqlite3.connect(target, uri=True, timeout=BUSY_S),
            poolclass=NullPool,
        )

    def _in_use(self) -> DatabaseInUse:
        return DatabaseInUse(f"{self._path} is in use by another tallystick process")
