"""Tells the service's own alarms as events, once each, over all processes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from time import monotonic
from typing import Any
from urllib.parse import quote

import orjson
from sqlalchemy import Connection, delete, insert, select

from tallystick.apis.gateway import to_event
from tallystick.apis.gateway.alarms import (
    BACKLOG_OLD,
    BACKLOG_OVER,
    DATABASE_AWAY,
    ENDPOINT_OFF,
    ENDPOINT_ON,
    KEY_EXPIRING,
    Alarm,
    find_alarms,
)
from tallystick.apis.gateway.tables import alarms
from tallystick.apis.service_context import ServiceContext
from tallystick.background_tasks import end_tasks
from tallystick.contract.exceptions import Unavailable
from tallystick.delivery import DeliveryState
from tallystick.delivery.backlog import COUNTED, counting
from tallystick.store import lock_name
from tallystick.times import format_ms

INTERVAL_S = 10.0
MINUTE_MS = 60 * 1000

_LEFT = (DeliveryState.HELD, DeliveryState.DEAD)
"""The states of deliveries that wait no more, and have not arrived."""
_SCREENS = {
    BACKLOG_OLD: "deliveries?state=pending",
    BACKLOG_OVER: "overview",
    DATABASE_AWAY: "overview",
    ENDPOINT_OFF: "deliveries?state=held&api={api}&target={target}",
    ENDPOINT_ON: "deliveries?state=held&api={api}&target={target}",
    KEY_EXPIRING: "keys?expiring=true",
}
"""The address of each alarm's screen in the console, with members of its data."""
_OUTAGE = "database"
"""The name of the last outage that was told; it stays, so that each process tells of none twice."""

_log = logging.getLogger(__name__)


class AlarmMonitor:
    """A task that compares what is wrong with what was told, every `INTERVAL_S`."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._backlog_ms = context.settings.backlog_minutes * MINUTE_MS
        # A backlog of which nothing is told any more has not ended by that.
        over = {BACKLOG_OLD: BACKLOG_OVER} if self._backlog_ms else {}
        self._ends = {ENDPOINT_OFF: ENDPOINT_ON, **over}
        self._away_since: int | None = None
        self._reason = ""
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to compare."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop comparing."""
        await end_tasks(self._task)

    async def compare_alarms(self) -> None:
        """Store an event for each alarm that has begun or ended since the last time."""
        self._note_outage()
        try:
            await self._context.database.ping()
            await self._tell_outage()
            if await self._context.database.read(self._has_changed):
                await self._context.log.write(self._tell_changes)
        except Unavailable as error:
            if self._away_since is None:
                self._away_since = self._context.clock.now_ms()
                self._reason = str(error)

    async def _run(self) -> None:
        while True:
            try:
                await self.compare_alarms()
            except Exception as error:  # tried again soon
                _log.warning("alarms could not be told: %s", type(error).__name__)
            await asyncio.sleep(INTERVAL_S)

    def _note_outage(self) -> None:
        """Note an outage that calls met since the last time, though it is over."""
        met = self._context.database.take_untold_outage()
        if met and self._away_since is None:
            age_ms = round((monotonic() - met.began) * 1000)
            self._away_since = self._context.clock.now_ms() - age_ms
            self._reason = met.reason

    async def _tell_outage(self) -> None:
        since = self._away_since
        if since is not None:
            await self._context.log.write(lambda connection: self._end_outage(connection, since))
            self._away_since = None

    def _end_outage(self, connection: Connection, since: int) -> None:
        lock_name(connection, _OUTAGE)
        told = connection.scalar(select(alarms.c.since).where(alarms.c.name == _OUTAGE))
        if told is not None and told >= since:
            return  # another process has told of this one
        now_ms = self._context.clock.now_ms()
        span = {"since": format_ms(since), "until": format_ms(now_ms)}
        said = f"The database was away from {span['since']} to {span['until']}: {self._reason}"
        data = {"message": said, "reason": self._reason, **span}
        alarm = Alarm(_OUTAGE, DATABASE_AWAY, "", data)
        self._end(connection, _OUTAGE)
        self._begin(connection, alarm, now_ms)

    def _has_changed(self, connection: Connection) -> bool:
        return self._find(connection).keys() != _told(connection).keys()

    def _find(self, connection: Connection) -> dict[str, Alarm]:
        return find_alarms(connection, self._context.clock.now_ms(), self._backlog_ms)

    def _tell_changes(self, connection: Connection) -> None:
        lock_name(connection, alarms.name)
        found, told = self._find(connection), _told(connection)
        now_ms = self._context.clock.now_ms()
        for name in found.keys() - told.keys():
            self._begin(connection, found[name], now_ms)
        for name in told.keys() - found.keys():
            self._end(connection, name)
            self._append(connection, self._ends.get(told[name].type), told[name], now_ms)

    def _begin(self, connection: Connection, alarm: Alarm, now_ms: int) -> None:
        content = orjson.dumps(alarm.data).decode()
        row = {"name": alarm.name, "type": alarm.type, "subject": alarm.subject}
        connection.execute(insert(alarms), row | {"content": content, "since": now_ms})
        self._append(connection, alarm.type, alarm, now_ms)

    def _end(self, connection: Connection, name: str) -> None:
        connection.execute(delete(alarms).where(alarms.c.name == name))

    def _append(self, connection: Connection, type_: str | None, alarm: Alarm, now_ms: int) -> None:
        if type_:
            quoted = {name: quote(str(value), safe="") for name, value in alarm.data.items()}
            link = f"{self._context.settings.console_url}/{_SCREENS[type_].format_map(quoted)}"
            data = {**_said(connection, type_, alarm.data, now_ms), "link": link}
            event = to_event.own_event(type_, alarm.subject, data, now_ms)
            self._context.log.append_within(connection, event)


def _told(connection: Connection) -> dict[str, Alarm]:
    """Return the alarms that were told and have not ended, as far as they end by themselves."""
    rows = connection.execute(select(alarms).where(alarms.c.name != _OUTAGE))
    return {
        row.name: Alarm(row.name, row.type, row.subject, orjson.loads(row.content)) for row in rows
    }


def _said(
    connection: Connection, type_: str, data: Mapping[str, Any], now_ms: int
) -> Mapping[str, Any]:
    """Return the data of an alarm's event; an end has its own message."""
    if type_ == ENDPOINT_ON:
        whom = data.get("name") or f"{data['target']} of {data['api']}"
        return {**data, "message": f"Deliveries to {whom} go on; replay those that were held."}
    if type_ == BACKLOG_OVER:
        until = format_ms(now_ms)
        left = ", ".join(f"{state}: {_count(connection, state)}" for state in _LEFT)
        said = f"The old backlog is over since {until}: what waits now is younger."
        return {"message": f"{said} Deliveries {left}.", "until": until}
    return data


def _count(connection: Connection, state: DeliveryState) -> str:
    number = sum(count for _, count, _ in connection.execute(counting(state)))
    return f"{number}{'' if number < COUNTED else ' or more'}"
