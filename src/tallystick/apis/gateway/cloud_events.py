"""Stored events in the JSON format of CloudEvents 1.0."""

from __future__ import annotations

from typing import Any

import orjson

from tallystick.apis.gateway.times import to_rfc3339
from tallystick.events import Event


def cloud_event(event: Event) -> dict[str, Any]:
    """One event for `orjson.dumps`; its data is written byte for byte as it was accepted."""
    attributes: dict[str, Any] = {
        "specversion": "1.0",
        "id": event.id,
        "source": event.source,
        "type": event.type,
        "time": to_rfc3339(event.time),
    }
    if event.subject:
        attributes["subject"] = event.subject
    attributes |= orjson.loads(event.attributes)
    if event.data:
        attributes["datacontenttype"] = "application/json"
        attributes["data"] = orjson.Fragment(event.data)
    return attributes
