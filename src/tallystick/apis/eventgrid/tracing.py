"""Traces: the events of a channel, and the subscriptions they matched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, Row, TextClause, func, select, text

from tallystick.apis.eventgrid import channels
from tallystick.apis.eventgrid.publishing import published_attributes
from tallystick.apis.eventgrid.subscriptions import EventgridSubscriptions
from tallystick.apis.eventgrid.tables import traces
from tallystick.apis.eventgrid.targets import target_id
from tallystick.contract.exceptions import NotFound
from tallystick.delivery import Attempt, AttemptOutcome, Delivery, DeliveryState
from tallystick.events import Event
from tallystick.store.tables import events
from tallystick.times import format_utc

ATTEMPTS = 3
"""The newest of a delivery, which are shown."""


class TracedEvent(NamedTuple):
    """An event received by a channel."""

    event_id: str
    """Its id in the log."""
    shown: Mapping[str, Any]
    matched: Mapping[str, str]
    """Subscription → its name."""
    target_names: Mapping[str, str]
    """What deliveries call a target → its name."""


SHORT_ID = 512
"""The characters of an event's own id that the index of most ids has."""

# In the words of the indexes, without which a database doesn't use them.
_IS_SHORT = text(f"length(event_id) <= {SHORT_ID}")
_IS_LONG = text(f"length(event_id) > {SHORT_ID}")

_FILTERS = {
    "event_id": traces.c.event_id,
    "source_name": traces.c.source,
    "event_type": traces.c.type,
    "subscription_name": traces.c.subscription,
}


def list_traces(
    connection: Connection,
    project: str,
    channel_id: str,
    span: tuple[int, int],
    offset: int,
    limit: int,
    wanted: Mapping[str, str | None],
) -> dict[str, Any]:
    """Return ``{total, size, result, items}``: the newest first, between two times, both included.

    The traces stand under both names, as the vendor's clients read one or the other.
    """
    rules = [
        traces.c.project == project,
        traces.c.channel_id == channel_id,
        traces.c.received.between(*span),
        *(_FILTERS[name] == value for name, value in wanted.items() if value is not None),
    ]
    total = connection.scalar(select(func.count()).select_from(traces).where(*rules))
    newest = traces.c.received.desc(), traces.c.id.desc(), traces.c.subscription_id
    rows = connection.execute(
        select(traces).where(*rules).order_by(*newest).offset(offset).limit(limit)
    )
    result = [_shown(row) for row in rows]
    return {"total": total, "size": len(result), "result": result, "items": result}


def get_published(connection: Connection, project: str, event_id: str) -> dict[str, Any]:
    """Return the newest event of this id as it was published; raise `NotFound`."""
    trace = _newest(connection, event_id, traces.c.project == project)
    row = connection.execute(select(events).where(events.c.id == trace.id)).one()
    event = Event._make(row)
    data = {"data": orjson.Fragment(event.data)} if event.data else {}
    return {**published_attributes(event), **data}


def get_matches(
    connection: Connection,
    project: str,
    event_id: str,
    channel_id: str,
    known: EventgridSubscriptions,
) -> TracedEvent:
    """Return the newest event of this id in a channel, with its matches; raise `NotFound`."""
    own = (traces.c.project == project, traces.c.channel_id == channel_id)
    newest = _newest(connection, event_id, *own)
    rows = connection.execute(select(traces).where(traces.c.id == newest.id)).all()
    matched = {row.subscription_id: row.subscription for row in rows if row.subscription_id}
    channel = channels.get_channel(connection, project, channel_id)
    shown = {
        "eventId": newest.event_id,
        "eventSource": newest.source,
        "eventType": newest.type,
        "receiveTime": format_utc(newest.received),
        "channelId": channel_id,
        "channelName": channel["name"],
    }
    return TracedEvent(newest.id, shown, matched, known.target_names(connection, project))


def event_trace(
    found: TracedEvent, deliveries: Sequence[Delivery], attempts: Mapping[str, Sequence[Attempt]]
) -> dict[str, Any]:
    """Return an event with the results of its deliveries."""
    list_ = [
        _subscription_trace(id_, name, found, deliveries, attempts)
        for id_, name in found.matched.items()
    ]
    return {**found.shown, "deliverList": list_}


def _subscription_trace(
    id_: str,
    name: str,
    found: TracedEvent,
    deliveries: Sequence[Delivery],
    attempts: Mapping[str, Sequence[Attempt]],
) -> dict[str, Any]:
    own = [delivery for delivery in deliveries if delivery.target.startswith(id_)]
    done = sum(delivery.state == DeliveryState.DONE for delivery in own)
    return {
        "subscriptionId": id_,
        "subscriptionName": name,
        "successCounts": done,
        "failCounts": len(own) - done,
        "allDeliverTimes": sum(delivery.attempts for delivery in own),
        "deliverTargetList": [
            {
                "deliverTargetId": target_id(delivery.target),
                "deliverTargetName": found.target_names.get(delivery.target, ""),
                "deliverStatus": _status(delivery.state == DeliveryState.DONE),
                "deliverDetailList": [_attempt(each) for each in _last(attempts, delivery.id)],
            }
            for delivery in own
        ],
    }


def _last(attempts: Mapping[str, Sequence[Attempt]], id_: str) -> Sequence[Attempt]:
    newest_first = sorted(attempts.get(id_, ()), key=lambda each: each.number, reverse=True)
    return newest_first[:ATTEMPTS]


def _attempt(attempt: Attempt) -> dict[str, str]:
    began = datetime.fromtimestamp(attempt.started / 1000, UTC)
    return {
        "deliverTime": began.strftime("%Y/%m/%d %H:%M:%S"),
        "deliverStatus": _status(attempt.outcome == AttemptOutcome.DELIVERED),
        "deliverConsuming": str(attempt.ended - attempt.started),
        "deliverRspCode": str(attempt.status or ""),
    }


def _status(is_good: bool) -> str:
    return "SUCCESS" if is_good else "FAILED"


def _newest(connection: Connection, event_id: str, *own: ColumnElement[bool]) -> Row[Any]:
    found = select(traces).where(*own, traces.c.event_id == event_id, _has_length_of(event_id))
    row = connection.execute(found.order_by(traces.c.id.desc()).limit(1)).first()
    if row is None:
        raise NotFound("There is no such event.")
    return row


def _has_length_of(event_id: str) -> TextClause:
    return _IS_LONG if len(event_id) > SHORT_ID else _IS_SHORT


def _shown(row: Any) -> dict[str, Any]:
    return {
        "subscription_name": row.subscription,
        "source_name": row.source,
        "source_provider": _provider(row),
        "event_type": row.type,
        "event_id": row.event_id,
        # Seconds: the vendor's SDKs read it into 32 bits.
        "event_received_time": row.received // 1000,
    }


def _provider(row: Any) -> str:
    is_official = row.channel_id == channels.default_channel_id(row.project)
    return channels.OFFICIAL if is_official else channels.CUSTOM
