"""The id of one request, by which its answer is found again in the access log of a client."""

from __future__ import annotations

import socket

from tallystick.clock import Clock, SystemClock
from tallystick.randomness import uuid4

HEADER = "X-Request-Id"
MAX_LENGTH = 128

_clock: Clock = SystemClock()
_host = socket.gethostname() or "localhost"


def use_clock(clock: Clock) -> None:
    """Take the time from there: the process's ids have one clock."""
    global _clock  # noqa: PLW0603
    _clock = clock


def new_request_id() -> str:
    """Such as ``0b6f…-1769847330123-host``: a UUID's 32 digits, milliseconds, this machine."""
    return f"{uuid4().hex}-{_clock.now_ms()}-{_host}"[:MAX_LENGTH]
