"""The feed of changes: a server-sent event at most once a second, for every reader alike."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from contextvars import Context
from typing import Any, TypeAlias

import orjson
from sqlalchemy import Connection, func, select

from tallystick.clock import Clock
from tallystick.contract.exceptions import Unavailable
from tallystick.delivery.change_marker import read_marker
from tallystick.events.ids import lowest_id
from tallystick.store import Database
from tallystick.store.tables import events

ReadMarker: TypeAlias = Callable[[Connection], str]
"""Returns a text that is another one after a change."""

INTERVAL_S = 1.0
HEARTBEAT_S = 15.0

READERS = 100
"""The limit of readers of one process: each keeps a connection."""

RATE_S = 5
"""The rate of events is their average over this many seconds."""

COUNTED = 50_000
"""The limit of events counted for the rate."""


class ChangeFeed:
    """The changes of events, deliveries and crons, read once a second while there are readers."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.cron_marker: ReadMarker | None = None
        """Reads the marker of crons; None if the process serves none."""
        self._readers = 0
        self._is_closed = False
        self._latest: Mapping[str, Any] = {}
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def open_stream(self, limit: int | None) -> AsyncGenerator[bytes, None]:
        """Return server-sent events: one now and one after each change, `limit` in all.

        Raise `Unavailable` if there are too many readers, or the database is away.
        """
        if self._readers >= READERS:
            raise Unavailable("Too many callers wait for changes.", retry_after=1)
        if self._task is None:
            self._latest = await self._database.read(self._read)
        return self._stream(limit)

    def close(self) -> None:
        """End every stream."""
        self._is_closed = True
        self._changed.set()

    async def _stream(self, limit: int | None) -> AsyncGenerator[bytes, None]:
        self._begin()
        told: Mapping[str, Any] | None = None
        sent = 0
        try:
            while not self._is_closed and sent != limit:
                if self._latest == told:
                    yield b": alive\n\n"
                else:
                    told, sent = self._latest, sent + 1
                    yield b"event: change\ndata: %s\n\n" % orjson.dumps(told)
                if sent != limit:
                    await self._wait_for_change(told)
        finally:
            self._end()

    async def _wait_for_change(self, told: Mapping[str, Any]) -> None:
        """Return when there is news, when the feed is closed, or after `HEARTBEAT_S`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(HEARTBEAT_S):
                while self._latest == told and not self._is_closed:
                    await self._changed.wait()

    def _begin(self) -> None:
        self._readers += 1
        if self._task is None:
            # A new context: it goes on when the call that began it is over.
            self._task = asyncio.create_task(self._poll(), context=Context())

    def _end(self) -> None:
        self._readers -= 1
        if not self._readers and self._task:
            self._task.cancel()
            self._task = None

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL_S)
            with suppress(Exception):  # the store has logged it, and readers have the last state
                self._tell(await self._database.read(self._read))

    def _tell(self, state: Mapping[str, Any]) -> None:
        if state != self._latest:
            self._latest = state
            changed, self._changed = self._changed, asyncio.Event()
            changed.set()

    def _read(self, connection: Connection) -> Mapping[str, Any]:
        since = lowest_id(self._clock.now_ms() - RATE_S * 1_000)
        recent = select(events.c.id).where(events.c.id >= since).limit(COUNTED).subquery()
        number = connection.scalar(select(func.count()).select_from(recent)) or 0
        return {
            "events": connection.scalar(select(func.max(events.c.id))),
            "events_per_second": number / RATE_S,
            "deliveries": read_marker(connection),
            "crons": self.cron_marker(connection) if self.cron_marker else None,
        }
