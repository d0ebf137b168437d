"""Traces: which events a channel has received, and which subscriptions they matched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, select

from tallystick.apis.eventgrid.tables import traces

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
    """``{total, size, result}``: the newest first, between two times, both included."""
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
    return {"total": total, "size": len(result), "result": result}


def _shown(row: Any) -> dict[str, Any]:
    return {
        "subscription_name": row.subscription,
        "source_name": row.source,
        "source_provider": "CUSTOM",
        "event_type": row.type,
        "event_id": row.event_id,
        "event_received_time": row.received,
    }
