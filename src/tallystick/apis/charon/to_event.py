"""From what happens to a cron to an event of the log."""

from __future__ import annotations

from typing import Any

import orjson

from tallystick.events import Event, new_id
from tallystick.events.cloudevents import rfc3339

API = "charon"


def started(slug: str, execution_id: int, now_ms: int) -> Event:
    """An execution has started; the call has no body, so the data are the answer's."""
    data = orjson.dumps({"id": execution_id})
    return _event(slug, "execution.started", str(execution_id), data, now_ms)


def ended(slug: str, execution_id: int, raw: bytes, now_ms: int) -> Event:
    """An execution has ended, and how; the data are the body as it was sent."""
    return _event(slug, "execution.ended", str(execution_id), raw, now_ms)


def message(slug: str, execution_id: int, raw: bytes, now_ms: int) -> Event:
    """An execution has something to say; the data are the body as it was sent."""
    return _event(slug, "execution.message", str(execution_id), raw, now_ms)


def changed(slug: str, state: str, previous: str, due_ms: int | None, now_ms: int) -> Event:
    """The state of a cron has changed."""
    data: dict[str, Any] = {"slug": slug, "state": state, "previous": previous}
    data["due"] = None if due_ms is None else rfc3339(due_ms)
    return _event(slug, f"cron.{state}", slug, orjson.dumps(data), now_ms)


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
