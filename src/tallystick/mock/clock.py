"""The mock's clock, which can be stopped, set and put forward."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tallystick.clock import Clock, SystemClock

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
LATEST_MS = 4_102_444_800_000
"""The end of 2099, beyond which no page of these APIs goes."""


_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


class ClockReading(NamedTuple):
    """What a clock is set to: so far from the machine's, or where it stands still."""

    offset_ms: int = 0
    frozen_at: int | None = None


class MockClock:
    """The machine's time, until somebody changes it."""

    def __init__(self, machine: Clock | None = None) -> None:
        self._machine = machine or SystemClock()
        self._reading = ClockReading()
        self._put_forward_ms = 0
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """The time in UTC, aware."""
        return _EPOCH + self.now_ms() * _MILLISECOND

    def now_ms(self) -> int:
        """Milliseconds since the epoch, UTC."""
        if self._reading.frozen_at is not None:
            return self._reading.frozen_at
        return self._machine.now_ms() + self._reading.offset_ms

    def monotonic_ms(self) -> int:
        """Return the machine's, with all that the clock was ever put forward."""
        return self._machine.monotonic_ms() + self._put_forward_ms

    @property
    def is_frozen(self) -> bool:
        """Whether it stands still."""
        return self._reading.frozen_at is not None

    @property
    def reading(self) -> ClockReading:
        """How it is set; what is set, it goes by from then on."""
        return self._reading

    @reading.setter
    def reading(self, reading: ClockReading) -> None:
        self._reading = reading
        for listener in self._listeners:
            listener()

    def add_listener(self, listener: Callable[[], None]) -> None:
        """Call that whenever the time has been changed."""
        self._listeners.append(listener)

    def set(self, now_ms: int) -> None:
        """Be at that time."""
        self._put_forward_ms += max(now_ms - self.now_ms(), 0)
        if self.is_frozen:
            self.reading = ClockReading(0, now_ms)
        else:
            self.reading = ClockReading(now_ms - self._machine.now_ms())

    def advance(self, ms: int) -> None:
        """Be so much later."""
        self.set(min(self.now_ms() + ms, LATEST_MS))

    def freeze(self) -> None:
        """Stand still."""
        self.reading = ClockReading(0, self.now_ms())

    def go(self) -> None:
        """Go on from where it stood."""
        self.reading = ClockReading(self.now_ms() - self._machine.now_ms())


def duration_ms(text: str) -> int:
    """Return the milliseconds of a ``MockDuration`` of the contract, such as ``20m``."""
    number = text.rstrip("msdh")
    return int(number) * _MS[text[len(number) :]]
