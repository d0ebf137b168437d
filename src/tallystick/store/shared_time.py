"""The time that all processes on a database agree on."""

from __future__ import annotations

import logging

from sqlalchemy import Connection, text

from tallystick.clock import Clock
from tallystick.once_per_minute import OncePerMinute
from tallystick.shared_warnings import COMMON

TOLERATED_MS = 2_000
"""How far a machine's clock may be from the database's without a word, in milliseconds."""

SERVER_NOW_MS = "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)"
"""The milliseconds since the epoch in SQL, by the clock of a PostgreSQL server."""

_SELECT_NOW = text(f"SELECT {SERVER_NOW_MS}")
_log = logging.getLogger(__name__)


class SharedTime:
    """The database's clock; a machine's clock that is far from it is logged, once a minute."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lines = OncePerMinute()

    def read(self, connection: Connection) -> int:
        """Return the milliseconds since the epoch, as `shared_now` does."""
        before_ms = self._clock.now_ms()
        now_ms = shared_now(connection, before_ms)
        # A slow answer is of some time in between.
        own_ms = min(max(now_ms, before_ms), self._clock.now_ms())
        if abs(now_ms - own_ms) > TOLERATED_MS and self._lines.is_due("clock"):
            _log.warning(
                "this machine's clock is %.0f s %s the database's; synchronize both, as events have"
                " their times from the one, and are due by it",
                abs(now_ms - own_ms) / 1000,
                "behind" if own_ms < now_ms else "ahead of",
                extra=COMMON,
            )
        return now_ms


def shared_now(connection: Connection, own_ms: int) -> int:
    """Return the milliseconds since the epoch by the database's clock.

    SQLite has none: its processes are on one machine, and `own_ms` is this machine's time.
    """
    return own_ms if connection.dialect.name == "sqlite" else server_time(connection)


def server_time(connection: Connection) -> int:
    """Return the milliseconds since the epoch by the clock of a PostgreSQL server."""
    return int(connection.execute(_SELECT_NOW).scalar_one())
