from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TypeAlias

from sqlalchemy import Connection

from tallystick.apis.audit_log import AuditLog, expire_entries
from tallystick.apis.gateway import (
    audit_entries,
    broker_dead_letters,
    deliveries,
    endpoints,
    stored_events,
)
from tallystick.apis.gateway.admitted_streams import AdmittedStreams
from tallystick.apis.gateway.alarm_monitor import AlarmMonitor
from tallystick.apis.gateway.change_feed import ChangeFeed
from tallystick.apis.gateway.dead_deliveries import DeadDeliveries
from tallystick.apis.gateway.exceptions import NotAMock
from tallystick.apis.gateway.key_counts import count_expiring_keys
from tallystick.apis.gateway.keys import GatewayKeys
from tallystick.apis.gateway.rabbitmq_addresses import RabbitmqAddresses
from tallystick.apis.gateway.server_info import ConsoleAsset, MockControlsPort, ServerInfo
from tallystick.apis.gateway.sessions import GatewaySessions
from tallystick.apis.gateway.subscriptions import GatewaySubscriptions
from tallystick.apis.keys import ALL_SCOPES
from tallystick.apis.service_context import CredentialFunction, Sample, ServiceContext
from tallystick.contract.answer import Answer
from tallystick.contract.document import Document, read_api
from tallystick.contract.exceptions import NotFound, Unavailable
from tallystick.metric_family import MetricFamily

API = "gateway"
VERSIONS = {
    "versions": [
        {
            "id": "v1",
            "status": "CURRENT",
            "version": "",
            "min_version": "",
            "updated": "2022-01-01T00:00:00Z",
            "links": [{"href": "/v1", "rel": "self"}],
        }
    ]
}
"""The versions of EventGrid, which its clients request at the root."""

DEV_KEY = "dev-gateway-key"
DEV_KEYS = {
    DEV_KEY: [ALL_SCOPES],
    "dev-gateway-read-key": [scope for scope in read_api(API).scopes if scope.endswith(":read")],
    "dev-gateway-write-key": [scope for scope in read_api(API).scopes if scope.endswith(":write")],
}
"""Key → its scopes."""

PING_S = 2.0

EVENTS = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}

Wanted: TypeAlias = Mapping[str, str | None]
"""The filters of a query by the contract's names; None for those that are not given."""


