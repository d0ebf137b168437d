"""The number of crons in each state."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from tallystick.apis.charon.states import CronState
from tallystick.apis.charon.tables import crons
from tallystick.metric_family import MetricFamily

COUNTED = 10_000
"""Crons are counted up to this number."""


def count_crons(connection: Connection) -> MetricFamily:
    """Return the number of crons by state, 0 for a state without any."""
    counted = select(crons.c.state).limit(COUNTED).subquery()
    rows = connection.execute(select(counted.c.state, func.count()).group_by(counted.c.state))
    counts: dict[tuple[str, ...], int] = {(state.value,): 0 for state in CronState}
    counts |= {(state,): count for state, count in rows}
    return MetricFamily(
        "gauge",
        "tallystick_crons",
        f"Crons by state, counted up to {COUNTED}.",
        ("state",),
        counts,
    )
