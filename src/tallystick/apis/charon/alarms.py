"""The words of an alarm: which cron, what happened, since when, and what its run said last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Row, Select, select, true

from tallystick.apis.charon import to_event
from tallystick.apis.charon.alarm_message import write_message
from tallystick.apis.charon.output_masking import mask_output
from tallystick.apis.charon.schedule import AnySchedule
from tallystick.apis.charon.states import CronState, ExecutionHistory, due_ms, next_due_ms
from tallystick.apis.charon.tables import executions, messages
from tallystick.apis.charon.write_context import WriteContext
from tallystick.contract.json_text import read_json
from tallystick.storable_text import replace_unstorable

if TYPE_CHECKING:
    from tallystick.apis.charon.crons import Cron

OUTPUT_CHARACTERS = 2_000
"""The length of the last output in an alarm."""

MOST_MISSED = 100
"""Due runs without a start are counted up to this number."""

_LAST_MESSAGES = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_ALARMING = frozenset({CronState.MISSED, CronState.FAILED, CronState.OVERRUN})
_NOT_STARTED = frozenset({CronState.LATE, CronState.MISSED})


def tell_state(
    connection: Connection,
    context: WriteContext,
    cron: Cron,
    state: CronState,
    past: ExecutionHistory,
) -> bool:
    """Store the events of a cron's new or lasting state; return whether there were any.

    A muted cron tells nothing before the mute ends, and then its state as it is.
    """
    kinds = [] if _is_muted(cron, context.ms) else list(_kinds(cron, state, context.ms))
    if kinds:
        run = _last_run(cron, state, context.ms)
        due = due_ms(cron.config, past, context.ms)
        alarm = describe_cron(connection, context, cron, state, due, run)
        for kind in kinds:
            _record(connection, context, kind, alarm)
    return bool(kinds)


def tell_of_run(
    connection: Connection,
    context: WriteContext,
    cron: Cron,
    kind: str,
    execution_id: int,
    due: int | None,
) -> None:
    """Store the event of a run begun too soon or too short, unless the cron is muted."""
    if _is_muted(cron, context.ms):
        return
    run = select(executions).where(executions.c.id == execution_id)
    alarm = describe_cron(connection, context, cron, CronState(cron.state), due, run)
    _record(connection, context, kind, alarm)


def _record(
    connection: Connection, context: WriteContext, kind: str, alarm: Mapping[str, Any]
) -> None:
    said = {"message": write_message(kind, alarm), **alarm}
    context.record(connection, to_event.changed(alarm["slug"], kind, said, context.ms))


def next_telling_ms(cron: Cron, now_ms: int) -> int | None:
    """Return when the cron's state is told again, or the mute ends; None for neither."""
    if _is_muted(cron, now_ms):
        return cron.muted_until
    is_reminded = cron.reminder_s is not None and cron.told_state in _ALARMING
    return cron.told_at + 1_000 * (cron.reminder_s or 0) if is_reminded else None


def _is_muted(cron: Cron, now_ms: int) -> bool:
    return cron.muted_until is not None and now_ms < cron.muted_until


def _kinds(cron: Cron, state: CronState, now_ms: int) -> Iterator[str]:
    """Yield the kinds of events for a state: the state, a recovery, or a reminder."""
    if state != cron.told_state:
        yield state
        if state is CronState.ON_TIME and cron.told_state in _ALARMING:
            yield "recovered"
    elif (again := next_telling_ms(cron, now_ms)) is not None and again <= now_ms:
        yield "reminder"


def describe_cron(
    connection: Connection,
    context: WriteContext,
    cron: Cron,
    state: CronState,
    due: int | None,
    run: Select[Any],
) -> dict[str, Any]:
    """Describe for a person a cron on its entry into a state, or during its stay in it.

    Times are in the cron's zone; `due` is in the past where a start is missing, and `run` finds
    the execution behind the event.
    """
    schedule, now_ms = cron.config.schedule, context.ms
    is_missing = due is not None and due <= now_ms
    since = cron.state_since if state == cron.state else now_ms
    row = connection.execute(run).one_or_none()
    return {
        "slug": cron.slug,
        "name": cron.name,
        "state": state,
        "previous": cron.told_state,
        "since": local_time(due if is_missing else since, cron.timezone),
        "due": local_time(due, cron.timezone),
        "nextDue": local_time(next_due_ms(cron.config, due, now_ms), cron.timezone),
        "timezone": cron.timezone,
        "missedRuns": _count_missed(schedule, due, now_ms),
        "execution": None if row is None else _run(connection, row, cron.timezone),
        "link": f"{context.console_url}/crons?id={cron.slug}",
    }


def local_time(ms: int | None, timezone: str) -> str | None:
    """Return a time in RFC 3339, with the zone's offset; None for None."""
    if ms is None:
        return None
    return (
        (_EPOCH + ms * _MILLISECOND)
        .astimezone(ZoneInfo(timezone))
        .isoformat(timespec="milliseconds")
    )


def _count_missed(schedule: AnySchedule | None, due: int | None, now_ms: int) -> int:
    """Return the number of due times from the missing one until now, up to `MOST_MISSED`."""
    missed = 0
    while schedule and due is not None and due <= now_ms and missed < MOST_MISSED:
        missed += 1
        due = schedule.next_after(due)
    return missed


def _last_run(cron: Cron, state: CronState, now_ms: int) -> Select[Any]:
    """Return a query for the execution behind a state."""
    ended, verdict = executions.c.ended, executions.c.success.is_not(None)
    rule: ColumnElement[bool] = ended.is_not(None) & verdict
    order = ended
    if state is CronState.OVERRUN:
        rule, order = ended.is_(None) & (executions.c.overrun_at <= now_ms), executions.c.overrun_at
    if state in _NOT_STARTED:
        rule, order = true(), executions.c.id
    found = select(executions).where(executions.c.cron_id == cron.id, rule)
    return found.order_by(order.desc(), executions.c.id.desc()).limit(1)


def _run(connection: Connection, row: Row[Any], timezone: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "started": local_time(row.started, timezone),
        "ended": local_time(row.ended, timezone),
        "durationMs": None if row.ended is None else max(0, row.ended - row.started),
        "lost": row.lost,
        "exitCode": row.exit_code,
        "output": _last_output(connection, row.id),
    }


def _last_output(connection: Connection, execution_id: int) -> str:
    """Return the end of an execution's messages, with its secrets masked."""
    found = (
        select(messages.c.message)
        .where(messages.c.execution_id == execution_id)
        .order_by(messages.c.id.desc())
        .limit(_LAST_MESSAGES)
    )
    texts = [read_json(text.encode()) for text in connection.scalars(found)]
    # Masked before it is cut to length, as a cut may part a secret from its name.
    end = "\n".join(reversed(texts))[-2 * OUTPUT_CHARACTERS :]
    return replace_unstorable(mask_output(end))[-OUTPUT_CHARACTERS:]
