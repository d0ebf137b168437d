"""How many resources of each kind a project may have: the database counts and refuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, func, select, text, update

from tallystick.apis.eventgrid.exceptions import QuotaReached
from tallystick.apis.eventgrid.tables import sources, subscriptions, usage
from tallystick.contract.document import read_api

CHANNEL = "CHANNEL"
SOURCE = "SOURCE"
SUBSCRIPTION = "SUBSCRIPTION"

QUOTAS: Mapping[str, int] = {CHANNEL: 10, SOURCE: 100, SUBSCRIPTION: 20}
"""Of the kinds that a project has so many of."""

_KINDS: Sequence[str] = read_api("eventgrid").schema("EventgridQuotaType")["enum"]
TARGETS: int = read_api("eventgrid").schema("EventgridSubscriptionTargets")["maxItems"]
_WITHIN: Mapping[str, int] = {
    "CHANNEL_SUBSCRIPTION": QUOTAS[SUBSCRIPTION],
    "SUBSCRIPTION_TARGET": TARGETS,
    "SOURCE_RABBITMQ": QUOTAS[SOURCE],
    "SOURCE_ROCKETMQ": QUOTAS[SOURCE],
}
"""Of the kinds that are a part of another kind."""

_BEGIN = text(
    "INSERT INTO eventgrid_usage (project, kind, used, quota) "
    "VALUES (:project, :kind, 0, :quota) ON CONFLICT DO NOTHING"
)


def reserve(connection: Connection, project: str, kind: str) -> None:
    """Count one more; raise `QuotaReached`.

    The row stays locked until the transaction ends: two transactions count one after the other.
    """
    connection.execute(_BEGIN, {"project": project, "kind": kind, "quota": QUOTAS[kind]})
    counted = connection.execute(
        update(usage)
        .where(_row(project, kind), usage.c.used < usage.c.quota)
        .values(used=usage.c.used + 1)
    )
    if not counted.rowcount:
        raise QuotaReached


def release(connection: Connection, project: str, kind: str) -> None:
    """Count one less."""
    connection.execute(update(usage).where(_row(project, kind)).values(used=usage.c.used - 1))


def list_quotas(connection: Connection, project: str, kind: str | None) -> list[dict[str, Any]]:
    """Return name, quota and use of each kind, or of one; kinds out of service have the quota 0."""
    found = select(usage.c.kind, usage.c.used).where(usage.c.project == project)
    used = {row.kind: row.used for row in connection.execute(found)}
    used |= _used_within(connection, project)
    quotas = {**QUOTAS, **_WITHIN}
    return [
        _shown(each, quotas.get(each, 0), used.get(each, 0))
        for each in _KINDS
        if kind in (None, each)
    ]


def _shown(kind: str, quota: int, used: int) -> dict[str, Any]:
    return {"name": kind, "type": kind, "quota": quota, "used": used, "min": 0, "max": quota}


def _used_within(connection: Connection, project: str) -> dict[str, int]:
    own = subscriptions.c.project == project
    rows = connection.execute(
        select(subscriptions.c.channel_id, subscriptions.c.destinations).where(own)
    ).all()
    number = func.count().label("number")
    by_type = select(sources.c.type, number).where(sources.c.project == project)
    found = connection.execute(by_type.group_by(sources.c.type))
    counted = {row.type: row.number for row in found}
    return {
        "CHANNEL_SUBSCRIPTION": _most(Counter(row.channel_id for row in rows).values()),
        "SUBSCRIPTION_TARGET": _most(len(orjson.loads(row.destinations or "[]")) for row in rows),
        "SOURCE_RABBITMQ": counted.get("RABBITMQ", 0),
        "SOURCE_ROCKETMQ": counted.get("ROCKETMQ", 0),
    }


def _most(numbers: Iterable[int]) -> int:
    return max(numbers, default=0)


def _row(project: str, kind: str) -> Any:
    return (usage.c.project == project) & (usage.c.kind == kind)
