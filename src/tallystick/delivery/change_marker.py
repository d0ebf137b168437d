"""A marker of all deliveries: a text that is another one after a change of any of them."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import Connection, func, select

from tallystick.delivery.selection import INDEXED
from tallystick.delivery.tables import deliveries

MARKED_ROWS = 1_000
"""The number of deliveries looked at: of the newest ones, and of each index."""


def read_marker(connection: Connection) -> str:
    """Return the marker.

    Many deliveries that change at once change the newest ones too, so a bounded look is enough.
    """
    c = deliveries.c
    looked_at = select(c.id, c.state, c.attempts, c.due)
    newest = looked_at.order_by(c.id.desc())
    scans = [newest, *(looked_at.where(index) for _, index in INDEXED)]
    found = []
    for scan in scans:
        rows = scan.limit(MARKED_ROWS).subquery()
        totals = func.count(), func.sum(rows.c.attempts), func.sum(rows.c.due), func.max(rows.c.id)
        by_state = select(rows.c.state, *totals).group_by(rows.c.state).order_by(rows.c.state)
        found.append([tuple(row) for row in connection.execute(by_state)])
    return sha256(repr(found).encode()).hexdigest()[:16]
