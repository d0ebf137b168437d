"""The PostgreSQL engine: one database shared by many server processes."""

from __future__ import annotations

import select
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache

import psycopg
import sqlalchemy as sa
from psycopg.errors import (
    CharacterNotInRepertoire,
    DeadlockDetected,
    IdleInTransactionSessionTimeout,
    InsufficientPrivilege,
    ReadOnlySqlTransaction,
)
from sqlalchemy import URL, Connection, Dialect, Table, event, text
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, PendingRollbackError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tallystick.contract.exceptions import Problem, Unavailable
from tallystick.store import outage, schema
from tallystick.store.engine import READERS, IsOver, Row
from tallystick.store.exceptions import (
    DatabaseUnavailable,
    DatabaseUnusable,
    Deadlocked,
    NoDatabase,
    Unstorable,
)
from tallystick.store.long_readers import LONG_READERS
from tallystick.store.postgresql_options import check_options
from tallystick.store.postgresql_refusals import find_refusal
from tallystick.store.sql import lock_name

COMMITTERS = 2
"""Transactions with rows at a time: while one waits for the disk, the next is sent."""

CALLERS = 2

TURN = 1
"""The connection for the transaction that holds the lock of `turn`."""

PATIENCE_S = 5.0

IDLE_S = 30.0
"""The longest pause of a transaction: PostgreSQL then ends it, and others get its locks.

A process that is frozen, such as one in a paused machine, would keep them from all others.
"""

_CONNECT = {
    "application_name": "tallystick",
    "client_encoding": "utf8",
    "connect_timeout": "3",
    # The server is given up after some seconds without an answer: libpq's own options
    # (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS).
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "2",
    "tcp_user_timeout": "5000",
}

_OUTAGES = {
    "53100": outage.DISK_FULL,
    "58030": outage.DISK_FAILS,
    "25006": outage.READ_ONLY,
}
"""SQLSTATE → reason of the outage."""

_TOO_LARGE = "54"
"""The class of errors for a row or a statement beyond PostgreSQL's bounds: it alone is at fault."""

# Commits wait for the disk even where a database or role has `synchronous_commit = off`. An
# operator may ask for more (`remote_apply`), but not for less.
_DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')"
)
# Pages are read in milliseconds, whatever the planner estimates: to compile them would cost more
# than it saves, and more processes would take the cores from the writes.
_LEAN = "SET jit = off; SET max_parallel_workers_per_gather = 0"
_BRIEF = (
    "SELECT set_config('idle_in_transaction_session_timeout', '{}', false)"
    " WHERE current_setting('idle_in_transaction_session_timeout') = '0'"
)


def engine(url: URL, *, exclusive: bool) -> PostgreSQL:
    """Return the engine of ``postgresql://USER:PASSWORD@HOST:PORT/NAME``, with libpq's options."""
    return PostgreSQL(url, patience_s=PATIENCE_S if exclusive else None)


