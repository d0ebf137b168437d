"""Events as messages of Kafka, in the Kafka protocol binding of CloudEvents 1.0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import orjson

from tallystick.events import Event, cloudevent

STRUCTURED = "structured"
BINARY = "binary"
CONTENT_TYPE = "content-type"
CLOUDEVENT = "application/cloudevents+json"
PREFIX = "ce_"
"""The start of a header's name that is an attribute."""

Headers = Sequence[tuple[str, str]]


class KafkaMessage(NamedTuple):
    """A message to a topic; the same key is always in the same partition."""

    key: str
    headers: Headers
    value: bytes


def write_message(event: Event, mode: str, key: str) -> KafkaMessage:
    """Return an event as a message, with its subject or its id as the key.

    An event without a subject has its id as the key.
    """
    named = event.subject if key == "subject" else ""
    headers, value = _binary(event) if mode == BINARY else _structured(event)
    return KafkaMessage(named or event.id, headers, value)


def _structured(event: Event) -> tuple[Headers, bytes]:
    headers = [(CONTENT_TYPE, f"{CLOUDEVENT}; charset=UTF-8")]
    return headers, orjson.dumps(cloudevent(event))


def _binary(event: Event) -> tuple[Headers, bytes]:
    attributes = cloudevent(event)
    attributes.pop("data", None)
    type_ = attributes.pop("datacontenttype", None)
    headers = [(f"{PREFIX}{name}", _text(value)) for name, value in attributes.items()]
    return [(CONTENT_TYPE, type_), *headers] if type_ else headers, event.data


def _text(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
