"""Times as eventgrid writes them."""

from __future__ import annotations

from datetime import UTC, datetime


def utc(ms: int) -> str:
    """``1769847330123`` → ``2026-01-31T08:15:30Z``."""
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
