"""Crons as they are kept, and their states as they are recorded."""

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
    """When something is written, and how an event goes into the log with it."""

    ms: int
    record: Callable[[Connection, Event], None]
    """Stores an event within the transaction of a connection."""


SETTLED_AT_ONCE = 100
"""Crons whose states are looked at in one transaction."""

_SECOND_MS = 1_000
_NEW_TERMS = frozenset({"active", "schedule", "timezone"})
"""What of a cron says when it is due; when it changes, the past is forgiven."""


@dataclass(frozen=True, slots=True)
class Cron:
    """One cron; its fields are the columns of the table, in their order."""

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
        """What is asked of it."""
        return CronConfig(
            active=self.active,
            schedule=None if self.schedule is None else Schedule(self.schedule, self.timezone),
            grace_ms=self.grace_s * _SECOND_MS,
            max_runtime_ms=self.max_runtime_s and self.max_runtime_s * _SECOND_MS,
            overlap=self.overlap,
            since_ms=self.since,
        )


def get_cron(connection: Connection, slug: str) -> Cron:
    """The cron of that slug; raises `CronNotFound`."""
    return _one(connection, select(crons).where(crons.c.slug == slug))


def lock_cron(connection: Connection, rule: ColumnElement[bool]) -> Cron:
    """The cron, which nobody else changes until the transaction ends; raises `CronNotFound`."""
    return _one(connection, select(crons).where(rule).with_for_update())


def list_crons(connection: Connection, after: int, limit: int) -> list[Cron]:
    """The next crons after one of that id, by id."""
    found = select(crons).where(crons.c.id > after).order_by(crons.c.id).limit(limit)
    return [Cron(*row) for row in connection.execute(found)]


def create_cron(connection: Connection, context: WriteContext, values: Mapping[str, Any]) -> Cron:
    """Make a cron; raises `SlugTaken`."""
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
    """Change a cron that is held, and settle its state."""
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
    """Delete a cron, its executions and their messages; raises `CronNotFound`."""
    if not connection.execute(delete(crons).where(crons.c.slug == slug)).rowcount:
        raise CronNotFound


def update_state(connection: Connection, context: WriteContext, cron: Cron) -> None:
    """Record the state of a cron that is held, and put a change of it into the log, once."""
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
    """Settle crons whose time has come; how many it were, `SETTLED_AT_ONCE` at most."""
    found = (
        select(crons)
        .where(crons.c.check_at <= context.ms)
        .order_by(crons.c.check_at)
        .limit(SETTLED_AT_ONCE)
        # What another process is at is left to it.
        .with_for_update(skip_locked=True)
    )
    held = [Cron(*row) for row in connection.execute(found)]
    for cron in held:
        update_state(connection, context, cron)
    return len(held)


def next_check(connection: Connection) -> int | None:
    """When a state may change by itself, the earliest of all."""
    checks = select(crons.c.check_at).where(crons.c.check_at.is_not(None))
    return connection.scalar(checks.order_by(crons.c.check_at).limit(1))


def get_history(connection: Connection, cron: Cron) -> ExecutionHistory:
    """What is known of the cron's executions, as far as its state depends on it."""
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
    """Starts of what has not ended, without most of what is given up."""
    started = executions.c.started
    found = select(started).where(executions.c.cron_id == cron.id, executions.c.ended.is_(None))
    if cron.max_runtime_s is None or newest_start is None:
        return found.limit(1)  # that there is one is all that counts
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
