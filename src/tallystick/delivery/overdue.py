"""Deliveries that have waited too long, counted in bounded time however many wait."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, or_, select, text

from tallystick.delivery import sql
from tallystick.delivery.delivery import DeliveryState
from tallystick.delivery.tables import KEPT, TRIED, deliveries
from tallystick.events.ids import lowest_id

COUNTED = 10_000
"""The number of overdue deliveries up to which they are counted, of each of three kinds."""


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
    for it, or from a replay. A further one waits since the event. Both wait until the attempt ends.
    """
    c = deliveries.c
    old = select(c.id).where(c.id < lowest_id(before_ms)).order_by(c.id).limit(COUNTED)
    under_way = (c.state == DeliveryState.LEASED.value) & or_(c.retried == 1, c.due < before_ms)
    due = sql.dialect_of(connection).pending("d.due < :before")
    found = [
        connection.scalars(old.where(text(TRIED))).all(),
        connection.scalars(due, {"before": before_ms, "limit": COUNTED}).all(),
        connection.scalars(old.where(text(KEPT), under_way)).all(),
    ]
    ids = set().union(*found)
    if not ids:
        return None
    return Overdue(len(ids), all(len(some) < COUNTED for some in found), min(ids))
