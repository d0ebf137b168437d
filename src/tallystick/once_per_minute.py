"""What the log says once a minute, however often it happens: strangers can cause any number."""

from __future__ import annotations

import logging
from time import monotonic

SAY_AGAIN_S = 60.0


class OncePerMinute:
    """Tells whether a line is due, by a clock that nobody sets."""

    def __init__(self) -> None:
        self._said_at: dict[str, float] = {}

    def is_due(self, line: str) -> bool:
        """Return whether the line was not said for a minute; if so, it counts as said now."""
        now = monotonic()
        if now - self._said_at.get(line, float("-inf")) < SAY_AGAIN_S:
            return False
        self._said_at[line] = now
        return True


class WarningsOncePerMinute(logging.Filter):
    """Lets each warning of a logger through once a minute."""

    def __init__(self) -> None:
        super().__init__()
        self._warnings = OncePerMinute()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is to be written."""
        return record.levelno != logging.WARNING or self._warnings.is_due(record.msg)
