"""Deliveries of all APIs in the gateway's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from tallystick.contract.exceptions import NotFound
from tallystick.delivery import Attempt, Delivery, DeliverySelection, DeliveryState, Outbox
from tallystick.events.cloudevents import rfc3339
from tallystick.times import parse_time

UNWELL = frozenset({DeliveryState.DEAD, DeliveryState.HELD})


async def list_deliveries(
    outbox: Outbox, selection: DeliverySelection, limit: int, cursor: str | None
) -> dict[str, Any]:
    """Return a page of deliveries, those of the newest events first."""
    found = await outbox.list_deliveries(selection, limit=limit + 1, before=cursor)
    following = found[limit - 1].id if len(found) > limit else None
    return {"deliveries": [_shown(d) for d in found[:limit]], "next": following}


async def get_delivery(outbox: Outbox, id_: str) -> dict[str, Any]:
    """Return a delivery with all its attempts; raise `NotFound`."""
    delivery = await outbox.get_delivery(id_)
    if delivery is None:
        raise NotFound("No delivery has this id.")
    attempts = (await outbox.list_attempts([id_]))[id_]
    return _shown(delivery) | {"attemptList": [attempt_to_json(a) for a in attempts]}


async def replay_deliveries(outbox: Outbox, body: Mapping[str, Any]) -> int:
    """Replay the deliveries selected by a request's body; return their number."""
    states = (
        frozenset(DeliveryState(state) for state in body["states"]) if "states" in body else None
    )
    named = "ids" in body or "event" in body
    return await outbox.replay_deliveries(
        DeliverySelection(
            ids=body.get("ids"),
            event_id=body.get("event"),
            kind=body.get("api"),
            target=body.get("target"),
            endpoint=body.get("endpoint"),
            from_ms=parse_time(body["from"]) if "from" in body else None,
            to_ms=parse_time(body["to"]) if "to" in body else None,
            # Named deliveries are replayed in any state; a general selection, only if they did not
            # arrive.
            states=states or (None if named else UNWELL),
        )
    )


def _shown(delivery: Delivery) -> dict[str, Any]:
    is_open = delivery.state == DeliveryState.PENDING
    return {
        "id": delivery.id,
        "event": delivery.event_id,
        "api": delivery.kind,
        "target": delivery.target,
        "endpoint": delivery.endpoint,
        "group": delivery.position,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "due": rfc3339(delivery.due) if is_open else None,
        "detail": delivery.detail,
    }


def attempt_to_json(attempt: Attempt) -> dict[str, Any]:
    """Return an attempt as the contract's `GatewayAttempt`."""
    return {
        "number": attempt.number,
        "started": rfc3339(attempt.started),
        "ended": rfc3339(attempt.ended),
        "outcome": attempt.outcome,
        "status": attempt.status,
        "record": orjson.loads(attempt.record),
    }
