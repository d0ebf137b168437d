"""Messages of a broker, read as CloudEvents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import orjson

from tallystick.apis.received_batches import ReceivedEvent, identity_key
from tallystick.contract import json_text
from tallystick.contract.media_types import is_json, plain_type
from tallystick.events import new_id
from tallystick.events.cloudevent_lines import (
    API,
    ORIGIN_ID,
    BadLine,
    build_event,
    check_origin,
    read_members,
)

ORIGIN_TIME = "origintime"
"""The attribute that keeps the time of an event by its sender; `time` is that of acceptance."""

JSON = "application/json"
STRUCTURED = "application/cloudevents+json"

_FOREIGN_API = "tallystickownapi"
"""The spelling of an attribute `api` of a sender's own."""


class ReceivedMessage(NamedTuple):
    """A message, whatever it holds."""

    place: str
    """Its partition and offset, or its queue: for people who look for it."""
    content_type: str
    attributes: Mapping[str, str]
    """The attributes of a CloudEvent in binary mode; empty for other messages."""
    body: bytes


def read_event(message: ReceivedMessage, api: str, now_ms: int) -> ReceivedEvent:
    """Return the event of a message, accepted now by an API; raise `BadLine`.

    Its source and its id by the sender tell it from others.
    """
    members, data = _read(message)
    check_origin(members)
    known = dict(members)
    if API in known:
        known[_FOREIGN_API] = known.pop(API)
    accepted = {"id": new_id(now_ms), "time": None, API: api}
    kept = {ORIGIN_ID: known.get("id"), ORIGIN_TIME: known.get("time")}
    event = build_event(known | kept | accepted, data, now_ms)
    return ReceivedEvent(identity_key(event.source, str(members["id"])), event)


def _read(message: ReceivedMessage) -> tuple[Mapping[str, object], bytes]:
    if plain_type(message.content_type) == STRUCTURED:
        return read_members(message.body)
    if message.attributes.get("specversion") != "1.0":
        raise BadLine("is no CloudEvent 1.0, neither structured nor binary")
    members = dict(message.attributes)
    if message.body and plain_type(message.content_type or JSON) != JSON:
        members["datacontenttype"] = message.content_type
    return members, _json(message)


def _json(message: ReceivedMessage) -> bytes:
    """Return the data as CloudEvents writes it in JSON: JSON as it is, other text as a string."""
    try:
        if is_json(message.content_type or JSON):
            if message.body:
                json_text.read_json(message.body)
            return message.body
        return orjson.dumps(message.body.decode()) if message.body else b""
    except (UnicodeDecodeError, json_text.Unreadable) as error:
        raise BadLine(f"data is neither JSON nor text: {error}") from None
