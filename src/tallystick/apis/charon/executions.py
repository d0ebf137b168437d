"""Stored executions and their messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from tallystick.apis.charon import alarms, crons, states, to_event
from tallystick.apis.charon.crons import Cron
from tallystick.apis.charon.exceptions import (
    AlreadyEnded,
    AlreadyRunning,
    CronNotActive,
    ExecutionNotFound,
)
from tallystick.apis.charon.tables import crons as crons_table
from tallystick.apis.charon.tables import executions, messages
from tallystick.apis.charon.write_context import WriteContext
from tallystick.contract.json_text import write_json


class ExecutionMessage(NamedTuple):
    """A stored message of an execution."""

    id: int
    type: str
    message: str
    """JSON text."""
    time: int


class ExecutionState(StrEnum):
    """The state of an execution."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    OVERRUN = "overrun"
    """It has not ended, and exceeds its limit."""
    LOST = "lost"
    """It was ended because its lease ran out."""
    ABANDONED = "abandoned"
    """It was ended by hand, with neither success nor failure."""


class ExecutionOutcome(StrEnum):
    """The outcome of an execution ended by hand."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABANDONED = "abandoned"


_MESSAGE_TYPES = {
    ExecutionOutcome.SUCCEEDED: "success",
    ExecutionOutcome.FAILED: "error",
    ExecutionOutcome.ABANDONED: "warning",
}


class Execution(NamedTuple):
    """An execution with its newest messages, in the order of time."""

    id: int
    state: ExecutionState
    started: int
    ended: int | None
    success: bool | None
    exit_code: int | None
    messages: Sequence[ExecutionMessage]
    message_count: int


def start_execution(connection: Connection, context: WriteContext, cron_id: int) -> int:
    """Return the id of a new execution; raise an error if the cron's terms forbid it."""
    cron = crons.lock_cron(connection, crons_table.c.id == cron_id)
    if not cron.active:
        raise CronNotActive
    cron = crons.catch_up_state(connection, context, cron)
    if not cron.overlap and not _is_alone(connection, cron, context.ms):
        raise AlreadyRunning
    overrun_at = context.ms + crons.run_limit_ms(connection, context, cron)
    values = {"cron_id": cron.id, "started": context.ms, "overrun_at": overrun_at}
    new = insert(executions).values(values).returning(executions.c.id)
    execution_id: int = connection.execute(new).scalar_one()
    context.record(connection, to_event.started(cron.slug, execution_id, context.ms))
    if _is_too_often(connection, cron):
        _tell_of_run(connection, context, cron, "too_often", execution_id)
    crons.update_state(connection, context, cron)
    return execution_id


def end_execution(
    connection: Connection,
    context: WriteContext,
    execution_id: int,
    body: Mapping[str, Any],
    raw: bytes,
) -> None:
    """End an execution, also a lost one; raise `ExecutionNotFound` or `AlreadyEnded`."""
    cron = _lock_cron_of(connection, context, execution_id)
    result = {"success": body["success"], "exit_code": body.get("exitCode")}
    _end(connection, context, execution_id, result)
    if body.get("message") is not None:
        _insert_message(connection, execution_id, body, context.ms)
    context.record(connection, to_event.ended(cron.slug, execution_id, raw, context.ms))
    if _is_too_short(connection, cron):
        _tell_of_run(connection, context, cron, "too_short", execution_id)
    crons.update_state(connection, context, cron, run_changes=1)


def end_execution_by_hand(
    connection: Connection,
    context: WriteContext,
    slug: str,
    execution_id: int,
    outcome: ExecutionOutcome,
    message: str | None,
) -> Execution:
    """End or abandon a cron's execution; raise like `end_execution`, or `CronNotFound`."""
    cron = crons.lock_cron(connection, crons_table.c.slug == slug)
    if _cron_id(connection, execution_id) != cron.id:
        raise ExecutionNotFound
    cron = crons.catch_up_state(connection, context, cron)
    is_abandoned = outcome is ExecutionOutcome.ABANDONED
    success = None if is_abandoned else outcome is ExecutionOutcome.SUCCEEDED
    _end(connection, context, execution_id, {"success": success})
    if message is not None:
        said = {"type": _MESSAGE_TYPES[outcome], "message": message}
        _insert_message(connection, execution_id, said, context.ms)
    context.record(
        connection, to_event.ended_by_hand(cron.slug, execution_id, outcome, message, context.ms)
    )
    crons.update_state(connection, context, cron, run_changes=1)
    [ended] = list_executions(connection, cron, execution_id + 1, 1, 0, context.ms)
    return ended