class PostgreSQL:
    """A database on a PostgreSQL server; a closed connection is replaced at its next use."""

    committers = COMMITTERS
    # Each function has its own transaction: functions lock rows, so two in one transaction could
    # deadlock with two in another.
    callers = CALLERS
    reads_beside_writes = True

    def __init__(self, url: URL, *, patience_s: float | None) -> None:
        self.patience_s = patience_s
        self._shown = url.set(password=None, query={}).render_as_string()
        target = url.set(drivername="postgresql+psycopg", query={**_CONNECT, **url.query})
        check_options(target)
        # READ COMMITTED: after a wait for a lock, each statement sees what its former holder
        # committed.
        self._writers = _engine(target, COMMITTERS + CALLERS + TURN, "READ COMMITTED")
        # REPEATABLE READ: all statements of a read see one snapshot.
        self._readers = _engine(
            target, READERS + LONG_READERS, "REPEATABLE READ"
        ).execution_options(postgresql_readonly=True)

    def open(self) -> None:
        """Connect, and migrate in one process while all others wait."""
        try:
            self._open()
        except (SQLAlchemyError, psycopg.Error, Unavailable) as error:
            self.close()
            raise self._unusable(error) from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Disconnect."""
        self._readers.dispose()
        self._writers.dispose()

    def is_in_use(self) -> bool:
        """Return False: many processes may share the database."""
        return False

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """Yield a read-only connection; raise `DatabaseUnusable`."""
        try:
            with self.reading() as connection:
                _check_encoding(connection)
                self._refuse_unwritable(is_new=schema.version(connection) is None)
                yield connection
        except (SQLAlchemyError, psycopg.Error, Unavailable) as error:
            raise self._unusable(error) from error
        finally:
            self.close()

    def _refuse_unwritable(self, *, is_new: bool) -> None:
        with self._writers.connect() as connection:
            if refusal := find_refusal(connection, is_new=is_new):
                raise DatabaseUnusable(f"can't use {self._shown}: {refusal}; {_ADVICE}")

    def _unusable(self, error: Exception) -> DatabaseUnusable:
        return DatabaseUnusable(f"can't use {self._shown}: {_reason(error)}; {_ADVICE}")

    @contextmanager
    def reading(self, is_over: IsOver | None = None) -> Iterator[Connection]:  # noqa: ARG002
        """Yield a connection with a read-only snapshot of the database."""
        with _telling(), self._readers.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection in a transaction; commit it to disk when the block ends."""
        with _telling(ReadOnlySqlTransaction), self._writers.begin() as connection:
            yield connection

    @contextmanager
    def _committing(self) -> Iterator[Connection]:
        """Yield a connection on which each statement is a transaction of its own."""
        with _telling(ReadOnlySqlTransaction), self._writers.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold a lock for the block; the server releases it if this process dies."""
        with self.writing() as connection:
            lock_name(connection, "turn")
            yield

    def store(self, rows: Mapping[Table, Sequence[Row]]) -> None:
        """Insert complete rows in a transaction of their own."""
        # Without BEGIN and COMMIT, two round trips less: 0.13 ms of CPU for 29 rows in place of
        # 0.22 (docs/decisions/store.md, "How are events written to PostgreSQL?").
        begin = self._committing if len(rows) == 1 else self.writing
        with begin() as connection:
            self.insert(connection, rows)

    def store_at_once(self, rows: Mapping[Table, Sequence[Row]]) -> bool:  # noqa: ARG002
        """Return False: a commit waits for the server."""
        return False

    def insert(self, connection: Connection, rows: Mapping[Table, Sequence[Row]]) -> None:
        """Insert complete rows by binary COPY, the cheapest way that was measured."""
        for table, those in rows.items():
            statement = f"COPY {table.name} FROM STDIN (FORMAT BINARY)".encode()
            with _telling(), _driver(connection).cursor().copy(statement) as copy:
                copy.set_types(_types(table, connection.dialect))
                for row in those:
                    copy.write_row(row)

    def translate(self, error: Exception) -> Exception:
        """Return the store's exception for a driver's error, or else the error itself."""
        return to_problem(error) or error

    def blames_row(self, error: Exception) -> bool:
        """Return whether a row caused an insert to fail, rather than the state of the database."""
        return not isinstance(error, Unavailable)

    def _open(self) -> None:
        with self.reading() as connection:
            _check_encoding(connection)
            if schema.is_current(connection):
                return
        with self.writing() as connection:
            lock_name(connection, "migrations")
            if not schema.is_current(connection):
                schema.prepare(connection)


def _engine(url: URL, connections: int, isolation: str) -> sa.Engine:
    made = sa.create_engine(
        url,
        isolation_level=isolation,
        pool_size=connections,
        max_overflow=0,
        use_native_hstore=False,
    )

    @event.listens_for(made, "connect")
    def _connect(driver: psycopg.Connection, _record: object) -> None:
        driver.execute(f"{_DURABLE}; {_BRIEF.format(int(IDLE_S * 1_000))}; {_LEAN}")
        driver.commit()

    @event.listens_for(made, "checkout")
    def _check(driver: psycopg.Connection, _record: object, _proxy: object) -> None:
        # Only a readable idle connection is pinged, which saves a round trip for each use: what the
        # server has sent unasked is most likely its end.
        if _is_readable(driver):
            try:
                made.dialect.do_ping(driver)  # type: ignore[arg-type]  # psycopg's own type
            except psycopg.Error as error:
                raise InvalidatePoolError from error

    return made


def _is_readable(driver: psycopg.Connection) -> bool:
    poll = select.poll()
    poll.register(driver.fileno(), select.POLLIN)
    return bool(poll.poll(0))


@contextmanager
def _telling(*kinds: type[psycopg.Error]) -> Iterator[None]:
    """Raise the store's exception in place of a driver's error.

    Errors of the given kinds count as an outage too.
    """
    try:
        yield
    except (SQLAlchemyError, psycopg.Error) as error:
        problem = _problem(error, kinds)
        if problem is None:
            raise
        raise problem from error


def to_problem(error: Exception) -> Problem | DatabaseUnusable | None:
    """Return the store's exception for an error within a transaction that writes, else None."""
    return _problem(error, (ReadOnlySqlTransaction,))


def _problem(
    error: Exception, kinds: tuple[type[psycopg.Error], ...]
) -> Problem | DatabaseUnusable | None:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, InsufficientPrivilege):
        # No outage: the task that makes partitions needs more rights than calls do.
        return DatabaseUnusable(f"the database can't be used: {cause.diag.message_primary}")
    if isinstance(cause, DeadlockDetected):
        return Deadlocked()
    if (getattr(cause, "sqlstate", None) or "").startswith(_TOO_LARGE):
        return None
    # After a broken connection each further statement is a `PendingRollbackError`.
    outages = (psycopg.OperationalError, IdleInTransactionSessionTimeout, PendingRollbackError)
    if isinstance(cause, (*outages, PoolTimeout, *kinds)):
        reason = _OUTAGES.get(getattr(cause, "sqlstate", None) or "")
        return outage.unavailable(reason) if reason else _unavailable(cause)
    if isinstance(cause, CharacterNotInRepertoire) or "NUL (0x00)" in str(cause):
        return Unstorable()
    return None


def _unavailable(cause: BaseException | None) -> DatabaseUnavailable:
    made = DatabaseUnavailable()
    if isinstance(cause, psycopg.Error):
        made.reason = _reason(cause).rstrip(".")
    return made


def _check_encoding(connection: Connection) -> None:
    encoding = connection.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8":
        raise NoDatabase(f"the database has the encoding {encoding}; it must have UTF8")


def _driver(connection: Connection) -> psycopg.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


@cache
def _types(table: Table, dialect: Dialect) -> Sequence[str]:
    # The first word alone: a collation is not a part of the type's name.
    return [c.type.compile(dialect).split()[0].lower() for c in table.columns]


_ADVICE = "see that it runs and takes your user, or name another by --database"


def _reason(error: BaseException) -> str:
    cause: BaseException | None = error
    while isinstance(cause, Unavailable):
        cause = cause.__cause__
    words = str(cause.orig if isinstance(cause, DBAPIError) else cause)
    return words.strip().partition("\n")[0]
