"""A database of keyastrom's, and what reads it back, with a clock that the test moves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection

from manual_clock import ManualClock
from tallystick.apis.keyastrom.entities import ENVIRONMENT, Entity, add
from tallystick.apis.keyastrom.ingest import HOUR_MS, read
from tallystick.apis.keyastrom.queries import KeyastromQueries
from tallystick.apis.keyastrom.reports import ReportResult, ReportTarget, record
from tallystick.events import new_id
from tallystick.store import Database

T = TypeVar("T")
Json = dict[str, Any]


class Parts:
    """What reading needs of a service's parts."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database = database
        self.clock = clock


class Kept:
    """A database with the environment, and what reads it back; each call runs to its end."""

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        self.clock = ManualClock()
        self.database = Database(url)
        self._reading = KeyastromQueries(Parts(self.database, self.clock), 24 * HOUR_MS)  # type: ignore[arg-type]  # no others
        self.run(self.database.open)
        self.run(self._reading.open)
        self.add(ENVIRONMENT)

    def close(self) -> None:
        self.run(self.database.close)
        self._runner.close()

    def run(self, work: Callable[[], Awaitable[T]]) -> T:
        async def run() -> T:
            return await work()

        return self._runner.run(run())

    def write(self, work: Callable[[Connection], T]) -> T:
        return self.run(lambda: self.database.write(work))

    def add(self, *world: Entity) -> None:
        self.write(lambda connection: add(connection, world))

    def ingest(self, body: Mapping[str, Any], *targets: ReportTarget) -> list[ReportResult]:
        now_ms = self.clock.now_ms()
        on = targets or (ReportTarget(ENVIRONMENT.id, ENVIRONMENT.type),)
        ingest = read(body, now_ms)
        return self.write(lambda c: record(c, ingest, on, now_ms, new_id(now_ms)))

    def events(self, **parameters: Any) -> Json:
        names = ("from_", "to", "event_selector", "entity_selector", "page_size", "next_page_key")
        return self.run(lambda: self._reading.list_events(**{**dict.fromkeys(names), **parameters}))

    def entities(self, **parameters: Any) -> Json:
        names = ("entity_selector", "from_", "to", "fields", "sort", "page_size", "next_page_key")
        return self.run(
            lambda: self._reading.list_entities(**{**dict.fromkeys(names), **parameters})
        )

    def event(self, event_id: str) -> Json:
        return self.run(lambda: self._reading.get_event(event_id))

    def entity(self, entity_id: str, fields: str | None = None) -> Json:
        return self.run(lambda: self._reading.get_entity(entity_id, fields))

    def entity_types(self, page_size: int | None = None, key: str | None = None) -> Json:
        return self.run(lambda: self._reading.list_entity_types(page_size, key))

    def entity_type(self, name: str) -> Json:
        return self.run(lambda: self._reading.get_entity_type(name))
