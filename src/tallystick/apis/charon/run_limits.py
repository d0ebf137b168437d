"""The time that an execution may take before it has overrun."""

from __future__ import annotations

from sqlalchemy import Connection, func, select, update

from tallystick.apis.charon.tables import executions

SHORTEST_MS = 3_600_000
"""The shortest limit taken from a cron's history, in ms."""

_TIMES = 3
"""The limit as a multiple of the longest of the last runs."""

_RUNS = 20
"""The number of successful runs in the history."""

_SECOND_MS = 1_000


def run_limit_ms(
    connection: Connection, cron_id: int, max_runtime_s: int | None, longest_run_ms: int
) -> int:
    """Return how many ms an execution of a cron may take.

    Without `max_runtime_s` it is three times the longest of the last successful runs, an hour at
    least and `longest_run_ms` at most; without such runs it is `longest_run_ms`.
    """
    if max_runtime_s is not None:
        return max_runtime_s * _SECOND_MS
    longest = _longest_success_ms(connection, cron_id)
    if longest is None:
        return longest_run_ms
    return min(max(_TIMES * longest, SHORTEST_MS), longest_run_ms)


def change_limits(connection: Connection, cron_id: int, limit_ms: int) -> None:
    """Give the cron's unfinished executions another limit, from their start on."""
    own = (executions.c.cron_id == cron_id, executions.c.ended.is_(None))
    limited = update(executions).where(*own).values(overrun_at=executions.c.started + limit_ms)
    connection.execute(limited)


def _longest_success_ms(connection: Connection, cron_id: int) -> int | None:
    ended = (executions.c.cron_id == cron_id, executions.c.ended.is_not(None))
    last = (
        select((executions.c.ended - executions.c.started).label("ms"))
        .where(*ended, executions.c.success)
        .order_by(executions.c.ended.desc())
        .limit(_RUNS)
        .subquery()
    )
    longest: int | None = connection.scalar(select(func.max(last.c.ms)))
    return longest