class GatewayService:
    """The service of the gateway: it lists events and deliveries, and describes the server."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._server_info: ServerInfo
        self.subscriptions = GatewaySubscriptions(context)
        self._monitor = AlarmMonitor(context)
        self.audit_log = AuditLog(context.database, context.keys, context.clock)
        context.log.add_expirer(expire_entries)
        self.sessions = GatewaySessions(context, API)
        self.keys = GatewayKeys(context, self._find_document)
        self.rabbitmq = RabbitmqAddresses(context)
        self._changes = ChangeFeed(context.database, context.clock)
        self._streams = AdmittedStreams(self.sessions)
        self.credentials: Mapping[str, CredentialFunction] = {
            "gatewayKey": context.keys.authenticator(API),
            "gatewaySession": self.sessions.authenticate,
        }
        self.dev_credentials = {"key": DEV_KEY}

    def describe_server(self, server_info: ServerInfo) -> None:
        """Set the server's own parts, before the first request."""
        self._server_info = server_info
        self._changes.cron_marker = server_info.cron_marker

    def _find_document(self, api: str) -> Document | None:
        return self._server_info.served.get(api)

    async def open(self) -> None:
        """Create the dev world's keys with ``--dev``, and start matching events."""
        if self._context.settings.dev:
            for secret, scopes in DEV_KEYS.items():
                await self._context.keys.create_key(API, "dev", scopes, secret=secret)
        await self.subscriptions.open()
        dead = DeadDeliveries(self._context.log, self._context.settings.console_url)
        await dead.open(self._context.clock.now_ms())
        self._context.outbox.add_failure_listener(dead.build_alarm)

    async def start(self) -> None:
        """Begin to tell the service's own alarms."""
        self._monitor.start()

    async def close(self) -> None:
        """End the telling of alarms."""
        await self._monitor.stop()

    def end_streams(self) -> None:
        """End every answer that would not end by itself."""
        self._changes.close()

    def samples(self, base_url: str) -> list[Sample]:
        """Return a shell command that lists the newest events."""
        curl = f"curl -H 'Authorization: Bearer {DEV_KEY}' '{base_url}/gateway/v1/events?limit=5'"
        return [Sample("list the newest events", curl)]

    async def list_events(self, wanted: Wanted, limit: int, cursor: str | None) -> bytes:
        """Return a page of events as JSON, newest first."""
        selection = stored_events.select_events(wanted, self._context.keys.limits.bounds())
        return await stored_events.list_events(self._context.log, selection, limit, cursor)

    async def get_event(self, id_: str) -> bytes:
        """Return an event as JSON; raise `NotFound`."""
        bounds = self._context.keys.limits.bounds()
        return await stored_events.get_event(self._context.log, id_, bounds)

    async def count_events(self, wanted: Wanted, by: str) -> Mapping[str, object]:
        """Return the number of events of each value."""
        selection = stored_events.select_events(wanted, self._context.keys.limits.bounds())
        return await stored_events.count_events(self._context.log, selection, by)

    async def list_deliveries(
        self, wanted: Wanted, limit: int, cursor: str | None
    ) -> Mapping[str, object]:
        """Return a page of deliveries."""
        selection = deliveries.select_deliveries(wanted)
        return await deliveries.list_deliveries(self._context.outbox, selection, limit, cursor)

    async def count_deliveries(self, wanted: Wanted) -> Mapping[str, object]:
        """Return the number of deliveries of each state."""
        selection = deliveries.select_deliveries(wanted)
        return await deliveries.count_deliveries(self._context.outbox, selection)

    async def get_delivery(self, id_: str) -> Mapping[str, object]:
        """Return a delivery with its attempts; raise `NotFound`."""
        return await deliveries.get_delivery(self._context.outbox, id_)

    async def replay_deliveries(self, body: Mapping[str, object]) -> Mapping[str, int]:
        """Replay the selected deliveries; return their number."""
        return {"replayed": await deliveries.replay_deliveries(self._context.outbox, body)}

    async def list_audit_entries(
        self, wanted: Wanted, limit: int, cursor: str | None
    ) -> Mapping[str, object]:
        """Return a page of the audit log, the newest entry first."""
        selection = audit_entries.select_entries(wanted)
        return await audit_entries.list_entries(self.audit_log, selection, limit, cursor)

    async def list_dead_letters(self, limit: int, cursor: str | None) -> Mapping[str, object]:
        """Return a page of messages that could not become events."""
        return await broker_dead_letters.list_dead_letters(self._context.database, limit, cursor)

    async def get_dead_letter(self, id_: str) -> Mapping[str, object]:
        """Return a dead letter with its body; raise `NotFound`."""
        return await broker_dead_letters.get_dead_letter(self._context.database, id_)

    async def list_endpoints(self, limit: int, cursor: str | None) -> Mapping[str, object]:
        """Return a page of the endpoints of the last day."""
        return await endpoints.list_endpoints(self._context.outbox, limit, cursor)

    async def stream_changes(self, limit: int | None, caller: Mapping[str, object]) -> Answer:
        """Stream what changes, at most once a second, while the caller's credential is in force."""
        return Answer(
            self._streams.hold(await self._changes.open_stream(limit), caller), 200, EVENTS
        )

    def stream_mock_requests(
        self, after: int | None, limit: int | None, caller: Mapping[str, object]
    ) -> Answer:
        """Stream the requests of the mock, while the caller's credential is in force."""
        answer = self.mock.stream_requests(after, limit)
        return answer._replace(body=self._streams.hold(answer.body, caller))

    @property
    def mock(self) -> MockControlsPort:
        """Return the controls of the mock; raise `NotAMock`."""
        if self._server_info.controls is None:
            raise NotAMock
        return self._server_info.controls

    def refuse_unless_mock(self) -> None:
        """Return if the server is a mock; raise `NotAMock`."""
        _ = self.mock

    async def ready(self) -> None:
        """Return if the database answers within `PING_S`; raise `Unavailable` with the reason."""
        try:
            async with asyncio.timeout(PING_S):
                await self._context.database.ping()
        except Unavailable:
            raise
        except Exception as error:  # any failure means that the database did not answer
            why = self._context.database.outage or "The database does not answer."
            raise Unavailable(why) from error

    def versions(self) -> Mapping[str, object]:
        """Return the versions of EventGrid's API."""
        return VERSIONS

    def read_metrics(self, connection: Connection) -> list[MetricFamily]:
        """Return the numbers of keys that end soon."""
        return [count_expiring_keys(connection, self._context.clock.now_ms())]

    async def metrics(self) -> bytes:
        """Return the current metrics in Prometheus' text format."""
        return await self._server_info.metrics()

    async def joined_document(self) -> bytes:
        """Return all contracts joined into one."""
        return await asyncio.to_thread(self._server_info.joined)

    def document(self, name: str) -> bytes:
        """Return a contract as it was written; raise `NotFound`."""
        try:
            return self._server_info.documents[name]
        except KeyError:
            raise NotFound("No document has this name.") from None

    async def console_asset(self, folder: str, file: str) -> ConsoleAsset:
        """Return a file of the console; raise `NotFound`."""
        asset = await asyncio.to_thread(self._server_info.asset, folder, file)
        if asset is None:
            raise NotFound("The console has no such file.")
        return asset

    async def webpage(self, name: str) -> tuple[bytes, str]:
        """Return the HTML of a page, and its Content-Security-Policy; raise `NotFound`."""
        page = self._server_info.pages.get(name)
        if page is None:
            raise NotFound("No page has this name.")
        return await asyncio.to_thread(page)
