"""Messages of a queue as CloudEvents of a source: those of CloudEvents as they are, others wrapped.

CloudEvents come structured, by their media type, or binary, with their attributes as headers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from tallystick.apis.eventgrid import attributes, texts
from tallystick.apis.eventgrid.attributes import INTEGERS
from tallystick.contract import json_spans
from tallystick.contract.document import read_api
from tallystick.contract.exceptions import Refused
from tallystick.contract.json_text import Unreadable, read_json, write_json
from tallystick.contract.schema import Schema, to_json_schema
from tallystick.delivery.destinations.rabbitmq.message import CLOUDEVENT, read_attributes
from tallystick.times import format_ms

TYPE = "rabbitmq.message"
"""The type of an event whose message names none."""

_JSON = re.compile(r"(application|text)/([a-z0-9.-]+\+)?json", re.IGNORECASE)
_UNFIT = re.compile("[^a-z0-9]")
_RESERVED = frozenset(
    {"id", "source", "specversion", "type", "subject", "time", "data", "datacontenttype"}
    | {"dataschema", "database64", "contenttype"}
)


class QueueMessage(NamedTuple):
    """A message as the broker delivered it."""

    body: bytes
    headers: Mapping[str, Any]
    content_type: str
    type: str
    id: str
    routing_key: str
    time: datetime | None


class UnreadableMessage(Exception):
    """The message can't be an event; the text says why."""


class ReadEvent(NamedTuple):
    """A CloudEvent: its members with `data` as a value, and the text of `data`."""

    event: Mapping[str, Any]
    data: bytes
    wrapped: QueueMessage | None = None
    """The message that it wraps; None for a CloudEvent of its sender."""

    @property
    def identity(self) -> Sequence[str | bytes]:
        """What tells its message from others, however often it comes; empty without an id."""
        own = (self.event["source"], self.event["id"])
        if self.wrapped is None:
            return own
        return (*own, *_told_apart(self.wrapped)) if self.wrapped.id else ()


def _told_apart(message: QueueMessage) -> Sequence[str | bytes]:
    """Return all that counts beside an id: two messages about an order may have its number."""
    time = message.time.isoformat() if message.time else ""
    # A body may have the null character that `identity_key` joins by, so it is the last.
    return message.type, message.routing_key, time, message.body


def read_message(message: QueueMessage, source: str, new_id: str, limit: int) -> ReadEvent:
    """Return the event of a message; raise `UnreadableMessage`.

    `new_id` is for a message without an id, and `limit` the most bytes of a body.
    """
    if len(message.body) > limit:
        raise UnreadableMessage(
            f"it has {len(message.body)} bytes, and TALLYSTICK_BODY_LIMIT allows {limit}"
        )
    read = _read(message, source, new_id)
    _check(read.event)
    return read


def _read(message: QueueMessage, source: str, new_id: str) -> ReadEvent:
    if message.content_type.partition(";")[0].strip().lower() == CLOUDEVENT:
        return _structured(message.body)
    named = read_attributes(message.headers)
    if "specversion" in named:
        return _with_data(named, message)
    wrapped = _with_data(_wrapped(message, source, new_id), message)
    return wrapped._replace(wrapped=message)


def _structured(body: bytes) -> ReadEvent:
    event = _json(body)
    if not isinstance(event, dict):
        raise UnreadableMessage("its body is no JSON object, as a CloudEvent is")
    if event.get("data_base64") is not None:
        raise UnreadableMessage("data_base64 is not supported: send JSON in data")
    return ReadEvent(event, json_spans.members(body).get("data", b""))


def _wrapped(message: QueueMessage, source: str, new_id: str) -> dict[str, Any]:
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": message.id or new_id,
        "source": source,
        "type": message.type or TYPE,
    }
    if message.routing_key:
        event["subject"] = message.routing_key
    if message.time:
        event["time"] = format_ms(int(message.time.timestamp() * 1000))
    for name, value in message.headers.items():
        if extension := _extension(name):
            event.setdefault(extension, _extension_value(value))
    return event


def _with_data(event: dict[str, Any], message: QueueMessage) -> ReadEvent:
    type_ = message.content_type
    data = _data(message.body, is_json=bool(_JSON.match(type_)))
    if type_.lower().startswith("application/json"):
        event["datacontenttype"] = type_
    elif type_:
        event["contenttype"] = type_
    return ReadEvent(event | ({"data": _json(data)} if data else {}), data)


def _data(body: bytes, *, is_json: bool) -> bytes:
    """Return a body as JSON text: JSON as it is, other text as a string."""
    if not body:
        return b""
    try:
        read_json(body)
    except Unreadable as error:
        if is_json:
            raise UnreadableMessage(f"its body {error}") from None
    else:
        return body
    try:
        return write_json(body.decode())
    except UnicodeDecodeError:
        raise UnreadableMessage("its body is neither JSON nor text in UTF-8") from None


def _json(text: bytes) -> Any:
    try:
        return read_json(text)
    except Unreadable as error:
        raise UnreadableMessage(f"its body {error}") from None


def _extension(header: str) -> str:
    name = _UNFIT.sub("", header.lower())
    return f"header{name}" if name in _RESERVED else name


def _extension_value(value: Any) -> Any:
    if isinstance(value, str | bool) or (isinstance(value, int) and value in INTEGERS):
        return value
    if isinstance(value, dict | list):
        return write_json(_plain(value)).decode()
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)


def _check(event: Mapping[str, Any]) -> None:
    if violations := _schema().violations(event):
        first = violations[0]
        name = ".".join(map(str, first.path)) or "the event"
        raise UnreadableMessage(f"{name} {first.message}")
    try:
        attributes.refuse_bad_values(event, "event")
        texts.refuse_unstorable({n: value for n, value in event.items() if n != "data"})
    except Refused as error:
        raise UnreadableMessage(str(error)) from None


@cache
def _schema() -> Schema:
    schemas = read_api("eventgrid").components["schemas"]
    definitions = {name: to_json_schema(schema) for name, schema in schemas.items()}
    return Schema({"$ref": "#/$defs/EventgridCloudEvent"}, definitions)
