"""Counts of unfinished and failed deliveries, read in bounded time however large the log is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

from sqlalchemy import Connection, Select, func, select, text

from tallystick.delivery.delivery import DeliveryState
from tallystick.delivery.selection import INDEXED
from tallystick.delivery.tables import deliveries, targets
from tallystick.events.ids import time_of
from tallystick.metric_family import MetricFamily, gauge

COUNTED = 10_000
"""Deliveries of one state are counted up to this number."""

_INDEXES = {state: index for states, index in INDEXED for state in sorted(states)}
"""State → the condition of the partial index that has its deliveries; other states have none."""


def read_backlog(
    connection: Connection, kinds: Iterable[str], now_ms: int
) -> Iterator[MetricFamily]:
    """Yield the numbers of deliveries and of endpoints that fail, by the partial indexes alone.

    The number is 0 for each of the kinds without any: an alert sees the first one too.
    """
    kinds = sorted(kinds)
    counts = _zeros(kinds, (state.value for state in _INDEXES))
    pending, oldest = 0, None
    for state in _INDEXES:
        for kind, count, first in connection.execute(counting(state)):
            counts[kind, state.value] = count
            if state is DeliveryState.PENDING:
                pending += count
                oldest = min(oldest or first, first)
    yield MetricFamily(
        "gauge",
        "tallystick_deliveries",
        f"Stored deliveries by kind and state, counted up to {COUNTED} of each state.",
        ("kind", "state"),
        counts,
    )
    yield gauge(
        "tallystick_deliveries_pending",
        f"Deliveries that wait for an attempt, counted up to {COUNTED}.",
        pending,
    )
    yield gauge(
        "tallystick_oldest_pending_delivery_age_seconds",
        "Age of the event of the oldest counted pending delivery; 0 without one.",
        max(0, now_ms - time_of(oldest)) / 1_000 if oldest else 0,
    )
    yield _targets(connection, kinds)


def counting(state: DeliveryState) -> Select[Any]:
    """Return a query for kind, number and lowest id of the deliveries in a state."""
    c = deliveries.c
    # Without an order: the databases would walk all deliveries by their ids for it.
    found = select(c.kind, c.id).where(text(f"state = '{state}'"), _INDEXES[state])
    counted = found.limit(COUNTED).subquery()
    return select(counted.c.kind, func.count(), func.min(counted.c.id)).group_by(counted.c.kind)


def _targets(connection: Connection, kinds: Iterable[str]) -> MetricFamily:
    rows = connection.execute(select(targets.c.kind, targets.c.off).limit(COUNTED))
    found = Counter((row.kind, "failing" if row.off is None else "off") for row in rows)
    return MetricFamily(
        "gauge",
        "tallystick_endpoints",
        "Targets that fail, or are off after failures, by kind and state; others are well.",
        ("kind", "state"),
        _zeros(kinds, ("failing", "off")) | found,
    )


def _zeros(kinds: Iterable[str], states: Iterable[str]) -> dict[tuple[str, ...], int]:
    return dict.fromkeys(product(kinds, states), 0)
