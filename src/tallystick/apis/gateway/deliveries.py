"""Deliveries of all APIs in the gateway's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from tallystick.contract.exceptions import Invalid, NotFound, Violation
from tallystick.delivery import Attempt, Delivery, DeliverySelection, DeliveryState, Outbox
from tallystick.times import format_ms, parse_time

UNWELL = frozenset({DeliveryState.DEAD, DeliveryState.HELD})


def select_deliveries(wanted: Mapping[str, Any]) -> DeliverySelection:
    """Return the selection of a query's filters, or of a body's."""
    state, from_, to = wanted.get("state"), wanted.get("from"), wanted.get("to")
    states = [state] if state else wanted.get("states")
    return DeliverySelection(
        ids=wanted.get("ids"),
        event_id=wanted.get("event"),
        kind=wanted.get("api"),
        target=wanted.get("target"),
        endpoint=wanted.get("endpoint"),
        from_ms=parse_time(from_) if from_ else None,
        to_ms=parse_time(to) if to else None,
        states=frozenset(map(DeliveryState, states)) if states else None,
    )


async def list_deliveries(
    outbox: Outbox, selection: DeliverySelection, limit: int, cursor: str | None
) -> dict[str, Any]:
    """Return a page of deliveries, those of the newest events first."""
    page = await outbox.read_page(selection, limit=limit, before=cursor)
    return {"deliveries": [_shown(d) for d in page.deliveries], "next": page.next}


async def get_delivery(outbox: Outbox, id_: str) -> dict[str, Any]:
    """Return a delivery with all its attempts; raise `NotFound`."""
    delivery = await outbox.get_delivery(id_)
    if delivery is None:
        raise NotFound("No delivery has this id.")
    attempts = (await outbox.list_attempts([id_]))[id_]
    return _shown(delivery) | {"attemptList": [attempt_to_json(a) for a in attempts]}


async def replay_deliveries(outbox: Outbox, body: Mapping[str, Any]) -> int:
    """Replay the deliveries selected by a request's body; return their number.

    With ``dry_run``, return how many it would be. Raise `Invalid` for a body without a filter.
    """
    if body.keys() == {"dry_run"}:
        raise Invalid([Violation("body", "", "minProperties", None, "must have a filter")])
    selection = select_deliveries(body)
    named = "ids" in body or "event" in body
    # Named deliveries are replayed in any state; a general selection, only if they did not arrive.
    if selection.states is None and not named:
        selection = selection._replace(states=UNWELL)
    if body.get("dry_run"):
        return await outbox.count_replayable(selection)
    return await outbox.replay_deliveries(selection)


async def count_deliveries(outbox: Outbox, selection: DeliverySelection) -> dict[str, Any]:
    """Return the number of deliveries of each state, and the event time of the oldest pending."""
    counts, oldest_ms, is_complete = await outbox.count_deliveries(selection)
    shown = [{"state": state, "count": number} for state, number in counts.items()]
    oldest = {} if oldest_ms is None else {"oldest_pending": format_ms(oldest_ms)}
    return {"counts": shown, **oldest, "complete": is_complete}


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
        "due": format_ms(delivery.due) if is_open else None,
        "detail": delivery.detail,
    }


def attempt_to_json(attempt: Attempt) -> dict[str, Any]:
    """Return an attempt as the contract's `GatewayAttempt`."""
    return {
        "number": attempt.number,
        "started": format_ms(attempt.started),
        "ended": format_ms(attempt.ended),
        "outcome": attempt.outcome,
        "status": attempt.status,
        "record": orjson.loads(attempt.record),
    }
