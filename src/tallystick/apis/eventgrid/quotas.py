"""How many resources of each kind a project may have: the database counts and refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select, text, update

from tallystick.apis.eventgrid.exceptions import QuotaReached
from tallystick.apis.eventgrid.tables import usage

CHANNEL = "CHANNEL"
SOURCE = "SOURCE"
SUBSCRIPTION = "SUBSCRIPTION"

QUOTAS: Mapping[str, int] = {CHANNEL: 10, SOURCE: 100, SUBSCRIPTION: 20}

_BEGIN = text(
    "INSERT INTO eventgrid_usage (project, kind, used, quota) "
    "VALUES (:project, :kind, 0, :quota) ON CONFLICT DO NOTHING"
)


def reserve(connection: Connection, project: str, kind: str) -> None:
    """Count one more; raises `QuotaReached`.

    The row stays locked until the transaction ends, so that no two count from the same number.
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
    """Quota and use of each kind, or of one."""
    found = select(usage.c.kind, usage.c.used).where(usage.c.project == project)
    used = {row.kind: row.used for row in connection.execute(found)}
    return [
        {
            "type": each,
            "quota": QUOTAS[each],
            "used": used.get(each, 0),
            "min": 0,
            "max": QUOTAS[each],
        }
        for each in QUOTAS
        if kind in (None, each)
    ]


def _row(project: str, kind: str) -> Any:
    return (usage.c.project == project) & (usage.c.kind == kind)
