"""Shows the journal of a mock in the report of a failed test."""

from __future__ import annotations

from .client import MockRefused, Tallystick

SHOWN = 20
"""The most requests shown, the last ones."""


def describe_journal(mock: Tallystick) -> str:
    """Return the requests of the test, each with its violations."""
    try:
        requests = mock.requests
    except (OSError, MockRefused, ValueError) as error:
        return f"The mock does not show its journal: {str(error) or type(error).__name__}"
    if not requests:
        return "No request came."
    lines = [f"{len(requests)} requests came; the last are:"] if len(requests) > SHOWN else []
    for request in requests[-SHOWN:]:
        lines.append(repr(request))
        lines += [f"  {v['where']} {v['name']} {v['message']}" for v in request.violations]
    return "\n".join(lines)
