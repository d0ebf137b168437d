"""PostgreSQL: one database that many server processes share."""

from __future__ import annotations

import select
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache

import psycopg
import sqlalchemy as sa
from psycopg.errors import CharacterNotInRepertoire, ReadOnlySqlTransaction
from sqlalchemy import URL, Connection, Dialect, Table, event, text
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tallystick.contract.exceptions import Problem, Unavailable
from tallystick.store import outage, schema
from tallystick.store.engine import READERS, Row
from tallystick.store.exceptions import DatabaseUnavailable, DatabaseUnusable, Unstorable
from tallystick.store.sql import lock_name

COMMITTERS = 2
"""While one transaction waits for the disk, the next is sent."""

CALLERS = 2

TURN = 1
"""The transaction that holds the turn."""

PATIENCE_S = 5.0

_CONNECT = {
    "application_name": "tallystick",
    "client_encoding": "utf8",
    "connect_timeout": "3",
    # A connection whose other end is gone without a word is given up after some seconds.
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
"""SQLSTATE → what keeps the database from storing."""

# An operator may ask for more than `on`, never for less.
_DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')"
)


def engine(url: URL, *, exclusive: bool) -> PostgreSQL:
    """The engine of ``postgresql://USER:PASSWORD@HOST:PORT/NAME``, with libpq's own options."""
    return PostgreSQL(url, patience_s=PATIENCE_S if exclusive else None)


class PostgreSQL:
    """A database on a server; a connection that has ended is replaced when it is needed next."""

    committers = COMMITTERS
    # Functions lock rows: two that share a transaction could wait for two that share another.
    callers = CALLERS

    def __init__(self, url: URL, *, patience_s: float | None) -> None:
        self.patience_s = patience_s
        self._shown = url.set(password=None, query={}).render_as_string()
        target = url.set(drivername="postgresql+psycopg", query={**_CONNECT, **url.query})
        self._writers = _engine(target, COMMITTERS + CALLERS + TURN, "READ COMMITTED")
        self._readers = _engine(target, READERS, "REPEATABLE READ").execution_options(
            postgresql_readonly=True
        )

    def open(self) -> None:
        """Connect, and migrate, which one process does and all others wait for."""
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
        """False: many processes share it."""
        return False

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """A connection that changes nothing; raises `DatabaseUnusable`."""
        try:
            with self.reading() as connection:
                _check_encoding(connection)
                yield connection
        except (SQLAlchemyError, psycopg.Error, Unavailable) as error:
            raise self._unusable(error) from error
        finally:
            self.close()

    def _unusable(self, error: Exception) -> DatabaseUnusable:
        return DatabaseUnusable(f"can't use {self._shown}: {_reason(error)}")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database and changes nothing."""
        with _telling(), self._readers.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in a transaction, committed and on disk at the end."""
        with _telling(ReadOnlySqlTransaction), self._writers.begin() as connection:
            yield connection

    @contextmanager
    def _committing(self) -> Iterator[Connection]:
        """A connection of which each statement is committed and on disk when it ends."""
        with _telling(ReadOnlySqlTransaction), self._writers.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def turn(self) -> Iterator[None]:
        """What one process has at a time; the database takes it back from one that has died."""
        with self.writing() as connection:
            lock_name(connection, "turn")
            yield

    def store(self, rows: Mapping[Table, Sequence[Row]]) -> None:
        """Insert whole rows in a transaction of their own."""
        # One statement is a transaction by itself; to begin and to end one are two more errands.
        begin = self._committing if len(rows) == 1 else self.writing
        with begin() as connection:
            self.insert(connection, rows)

    def store_at_once(self, rows: Mapping[Table, Sequence[Row]]) -> bool:  # noqa: ARG002
        """False: a commit waits for the server."""
        return False

    def insert(self, connection: Connection, rows: Mapping[Table, Sequence[Row]]) -> None:
        """Insert whole rows by COPY: of all ways the one that costs least, from 16 rows on."""
        for table, those in rows.items():
            statement = f"COPY {table.name} FROM STDIN (FORMAT BINARY)".encode()
            with _telling(), _driver(connection).cursor().copy(statement) as copy:
                copy.set_types(_types(table, connection.dialect))
                for row in those:
                    copy.write_row(row)

    def translate(self, error: Exception) -> Exception:
        """Return what callers understand in place of the driver's error."""
        return _problem(error, (ReadOnlySqlTransaction,)) or error

    def blames_row(self, error: Exception) -> bool:
        """Whether an insert failed for what was inserted, and not for the database's state."""
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
        driver.execute(_DURABLE)
        driver.commit()

    @event.listens_for(made, "checkout")
    def _check(driver: psycopg.Connection, _record: object, _proxy: object) -> None:
        # Nothing is asked of an idle connection: what it has to say is most likely its end.
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
    """Raise what the callers understand in place of the driver's words for it.

    The database is away also where an error of one of the kinds says so.
    """
    try:
        yield
    except (SQLAlchemyError, psycopg.Error) as error:
        problem = _problem(error, kinds)
        if problem is None:
            raise
        raise problem from error


def _problem(error: Exception, kinds: tuple[type[psycopg.Error], ...]) -> Problem | None:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, (psycopg.OperationalError, PoolTimeout, *kinds)):
        reason = _OUTAGES.get(getattr(cause, "sqlstate", None) or "")
        return outage.unavailable(reason) if reason else DatabaseUnavailable()
    if isinstance(cause, CharacterNotInRepertoire) or "NUL (0x00)" in str(cause):
        return Unstorable()
    return None


def _check_encoding(connection: Connection) -> None:
    encoding = connection.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8":
        raise DatabaseUnusable(f"the database has the encoding {encoding}; it must have UTF8")


def _driver(connection: Connection) -> psycopg.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


@cache
def _types(table: Table, dialect: Dialect) -> Sequence[str]:
    # Without its collation, which is no part of a type's name.
    return [c.type.compile(dialect).split()[0].lower() for c in table.columns]


def _reason(error: BaseException) -> str:
    cause: BaseException | None = error
    while isinstance(cause, Unavailable):
        cause = cause.__cause__
    words = str(cause.orig if isinstance(cause, DBAPIError) else cause)
    return words.strip().partition("\n")[0]
