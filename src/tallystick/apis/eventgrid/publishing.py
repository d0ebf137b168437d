"""Publishing: from CloudEvents of a call to events of the log."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from tallystick.apis.eventgrid import attributes, filters, sources
from tallystick.apis.eventgrid.error_format import item_error
from tallystick.apis.eventgrid.exceptions import BadValue, CallTooLarge, EventTooLarge
from tallystick.apis.eventgrid.subscriptions import EventgridSubscriptions, Listener
from tallystick.apis.eventgrid.tables import traces
from tallystick.apis.eventgrid.targets import KIND
from tallystick.apis.eventgrid.texts import to_json
from tallystick.contract import json_spans, json_text
from tallystick.delivery import Outbox
from tallystick.events import Event, new_id
from tallystick.store import Entry

API = "eventgrid"
MAX_EVENT = 64 * 1024
MAX_CALL = 256 * 1024
"""Bytes of JSON, an event's own and those of all events of a call."""


class Channel(NamedTuple):
    """Where events are published to."""

    project: str
    id: str
    sources: Collection[str]
    listeners: Sequence[Listener]


def read_events(body: Mapping[str, Any], raw: bytes) -> list[bytes]:
    """Return each event as it was sent; raise `CallTooLarge`, `EventTooLarge` or `BadValue`."""
    sent = list(json_spans.elements(json_spans.members(raw)["events"]))
    if sum(map(len, sent)) > MAX_CALL:
        raise CallTooLarge
    for index, (text, event) in enumerate(zip(sent, body["events"], strict=True)):
        if len(text) > MAX_EVENT:
            raise EventTooLarge(f"events.{index} has more than 64 KB")
        if event.get("data_base64") is not None:
            raise BadValue(f"events.{index}.data_base64 is not supported: send JSON in data")
    return sent


def to_events(
    channel: Channel,
    events: Iterable[Mapping[str, Any]],
    sent: Iterable[bytes],
    outbox: Outbox,
    now_ms: int,
) -> Iterator[tuple[Event, list[Entry]]]:
    """Yield the events of known sources for the log, each with its traces and deliveries."""
    for event, text in zip(events, sent, strict=True):
        if event["source"] in channel.sources:
            data = json_spans.members(text).get("data", b"")
            yield to_stored(channel, event, data, outbox, now_ms)


def to_stored(
    channel: Channel, event: Mapping[str, Any], data: bytes, outbox: Outbox, now_ms: int
) -> tuple[Event, list[Entry]]:
    """Return an event for the log, with its traces and deliveries; `data` is its data's text."""
    stored = _kept(channel, event, data, now_ms)
    return stored, _entries(channel, stored, event, outbox)


def to_cloudevent(event: Event) -> bytes:
    """Return the CloudEvent of an event of the log as it was published, data byte for byte."""
    text = to_json(published_attributes(event)).encode()
    return b'%b,"data":%b}' % (text[:-1], event.data) if event.data else text


def load_channel(
    connection: Connection, project: str, id_: str, known: EventgridSubscriptions
) -> Channel:
    """Return a channel of the project with its sources and listeners."""
    names = sources.list_names(connection, project, id_)
    return Channel(project, id_, names, known.listeners(connection, project, id_))


def forward_event(
    channel: Channel, event: Event, outbox: Outbox, now_ms: int
) -> tuple[Event, list[Entry]]:
    """Return an event of the log as another channel gets it, with its traces and deliveries."""
    logged = attributes.to_forwarded(json.loads(event.attributes), event.id, channel.id)
    forwarded = event._replace(id=new_id(now_ms), time=now_ms, attributes=to_json(logged))
    published = json_text.read_json(to_cloudevent(event))
    return forwarded, _entries(channel, forwarded, published, outbox)


def published_attributes(event: Event) -> dict[str, Any]:
    """Return the attributes of an event of the log as they were published."""
    logged = json.loads(event.attributes)
    return attributes.to_published(logged, event.source, event.type, event.subject)


def results(channel: Channel, events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the result of each event."""
    outcomes = [_result(event, event["source"] in channel.sources) for event in events]
    return {"failed_count": sum(o["error_code"] is not None for o in outcomes), "events": outcomes}


def _entries(
    channel: Channel, stored: Event, published: Mapping[str, Any], outbox: Outbox
) -> list[Entry]:
    found = [each for each in channel.listeners if filters.matches(each.filter, published)]
    wanted = [destination for each in found for destination in each.destinations]
    rows = _traces(channel, found, published["id"], stored)
    return [*rows, *outbox.build_deliveries(stored, KIND, wanted)]


def _kept(channel: Channel, event: Mapping[str, Any], data: bytes, now_ms: int) -> Event:
    return Event(
        id=new_id(now_ms),
        api=API,
        source=event["source"],
        type=event["type"],
        subject=event.get("subject") or "",
        time=now_ms,
        data=data,
        attributes=to_json(attributes.to_logged(event, channel.project, channel.id)),
    )


def _traces(channel: Channel, found: Sequence[Listener], event_id: str, kept: Event) -> list[Entry]:
    return [
        (
            traces,
            (
                kept.id,
                listener.id,
                channel.project,
                channel.id,
                event_id,
                kept.source,
                kept.type,
                listener.name,
                kept.time,
            ),
        )
        for listener in found or [_NOBODY]
    ]


_NOBODY = Listener("", "", {}, ())


def _result(event: Mapping[str, Any], is_accepted: bool) -> dict[str, Any]:
    return {"event_id": event["id"], **item_error(is_accepted)}
