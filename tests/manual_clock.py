"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime


class ManualClock:
    """Tells the time that it was set to; seconds since the epoch."""

    def __init__(self, seconds: int = 1_764_064_800) -> None:
        self.seconds = seconds

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def now_ms(self) -> int:
        return self.seconds * 1000
