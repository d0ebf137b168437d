"""Stored events in the JSON format of CloudEvents 1.0."""

from __future__ import annotations

from typing import Any

import orjson

from tallystick.events.event import Event
from tallystick.times import format_ms

JSON = "application/json"
"""What the data of an event is that tells no media type of its own."""


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
        "time": format_ms(event.time),
        **orjson.loads(event.attributes),
    }
    if event.subject:
        attributes["subject"] = event.subject
    return attributes
