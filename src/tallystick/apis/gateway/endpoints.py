"""Endpoints of the last day's deliveries in the gateway's JSON."""

from __future__ import annotations

from typing import Any

from tallystick.delivery import Outbox
from tallystick.delivery.endpoint_health import EndpointRecord
from tallystick.times import format_ms


async def list_endpoints(outbox: Outbox, limit: int, cursor: str | None) -> dict[str, Any]:
    """Return a page of endpoints, by API and endpoint."""
    found, is_complete = await outbox.list_endpoints()
    rest = [health for health in found if cursor is None or _key(health) > cursor]
    following = _key(rest[limit - 1]) if len(rest) > limit else None
    shown = [_shown(health) for health in rest[:limit]]
    return {"endpoints": shown, "next": following, "complete": is_complete}


def _key(health: EndpointRecord) -> str:
    return f"{health.kind} {health.endpoint}"


def _shown(health: EndpointRecord) -> dict[str, Any]:
    counts = [{"state": state, "count": number} for state, number in sorted(health.counts.items())]
    shown: dict[str, Any] = {
        "endpoint": health.endpoint,
        "api": health.kind,
        "state": health.state,
        "deliveries": counts,
    }
    if health.last_success is not None:
        shown["last_success"] = format_ms(health.last_success)
    if health.last_failure:
        time, outcome, status = health.last_failure
        reason = outcome if status is None else f"it answered {status}"
        shown["last_failure"] = {"time": format_ms(time), "reason": reason}
    return shown
