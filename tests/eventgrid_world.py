"""eventgrid without HTTP: a service, its deliveries, and a clock that a test moves."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any
from uuid import uuid4

from manual_clock import ManualClock
from tallystick.apis.eventgrid.dev_world import CHANNEL, PROJECT
from tallystick.apis.eventgrid.service import EventgridService
from tallystick.apis.keys import ApiKeys
from tallystick.apis.service_context import ServiceContext
from tallystick.contract.request import Request
from tallystick.delivery import Addresses, DeliverySelection, Dispatcher, Outbox, Sender
from tallystick.delivery.addresses import LOOPBACK
from tallystick.encryption import Encryptor
from tallystick.events import EventLog
from tallystick.settings import Settings
from tallystick.store import Database


class EventgridWorld:
    """A service and all that delivers from it, in memory; the clock stands still but for `wait`."""

    def __init__(self, **options: Any) -> None:
        settings = Settings(database="sqlite://", dev=True, **options)
        self.clock = ManualClock()
        self._database = Database(settings.database)
        self.outbox = Outbox(self._database, self.clock, Sender(Addresses(LOOPBACK)))
        keys = ApiKeys(self._database, self.clock)
        log = self._log = EventLog(self._database, self.clock, settings.queue)
        self.service = EventgridService(
            ServiceContext(
                settings, self.clock, self._database, log, keys, self.outbox, Encryptor(["a key"])
            )
        )
        limits = {"in_flight": 8, "per_endpoint": 8}
        # Half is the middle of the jitter.
        self._dispatcher = Dispatcher(
            self._database, self.clock, self.outbox, random=lambda: 0.5, **limits
        )
        self._runner = asyncio.Runner()

    def __enter__(self) -> EventgridWorld:
        self.run(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._close())
        self._runner.close()

    def run(self, step: Any) -> Any:
        return self._runner.run(step)

    async def _open(self) -> None:
        await self._database.open()
        await self.service.open()
        await self._dispatcher.open()
        await self.service.create_source(PROJECT, {"name": "shop", "channel_id": CHANNEL})

    async def _close(self) -> None:
        await self._dispatcher.close()
        await self.service.close()
        await self.outbox.sender.close()
        await self._database.close()

    def wait(self, seconds: int = 0) -> None:
        self.clock.seconds += seconds
        self.run(self._dispatcher.settle())

    def subscribe(self, url: str, **transform: str) -> str:
        sent = {"name": "HTTP", "provider_type": "CUSTOM", "detail": {"url": url}}
        return self.subscribe_to({**sent, "transform": transform or {"type": "ORIGINAL"}})

    def subscribe_to(self, target: Any, channel: str = CHANNEL, source: str = "shop") -> str:
        filter_ = {"source": [{"op": "StringIn", "values": ["shop"]}]}
        body = {
            "name": f"s-{uuid4()}",
            "channel_id": channel,
            "sources": [{"name": source, "provider_type": "CUSTOM", "filter": filter_}],
            "targets": [target],
        }
        made: str = self.run(self.service.subscriptions.create_subscription(PROJECT, body))["id"]
        return made

    def create_channel(self, name: str) -> str:
        made: str = self.run(self.service.create_channel(PROJECT, {"name": name}))["id"]
        return made

    def details(self) -> list[str]:
        return [d.detail for d in self.run(self.outbox.list_deliveries(DeliverySelection()))]

    def publish(self, data: Any = None, **own: Any) -> None:
        event = {"id": "1", "source": "shop", "specversion": "1.0", "type": "t", "data": data}
        event |= own
        body = {"events": [event]}
        request = Request("POST", "/", b"", (), json.dumps(body).encode())
        self.run(self.service.events.publish_events(PROJECT, CHANNEL, body, request))

    def operate(self, operation: str, id_: str) -> None:
        body = {"operation": operation, "subscription_ids": [id_]}
        self.run(self.service.subscriptions.operate_subscriptions(PROJECT, body))

    def reached(self) -> Counter[str]:
        """Return how many events each channel has."""
        found = self.run(self._log.list_events(limit=1_000)).events
        return Counter(json.loads(event.attributes)["eventgridchannel"] for event in found)

    def states(self) -> list[str]:
        return [d.state for d in self.run(self.outbox.list_deliveries(DeliverySelection()))]


def http_target(url: str, **members: Any) -> dict[str, Any]:
    target = {"name": "HTTP", "provider_type": "CUSTOM", "transform": {"type": "ORIGINAL"}}
    return {**target, "detail": {"url": url}, **members}


def channel_target(channel: str) -> dict[str, Any]:
    detail = {"target_project_id": PROJECT, "target_channel_id": channel, "target_region": "r"}
    target = {"name": "HC.EG", "provider_type": "OFFICIAL", "transform": {"type": "ORIGINAL"}}
    return {**target, "eg_detail": {**detail, "agency_name": "a"}}
