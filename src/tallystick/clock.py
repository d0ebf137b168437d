"""The clock, passed as an argument to everything in need of the time."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """An interface for reading the time."""

    def now(self) -> datetime:
        """Return the time in UTC, aware."""
        ...

    def now_ms(self) -> int:
        """Return the milliseconds since the epoch, UTC."""
        ...

    def monotonic_ms(self) -> int:
        """Return milliseconds that only grow, for pauses within this process."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the time in UTC, aware."""
        return datetime.now(UTC)

    def now_ms(self) -> int:
        """Return the milliseconds since the epoch, UTC."""
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        """Return milliseconds that only grow, for pauses within this process."""
        return time.monotonic_ns() // 1_000_000
