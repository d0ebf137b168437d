"""How an unforeseen error is logged: where it happened, and nothing that it says."""

from __future__ import annotations

import logging
import traceback

_log = logging.getLogger(__name__)


def log_failure(error: BaseException, what: str = "internal error") -> None:
    """Say what failed and where; the error's own text may hold a secret and is left out."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{frame.filename.rpartition('/')[2]}:{frame.lineno} in {frame.name}"
    _log.error("%s: %s at %s", what, type(error).__name__, place)
