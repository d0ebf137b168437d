"""Warnings about what all processes of a group have in common: the first one says them."""

from __future__ import annotations

import logging

COMMON = {"is_common": True}
"""The ``extra`` of a log line about settings, the database or the machine."""


def leave_common_warnings() -> None:
    """Write no further common warning of this process, as another one does."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(_is_own)


def _is_own(record: logging.LogRecord) -> bool:
    return not hasattr(record, "is_common")
