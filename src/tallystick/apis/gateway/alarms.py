"""The service's own alarms: what is wrong now, found in the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, not_, select

from tallystick.delivery import DeliveryState
from tallystick.delivery.tables import deliveries, targets
from tallystick.events.ids import lowest_id
from tallystick.store.tables import keys
from tallystick.times import format_ms

ENDPOINT_OFF = "endpoint.off"
ENDPOINT_ON = "endpoint.on"
BACKLOG_OLD = "backlog.old"
KEY_EXPIRING = "key.expiring"
DATABASE_AWAY = "database.away"
DELIVERY_DEAD = "delivery.dead"

KEY_NOTICE_MS = 14 * 24 * 60 * 60 * 1000
"""The time in ms before a key's expiry from which it is told (two weeks)."""


class Alarm(NamedTuple):
    """Something that is wrong, until it ends."""

    name: str
    """The same as long as it lasts."""
    type: str
    subject: str
    data: Mapping[str, Any]


def are_expiring(now_ms: int) -> ColumnElement[bool]:
    """Return the condition of keys in force that end within the time of notice."""
    c = keys.c
    return and_(c.revoked.is_(None), c.expires > now_ms, c.expires <= now_ms + KEY_NOTICE_MS)


def find_alarms(connection: Connection, now_ms: int, backlog_ms: int) -> dict[str, Alarm]:
    """Return the alarms that hold now, by name.

    `backlog_ms` is the age from which a waiting delivery is an alarm; 0 for never.
    """
    found = [*_endpoints(connection), *_keys(connection, now_ms)]
    if backlog_ms:
        found += _backlog(connection, now_ms, now_ms - backlog_ms)
    return {alarm.name: alarm for alarm in found}


def _endpoints(connection: Connection) -> Iterator[Alarm]:
    for row in connection.execute(select(targets).where(targets.c.off.is_not(None))):
        data = {
            "message": f"Deliveries to {row.target} of {row.kind} are held: {row.reason}.",
            "api": row.kind,
            "target": row.target,
            "reason": row.reason,
            "since": format_ms(row.off),
        }
        yield Alarm(f"endpoint/{row.kind}/{row.target}", ENDPOINT_OFF, row.target, data)


def _backlog(connection: Connection, now_ms: int, before_ms: int) -> Iterator[Alarm]:
    id_ = deliveries.c.id
    # An expression, as the databases would else walk all deliveries by their ids for the least one;
    # this way they take the small index of pending ones.
    oldest = func.min(id_.concat(""))
    pending = deliveries.c.state == DeliveryState.PENDING.value
    # Over a key's quota they wait for their day, as was agreed.
    is_expected = and_(deliveries.c.attempts == 0, deliveries.c.due > now_ms)
    is_old = id_.concat("") < lowest_id(before_ms)
    statement = select(oldest, func.count()).where(pending, is_old, not_(is_expected))
    first, count = connection.execute(statement).one()
    if first:
        data = {
            "message": f"{count} deliveries have waited since {format_ms(before_ms)} or longer.",
            "deliveries": count,
            "oldest": first,
        }
        yield Alarm("backlog", BACKLOG_OLD, "", data)


def _keys(connection: Connection, now_ms: int) -> Iterator[Alarm]:
    for row in connection.execute(select(keys).where(are_expiring(now_ms))):
        data = {
            "message": f"The key {row.name or row.id} of {row.api} expires soon.",
            "key": row.id,
            "name": row.name,
            "api": row.api,
            "expires": format_ms(row.expires),
        }
        yield Alarm(f"key/{row.id}", KEY_EXPIRING, row.id, data)
