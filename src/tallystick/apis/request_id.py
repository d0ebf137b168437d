"""The id of one request, by which its answer is found again in the access log of a client."""

from __future__ import annotations

import socket
from uuid import uuid4

from tallystick.clock import SystemClock

HEADER = "X-Request-Id"
MAX_LENGTH = 128

_clock = SystemClock()
_host = socket.gethostname() or "localhost"


def new() -> str:
    """Such as ``0b6f…-1769847330123-host``: a UUID's 32 digits, milliseconds, this machine."""
    return f"{uuid4().hex}-{_clock.now_ms()}-{_host}"[:MAX_LENGTH]
