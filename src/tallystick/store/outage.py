"""An outage: what keeps the database from storing, until it stores again."""

from __future__ import annotations

import logging

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

# Several pages: on a disk that is full, a row of one page may still find room where no event does.
_PROBE = "probe".ljust(32 * 1024)

_log = logging.getLogger(__name__)


class Outage:
    """Keeps the reason of an outage, and logs it once a minute at most."""

    def __init__(self) -> None:
        self.reason = ""
        """Empty while there is no outage."""
        self._said = OncePerMinute()

    def begin(self, error: BaseException) -> None:
        """Keep the reason, if the error is the database's."""
        if isinstance(error, DatabaseUnavailable):
            self.reason = str(error)
            self.log(error)

    def end(self) -> None:
        """Forget the reason: a probe was stored."""
        self.reason = ""

    def log(self, error: DatabaseUnavailable) -> None:
        """Say in the log what is wrong, unless that was said within a minute."""
        if self._said.is_due("outage"):
            _log.error("%s Calls that need it are answered by a 503.", error)


def store_probe(connection: Connection) -> None:
    """Store a row that needs as much room as an event, whatever an earlier probe has left."""
    remove_probe(connection)
    connection.execute(insert_new(connection, revisions).values(name=_PROBE, revision=0))


def remove_probe(connection: Connection) -> None:
    """Remove the row of `store_probe`."""
    connection.execute(delete(revisions).where(revisions.c.name == _PROBE))


def unavailable(reason: str) -> DatabaseUnavailable:
    """Return the problem of every call that needs the database meanwhile."""
    return DatabaseUnavailable(f"The database can't be used: {reason}.")
