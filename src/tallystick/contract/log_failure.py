"""Logs an unexpected error by its class and place, without its own text."""

from __future__ import annotations

import logging
import traceback

_log = logging.getLogger(__name__)


def log_failure(error: BaseException, what: str = "internal error") -> None:
    """Log an error's class, file, line and function; its text may hold a secret."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{frame.filename.rpartition('/')[2]}:{frame.lineno} in {frame.name}"
    _log.error("%s: %s at %s", what, type(error).__name__, place)
