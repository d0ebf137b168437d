"""Publishing: from CloudEvents of a call to events of the log."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tallystick.apis.eventgrid import attributes, filters, json_spans
from tallystick.apis.eventgrid.error_format import NOT_FOUND
from tallystick.apis.eventgrid.exceptions import BadValue, CallTooLarge, EventTooLarge
from tallystick.apis.eventgrid.subscriptions import KIND, Listener
from tallystick.apis.eventgrid.tables import traces
from tallystick.apis.eventgrid.texts import to_json
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
    """Each event as it was sent; raises `CallTooLarge`, `EventTooLarge` or `BadValue`."""
    sent = list(json_spans.elements(json_spans.members(raw)["events"]))
    if sum(map(len, sent)) > MAX_CALL:
        raise CallTooLarge
    for index, (text, event) in enumerate(zip(sent, body["events"], strict=True)):
        if len(text) > MAX_EVENT:
            raise EventTooLarge(f"events.{index} has more than 64 KB")
        if event.get("data_base64") is not None:
            raise BadValue(f"events.{index}.data_base64 is not taken: data is JSON")
    return sent


def to_events(
    channel: Channel,
    events: Iterable[Mapping[str, Any]],
    sent: Iterable[bytes],
    outbox: Outbox,
    now_ms: int,
) -> Iterator[tuple[Event, list[Entry]]]:
    """Events of the log, of sources that the channel has, each with its traces and deliveries."""
    for event, text in zip(events, sent, strict=True):
        if event["source"] in channel.sources:
            stored = _kept(channel, event, text, now_ms)
            found = [each for each in channel.listeners if filters.matches(each.filter, event)]
            wanted = [destination for each in found for destination in each.destinations]
            rows = _traces(channel, found, event["id"], stored)
            yield stored, [*rows, *outbox.build_deliveries(stored, KIND, wanted)]


def to_cloudevent(event: Event) -> bytes:
    """The CloudEvent of an event of the log, as it was published, its data byte for byte."""
    logged = json.loads(event.attributes)
    published = attributes.to_published(logged, event.source, event.type, event.subject)
    text = to_json(published).encode()
    return b'%b,"data":%b}' % (text[:-1], event.data) if event.data else text


def results(channel: Channel, events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What became of each event."""
    outcomes = [_result(event, event["source"] in channel.sources) for event in events]
    return {"failed_count": sum(o["error_code"] is not None for o in outcomes), "events": outcomes}


def _kept(channel: Channel, event: Mapping[str, Any], text: bytes, now_ms: int) -> Event:
    return Event(
        id=new_id(now_ms),
        api=API,
        source=event["source"],
        type=event["type"],
        subject=event.get("subject") or "",
        time=now_ms,
        data=json_spans.members(text).get("data", b""),
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
    code, message = (None, None) if is_accepted else (NOT_FOUND, "Not request resource found")
    return {"event_id": event["id"], "error_code": code, "error_msg": message}
