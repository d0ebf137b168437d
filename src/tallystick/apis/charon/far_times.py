"""Times that a clock ahead has written: they count as now, so that no cron waits for them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, case, exists, or_, select, update

from tallystick.apis.charon import crons as cron_rows
from tallystick.apis.charon.tables import crons, executions
from tallystick.apis.charon.write_context import WriteContext
from tallystick.store.shared_time import shared_now

AHEAD_MS = 60_000
"""How far a time may be ahead, in ms: a smaller step of a clock delays a state by no more."""

AT_ONCE = 100
"""The most crons that one transaction changes."""


def recall_far_times(connection: Connection, context: WriteContext) -> int:
    """Set such times to now and update their crons; return the number of crons, up to `AT_ONCE`.

    The database's clock has to agree: a server may have one that is behind.
    """
    limit_ms = max(context.ms, shared_now(connection, context.ms)) + AHEAD_MS
    found = _find(connection, limit_ms)
    for cron_id in found:
        cron = cron_rows.lock_cron(connection, crons.c.id == cron_id)
        _recall_executions(connection, cron_id, context.ms, limit_ms)
        cron_rows.restart_times(connection, context, cron, limit_ms)
    return len(found)


def _find(connection: Connection, limit_ms: int) -> Sequence[int]:
    """Return the ids of crons with a time beyond the limit, of their own or of an execution."""
    own = executions.c.cron_id == crons.c.id
    started = select(executions.c.started).where(own).order_by(executions.c.id.desc()).limit(1)
    has_far_time = or_(
        crons.c.since > limit_ms,
        crons.c.told_at > limit_ms,
        crons.c.state_since > limit_ms,
        started.scalar_subquery() > limit_ms,
        exists().where(own, executions.c.ended > limit_ms),
    )
    ids = select(crons.c.id).where(has_far_time).order_by(crons.c.id).limit(AT_ONCE)
    return connection.scalars(ids).all()


def _recall_executions(connection: Connection, cron_id: int, now_ms: int, limit_ms: int) -> None:
    c = executions.c
    is_ahead = c.started > limit_ms
    # An open one keeps its limit and its lease, from now on; an ended one may have begun before.
    back = case((is_ahead, c.started - now_ms), else_=0)
    connection.execute(
        update(executions)
        .where(c.cron_id == cron_id, or_(is_ahead, c.ended > limit_ms))
        .values(
            started=c.started - back,
            ended=case((c.ended > limit_ms, now_ms), else_=c.ended),
            overrun_at=c.overrun_at - back,
            lease_until=c.lease_until - back,
        )
    )
