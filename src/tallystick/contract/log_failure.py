"""Logs an unexpected error by its class and place, without its own text."""

from __future__ import annotations

import logging

from tallystick.failure_text import describe_failure

_log = logging.getLogger(__name__)


def log_failure(error: BaseException, what: str = "internal error") -> None:
    """Log an error's class, file, line and function; its text may hold a secret."""
    _log.error("%s: %s", what, describe_failure(error))
