"""The service's own events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from tallystick.events import Event, new_id

API = "tallystick"
"""The internal API of these events."""

SOURCE = "/tallystick"


def own_event(type_: str, subject: str, data: Mapping[str, Any], now_ms: int) -> Event:
    """Return an event of the type ``tallystick.<type_>``."""
    content = orjson.dumps(data)
    return Event(new_id(now_ms), API, SOURCE, f"{API}.{type_}", subject, now_ms, content, "{}")


def test_event(subscription_id: str, name: str, now_ms: int) -> Event:
    """Return the event by which a subscription is tried."""
    said = f"This is a test of the subscription {name or subscription_id}."
    return own_event("test", subscription_id, {"message": said}, now_ms)
