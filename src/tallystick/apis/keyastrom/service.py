"""The service of keyastrom, for its handlers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from tallystick.apis.keyastrom import (
    custom_devices,
    entities,
    ingest,
    pushed_events,
    reports,
    selector_sql,
    to_event,
    topology,
)
from tallystick.apis.keyastrom.credentials import API, AccessTokens
from tallystick.apis.keyastrom.custom_devices import Device
from tallystick.apis.keyastrom.ingest import HOUR_MS, Ingest
from tallystick.apis.keyastrom.paged_lists import PagedLists
from tallystick.apis.keyastrom.reports import ReportResult, ReportTarget
from tallystick.apis.keyastrom.selector import Selector
from tallystick.apis.keyastrom.to_event import IngestCall
from tallystick.apis.keyastrom.topology import Imported
from tallystick.apis.keys import ALL_SCOPES
from tallystick.apis.service_context import Sample, ServiceContext
from tallystick.contract.document import read_api
from tallystick.contract.exceptions import Invalid
from tallystick.contract.security import Credential
from tallystick.events import new_id
from tallystick.store.slices import SliceSize, write_timed

if TYPE_CHECKING:
    from tallystick.apis.keyastrom.custom_tags import KeyastromTags
    from tallystick.apis.keyastrom.measurements import KeyastromMeasurements
    from tallystick.apis.keyastrom.problems import KeyastromProblems
    from tallystick.apis.keyastrom.queries import KeyastromQueries

DEV_TOKENS = {
    "dt0c01.abc123.abcdefjhij1234567890": [ALL_SCOPES],
    "dt0c01.readonly.abcdefjhij1234567890": ["events.read"],
    "dt0c01.writeonly.abcdefjhij1234567890": ["events.ingest", "entities.write"],
}
"""Token → scopes."""

_VERSION = read_api(API).schema("KeyastromClusterVersion")["properties"]["version"]["example"]
"""The vendor's cluster whose behaviour is served."""

MOST_AT_ONCE = 1_000
"""Entities of an ingest whose events are one transaction; of more, they are several."""

FOR_EVER_MS = 2**60
"""Longer than anybody remembers."""

_ENVIRONMENT = ReportTarget(entities.ENVIRONMENT.id, entities.ENVIRONMENT.type)


