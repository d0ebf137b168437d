"""Bounds on a caller's bytes, slowness and number of connections."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from tallystick.once_per_minute import OncePerMinute

_MIB = 1024 * 1024
_KEPT_OPEN = 64
"""Files and connections open in every process."""

_UNLIMITED = 1_048_576
_ON_WINDOWS = 512
"""The most sockets of select(2) there."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class ConnectionLimits:
    """The bounds of every connection of one server, in bytes, seconds and number."""

    head: int = 160 * 1024
    """Bytes of a request line with all headers."""
    target: int = 96 * 1024
    """Bytes of a request target, path and query."""
    body: int = 8 * _MIB
    """Bytes of a body on the wire, with chunk sizes and trailers."""
    connections: int = 10_000
    spare: int = 32
    """Connections over the limit that are given time to read the refusal."""
    handshake_s: float = 10.0
    """Seconds from a connection's start to the end of its TLS handshake."""
    head_s: float = 10.0
    """Seconds from a head's first byte to its last."""
    body_s: float = 30.0
    """Seconds for a body, and one more for each `body_rate` bytes received."""
    body_rate: int = 1024
    unread_s: float = 30.0
    """Seconds for a caller to read at least a part of an answer."""
    shutdown_s: float = 2.0
    """Seconds for the rest of a request during shutdown."""
    discard: int = 8 * _MIB
    """Bytes read and discarded after an early answer."""
    discard_s: float = 5.0
    _said: OncePerMinute = field(default_factory=OncePerMinute, init=False)

    def log_refusal(self) -> None:
        """Log once a minute that connections are refused."""
        if self._said.is_due("refused"):
            _log.warning("%d connections are open: new ones are refused", self.connections)

    def log_tls(self) -> None:
        """Log once a minute that a caller speaks TLS where this server speaks plain HTTP."""
        if self._said.is_due("tls"):
            _log.warning(
                "a caller speaks TLS to this plain HTTP: call http://, or start with --tls"
            )


def sent_body_limit(body_limit: int) -> int:
    """Return the bytes of the longest body on the wire: in chunks of one byte, with trailers."""
    return len(b"1\r\nx\r\n") * body_limit + _MIB


def default_connections(deliveries: int) -> int:
    """Return the connections left by the limit of open files beside so many deliveries."""
    limit = _open_files()
    return limit - min(deliveries + _KEPT_OPEN, limit // 2)


def _open_files() -> int:
    try:
        import resource
    except ImportError:
        return _ON_WINDOWS
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _UNLIMITED if limit == resource.RLIM_INFINITY else limit
