"""Outages: the reasons for which a database stops storing, until it stores again."""

from __future__ import annotations

import logging
from time import monotonic
from typing import NamedTuple

from sqlalchemy import Connection, delete

from tallystick.once_per_minute import OncePerMinute
from tallystick.store.exceptions import DatabaseUnavailable
from tallystick.store.sql import insert_new
from tallystick.store.tables import revisions

DISK_FULL = "disk full"
DISK_FAILS = "the disk fails, or is full"
READ_ONLY = "it is read-only"
LOCKED = "another process holds its lock"
DAMAGED = "its file is damaged"
UNOPENED = "its file can't be opened"
MOVED = "its file, or the log beside it, was moved or removed"

# Several pages: on a full disk a row of one page may still find room where an event finds none
# (docs/decisions/store.md, "When is a server ready again after its disk was full?").
_PROBE = "probe".ljust(32 * 1024)

_log = logging.getLogger(__name__)


class UntoldOutage(NamedTuple):
    """An outage that some call met, since the last one was told."""

    reason: str
    began: float
    """When the first call met it, by the monotonic clock, in seconds."""


class Outage:
    """Hold the reason of the current outage; log it at most once a minute, and its end."""

    def __init__(self) -> None:
        self.reason = ""
        """The reason in words; empty if there is no outage."""
        self._said = OncePerMinute()
        self._is_logged = False
        self._untold: UntoldOutage | None = None

    def begin(self, error: BaseException) -> None:
        """Keep the reason, if the error is `DatabaseUnavailable`."""
        if isinstance(error, DatabaseUnavailable):
            self.reason = str(error)
            self.log(error)

    def end(self) -> None:
        """Clear the reason, after a probe was stored."""
        self.reason = ""
        self.note_answer()

    def note_answer(self) -> None:
        """Log that the database is back, if its absence was logged and it can store again."""
        if self._is_logged and not self.reason:
            self._is_logged = False
            _log.warning("The database answers and stores again.")

    def log(self, error: DatabaseUnavailable) -> None:
        """Keep the error to be told, and log it unless one was logged within the last minute."""
        self._untold = self._untold or UntoldOutage(str(error), monotonic())
        if self._said.is_due("outage"):
            self._is_logged = True
            _log.error("%s Calls that need it are answered by a 503.", error.tell_operator())

    def take_untold(self) -> UntoldOutage | None:
        """Return what calls met since the last time, however short; None if they met nothing."""
        untold, self._untold = self._untold, None
        return untold


def store_probe(connection: Connection) -> None:
    """Store a row of 32 KiB, more than most events need, in place of an earlier probe."""
    remove_probe(connection)
    connection.execute(insert_new(connection, revisions).values(name=_PROBE, revision=0))


def remove_probe(connection: Connection) -> None:
    """Remove the row of `store_probe`."""
    connection.execute(delete(revisions).where(revisions.c.name == _PROBE))


def unavailable(reason: str) -> DatabaseUnavailable:
    """Return the exception for calls that need the database during an outage."""
    return DatabaseUnavailable(f"The database can't be used: {reason}.")
