"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime


class ManualClock:
    """Tells the time that it was set to; seconds since the epoch."""

    def __init__(self, seconds: int = 1_764_064_800) -> None:
        self.seconds = seconds
        self._stepped_back = 0

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    def now_ms(self) -> int:
        return self.seconds * 1000

    def monotonic_ms(self) -> int:
        return (self.seconds + self._stepped_back) * 1000

    def step_back(self, seconds: int) -> None:
        """Show an earlier time, as a machine's clock does when it is set; none has passed."""
        self.seconds -= seconds
        self._stepped_back += seconds
