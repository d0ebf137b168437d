"""Pages of deliveries, each by a look at a bounded number of them."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, select

from tallystick.delivery.delivery import Delivery
from tallystick.delivery.selection import DeliverySelection
from tallystick.delivery.tables import deliveries

SCANNED_ROWS = 20_000
"""The number of deliveries to look at for a page."""


class DeliveryPage(NamedTuple):
    """A page of deliveries."""

    deliveries: list[Delivery]
    next: str | None
    """The id before which the next page begins; None on the last one."""


def read_page(
    connection: Connection, selection: DeliverySelection, limit: int, before: str | None
) -> DeliveryPage:
    """Return selected deliveries, newest events first; with `before`, those with lower ids.

    A page ends early after `SCANNED_ROWS` deliveries by the indexed conditions.
    """
    if connection.dialect.name == "postgresql":
        # It would sort all of a sudden backlog, as it takes it for small until it is analyzed.
        connection.exec_driver_sql("SET LOCAL enable_sort = off")
    id_ = deliveries.c.id
    cursor = [] if before is None else [id_ < before]
    ordered = select(deliveries).where(*selection.indexed_rules(), *cursor).order_by(id_.desc())
    # A subquery with a limit is read in this order, whatever the planner knows of the other rules.
    rows = ordered.limit(SCANNED_ROWS).subquery()
    chosen = select(rows).where(*selection.other_rules(rows)).limit(limit + 1)
    found = [Delivery._make(row) for row in connection.execute(chosen)]
    if len(found) > limit:
        return DeliveryPage(found[:limit], found[limit - 1].id)
    end = ordered.with_only_columns(id_).offset(SCANNED_ROWS - 1).limit(2)
    last, *more = connection.scalars(end).all() or [None]
    return DeliveryPage(found, last if more else None)
