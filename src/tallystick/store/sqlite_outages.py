"""Which errors of SQLite are outages: what keeps a database from its work, and is no caller's."""

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
"""Primary result code → what keeps the database from its work."""

WRITE_OUTAGES = {**READ_OUTAGES, sqlite3.SQLITE_READONLY: outage.READ_ONLY}
"""Likewise; a connection that reads is read-only by itself, which is no outage."""


@contextmanager
def telling(reasons: Mapping[int, str]) -> Iterator[None]:
    """Raise `DatabaseUnavailable` in place of the driver's words for one of the reasons."""
    try:
        yield
    except (DatabaseError, sqlite3.Error) as error:
        raise_outage(error, reasons)
        raise


def raise_outage(error: Exception, reasons: Mapping[int, str]) -> None:
    """Raise `DatabaseUnavailable` if the error is for one of the reasons."""
    if told := to_unavailable(error, reasons):
        raise told from error


def to_unavailable(error: Exception, reasons: Mapping[int, str]) -> DatabaseUnavailable | None:
    """Return what callers are told of an error for one of the reasons; None for any other."""
    cause = error.orig if isinstance(error, DatabaseError) else error
    # The extended code has the primary one in its last byte.
    reason = reasons.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
    return outage.unavailable(reason) if reason else None
