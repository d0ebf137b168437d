"""Events of the log for changes of crons and executions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from tallystick.events import Event, new_id

API = "charon"


def started(slug: str, execution_id: int, now_ms: int) -> Event:
    """Return the event of a started execution; its data is the answer, as the call has no body."""
    data = orjson.dumps({"id": execution_id})
    return _event(slug, "execution.started", str(execution_id), data, now_ms)


def ended(slug: str, execution_id: int, raw: bytes, now_ms: int) -> Event:
    """Return the event of an ended execution, with the request's body as data."""
    return _event(slug, "execution.ended", str(execution_id), raw, now_ms)


def ended_by_hand(
    slug: str, execution_id: int, outcome: str, said: str | None, now_ms: int
) -> Event:
    """Return the event of an execution that an operator has ended or abandoned."""
    data = orjson.dumps({"outcome": outcome, "message": said})
    return _event(slug, "execution.ended_by_hand", str(execution_id), data, now_ms)


def lost(slug: str, execution_id: int, now_ms: int) -> Event:
    """Return the event of an execution whose lease has run out."""
    data = orjson.dumps({"id": execution_id})
    return _event(slug, "execution.lost", str(execution_id), data, now_ms)


def message(slug: str, execution_id: int, raw: bytes, now_ms: int) -> Event:
    """Return the event of an execution's message, with the request's body as data."""
    return _event(slug, "execution.message", str(execution_id), raw, now_ms)


def changed(slug: str, state: str, alarm: Mapping[str, Any], now_ms: int) -> Event:
    """Return the event of a changed cron state, with the words of its alarm as data."""
    return _event(slug, f"cron.{state}", slug, orjson.dumps(alarm), now_ms)


def _event(slug: str, kind: str, subject: str, data: bytes, now_ms: int) -> Event:
    return Event(
        id=new_id(now_ms),
        api=API,
        source=f"/{API}/{slug}",
        type=f"{API}.{kind}",
        subject=subject,
        time=now_ms,
        data=data,
        attributes="{}",
    )
