"""Stored executions and their messages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from tallystick.apis.charon import crons, states, to_event
from tallystick.apis.charon.crons import Cron, WriteContext
from tallystick.apis.charon.exceptions import (
    AlreadyEnded,
    AlreadyRunning,
    CronNotActive,
    ExecutionNotFound,
)
from tallystick.apis.charon.tables import crons as crons_table
from tallystick.apis.charon.tables import executions, messages
from tallystick.contract.json_text import write_json


@dataclass(frozen=True, slots=True)
class ExecutionMessage:
    """A stored message of an execution."""

    id: int
    type: str
    message: str
    """JSON text."""
    time: int


@dataclass(frozen=True, slots=True)
class Execution:
    """An execution with its newest messages, in the order of time."""

    id: int
    started: int
    ended: int | None
    success: bool | None
    messages: Sequence[ExecutionMessage]
    message_count: int


def start_execution(connection: Connection, context: WriteContext, cron_id: int) -> int:
    """Return the id of a new execution; raise an error if the cron's terms forbid it."""
    cron = crons.lock_cron(connection, crons_table.c.id == cron_id)
    if not cron.active:
        raise CronNotActive
    if not states.may_start(cron.config, crons.get_history(connection, cron), context.ms):
        raise AlreadyRunning
    new = insert(executions).values(cron_id=cron.id, started=context.ms).returning(executions.c.id)
    execution_id: int = connection.execute(new).scalar_one()
    context.record(connection, to_event.started(cron.slug, execution_id, context.ms))
    crons.update_state(connection, context, cron)
    return execution_id


def end_execution(
    connection: Connection,
    context: WriteContext,
    execution_id: int,
    body: Mapping[str, Any],
    raw: bytes,
) -> None:
    """End an execution; raise `ExecutionNotFound` or `AlreadyEnded`."""
    cron = crons.lock_cron(connection, crons_table.c.id == _cron_id(connection, execution_id))
    ended = connection.execute(
        update(executions)
        .where(executions.c.id == execution_id, executions.c.ended.is_(None))
        .values(ended=context.ms, success=body["success"])
    )
    if not ended.rowcount:
        raise AlreadyEnded
    if body.get("message") is not None:
        _insert_message(connection, execution_id, body, context.ms)
    context.record(connection, to_event.ended(cron.slug, execution_id, raw, context.ms))
    crons.update_state(connection, context, cron)


def add_message(
    connection: Connection,
    context: WriteContext,
    execution_id: int,
    body: Mapping[str, Any],
    raw: bytes,
) -> int:
    """Add a message to an execution and return its id; raise `ExecutionNotFound`."""
    own = executions.c.id == execution_id
    slug = connection.scalar(select(crons_table.c.slug).join(executions).where(own))
    if slug is None:
        raise ExecutionNotFound
    message_id = _insert_message(connection, execution_id, body, context.ms)
    context.record(connection, to_event.message(slug, execution_id, raw, context.ms))
    return message_id


def list_executions(
    connection: Connection, cron: Cron, before: int | None, limit: int, message_limit: int
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
            row.started,
            row.ended,
            row.success,
            _newest(connection, row.id, message_limit),
            counts.get(row.id, 0),
        )
        for row in rows
    ]


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
    """Delete executions that ended before a time, with their messages.

    Return the number of deleted rows, up to `limit`. Each cron keeps the execution that started
    last, and the one that ended last.
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
