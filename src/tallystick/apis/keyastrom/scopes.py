"""What a token may be allowed, in the words that the vendor's refusals use."""

from __future__ import annotations

SCOPES = {
    "events.ingest": "Ingest events",
    "events.read": "Read events",
    "entities.read": "Read entities",
    "entities.write": "Write entities",
}
"""Scope → what it is called."""


def described(scope: str) -> str:
    """``events.ingest`` → ``events.ingest (Ingest events)``."""
    return f"{scope} ({SCOPES[scope]})" if scope in SCOPES else scope
