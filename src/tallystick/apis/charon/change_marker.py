"""A marker of all crons: a text that is another one after a change of a cron or a run."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import Connection, func, select

from tallystick.apis.charon.tables import crons, executions, messages


def read_marker(connection: Connection) -> str:
    """Return the marker, made of the newest run and of the crons' own numbers."""
    c = crons.c
    numbers = (c.state_since, c.check_at, c.muted_until, c.told_at, c.run_changes)
    lengths = func.sum(func.length(c.name + c.slug + c.state))
    totals = func.count(), func.max(c.id), lengths, *map(func.sum, numbers)
    of_crons = connection.execute(select(*totals)).one()
    newest = select(func.max(executions.c.id)), select(func.max(messages.c.id))
    of_runs = [connection.scalar(statement) for statement in newest]
    return sha256(repr([tuple(of_crons), of_runs]).encode()).hexdigest()[:16]
