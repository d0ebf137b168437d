"""Request ids, by which a client finds an answer in its log."""

from __future__ import annotations

import socket

from tallystick.call_context import CALL
from tallystick.clock import Clock, SystemClock
from tallystick.randomness import uuid4

HEADER = "X-Request-Id"
MAX_LENGTH = 128

_clock: Clock = SystemClock()
_host = socket.gethostname() or "localhost"


def use_clock(clock: Clock) -> None:
    """Use this clock for all further ids of the process."""
    global _clock  # noqa: PLW0603
    _clock = clock


def new_request_id() -> str:
    """Return a new id: 32 hexadecimal digits, milliseconds since the epoch and the host's name.

    It is the one of the call at hand from then on, so that an answer's id leads to its log lines.
    """
    id_ = f"{uuid4().hex}-{_clock.now_ms()}-{_host}"[:MAX_LENGTH]
    if call := CALL.get():
        call.request_id = id_
    return id_