def renew_lease(
    connection: Connection, context: WriteContext, execution_id: int, seconds: int
) -> None:
    """Note that an execution is alive, and for how long; a lost one runs again.

    Raise `ExecutionNotFound` or `AlreadyEnded`.
    """
    cron = _lock_cron_of(connection, context, execution_id)
    own = update(executions).where(executions.c.id == execution_id)
    again = own.where(executions.c.lost).values(ended=None, success=None, lost=False)
    returned = connection.execute(again).rowcount
    alive = {"lease_until": context.ms + seconds * 1_000}
    if not connection.execute(own.where(executions.c.ended.is_(None)).values(alive)).rowcount:
        raise AlreadyEnded
    crons.update_state(connection, context, cron, run_changes=returned)


def add_message(
    connection: Connection,
    context: WriteContext,
    execution_id: int,
    body: Mapping[str, Any],
    raw: bytes,
) -> int:
    """Add a message to an execution and return its id; raise `ExecutionNotFound`."""
    own = select(crons_table.c.slug).join(executions).where(executions.c.id == execution_id)
    # Locked against the removal of its cron, until the message is stored.
    kept = own.with_for_update(read=True, key_share=True, of=executions)
    slug = connection.scalar(kept)
    if slug is None:
        raise ExecutionNotFound
    message_id = _insert_message(connection, execution_id, body, context.ms)
    context.record(connection, to_event.message(slug, execution_id, raw, context.ms))
    return message_id


def list_executions(
    connection: Connection,
    cron: Cron,
    before: int | None,
    limit: int,
    message_limit: int,
    now_ms: int,
) -> list[Execution]:
    """Return up to `limit` executions with ids below `before`, the newest first."""
    found = select(executions).where(executions.c.cron_id == cron.id)
    if before is not None:
        found = found.where(executions.c.id < before)
    rows = connection.execute(found.order_by(executions.c.id.desc()).limit(limit)).all()
    counts = _counts(connection, [row.id for row in rows])
    return [
        Execution(
            row.id,
            _state(row, now_ms),
            row.started,
            row.ended,
            row.success,
            row.exit_code,
            _newest(connection, row.id, message_limit),
            counts.get(row.id, 0),
        )
        for row in rows
    ]


def _is_alone(connection: Connection, cron: Cron, now_ms: int) -> bool:
    """Return whether an execution of a cron would overlap no other."""
    return states.may_start(cron.config, crons.get_history(connection, cron, now_ms), now_ms)


def _tell_of_run(
    connection: Connection, context: WriteContext, cron: Cron, kind: str, execution_id: int
) -> None:
    due_ms = crons.due_ms(connection, cron, context.ms)
    alarms.tell_of_run(connection, context, cron, kind, execution_id, due_ms)


def _is_too_often(connection: Connection, cron: Cron) -> bool:
    """Return whether the newest start came too soon, and the one before it did not."""
    if cron.min_interval_s is None:
        return False
    started = select(executions.c.started).where(executions.c.cron_id == cron.id)
    last = connection.scalars(started.order_by(executions.c.id.desc()).limit(3)).all()
    return _is_first([new - old for new, old in pairwise(last)], cron.min_interval_s)


def _is_too_short(connection: Connection, cron: Cron) -> bool:
    """Return whether the last execution to end was too short, and the one before it was not."""
    if cron.min_runtime_s is None:
        return False
    took = select(executions.c.ended - executions.c.started).where(
        executions.c.cron_id == cron.id, executions.c.ended.is_not(None)
    )
    last = took.order_by(executions.c.ended.desc(), executions.c.id.desc()).limit(2)
    return _is_first(connection.scalars(last).all(), cron.min_runtime_s)


