"""A marker of all crons: a text that is another one after a change of a cron or a run."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import Connection, func, select

from tallystick.apis.charon.tables import crons, executions, messages


def read_marker(connection: Connection) -> str:
    """Return the marker; a run's end shows in the number of runs under way."""
    c = crons.c
    times = [func.sum(column) for column in (c.state_since, c.check_at, c.muted_until, c.told_at)]
    lengths = func.sum(func.length(c.name + c.slug + c.state))
    of_crons = connection.execute(select(func.count(), func.max(c.id), lengths, *times)).one()
    open_runs = select(func.count()).where(executions.c.ended.is_(None))
    newest = select(func.max(executions.c.id)), select(func.max(messages.c.id))
    of_runs = [connection.scalar(statement) for statement in (*newest, open_runs)]
    return sha256(repr([tuple(of_crons), of_runs]).encode()).hexdigest()[:16]
