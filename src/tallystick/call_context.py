"""The ids by which a log line belongs to a call: of the request, of its trace and of its key."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class CallContext:
    """The ids of the call at hand; empty where there is none."""

    request_id: str
    trace_id: str = ""
    key_id: str = ""

    def ids(self) -> dict[str, str]:
        """Return the known ids by name."""
        named = {
            "request_id": self.request_id,
            "trace_id": self.trace_id,
            "key_id": self.key_id,
        }
        return {name: value for name, value in named.items() if value}


CALL: ContextVar[CallContext | None] = ContextVar("call", default=None)
"""The call at hand; None outside of calls, and where the setting leaves ids out of the logs."""

SCOPE = "tallystick.call"
"""The member of a request's scope with its `CallContext`, for the access log."""
