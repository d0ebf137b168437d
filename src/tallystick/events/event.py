"""A stored event."""

from __future__ import annotations

from typing import NamedTuple


class Event(NamedTuple):
    """One accepted request; its fields are the table's columns, in their order."""

    id: str
    """A UUIDv7 with the milliseconds of `time`."""
    api: str
    source: str
    """The CloudEvents source, such as ``/event_store/EDF``."""
    type: str
    subject: str
    """The CloudEvents subject; empty if there is none."""
    time: int
    """The time of acceptance, in milliseconds since the epoch."""
    data: bytes
    """JSON text, byte for byte as it was sent."""
    attributes: str
    """CloudEvents extension attributes as a JSON object; ``{}`` if there are none."""