class KeyastromService:
    """Ingests events on monitored entities."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._active_for_ms = context.settings.keyastrom_active_hours * HOUR_MS or FOR_EVER_MS
        self._lists = PagedLists(context.database, context.clock)
        self.tokens = AccessTokens(context.keys)
        self.cluster_version: str = _VERSION
        context.log.add_expirer(reports.expire_reports)
        self.credentials: Mapping[str, Credential] = {
            "keyastromToken": self.tokens.authenticate_header,
            "keyastromPlatformToken": self.tokens.authenticate_secret,
            "keyastromQueryToken": self.tokens.authenticate_secret,
        }
        self.dev_credentials = {"key": next(iter(DEV_TOKENS))}

    # What only some calls need is imported by the first of them, in a few milliseconds.

    @cached_property
    def queries(self) -> KeyastromQueries:
        """The lists of events, entities and their types."""
        from tallystick.apis.keyastrom.queries import KeyastromQueries

        return KeyastromQueries(self._context, self._lists, self._active_for_ms)

    @cached_property
    def problems(self) -> KeyastromProblems:
        """The problems, with their comments."""
        from tallystick.apis.keyastrom.problems import KeyastromProblems

        return KeyastromProblems(self._context, self._lists, self._active_for_ms)

    @cached_property
    def tags(self) -> KeyastromTags:
        """The custom tags of entities."""
        from tallystick.apis.keyastrom.custom_tags import KeyastromTags

        return KeyastromTags(self._context)

    @cached_property
    def measurements(self) -> KeyastromMeasurements:
        """The measurements that callers send."""
        from tallystick.apis.keyastrom.measurements import KeyastromMeasurements

        return KeyastromMeasurements(self._context)

    async def open(self) -> None:
        """Make the environment, and the dev world if it is wanted."""
        world = entities.DEV_WORLD if self._context.settings.dev else ()
        await self._context.database.write(
            lambda connection: entities.add_entities(connection, [entities.ENVIRONMENT, *world])
        )
        if self._context.settings.dev:
            await self._make_tokens()
        await self._lists.open()

    async def close(self) -> None:
        """Return at once: there is nothing to close."""

    async def _make_tokens(self) -> None:
        for token, scopes in DEV_TOKENS.items():
            await self._context.keys.create_key(API, "dev", scopes, secret=token)

    def samples(self, base_url: str) -> list[Sample]:
        """Return a line to paste, with a token for an ingest."""
        token = next(iter(DEV_TOKENS))
        curl = (
            f"curl --url {base_url}/api/v2/events/ingest"
            f" --header 'Authorization: Api-Token {token}'"
            """ --data '{"eventType": "CUSTOM_INFO", "title": "Loadtest start","""
            """ "entitySelector": "type(SERVICE),entityName.equals(BookingService)"}'"""
        )
        return [Sample("create an event on a service", curl)]

    async def ingest(self, environment: str, body: Mapping[str, Any], raw: bytes) -> dict[str, Any]:
        """Create an event on each selected entity, and keep the call in the log."""
        now_ms = self._context.clock.now_ms()
        wanted = ingest.read_ingest(body, raw, now_ms)
        subject = body.get("entitySelector")
        call = IngestCall(new_id(now_ms), environment, wanted, subject, raw, now_ms)
        return _answer(await self._record_all(call, await self._targets(wanted, now_ms)))

    async def push_event(
        self, environment: str, body: Mapping[str, Any], raw: bytes
    ) -> dict[str, Any]:
        """Create an event on each entity of its rules, and keep the call in the log."""
        now_ms = self._context.clock.now_ms()
        pushed = pushed_events.read_pushed_event(body, raw, now_ms)
        targets = await self._selected(pushed.selectors, now_ms)
        call = IngestCall(new_id(now_ms), environment, pushed.ingest, pushed.rules, raw, now_ms)
        return pushed_events.stored_events(pushed, await self._record_all(call, targets))

    async def _record_all(
        self, call: IngestCall, targets: Sequence[ReportTarget]
    ) -> list[ReportResult]:
        if len(targets) <= MOST_AT_ONCE:
            return await self._context.log.write(partial(self._record, call, targets))
        return await self._record_in_slices(call, targets)

    async def _record_in_slices(
        self, call: IngestCall, targets: Sequence[ReportTarget]
    ) -> list[ReportResult]:
        """Let others write between; the call is in the log with the last of its events."""
        # Once begun, it is refused by nothing.
        self._context.log.admit_event(to_event.to_event(call, ()))
        clock, size = self._context.clock, SliceSize()
        results: list[ReportResult] = []
        while len(results) < len(targets):
            part = targets[len(results) : len(results) + size.rows]
            is_last = len(results) + len(part) == len(targets)
            record = partial(self._record_slice, call, part, results if is_last else None)
            done, took_ms = await write_timed(self._context.database.write, clock, record)
            results += done
            size.adapt(took_ms)
        return results

    def _record_slice(
        self,
        call: IngestCall,
        targets: Sequence[ReportTarget],
        earlier: Sequence[ReportResult] | None,
        connection: Connection,
    ) -> list[ReportResult]:
        results = reports.record_reports(connection, call.ingest, targets, call.time_ms, call.id)
        if earlier is not None:
            event = to_event.to_event(call, [*earlier, *results])
            self._context.log.append_within(connection, event)
        return results

    def _record(
        self, call: IngestCall, targets: Sequence[ReportTarget], connection: Connection
    ) -> list[ReportResult]:
        """Record the events on entities and the call in the log, in one transaction."""
        results = reports.record_reports(connection, call.ingest, targets, call.time_ms, call.id)
        self._context.log.append_within(connection, to_event.to_event(call, results))
        return results

    async def create_device(self, body: Mapping[str, Any], *, is_kept: bool) -> Device:
        """Make a custom device, or change it; if it `is_kept`, it stays in sight.

        Raise `Invalid` if the database can't hold it.
        """
        if violations := list(topology.find_unstorable(body)):
            raise Invalid(violations)
        now_ms = self._context.clock.now_ms()
        save = partial(custom_devices.save_device, wanted=body, now_ms=now_ms, is_kept=is_kept)
        return await self._context.log.write(save)

    async def import_entities(self, body: Mapping[str, Any] | bytes) -> Imported:
        """Add or replace the entities of a topology, all of them or none; raise `Invalid`."""
        now_ms = self._context.clock.now_ms()
        world = await asyncio.to_thread(topology.read_topology, body, now_ms)
        return await self._context.log.write(
            lambda connection: topology.put_and_analyze(connection, world, now_ms)
        )

    async def _targets(self, wanted: Ingest, now_ms: int) -> Sequence[ReportTarget]:
        if wanted.selector is None:
            return [_ENVIRONMENT]
        targets = await self._selected([wanted.selector], now_ms)
        unmatched = self._context.settings.keyastrom_unmatched
        return targets or ([_ENVIRONMENT] if unmatched == "environment" else [])

    async def _selected(self, selectors: Sequence[Selector], now_ms: int) -> Sequence[ReportTarget]:
        """Return the entities that at least one selector finds, each once."""
        queries = [selector_sql.matching(selector) for selector in selectors]

        def found(connection: Connection) -> list[ReportTarget]:
            return [
                ReportTarget(*row)
                for query in queries
                for row in connection.execute(
                    query.statement, query.parameters(now_ms, now_ms - self._active_for_ms)
                )
            ]

        return list(dict.fromkeys(await self._context.database.read(found)))


def _answer(results: Sequence[ReportResult]) -> dict[str, Any]:
    return {
        "reportCount": len(results),
        "eventIngestResults": [
            {"correlationId": result.correlation_id, "status": result.status} for result in results
        ],
    }
