"""Result codes of SQLite for an outage of the database, rather than a caller's mistake."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError

from tallystick.store import outage
from tallystick.store.exceptions import DatabaseUnavailable

READ_OUTAGES = {
    sqlite3.SQLITE_FULL: outage.DISK_FULL,
    sqlite3.SQLITE_IOERR: outage.DISK_FAILS,
    sqlite3.SQLITE_BUSY: outage.LOCKED,
    sqlite3.SQLITE_LOCKED: outage.LOCKED,
    sqlite3.SQLITE_CANTOPEN: outage.UNOPENED,
    sqlite3.SQLITE_CORRUPT: outage.DAMAGED,
    sqlite3.SQLITE_NOTADB: outage.DAMAGED,
}
"""Primary result code → reason of the outage."""

WRITE_OUTAGES = {**READ_OUTAGES, sqlite3.SQLITE_READONLY: outage.READ_ONLY}
"""The same for writes; a connection for reads is read-only by itself, so there it is no outage."""


@contextmanager
def telling(reasons: Mapping[int, str]) -> Iterator[None]:
    """Raise `DatabaseUnavailable` in place of a driver's error whose code is among the reasons."""
    try:
        yield
    except (DatabaseError, sqlite3.Error) as error:
        raise_outage(error, reasons)
        raise


def raise_outage(error: Exception, reasons: Mapping[int, str]) -> None:
    """Raise `DatabaseUnavailable` if the error's code is among the reasons."""
    if told := to_unavailable(error, reasons):
        raise told from error


def to_unavailable(error: Exception, reasons: Mapping[int, str]) -> DatabaseUnavailable | None:
    """Return `DatabaseUnavailable` for an error whose code is among the reasons, else None."""
    cause = error.orig if isinstance(error, DatabaseError) else error
    # The last byte of an extended code is the primary one (https://sqlite.org/rescode.html).
    reason = reasons.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    return outage.unavailable(reason) if reason else None