def _is_first(spans_ms: Sequence[int], least_s: int) -> bool:
    """Return whether the first span is too short and the second is not, to be told just once."""
    short = [span < least_s * 1_000 for span in spans_ms]
    return short[:1] == [True] and short[1:2] != [True]


def _state(row: Row[Any], now_ms: int) -> ExecutionState:
    if row.ended is None:
        return ExecutionState.OVERRUN if row.overrun_at <= now_ms else ExecutionState.RUNNING
    if row.lost:
        return ExecutionState.LOST
    if row.success is None:
        return ExecutionState.ABANDONED
    return ExecutionState.SUCCEEDED if row.success else ExecutionState.FAILED


def _lock_cron_of(connection: Connection, context: WriteContext, execution_id: int) -> Cron:
    """Return the execution's cron, locked and in its present state."""
    cron = crons.lock_cron(connection, crons_table.c.id == _cron_id(connection, execution_id))
    return crons.catch_up_state(connection, context, cron)


def _end(
    connection: Connection, context: WriteContext, execution_id: int, result: Mapping[str, Any]
) -> None:
    # A lost one may be alive.
    is_open = or_(executions.c.ended.is_(None), executions.c.lost)
    ended = connection.execute(
        update(executions)
        .where(executions.c.id == execution_id, is_open)
        .values(**result, ended=context.ms, lost=False)
    )
    if not ended.rowcount:
        raise AlreadyEnded


def _cron_id(connection: Connection, execution_id: int) -> int:
    found = select(executions.c.cron_id).where(executions.c.id == execution_id)
    cron_id: int | None = connection.scalar(found)
    if cron_id is None:
        raise ExecutionNotFound
    return cron_id


def _insert_message(
    connection: Connection, execution_id: int, body: Mapping[str, Any], now_ms: int
) -> int:
    values = {"type": body["type"], "message": write_json(body["message"]).decode(), "time": now_ms}
    new = insert(messages).values(execution_id=execution_id, **values)
    message_id: int = connection.execute(new.returning(messages.c.id)).scalar_one()
    return message_id


def _newest(connection: Connection, execution_id: int, limit: int) -> list[ExecutionMessage]:
    columns = (messages.c.id, messages.c.type, messages.c.message, messages.c.time)
    own = select(*columns).where(messages.c.execution_id == execution_id)
    rows = connection.execute(own.order_by(messages.c.id.desc()).limit(limit)).all()
    return [ExecutionMessage(*row) for row in reversed(rows)]


def _counts(connection: Connection, execution_ids: Sequence[int]) -> dict[int, int]:
    own = messages.c.execution_id
    found = select(own, func.count()).where(own.in_(execution_ids)).group_by(own)
    return {row[0]: row[1] for row in connection.execute(found)}


def expire_executions(connection: Connection, before_ms: int, limit: int) -> int:
    """Delete executions with an end before a time, and their messages.

    Return the number of deleted rows, up to `limit`. Each cron keeps the last execution to
    start, and the last one to end.
    """
    other = executions.alias()
    own = other.c.cron_id == executions.c.cron_id
    last = select(func.max(other.c.id)).where(own).scalar_subquery()
    last_end = select(func.max(other.c.ended)).where(own).scalar_subquery()
    old = (
        select(executions.c.id)
        .where(
            executions.c.ended < before_ms, executions.c.ended < last_end, executions.c.id < last
        )
        .limit(limit)
    )
    # Messages count towards the limit too, as an execution may have any number of them.
    said = select(messages.c.id).where(messages.c.execution_id.in_(old)).limit(limit)
    removed = connection.execute(delete(messages).where(messages.c.id.in_(said))).rowcount
    if removed == limit:
        return removed
    return connection.execute(delete(executions).where(executions.c.id.in_(old))).rowcount
