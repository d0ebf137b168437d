"""Stored crons, and their recorded states."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from tallystick.apis.charon import states, to_event
from tallystick.apis.charon.exceptions import CronNotFound, SlugTaken
from tallystick.apis.charon.schedule import Schedule
from tallystick.apis.charon.states import CronConfig, CronState, ExecutionHistory
from tallystick.apis.charon.tables import crons, executions
from tallystick.events import Event


class WriteContext(NamedTuple):
    """The time of a transaction, and a function to store events in it."""

    ms: int
    record: Callable[[Connection, Event], None]
    """Stores an event within the connection's transaction."""


SETTLED_AT_ONCE = 100
"""The number of crons whose states are updated in one transaction."""

_SECOND_MS = 1_000
_NEW_TERMS = frozenset({"active", "schedule", "timezone"})
"""Members that define when a cron is due; missed runs before their change are dropped."""


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron; its fields are the table's columns, in their order."""

    id: int
    slug: str
    name: str
    active: bool
    schedule: str | None
    timezone: str
    grace_s: int
    max_runtime_s: int | None
    overlap: bool
    created: int
    since: int
    state: str
    state_since: int
    check_at: int | None

    @property
    def config(self) -> CronConfig:
        """Return the cron's terms."""
        return CronConfig(
            active=self.active,
            schedule=None if self.schedule is None else Schedule(self.schedule, self.timezone),
            grace_ms=self.grace_s * _SECOND_MS,
            max_runtime_ms=self.max_runtime_s and self.max_runtime_s * _SECOND_MS,
            overlap=self.overlap,
            since_ms=self.since,
        )


def get_cron(connection: Connection, slug: str) -> Cron:
    """Return the cron with this slug; raise `CronNotFound`."""
    return _one(connection, select(crons).where(crons.c.slug == slug))


def lock_cron(connection: Connection, rule: ColumnElement[bool]) -> Cron:
    """Return the cron, locked against changes until the transaction ends; raise `CronNotFound`."""
    return _one(connection, select(crons).where(rule).with_for_update())


def list_crons(connection: Connection, after: int, limit: int) -> list[Cron]:
    """Return up to `limit` crons with ids after the given one, in the order of ids."""
    found = select(crons).where(crons.c.id > after).order_by(crons.c.id).limit(limit)
    return [Cron(*row) for row in connection.execute(found)]


def create_cron(connection: Connection, context: WriteContext, values: Mapping[str, Any]) -> Cron:
    """Create a cron; raise `SlugTaken`."""
    state = CronState.ON_TIME if values["active"] else CronState.PAUSED
    times = {"created": context.ms, "since": context.ms, "state": state, "state_since": context.ms}
    if connection.scalar(select(crons.c.id).where(crons.c.slug == values["slug"])) is not None:
        raise SlugTaken
    try:
        row = connection.execute(insert(crons).values(**values, **times).returning(*crons.c)).one()
    except IntegrityError:  # another process was faster
        raise SlugTaken from None
    cron = Cron(*row)
    _look_again(connection, cron, ExecutionHistory(), context.ms)
    return cron


def update_cron(
    connection: Connection, context: WriteContext, cron: Cron, values: Mapping[str, Any]
) -> Cron:
    """Change a locked cron, and update its state."""
    news = {name: value for name, value in values.items() if value != getattr(cron, name)}
    if not news:
        return cron
    if _NEW_TERMS & set(news):
        news["since"] = context.ms
    own = crons.c.id == cron.id
    row = connection.execute(update(crons).where(own).values(news).returning(*crons.c)).one()
    update_state(connection, context, Cron(*row))
    return get_cron(connection, cron.slug)


def delete_cron(connection: Connection, _context: WriteContext, slug: str) -> None:
    """Delete a cron, its executions and their messages; raise `CronNotFound`."""
    if not connection.execute(delete(crons).where(crons.c.slug == slug)).rowcount:
        raise CronNotFound


def update_state(connection: Connection, context: WriteContext, cron: Cron) -> None:
    """Record the state of a locked cron, and store an event if it has changed."""
    past = get_history(connection, cron)
    state = states.state_at(cron.config, past, context.ms)
    _look_again(connection, cron, past, context.ms)
    changed = connection.execute(
        update(crons)
        .where(crons.c.id == cron.id, crons.c.state == cron.state, crons.c.state != state)
        .values(state=state, state_since=context.ms)
    )
    if changed.rowcount:
        due = states.due_ms(cron.config, past, context.ms)
        context.record(connection, to_event.changed(cron.slug, state, cron.state, due, context.ms))


def update_due_states(connection: Connection, context: WriteContext) -> int:
    """Update crons whose `check_at` has come; return their number, up to `SETTLED_AT_ONCE`."""
    found = (
        select(crons)
        .where(crons.c.check_at <= context.ms)
        .order_by(crons.c.check_at)
        .limit(SETTLED_AT_ONCE)
        # Rows locked by another process are left to it.
        .with_for_update(skip_locked=True)
    )
    held = [Cron(*row) for row in connection.execute(found)]
    for cron in held:
        update_state(connection, context, cron)
    return len(held)


def next_check(connection: Connection) -> int | None:
    """Return the earliest time at which a state may change by itself, or None."""
    checks = select(crons.c.check_at).where(crons.c.check_at.is_not(None))
    return connection.scalar(checks.order_by(crons.c.check_at).limit(1))


def get_history(connection: Connection, cron: Cron) -> ExecutionHistory:
    """Return the part of the cron's executions that its state depends on."""
    own = executions.c.cron_id == cron.id
    starts = select(executions.c.started).where(own).order_by(executions.c.id.desc()).limit(1)
    newest_start = connection.scalar(starts)
    ended = (
        select(executions.c.ended, executions.c.success)
        .where(own, executions.c.ended.is_not(None))
        .order_by(executions.c.ended.desc(), executions.c.id.desc())
        .limit(1)
    )
    newest_end, success = connection.execute(ended).one_or_none() or (None, None)
    opened = connection.scalars(_open(cron, newest_start))
    return ExecutionHistory(newest_start, newest_end, success, tuple(opened))


def _open(cron: Cron, newest_start: int | None) -> Select[Any]:
    """Return the starts of unfinished executions, without most of those given up."""
    started = executions.c.started
    found = select(started).where(executions.c.cron_id == cron.id, executions.c.ended.is_(None))
    if cron.max_runtime_s is None or newest_start is None:
        return found.limit(1)  # one is enough to know that something runs
    given_up = newest_start - cron.max_runtime_s * _SECOND_MS
    return found.where(or_(started > given_up, started == newest_start))


def _look_again(connection: Connection, cron: Cron, past: ExecutionHistory, now_ms: int) -> None:
    check_at = states.next_change_ms(cron.config, past, now_ms)
    connection.execute(update(crons).where(crons.c.id == cron.id).values(check_at=check_at))


def _one(connection: Connection, statement: Select[Any]) -> Cron:
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise CronNotFound
    return Cron(*row)
