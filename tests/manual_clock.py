"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime


class ManualClock:
    """A clock with a settable time, in seconds since the epoch."""

    def __init__(self, seconds: int = 1_764_064_800) -> None:
        self.seconds = seconds
        self._stepped_back = 0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def now_ms(self) -> int:
        return self.seconds * 1000

    def monotonic_ms(self) -> int:
        return (self.seconds + self._stepped_back) * 1000

    def read(self, _: object) -> int:
        """Return the same as `now_ms`, for what asks a connection."""
        return self.now_ms()

    def step_back(self, seconds: int) -> None:
        """Set the wall clock back, as on a machine; the monotonic clock stays."""
        self.seconds -= seconds
        self._stepped_back += seconds
