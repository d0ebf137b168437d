"""The management of crons through the gateway's API."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import Connection

from tallystick.apis.charon import crons, executions, representation, schedule
from tallystick.apis.charon.cron_store import CronStore
from tallystick.apis.charon.crons import Cron
from tallystick.apis.charon.executions import ExecutionOutcome
from tallystick.apis.charon.schedule import BadSchedule, Schedule, UnknownTimezone
from tallystick.apis.charon.tables import crons as crons_table
from tallystick.apis.charon.to_event import API
from tallystick.apis.charon.write_context import WriteContext
from tallystick.contract.document import read_api
from tallystick.contract.exceptions import Invalid, Violation
from tallystick.storable_text import replace_half_pairs
from tallystick.times import format_ms, parse_rfc3339

_COLUMNS = {
    "early": "early_s",
    "failureThreshold": "failure_threshold",
    "grace": "grace_s",
    "maxRuntime": "max_runtime_s",
    "minInterval": "min_interval_s",
    "minRuntime": "min_runtime_s",
    "mutedUntil": "muted_until",
    "reminder": "reminder_s",
}
"""Members of the contract with another column name in the table."""

_DOCUMENT = read_api(API)

_DEFAULTS: Mapping[str, Any] = {
    **dict.fromkeys(_DOCUMENT.schema("CharonNewCron")["properties"]),
    **_DOCUMENT.defaults("CharonNewCron"),
}
"""The members of a new cron with their defaults, except for the name."""

_PREVIEW_DEFAULTS = _DOCUMENT.defaults("CharonTriedSchedule")


class CronManagement:
    """A store of crons for the gateway; all calls with a slug raise `CronNotFound`."""

    def __init__(self, register: CronStore) -> None:
        self._register = register

    async def list_crons(
        self, limit: int, cursor: str | None, state: str | None = None
    ) -> dict[str, Any]:
        """Return a page of crons, of one state if it is given, the oldest first."""
        now_ms = self._register.now_ms()
        found = await self._register.read(_page, int(cursor or 0), limit + 1, state, now_ms)
        is_last = len(found) <= limit
        return {"crons": found[:limit], "next": None if is_last else str(found[limit - 1]["id"])}

    async def get_cron(self, slug: str) -> dict[str, Any]:
        """Return a cron with its state."""
        return await self._register.read(_find, slug, self._register.now_ms())

    async def create_cron(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create a cron; raise `SlugTaken`."""
        values = _values({**_DEFAULTS, "name": body["slug"], **body})
        return await self._register.write(_add, values)

    async def update_cron(self, slug: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change the given members of a cron."""
        return await self._register.write(_change, slug, _values(body))

    async def delete_cron(self, slug: str) -> None:
        """Delete a cron, its executions and their messages."""
        await self._register.write(crons.delete_cron, slug)

    async def list_executions(
        self, slug: str, limit: int, messages: int, cursor: str | None
    ) -> bytes:
        """Return a page of a cron's executions as JSON, the newest first."""
        before = int(cursor) if cursor else None
        now_ms = self._register.now_ms()
        found = await self._register.read(_executions, slug, before, limit + 1, messages, now_ms)
        is_last = len(found) <= limit
        following = None if is_last else str(found[limit - 1]["id"])
        return orjson.dumps({"executions": found[:limit], "next": following})

    async def preview_schedule(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return when a schedule is due next, and its words; raise `Invalid`."""
        # Ten lines that are seldom due take a fifth of a second.
        asked = {**_PREVIEW_DEFAULTS, **body}
        return await asyncio.to_thread(_preview, **asked, now_ms=self._register.now_ms())

    async def end_execution(
        self, slug: str, execution_id: int, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """End or abandon an execution; raise `ExecutionNotFound` or `AlreadyEnded`."""
        outcome, said = ExecutionOutcome(body["outcome"]), _storable(body.get("message"))
        ended = await self._register.write(
            executions.end_execution_by_hand, slug, execution_id, outcome, said
        )
        return representation.execution(ended)


def _values(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body's members by the names of their columns."""
    values = {_COLUMNS.get(name, name): _storable(value) for name, value in body.items()}
    if values.get("muted_until") is not None:
        values["muted_until"] = _time(values["muted_until"])
    return values


def _time(text: str) -> int:
    try:
        return parse_rfc3339(text)
    except (ValueError, OverflowError):
        raise _invalid("mutedUntil", "must be a time such as 2026-01-31T08:00:00Z") from None


def _storable(value: Any) -> Any:
    return replace_half_pairs(value) if isinstance(value, str) else value


def _preview(schedule: str, timezone: str, count: int, now_ms: int) -> dict[str, Any]:
    _refuse_unusable(schedule, None, timezone, now_ms)
    wanted = Schedule(schedule, timezone)
    times = wanted.next_times(now_ms, count)
    return {"next": list(map(format_ms, times)), "words": wanted.describe()}


def _page(
    connection: Connection, after: int, limit: int, state: str | None, now_ms: int
) -> list[dict[str, Any]]:
    found = crons.list_crons(connection, after, limit, state)
    return [_shown(connection, cron, now_ms) for cron in found]


def _find(connection: Connection, slug: str, now_ms: int) -> dict[str, Any]:
    return _shown_alone(connection, crons.get_cron(connection, slug), now_ms)


def _add(
    connection: Connection, context: WriteContext, values: Mapping[str, Any]
) -> dict[str, Any]:
    _refuse_unusable(values["schedule"], values["every"], values["timezone"], context.ms)
    return _shown_alone(connection, crons.create_cron(connection, context, values), context.ms)


def _change(
    connection: Connection, context: WriteContext, slug: str, values: Mapping[str, Any]
) -> dict[str, Any]:
    cron = crons.lock_cron(connection, crons_table.c.slug == slug)
    expression, every = values.get("schedule", cron.schedule), values.get("every", cron.every)
    _refuse_unusable(expression, every, values.get("timezone", cron.timezone), context.ms)
    changed = crons.update_cron(connection, context, cron, values)
    return _shown_alone(connection, changed, context.ms)


def _executions(
    connection: Connection, slug: str, before: int | None, limit: int, messages: int, now_ms: int
) -> list[dict[str, Any]]:
    cron = crons.get_cron(connection, slug)
    found = executions.list_executions(connection, cron, before, limit, messages, now_ms)
    return [representation.execution(execution) for execution in found]


def _shown(connection: Connection, cron: Cron, now_ms: int) -> dict[str, Any]:
    return representation.cron(cron, crons.due_ms(connection, cron, now_ms))


def _shown_alone(connection: Connection, cron: Cron, now_ms: int) -> dict[str, Any]:
    shown = _shown(connection, cron, now_ms)
    opened = crons.count_open_executions(connection, cron)
    return {**shown, "openExecutions": opened, **representation.alarm_terms(cron)}


def _refuse_unusable(expression: str | None, every: str | None, timezone: str, now_ms: int) -> None:
    if expression is not None and every is not None:
        raise _invalid("every", "does not go with a schedule")
    try:
        schedule.refuse_unusable(expression, timezone, now_ms)
    except UnknownTimezone:
        raise _invalid(
            "timezone", "must be a time zone of the IANA, such as Europe/Paris"
        ) from None
    except BadSchedule as error:
        raise _invalid("schedule", str(error)) from None


def _invalid(name: str, message: str) -> Invalid:
    return Invalid([Violation("body", name, "format", None, message, (name,))])
