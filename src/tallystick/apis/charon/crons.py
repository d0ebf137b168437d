"""Stored crons, and their recorded states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from tallystick.apis.charon import alarms, execution_leases, run_limits, schedule, states
from tallystick.apis.charon.exceptions import CronNotFound, SlugTaken
from tallystick.apis.charon.schedule import AnySchedule, Schedule
from tallystick.apis.charon.states import CronConfig, CronState, ExecutionHistory
from tallystick.apis.charon.tables import crons, executions
from tallystick.apis.charon.write_context import WriteContext

SETTLED_AT_ONCE = 100
"""The number of crons whose states are updated in one transaction."""

_OPEN_AT_ONCE = 100
"""The number of unfinished executions that are read."""

_SECOND_MS = 1_000
_NEW_TERMS = frozenset({"active", "every", "schedule", "timezone"})
"""Members that define when a cron is due; missed runs before their change are dropped."""


class Cron(NamedTuple):
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
    every: str | None
    early_s: int | None
    min_interval_s: int | None
    min_runtime_s: int | None
    failure_threshold: int
    reminder_s: int | None
    muted_until: int | None
    told_state: str
    told_at: int
    run_changes: int

    @property
    def config(self) -> CronConfig:
        """Return the cron's terms."""
        return CronConfig(
            active=self.active,
            schedule=self._schedule(),
            early_ms=None if self.early_s is None else self.early_s * _SECOND_MS,
            grace_ms=self.grace_s * _SECOND_MS,
            overlap=self.overlap,
            since_ms=self.since,
        )

    def _schedule(self) -> AnySchedule | None:
        if self.every is not None:
            return schedule.read_interval(self.every)
        return None if self.schedule is None else Schedule(self.schedule, self.timezone)


def get_cron(connection: Connection, slug: str) -> Cron:
    """Return the cron with this slug; raise `CronNotFound`."""
    return _one(connection, select(crons).where(crons.c.slug == slug))


def lock_cron(connection: Connection, rule: ColumnElement[bool]) -> Cron:
    """Return the cron, locked against changes until the transaction ends; raise `CronNotFound`."""
    return _one(connection, select(crons).where(rule).with_for_update())


def list_crons(
    connection: Connection, after: int, limit: int, state: str | None = None
) -> list[Cron]:
    """Return up to `limit` crons with ids after the given one, in the order of ids."""
    found = select(crons).where(crons.c.id > after)
    if state is not None:
        found = found.where(crons.c.state == state)
    rows = connection.execute(found.order_by(crons.c.id).limit(limit))
    return [Cron(*row) for row in rows]


def create_cron(connection: Connection, context: WriteContext, values: Mapping[str, Any]) -> Cron:
    """Create a cron; raise `SlugTaken`."""
    state = CronState.ON_TIME if values["active"] else CronState.PAUSED
    times = {"created": context.ms, "since": context.ms, "state": state, "state_since": context.ms}
    times |= {"told_state": state, "told_at": context.ms}
    if connection.scalar(select(crons.c.id).where(crons.c.slug == values["slug"])) is not None:
        raise SlugTaken
    try:
        row = connection.execute(insert(crons).values(**values, **times).returning(*crons.c)).one()
    except IntegrityError:  # another process was faster
        raise SlugTaken from None
    return update_state(connection, context, Cron(*row))


def update_cron(
    connection: Connection, context: WriteContext, cron: Cron, values: Mapping[str, Any]
) -> Cron:
    """Change a locked cron, and update its state."""
    news = {name: value for name, value in values.items() if value != getattr(cron, name)}
    if not news:
        return cron
    if _NEW_TERMS & set(news):
        news["since"] = context.ms
    changed = _write(connection, cron, news)
    if "max_runtime_s" in news:
        run_limits.change_limits(connection, cron.id, run_limit_ms(connection, context, changed))
    return update_state(connection, context, changed)


def run_limit_ms(connection: Connection, context: WriteContext, cron: Cron) -> int:
    """Return how many ms an execution of the cron may take."""
    longest = context.longest_run_ms
    return run_limits.run_limit_ms(connection, cron.id, cron.max_runtime_s, longest)


def delete_cron(connection: Connection, _context: WriteContext, slug: str) -> None:
    """Delete a cron, its executions and their messages; raise `CronNotFound`."""
    if not connection.execute(delete(crons).where(crons.c.slug == slug)).rowcount:
        raise CronNotFound


def update_state(
    connection: Connection, context: WriteContext, cron: Cron, run_changes: int = 0
) -> Cron:
    """Record the state of a locked cron, store an event if it has changed, and return the cron.

    `run_changes` is the number of its runs that have ended, or gone on after they were lost.
    """
    if _is_due(cron, context.ms):
        run_changes += execution_leases.end_lost_executions(connection, context, cron.id, cron.slug)
    past = get_history(connection, cron, context.ms)
    state = states.state_at(cron.config, past, context.ms)
    changed = cron._replace(run_changes=cron.run_changes + run_changes)
    if state != cron.state:
        changed = changed._replace(state=state, state_since=context.ms)
    if alarms.tell_state(connection, context, cron, state, past):
        changed = changed._replace(told_state=state, told_at=context.ms)
    changed = changed._replace(check_at=_next_check(connection, changed, past, context))
    return cron if changed == cron else _write(connection, cron, _changes(cron, changed))


