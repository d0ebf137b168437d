"""A clock for the mock, made to be stopped, set and advanced."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tallystick.clock import Clock, SystemClock

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
LATEST_MS = 4_102_444_800_000
"""The end of 2099, later than any time on the APIs' pages."""


_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


class ClockReading(NamedTuple):
    """A setting of the clock: its offset to the machine's, or its frozen time, in milliseconds."""

    offset_ms: int = 0
    frozen_at: int | None = None


class MockClock:
    """A clock with the machine's time until it is changed."""

    def __init__(self, machine: Clock | None = None) -> None:
        self._machine = machine or SystemClock()
        self._reading = ClockReading()
        self._put_forward_ms = 0
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """Return the time in UTC, aware."""
        return _EPOCH + self.now_ms() * _MILLISECOND

    def now_ms(self) -> int:
        """Return the milliseconds since the epoch, UTC."""
        if self._reading.frozen_at is not None:
            return self._reading.frozen_at
        return self._machine.now_ms() + self._reading.offset_ms

    def monotonic_ms(self) -> int:
        """Return the machine's monotonic time plus every advance so far, in milliseconds."""
        return self._machine.monotonic_ms() + self._put_forward_ms

    @property
    def is_frozen(self) -> bool:
        """Return whether the clock stands still."""
        return self._reading.frozen_at is not None

    @property
    def reading(self) -> ClockReading:
        """Return the clock's setting; assign one to change it and call the listeners."""
        return self._reading

    @reading.setter
    def reading(self, reading: ClockReading) -> None:
        self._reading = reading
        for listener in self._listeners:
            listener()

    def add_listener(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each change of the time."""
        self._listeners.append(listener)

    def set(self, now_ms: int) -> None:
        """Set the clock to `now_ms`, in milliseconds since the epoch."""
        self._put_forward_ms += max(now_ms - self.now_ms(), 0)
        if self.is_frozen:
            self.reading = ClockReading(0, now_ms)
        else:
            self.reading = ClockReading(now_ms - self._machine.now_ms())

    def advance(self, ms: int) -> None:
        """Advance the clock by `ms`, up to `LATEST_MS`."""
        self.set(min(self.now_ms() + ms, LATEST_MS))

    def freeze(self) -> None:
        """Stop the clock."""
        self.reading = ClockReading(0, self.now_ms())

    def go(self) -> None:
        """Let the clock run on from its present time."""
        self.reading = ClockReading(self.now_ms() - self._machine.now_ms())


def duration_ms(text: str) -> int:
    """Return a ``MockDuration`` of the contract, such as ``20m``, in milliseconds."""
    number = text.rstrip("msdh")
    return round(float(number) * _MS[text[len(number) :]])
