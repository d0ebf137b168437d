"""The world of the gateway's tests: real parts with a test's clock."""

from __future__ import annotations

from typing import Any

from manual_clock import ManualClock
from tallystick.apis.gateway.alarm_monitor import AlarmMonitor
from tallystick.apis.gateway.dead_deliveries import DeadDeliveries
from tallystick.apis.gateway.sessions import GatewaySessions
from tallystick.apis.gateway.subscriptions import GatewaySubscriptions
from tallystick.apis.keys import ApiKeys
from tallystick.apis.service_context import ServiceContext
from tallystick.delivery import Addresses, Delivery, DeliverySelection, Dispatcher, Outbox, Sender
from tallystick.delivery.addresses import LOOPBACK
from tallystick.encryption import Encryptor
from tallystick.events import Event, EventLog, EventSelection, new_id
from tallystick.settings import Settings
from tallystick.store import Database


class GatewayWorld:
    """A process with subscriptions and alarms, whose time changes only by `pass_time`."""

    def __init__(self, url: str, clock: ManualClock | None = None, **settings: Any) -> None:
        self.clock = clock or ManualClock()
        self.database = Database(url)
        self.log = EventLog(self.database, self.clock, 1_000)
        self.keys = ApiKeys(self.database, self.clock)
        self.outbox = Outbox(self.database, self.clock, Sender(Addresses(LOOPBACK)))
        self.context = ServiceContext(
            Settings(**settings),
            self.clock,
            self.database,
            self.log,
            self.keys,
            self.outbox,
            Encryptor(["a key of the tests"]),
        )
        self.subscriptions = GatewaySubscriptions(self.context)
        self.sessions = GatewaySessions(self.context, "gateway")
        self.monitor = AlarmMonitor(self.context)
        # Half is the middle of the jitter.
        limits: dict[str, Any] = {"in_flight": 8, "per_endpoint": 8, "random": lambda: 0.5}
        self.dispatcher = Dispatcher(self.database, self.clock, self.outbox, **limits)

    async def __aenter__(self) -> GatewayWorld:
        await self.database.open()
        await self.keys.open()
        await self.subscriptions.open()
        self.outbox.add_failure_listener(DeadDeliveries(self.log, "/console").build_alarm)
        await self.dispatcher.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.dispatcher.close()
        await self.outbox.sender.close()
        await self.keys.close()
        await self.database.close()

    async def subscribe(
        self, url: str, *, prefix: str = "", body: Any = None, name: str = ""
    ) -> str:
        """Create a subscription to the types with this beginning, and return its id."""
        filters = [{"prefix": {"type": prefix}}] if prefix else []
        webhook = {"kind": "webhook", "url": url, **({"body": body} if body else {})}
        given = {"name": name, "destination": webhook, "filters": filters, "signed": False}
        return str((await self.subscriptions.create_subscription(given))["id"])

    async def send(self, type_: str, data: bytes = b"{}") -> Event:
        """Store an event."""
        now = self.clock.now_ms()
        event = Event(new_id(now), "event_store", "/test", type_, "", now, data, "{}")
        await self.log.append(event)
        return event

    async def pass_time(self, seconds: float) -> None:
        """Attempt all deliveries due that many seconds later, and compare the alarms."""
        self.clock.seconds += int(seconds)
        await self.dispatcher.settle()
        await self.monitor.compare_alarms()
        await self.dispatcher.settle()

    async def alarms(self) -> list[Event]:
        """Return the service's own events, the oldest first."""
        page = await self.log.list_events(EventSelection(api="tallystick"), limit=1_000)
        return page.events[::-1]

    async def alarm_types(self) -> list[str]:
        return [event.type.removeprefix("tallystick.") for event in await self.alarms()]

    async def deliveries(self, event: Event) -> list[Delivery]:
        return await self.outbox.list_deliveries(DeliverySelection(event_id=event.id))
