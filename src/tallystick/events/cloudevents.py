"""Stored events in the JSON format of CloudEvents 1.0."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from tallystick.events.event import Event

JSON = "application/json"
"""What the data of an event is that tells no media type of its own."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def cloudevent(event: Event) -> dict[str, Any]:
    """Return an event for `orjson.dumps`, with its data byte for byte as it was accepted."""
    members = context_attributes(event)
    if event.data:
        members.setdefault("datacontenttype", JSON)
        members["data"] = orjson.Fragment(event.data)
    return members


def context_attributes(event: Event) -> dict[str, Any]:
    """Return all of an event but its data, without defaults."""
    attributes: dict[str, Any] = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "time": rfc3339(event.time),
        **orjson.loads(event.attributes),
    }
    if event.subject:
        attributes["subject"] = event.subject
    return attributes


def rfc3339(ms: int) -> str:
    """Return ``1769847330123``, in ms since the epoch, as ``2026-01-31T08:15:30.123Z``."""
    time = _EPOCH + ms * _MILLISECOND
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
