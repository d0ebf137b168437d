"""How much a caller may send, how slowly, and on how many connections."""

from __future__ import annotations

import logging
import resource
from dataclasses import dataclass, field

from tallystick.once_per_minute import OncePerMinute

_MIB = 1024 * 1024
_KEPT_OPEN = 64
"""Files and connections that a process has open whatever it does."""

_UNLIMITED = 1_048_576

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class ConnectionLimits:
    """The bounds of every connection of one server: bytes, seconds and a count."""

    head: int = 160 * 1024
    """Bytes of a request line and all headers."""
    target: int = 96 * 1024
    """Bytes of a request target: the path and the query."""
    body: int = 8 * _MIB
    """Bytes of a body as it is sent: in chunks, and with headers after it."""
    connections: int = 10_000
    spare: int = 32
    """Connections over the limit that get time to read that they are refused."""
    head_s: float = 10.0
    """From a head's first byte to its last."""
    body_s: float = 30.0
    """For a body, and a second more for each `body_rate` bytes that came."""
    body_rate: int = 1024
    unread_s: float = 30.0
    """For a caller to read at least a part of what was answered."""
    shutdown_s: float = 2.0
    """For the rest of a request, when the server is told to stop."""
    discard: int = 8 * _MIB
    """Bytes that are read and thrown away after an early answer."""
    discard_s: float = 5.0
    _said: OncePerMinute = field(default_factory=OncePerMinute, init=False)

    def log_refusal(self) -> None:
        """Say that connections are refused, once a minute."""
        if self._said.is_due("refused"):
            _log.warning("%d connections are open: new ones are refused", self.connections)


def sent_body_limit(body_limit: int) -> int:
    """Return how many bytes carry a body of the limit in the worst way: chunks of one byte."""
    return len(b"1\r\nx\r\n") * body_limit + _MIB


def default_connections(deliveries: int) -> int:
    """Return how many connections the descriptor limit leaves beside so many deliveries."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = _UNLIMITED if limit == resource.RLIM_INFINITY else limit
    return limit - min(deliveries + _KEPT_OPEN, limit // 2)
