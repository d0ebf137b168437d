"""How the endpoints of the last day's deliveries are: their counts, successes and failures."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Subquery, func, select

from tallystick.delivery.delivery import AttemptOutcome, DeliveryState
from tallystick.delivery.tables import attempts, deliveries, targets
from tallystick.events.ids import lowest_id

DAY_MS = 86_400_000

SCANNED_ROWS = 20_000
"""The number of the newest deliveries to look at."""


class EndpointState(StrEnum):
    """Whether deliveries go to an endpoint."""

    ON = "on"
    RESTING = "resting"
    """Requests have failed since the last success, so it is tried less often."""
    OFF = "off"
    """Each of its targets is disabled."""


@dataclass(slots=True)
class EndpointRecord:
    """An endpoint of one kind of deliveries; times are in ms since the epoch."""

    kind: str
    endpoint: str
    state: EndpointState = EndpointState.ON
    counts: dict[DeliveryState, int] = field(default_factory=dict)
    last_success: int | None = None
    last_failure: tuple[int, str, int | None] | None = None
    """The time, the outcome and the status, if there was one."""


def read_endpoints(connection: Connection, now_ms: int) -> tuple[list[EndpointRecord], bool]:
    """Return the endpoints of the last day, by kind and endpoint, and whether these are all."""
    c = deliveries.c
    newest = select(c.id, c.kind, c.endpoint, c.target, c.state)
    newest = newest.where(c.id >= lowest_id(now_ms - DAY_MS)).order_by(c.id.desc())
    rows = newest.limit(SCANNED_ROWS).subquery()
    found: dict[tuple[str, str], EndpointRecord] = {}
    by_state = select(rows.c.kind, rows.c.endpoint, rows.c.state, func.count())
    for kind, endpoint, state, number in connection.execute(
        by_state.group_by(rows.c.kind, rows.c.endpoint, rows.c.state)
    ):
        health = found.setdefault((kind, endpoint), EndpointRecord(kind, endpoint))
        health.counts[DeliveryState(state)] = number
    _add_states(connection, rows, found)
    _add_attempts(connection, rows, found)
    scanned = sum(number for health in found.values() for number in health.counts.values())
    return [found[key] for key in sorted(found)], scanned < SCANNED_ROWS


def _add_states(
    connection: Connection, rows: Subquery, found: dict[tuple[str, str], EndpointRecord]
) -> None:
    same = (targets.c.kind == rows.c.kind) & (targets.c.target == rows.c.target)
    numbers = func.count(), func.count(targets.c.off), func.count(targets.c.failing_since)
    statement = select(rows.c.kind, rows.c.endpoint, *numbers).outerjoin_from(rows, targets, same)
    grouped = statement.group_by(rows.c.kind, rows.c.endpoint)
    for kind, endpoint, number, off, failing in connection.execute(grouped):
        if off == number:
            found[kind, endpoint].state = EndpointState.OFF
        elif failing:
            found[kind, endpoint].state = EndpointState.RESTING


def _add_attempts(
    connection: Connection, rows: Subquery, found: dict[tuple[str, str], EndpointRecord]
) -> None:
    is_success = attempts.c.outcome == AttemptOutcome.DELIVERED.value
    place = rows.c.kind, rows.c.endpoint, is_success
    newest = func.row_number().over(partition_by=place, order_by=attempts.c.ended.desc())
    told: Any = attempts.c
    ranked = select(
        rows.c.kind, rows.c.endpoint, told.ended, told.outcome, told.status, newest.label("rank")
    )
    ranked_rows = ranked.join_from(rows, attempts, told.delivery_id == rows.c.id).subquery()
    statement = select(ranked_rows).where(ranked_rows.c.rank == 1)
    for kind, endpoint, ended, outcome, status, _ in connection.execute(statement):
        if outcome == AttemptOutcome.DELIVERED:
            found[kind, endpoint].last_success = ended
        else:
            found[kind, endpoint].last_failure = ended, outcome, status
