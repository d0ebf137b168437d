"""Limits repeated log lines to one a minute, since strangers can cause any number."""

from __future__ import annotations

import logging
from time import monotonic

SAY_AGAIN_S = 60.0


class OncePerMinute:
    """A memory of logged lines, by the monotonic clock."""

    def __init__(self) -> None:
        self._said_at: dict[str, float] = {}

    def is_due(self, line: str) -> bool:
        """Return whether to log the line, at most once a minute; if so, it counts as logged now."""
        now = monotonic()
        if now - self._said_at.get(line, float("-inf")) < SAY_AGAIN_S:
            return False
        self._said_at[line] = now
        return True


class WarningsOncePerMinute(logging.Filter):
    """A logging filter for one of each warning a minute."""

    def __init__(self) -> None:
        super().__init__()
        self._warnings = OncePerMinute()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to write the record."""
        return record.levelno != logging.WARNING or self._warnings.is_due(record.msg)