def _changes(cron: Cron, changed: Cron) -> dict[str, Any]:
    before = cron._asdict()
    return {name: value for name, value in changed._asdict().items() if value != before[name]}


def _is_due(cron: Cron, now_ms: int) -> bool:
    return cron.check_at is not None and cron.check_at <= now_ms


def catch_up_state(connection: Connection, context: WriteContext, cron: Cron) -> Cron:
    """Record a locked cron's state change brought by time alone, and return the cron.

    Call this before an execution changes the state, or a change may be passed over.
    """
    return update_state(connection, context, cron) if _is_due(cron, context.ms) else cron


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


def expect_anew(connection: Connection, context: WriteContext) -> None:
    """Let no cron that may change its state by now miss a run before now."""
    for row in connection.execute(select(crons).where(crons.c.check_at <= context.ms)).all():
        update_state(connection, context, _write(connection, Cron(*row), {"since": context.ms}))


def restart_times(connection: Connection, context: WriteContext, cron: Cron, limit_ms: int) -> None:
    """Set the times of a locked cron beyond a limit to now, and update its state."""
    past = cron._asdict()
    far = [name for name in ("since", "told_at", "state_since") if past[name] > limit_ms]
    restarted = _write(connection, cron, dict.fromkeys(far, context.ms)) if far else cron
    update_state(connection, context, restarted)


def next_check(connection: Connection) -> int | None:
    """Return the earliest time for a state to change by itself, or None."""
    checks = select(crons.c.check_at).where(crons.c.check_at.is_not(None))
    return connection.scalar(checks.order_by(crons.c.check_at).limit(1))


def get_history(connection: Connection, cron: Cron, now_ms: int) -> ExecutionHistory:
    """Return the part of the cron's executions needed for its state from a time on."""
    own = executions.c.cron_id == cron.id
    starts = select(executions.c.started).where(own).order_by(executions.c.id.desc()).limit(1)
    ends = select(func.max(executions.c.ended)).where(own)
    verdicts = connection.execute(_newest_verdicts(cron)).all()
    is_open = (own, executions.c.ended.is_(None))
    overruns = select(func.max(executions.c.overrun_at)).where(
        *is_open, executions.c.overrun_at <= now_ms
    )
    limits = select(executions.c.overrun_at).where(*is_open, executions.c.overrun_at > now_ms)
    return ExecutionHistory(
        newest_start_ms=connection.scalar(starts),
        newest_end_ms=connection.scalar(ends),
        newest_verdict_ms=verdicts[0].ended if verdicts else None,
        is_failing=_is_failing(cron, [verdict.success for verdict in verdicts]),
        newest_overrun_ms=connection.scalar(overruns),
        # The first of them tell of the next change, and whether any run is open.
        open_limits_ms=tuple(
            connection.scalars(limits.order_by(executions.c.overrun_at).limit(_OPEN_AT_ONCE))
        ),
    )


def due_ms(connection: Connection, cron: Cron, now_ms: int) -> int | None:
    """Return when the cron is due, in the past where a start is missing."""
    return states.due_ms(cron.config, get_history(connection, cron, now_ms), now_ms)


def count_open_executions(connection: Connection, cron: Cron) -> int:
    """Return the number of the cron's executions without an end."""
    own = (executions.c.cron_id == cron.id, executions.c.ended.is_(None))
    return connection.scalar(select(func.count()).where(*own)) or 0


def _newest_verdicts(cron: Cron) -> Select[Any]:
    return (
        select(executions.c.ended, executions.c.success)
        .where(
            executions.c.cron_id == cron.id,
            executions.c.ended.is_not(None),
            executions.c.success.is_not(None),
        )
        .order_by(executions.c.ended.desc(), executions.c.id.desc())
        .limit(cron.failure_threshold)
    )


def _is_failing(cron: Cron, successes: Sequence[bool]) -> bool:
    return len(successes) == cron.failure_threshold and not any(successes)


def _write(connection: Connection, cron: Cron, values: Mapping[str, Any]) -> Cron:
    changed = update(crons).where(crons.c.id == cron.id).values(values).returning(*crons.c)
    return Cron(*connection.execute(changed).one())


def _next_check(
    connection: Connection, cron: Cron, past: ExecutionHistory, context: WriteContext
) -> int | None:
    changes = (
        states.next_change_ms(cron.config, past, context.ms),
        execution_leases.next_lease_end(connection, cron.id),
        alarms.next_telling_ms(cron, context.ms),
    )
    return min((time for time in changes if time is not None), default=None)


def _one(connection: Connection, statement: Select[Any]) -> Cron:
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise CronNotFound
    return Cron(*row)
