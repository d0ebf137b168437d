"""Whether the caller of a connection still waits for an answer."""

from __future__ import annotations

from contextvars import ContextVar
from math import inf
from time import monotonic

GRACE_S = 1.0
"""Seconds for work under way when a caller closes its own half: most of them are gone then."""


class CallerPresence:
    """The presence of one connection's caller; any thread may ask."""

    __slots__ = ("_gone_at",)

    def __init__(self) -> None:
        self._gone_at = inf

    def end(self, grace_s: float = 0.0) -> None:
        """Count the caller as gone, after some seconds."""
        self._gone_at = min(self._gone_at, monotonic() + grace_s)

    def is_over(self) -> bool:
        """Return whether the caller is gone."""
        return monotonic() >= self._gone_at


CALLER: ContextVar[CallerPresence | None] = ContextVar("caller_presence", default=None)
"""The caller of the connection at hand; None outside of connections."""
