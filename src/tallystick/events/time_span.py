"""A span of time, as conditions on ids that begin with theirs."""

from __future__ import annotations

from sqlalchemy import Column, ColumnElement

from tallystick.events.ids import lowest_id


def within_span(
    id_: Column[str], from_ms: int | None, to_ms: int | None
) -> list[ColumnElement[bool]]:
    """Return the conditions of ids from a time on and before another, each unless it is None.

    Times are in ms since the epoch.
    """
    rules = []
    if from_ms is not None:
        rules.append(id_ >= lowest_id(from_ms))
    if to_ms is not None:
        rules.append(id_ < lowest_id(to_ms))
    return rules
