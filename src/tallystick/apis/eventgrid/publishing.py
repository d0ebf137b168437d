"""Publishing: from CloudEvents of a call to events of the log."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tallystick.apis.eventgrid import filters, spans
from tallystick.apis.eventgrid.errors import NOT_FOUND
from tallystick.apis.eventgrid.problems import BadValue, CallTooLarge, EventTooLarge
from tallystick.apis.eventgrid.subscriptions import Listener
from tallystick.apis.eventgrid.tables import traces
from tallystick.apis.eventgrid.texts import to_json
from tallystick.events import Event, new_id
from tallystick.store import Entry

API = "eventgrid"
MAX_EVENT = 64 * 1024
MAX_CALL = 256 * 1024
"""Bytes of JSON, an event's own and those of all events of a call."""

_FIELDS = frozenset({"specversion", "id", "source", "type", "subject", "time", "data"})


class Channel(NamedTuple):
    """Where events are published to."""

    project: str
    id: str
    sources: Collection[str]
    listeners: Sequence[Listener]


def read(body: Mapping[str, Any], raw: bytes) -> list[bytes]:
    """Each event as it was sent; raises `CallTooLarge`, `EventTooLarge` or `BadValue`."""
    sent = list(spans.elements(spans.members(raw)["events"]))
    if sum(map(len, sent)) > MAX_CALL:
        raise CallTooLarge
    for index, (text, event) in enumerate(zip(sent, body["events"], strict=True)):
        if len(text) > MAX_EVENT:
            raise EventTooLarge(f"events.{index} has more than 64 KB")
        if "data_base64" in event:
            raise BadValue(f"events.{index}.data_base64 is not taken: data is JSON")
    return sent


def kept(
    channel: Channel, events: Iterable[Mapping[str, Any]], sent: Iterable[bytes], now_ms: int
) -> Iterator[tuple[Event, list[Entry]]]:
    """Events of the log, each with rows of its traces, for all of sources that the channel has."""
    for event, text in zip(events, sent, strict=True):
        if event["source"] in channel.sources:
            stored = _kept(channel, event, text, now_ms)
            yield stored, _traces(channel, event, stored)


def results(channel: Channel, events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What became of each event."""
    outcomes = [_result(event, event["source"] in channel.sources) for event in events]
    return {"failed_count": sum(o["error_code"] is not None for o in outcomes), "events": outcomes}


def _kept(channel: Channel, event: Mapping[str, Any], text: bytes, now_ms: int) -> Event:
    attributes = {
        name: value for name, value in event.items() if name not in _FIELDS and value is not None
    }
    attributes |= {"eventgridid": event["id"]}
    if event.get("time"):
        attributes |= {"eventgridtime": event["time"]}
    attributes |= {"eventgridproject": channel.project, "eventgridchannel": channel.id}
    return Event(
        id=new_id(now_ms),
        api=API,
        source=event["source"],
        type=event["type"],
        subject=event.get("subject") or "",
        time=now_ms,
        data=spans.members(text).get("data", b""),
        attributes=to_json(attributes),
    )


def _traces(channel: Channel, event: Mapping[str, Any], kept: Event) -> list[Entry]:
    found = [each for each in channel.listeners if filters.takes(each.filter, event)]
    return [
        (
            traces,
            (
                kept.id,
                listener.id,
                channel.project,
                channel.id,
                event["id"],
                kept.source,
                kept.type,
                listener.name,
                kept.time,
            ),
        )
        for listener in found or [_NOBODY]
    ]


_NOBODY = Listener("", "", {})


def _result(event: Mapping[str, Any], is_accepted: bool) -> dict[str, Any]:
    code, message = (None, None) if is_accepted else (NOT_FOUND, "Not request resource found")
    return {"event_id": event["id"], "error_code": code, "error_msg": message}
