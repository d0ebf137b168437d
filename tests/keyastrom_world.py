"""A database of keyastrom and its readers, with a clock that the test moves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import Connection

from manual_clock import ManualClock
from tallystick.apis.keyastrom.entities import ENVIRONMENT, Entity, add_entities
from tallystick.apis.keyastrom.ingest import HOUR_MS, read_ingest
from tallystick.apis.keyastrom.paged_lists import PagedLists
from tallystick.apis.keyastrom.problems import KeyastromProblems
from tallystick.apis.keyastrom.queries import KeyastromQueries
from tallystick.apis.keyastrom.reports import ReportResult, ReportTarget, record_reports
from tallystick.events import new_id
from tallystick.store import Database

T = TypeVar("T")
Json = dict[str, Any]

NOW = 1_764_064_800_000
HOST = Entity(
    "HOST-0000000000000001",
    "HOST",
    "Web 1",
    first_seen_ms=NOW - HOUR_MS,
    last_seen_ms=NOW,
    tags=["stage:prod", r"[AWS]a\:b:c", "plain"],
    attributes={"osType": "LINUX", "ipAddress": ["10.0.0.1", "10.0.0.2"]},
    relationships={"isInstanceOf": ["HOST_GROUP-0000000000000001"], "leads": ["NOWHERE-1"]},
    zones={"7": "Shop"},
)
GROUP = Entity("HOST_GROUP-0000000000000001", "HOST_GROUP", "web", first_seen_ms=NOW)
ON_HOST = ReportTarget(HOST.id, HOST.type)
INFO = {"eventType": "CUSTOM_INFO", "title": "Load test"}
PROBLEM = {"eventType": "ERROR_EVENT", "title": "Down"}


class Parts:
    """The parts of a service needed for reading."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database = database
        self.clock = clock


class Kept:
    """A database with the environment and its readers; each call runs to its end."""

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        self.clock = ManualClock()
        self.database = Database(url)
        lists = PagedLists(self.database, self.clock)
        self._problems = KeyastromProblems(Parts(self.database, self.clock), lists, 24 * HOUR_MS)  # type: ignore[arg-type]  # no others
        self._reading = KeyastromQueries(Parts(self.database, self.clock), lists, 24 * HOUR_MS)  # type: ignore[arg-type]  # no others
        self.run(self.database.open)
        self.run(lists.open)
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
        self.write(lambda connection: add_entities(connection, world))

    def ingest(self, body: Mapping[str, Any], *targets: ReportTarget) -> list[ReportResult]:
        now_ms = self.clock.now_ms()
        on = targets or (ReportTarget(ENVIRONMENT.id, ENVIRONMENT.type),)
        ingest = read_ingest(body, json.dumps(body).encode(), now_ms)
        return self.write(lambda c: record_reports(c, ingest, on, now_ms, new_id(now_ms)))

    def events(self, **parameters: Any) -> Json:
        names = ("from_", "to", "event_selector", "entity_selector", "page_size", "next_page_key")
        return self.run(lambda: self._reading.list_events(**{**dict.fromkeys(names), **parameters}))

    def entities(self, **parameters: Any) -> Json:
        names = ("entity_selector", "from_", "to", "fields", "sort", "page_size", "next_page_key")
        return self.run(
            lambda: self._reading.list_entities(**{**dict.fromkeys(names), **parameters})
        )

    def try_selector(self, text: str) -> Json:
        return self.run(lambda: self._reading.try_selector(text))

    def problems(self, **parameters: Any) -> Json:
        names = (
            "from_",
            "to",
            "problem_selector",
            "entity_selector",
            "fields",
            "sort",
            "page_size",
            "next_page_key",
        )
        given = {**dict.fromkeys(names), **parameters}
        return self.run(lambda: self._problems.list_problems(**given))

    def event(self, event_id: str) -> Json:
        return self.run(lambda: self._reading.get_event(event_id))

    def entity(self, entity_id: str, fields: str | None = None) -> Json:
        return self.run(lambda: self._reading.get_entity(entity_id, fields))

    def entity_types(self, page_size: int | None = None, key: str | None = None) -> Json:
        return self.run(lambda: self._reading.list_entity_types(page_size, key))

    def entity_type(self, name: str) -> Json:
        return self.run(lambda: self._reading.get_entity_type(name))


def titles(page: Json) -> list[str]:
    """Return the titles of a page of events."""
    return [event["title"] for event in page["events"]]


def ids(page: Json) -> list[str]:
    """Return the ids of a page of entities."""
    return [entity["entityId"] for entity in page["entities"]]


def pages(first: Json, more: Callable[[str], Json]) -> list[Json]:
    """Return the first page and all following ones."""
    found = [first]
    while key := found[-1].get("nextPageKey"):
        found.append(more(key))
    return found
