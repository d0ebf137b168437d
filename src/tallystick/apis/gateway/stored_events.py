"""Events of all APIs in the gateway's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from tallystick.apis.key_limits import KeyLimits
from tallystick.contract.exceptions import Invalid, NotFound, Violation
from tallystick.events import CountedBy, EventLog, EventPage, EventSelection, cloudevent
from tallystick.times import format_ms, parse_time


def select_events(wanted: Mapping[str, str | None], bounds: KeyLimits | None) -> EventSelection:
    """Return the selection of a query's filters, within a key's bounds; raise `Invalid`."""
    from_, to, text = wanted.get("from"), wanted.get("to"), wanted.get("text")
    if text and not from_:  # a search without a beginning would read the whole log
        raise Invalid([Violation("query", "from", "required", None, "must be given with text")])
    return EventSelection(
        api=wanted.get("api"),
        type=wanted.get("type"),
        source=wanted.get("source"),
        subject=wanted.get("subject"),
        text=text,
        from_ms=parse_time(from_) if from_ else None,
        to_ms=parse_time(to) if to else None,
        sources=bounds.sources if bounds else (),
        types=bounds.types if bounds else (),
    )


async def list_events(
    log: EventLog, selection: EventSelection, limit: int, cursor: str | None
) -> bytes:
    """Return a page of events as JSON, newest first."""
    return await log.write_events(_write_page, selection, limit=limit, cursor=cursor)


def _write_page(page: EventPage) -> bytes:
    return orjson.dumps({"events": list(map(cloudevent, page.events)), "next": page.next})


async def get_event(log: EventLog, id_: str, bounds: KeyLimits | None) -> bytes:
    """Return an event within a key's bounds as JSON; raise `NotFound`."""
    event = await log.get_event(id_)
    if event is None or (bounds and not bounds.permits(event)):
        raise NotFound("No event has this id.")
    return orjson.dumps(cloudevent(event))


async def count_events(log: EventLog, selection: EventSelection, by: str) -> dict[str, Any]:
    """Return the number of events of each value."""
    counts, is_complete = await log.count_events(selection, CountedBy(by))
    shown = [{"value": _text(value), "count": number} for value, number in counts]
    return {"counts": shown, "complete": is_complete}


def _text(value: str | int) -> str:
    return format_ms(value) if isinstance(value, int) else value
