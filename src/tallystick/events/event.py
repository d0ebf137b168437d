"""What the log keeps of one accepted request."""

from __future__ import annotations

from typing import NamedTuple


class Event(NamedTuple):
    """One accepted request; its fields are the columns of the table, in their order."""

    id: str
    """A UUIDv7 whose time is `time`."""
    api: str
    source: str
    """Such as ``/event_store/EDF``."""
    type: str
    subject: str
    """Empty if there is none."""
    time: int
    """When it was accepted, in milliseconds since the epoch."""
    data: bytes
    """JSON text, as it was sent."""
    attributes: str
    """CloudEvents extension attributes: a JSON object, ``{}`` for none."""
