"""Deliveries that have waited too long, counted in bounded time however many wait."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, select, text

from tallystick.delivery import sql
from tallystick.delivery.tables import TRIED, deliveries
from tallystick.events.ids import lowest_id

COUNTED = 10_000
"""The number of overdue deliveries up to which they are counted, of each of two kinds."""


class Overdue(NamedTuple):
    """The deliveries that have waited since a time or longer."""

    number: int
    is_complete: bool
    """Whether these are all."""
    oldest: str
    """The lowest id of those counted."""


def find_overdue(connection: Connection, before_ms: int) -> Overdue | None:
    """Return the deliveries that have waited since `before_ms`, if there are some.

    A first attempt waits since it was due: from the event on, or from the day whose quota has room
    for it, or from a replay. A further one waits since the event.
    """
    id_ = deliveries.c.id
    tried = select(id_).where(text(TRIED), id_ < lowest_id(before_ms)).order_by(id_).limit(COUNTED)
    due = sql.dialect_of(connection).overdue()
    found = [
        connection.scalars(tried).all(),
        connection.scalars(due, {"before": before_ms, "limit": COUNTED}).all(),
    ]
    ids = set(found[0]).union(found[1])
    if not ids:
        return None
    return Overdue(len(ids), all(len(some) < COUNTED for some in found), min(ids))
