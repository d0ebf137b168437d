"""Leases of executions: a run reports to be alive, and is known to be dead when it stops."""

from __future__ import annotations

from sqlalchemy import Connection, func, select, update

from tallystick.apis.charon import to_event
from tallystick.apis.charon.tables import executions
from tallystick.apis.charon.write_context import WriteContext

GRACE_MS = 60_000
"""How long in ms a lease is valid after a time in which nobody could renew it."""


def end_lost_executions(
    connection: Connection, context: WriteContext, cron_id: int, slug: str
) -> int:
    """End the cron's executions whose lease has run out, as failures; return their number."""
    ended = connection.scalars(
        update(executions)
        .where(
            executions.c.cron_id == cron_id,
            executions.c.ended.is_(None),
            executions.c.lease_until <= context.ms,
        )
        .values(ended=executions.c.lease_until, success=False, lost=True)
        .returning(executions.c.id)
    )
    lost = ended.all()
    for execution_id in lost:
        context.record(connection, to_event.lost(slug, execution_id, context.ms))
    return len(lost)


def next_lease_end(connection: Connection, cron_id: int) -> int | None:
    """Return the end of the first of the cron's leases to run out, or None."""
    own = (executions.c.cron_id == cron_id, executions.c.ended.is_(None))
    end: int | None = connection.scalar(select(func.min(executions.c.lease_until)).where(*own))
    return end


def extend_leases(connection: Connection, context: WriteContext) -> None:
    """Extend leases expired while the server was away, as nobody could renew them."""
    until = context.ms + GRACE_MS
    connection.execute(
        update(executions)
        .where(executions.c.ended.is_(None), executions.c.lease_until < until)
        .values(lease_until=until)
    )
