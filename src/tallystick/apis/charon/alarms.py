"""The words of an alarm: which cron, what happened, since when, and what its run said last."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Row, select, true

from tallystick.apis.charon.output_masking import mask_output
from tallystick.apis.charon.schedule import Schedule
from tallystick.apis.charon.states import CronState
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
_NOT_STARTED = frozenset({CronState.LATE, CronState.MISSED})


def describe_state(
    connection: Connection, context: WriteContext, cron: Cron, state: CronState, due_ms: int | None
) -> dict[str, Any]:
    """Return what a person needs to know of a cron that has come into a state.

    Times are in the cron's zone; `due_ms` is in the past where a start is missing.
    """
    schedule, now_ms = cron.config.schedule, context.ms
    is_missing = due_ms is not None and due_ms <= now_ms
    following = schedule.next_after(now_ms) if schedule and state is not CronState.PAUSED else None
    return {
        "slug": cron.slug,
        "name": cron.name,
        "state": state,
        "previous": cron.state,
        "since": local_time(due_ms if is_missing else now_ms, cron.timezone),
        "due": local_time(due_ms, cron.timezone),
        "nextDue": local_time(following, cron.timezone),
        "timezone": cron.timezone,
        "missedRuns": _count_missed(schedule, due_ms, now_ms),
        "execution": _last_run(connection, cron, state, now_ms),
        "link": f"{context.public_url}/gateway/v1/crons/{cron.slug}",
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


def _count_missed(schedule: Schedule | None, due_ms: int | None, now_ms: int) -> int:
    """Return the number of due times from the missing one until now, up to `MOST_MISSED`."""
    missed = 0
    while schedule and due_ms is not None and due_ms <= now_ms and missed < MOST_MISSED:
        missed += 1
        due_ms = schedule.next_after(due_ms)
    return missed


def _last_run(
    connection: Connection, cron: Cron, state: CronState, now_ms: int
) -> dict[str, Any] | None:
    """Return the execution that a state is about; None if there is none."""
    ended, verdict = executions.c.ended, executions.c.success.is_not(None)
    rule: ColumnElement[bool] = ended.is_not(None) & verdict
    order = ended
    if state is CronState.OVERRUN:
        rule, order = ended.is_(None) & (executions.c.overrun_at <= now_ms), executions.c.overrun_at
    if state in _NOT_STARTED:
        rule, order = true(), executions.c.id
    found = select(executions).where(executions.c.cron_id == cron.id, rule)
    newest = found.order_by(order.desc(), executions.c.id.desc()).limit(1)
    row = connection.execute(newest).one_or_none()
    return None if row is None else _run(connection, row, cron.timezone)


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
