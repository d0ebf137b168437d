"""The JSON representation of crons and executions in the gateway's API."""

from __future__ import annotations

from typing import Any

import orjson

from tallystick.apis.charon.crons import Cron
from tallystick.apis.charon.executions import Execution, ExecutionMessage
from tallystick.times import format_ms


def cron(found: Cron, due_ms: int | None) -> dict[str, Any]:
    """Return a cron with its state, and the time at which it is due."""
    return {
        "id": found.id,
        "slug": found.slug,
        "name": found.name,
        "active": found.active,
        "schedule": found.schedule,
        "timezone": found.timezone,
        "grace": found.grace_s,
        "maxRuntime": found.max_runtime_s,
        "overlap": found.overlap,
        "state": found.state,
        "stateSince": format_ms(found.state_since),
        "due": _time(due_ms),
        "created": format_ms(found.created),
    }


def alarm_terms(found: Cron) -> dict[str, Any]:
    """Return the further terms of a cron, for an answer about this one."""
    return {
        "every": found.every,
        "early": found.early_s,
        "minInterval": found.min_interval_s,
        "minRuntime": found.min_runtime_s,
        "failureThreshold": found.failure_threshold,
        "reminder": found.reminder_s,
        "mutedUntil": _time(found.muted_until),
    }


def execution(found: Execution) -> dict[str, Any]:
    """Return an execution with its messages, for `orjson.dumps`."""
    return {
        "id": found.id,
        "state": found.state,
        "started": format_ms(found.started),
        "ended": _time(found.ended),
        # The end may be before the start if the clock was set back.
        "durationMs": None if found.ended is None else max(0, found.ended - found.started),
        "success": found.success,
        "exitCode": found.exit_code,
        "messages": [_message(said) for said in found.messages],
        "messageCount": found.message_count,
    }


def _message(said: ExecutionMessage) -> dict[str, Any]:
    return {
        "id": said.id,
        "type": said.type,
        "message": orjson.Fragment(said.message),
        "time": format_ms(said.time),
    }


def _time(ms: int | None) -> str | None:
    return None if ms is None else format_ms(ms)
