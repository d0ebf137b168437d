"""Events as messages of RabbitMQ: CloudEvents 1.0 in its AMQP binding, structured or binary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from tallystick.events import Event, cloudevent

STRUCTURED = "structured"
CLOUDEVENT = "application/cloudevents+json"
_PREFIXES = ("cloudEvents_", "cloudEvents:")
"""The beginnings of a header's name that holds an attribute: ours, and the one also allowed."""


class BrokerMessage(NamedTuple):
    """The parts of a message."""

    content_type: str
    headers: dict[str, Any]
    body: bytes


def write_message(event: Event, mode: str) -> BrokerMessage:
    """Return the message that tells the event."""
    attributes = cloudevent(event)
    if mode == STRUCTURED:
        return BrokerMessage(f"{CLOUDEVENT}; charset=utf-8", {}, orjson.dumps(attributes))
    attributes.pop("data", None)
    type_ = attributes.pop("datacontenttype", "")
    headers = {f"{_PREFIXES[0]}{name}": _header(value) for name, value in attributes.items()}
    return BrokerMessage(type_, headers, event.data)


def read_attributes(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes that the headers of a message in binary mode hold; else none."""
    return {
        name.removeprefix(prefix): value
        for name, value in headers.items()
        for prefix in _PREFIXES
        if name.startswith(prefix)
    }


def _header(value: Any) -> Any:
    if isinstance(value, str | bool):
        return value
    return orjson.dumps(value).decode()
