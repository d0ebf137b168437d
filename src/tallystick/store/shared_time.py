"""The time that all processes on a database agree on."""

from __future__ import annotations

import logging

from sqlalchemy import Connection, text

from tallystick.clock import Clock
from tallystick.once_per_minute import OncePerMinute

TOLERATED_MS = 2_000
"""How far a machine's clock may be from the database's without a word, in milliseconds."""

_NOW_MS = text("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)")
_log = logging.getLogger(__name__)


class SharedTime:
    """The database's clock; a machine's clock that is far from it is logged, once a minute."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lines = OncePerMinute()

    def read(self, connection: Connection) -> int:
        """Return the milliseconds since the epoch.

        SQLite has no clock: its processes are on one machine, and go by this machine's.
        """
        own_ms = self._clock.now_ms()
        if connection.dialect.name == "sqlite":
            return own_ms
        now_ms = server_time(connection)
        if abs(now_ms - own_ms) > TOLERATED_MS and self._lines.is_due("clock"):
            _log.warning(
                "this machine's clock is %.0f s %s the database's; synchronize both, as events have"
                " their times from the one, and are due by it",
                abs(now_ms - own_ms) / 1000,
                "behind" if own_ms < now_ms else "ahead of",
            )
        return now_ms


def server_time(connection: Connection) -> int:
    """Return the milliseconds since the epoch by the clock of a PostgreSQL server."""
    return int(connection.execute(_NOW_MS).scalar_one())
