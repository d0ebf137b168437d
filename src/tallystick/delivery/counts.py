"""Counts of deliveries by state, over a bounded number of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, select, true

from tallystick.delivery.delivery import DeliveryState
from tallystick.delivery.selection import INDEXED, DeliverySelection
from tallystick.delivery.tables import deliveries
from tallystick.events.ids import time_of

COUNTED_ROWS = 100_000
"""The number of deliveries to look at, of each index and of the newest ones."""


class DeliveryCounts(NamedTuple):
    """The number of deliveries of each state that has some."""

    counts: Mapping[DeliveryState, int]
    oldest_pending_ms: int | None
    """When the event of the oldest pending delivery was stored, in ms since the epoch."""
    is_complete: bool


class _Count(NamedTuple):
    scanned: int
    matching: int
    oldest: str | None


def read_counts(connection: Connection, selection: DeliverySelection) -> DeliveryCounts:
    """Return the counts of selected deliveries.

    Pending, dead and held ones have an index, and are counted wherever they are; the others, among
    the newest deliveries.
    """
    found: dict[DeliveryState, _Count] = {}
    is_complete = True
    for states, statement in _scans(selection.span()):
        part = _counted(connection, statement, selection)
        is_complete &= sum(count.scanned for count in part.values()) <= COUNTED_ROWS
        found |= {state: count for state, count in part.items() if state in states}
    pending = found.get(DeliveryState.PENDING)
    return DeliveryCounts(
        {state: found[state].matching for state in DeliveryState if _has(found.get(state))},
        time_of(pending.oldest) if pending and pending.oldest else None,
        is_complete,
    )


def _scans(
    span: Sequence[ColumnElement[bool]],
) -> list[tuple[frozenset[DeliveryState], Select[Any]]]:
    """Return statements that yield the deliveries to look at, each with the states it has."""
    c = deliveries.c
    scans = [(states, select(c.state).where(index, *span)) for states, index in INDEXED]
    others = frozenset(DeliveryState).difference(*(states for states, _ in INDEXED))
    return [*scans, (others, select(c.state).where(*span).order_by(c.id.desc()))]


def _counted(
    connection: Connection, scan: Select[Any], selection: DeliverySelection
) -> dict[DeliveryState, _Count]:
    # The id of a matching delivery, and NULL of another one, which counts as looked at.
    matching = case((and_(true(), *selection.rules()), deliveries.c.id)).label("matching")
    rows = scan.add_columns(matching).limit(COUNTED_ROWS + 1).subquery()
    counts = func.count(), func.count(rows.c.matching), func.min(rows.c.matching)
    statement = select(rows.c.state, *counts).group_by(rows.c.state)
    return {DeliveryState(row[0]): _Count(*row[1:]) for row in connection.execute(statement)}


def _has(count: _Count | None) -> bool:
    return bool(count and count.matching)
