"""The service's own alarms: what is wrong now, found in the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, and_, select

from tallystick.apis.gateway.subscriptions import KIND
from tallystick.apis.gateway.tables import subscriptions
from tallystick.delivery.overdue import find_overdue
from tallystick.delivery.tables import targets
from tallystick.store.tables import keys
from tallystick.times import format_ms

ENDPOINT_OFF = "endpoint.off"
ENDPOINT_ON = "endpoint.on"
BACKLOG_OLD = "backlog.old"
BACKLOG_OVER = "backlog.over"
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
        found += _backlog(connection, now_ms - backlog_ms)
    return {alarm.name: alarm for alarm in found}


def _endpoints(connection: Connection) -> Iterator[Alarm]:
    named = select(targets, subscriptions.c.name, subscriptions.c.sink)
    of_gateway = (targets.c.kind == KIND) & (subscriptions.c.id == targets.c.target)
    joined = named.outerjoin_from(targets, subscriptions, of_gateway)
    for row in connection.execute(joined.where(targets.c.off.is_not(None))):
        whom = f"{row.target} of {row.kind}" if row.sink is None else _name_subscription(row)
        data = {
            "message": f"Deliveries to {whom} are held: {row.reason}.",
            "api": row.kind,
            "target": row.target,
            "name": row.name or "",
            "reason": row.reason,
            "since": format_ms(row.off),
        }
        yield Alarm(f"endpoint/{row.kind}/{row.target}", ENDPOINT_OFF, row.target, data)


def _name_subscription(row: Row[Any]) -> str:
    return f"{row.sink}, of the subscription {row.name or row.target}"


def _backlog(connection: Connection, before_ms: int) -> Iterator[Alarm]:
    overdue = find_overdue(connection, before_ms)
    if overdue:
        number = f"{overdue.number}{'' if overdue.is_complete else ' or more'}"
        data = {
            "message": f"{number} deliveries have waited since {format_ms(before_ms)} or longer.",
            "deliveries": overdue.number,
            "oldest": overdue.oldest,
        }
        yield Alarm("backlog", BACKLOG_OLD, "", data)


def _keys(connection: Connection, now_ms: int) -> Iterator[Alarm]:
    for row in connection.execute(select(keys).where(are_expiring(now_ms))):
        data = {
            "message": f"The key {row.name or row.id} of {row.api} expires at "
            f"{format_ms(row.expires)}.",
            "key": row.id,
            "name": row.name,
            "api": row.api,
            "expires": format_ms(row.expires),
        }
        yield Alarm(f"key/{row.id}", KEY_EXPIRING, row.id, data)
