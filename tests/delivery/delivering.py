"""A process that delivers, for tests to kill or stop.

`delivering.py DATABASE SINK load` stores events without end and prints the id of each stored one;
with `share` in place of `load` it delivers only. With `poison` it stores an event that kills every
process at its delivery.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence

from tallystick.clock import SystemClock
from tallystick.delivery import (
    Addresses,
    Delivery,
    Destination,
    Dispatcher,
    EndpointResponse,
    Outbox,
    OutgoingRequest,
    Sender,
    dispatcher,
    endpoint_of,
    leases,
    schedule,
)
from tallystick.delivery.addresses import LOOPBACK
from tallystick.delivery.notifications import DeliveryNotifications
from tallystick.events import Event, EventLog, new_id
from tallystick.store import Database, Entry

KIND = "test"
POISON = b'"poison"'
GROUPS = 3
MEMBERS = 2
AT_ONCE = 20
# As in service, but for a test's patience.
leases.LEASE_MS = 1_500
leases.APART_MS = 500
leases.LONGEST_APART_MS = 3_000
dispatcher.RENEW_S = 0.3
schedule.SCHEDULE_MS = (0, *[500] * 9)


class SinkAdapter:
    def __init__(self, url: str) -> None:
        self._url = url

    async def build_request(self, delivery: Delivery, event: Event) -> OutgoingRequest:
        if event.data == POISON:
            await asyncio.sleep(0.2)  # others are under way by then
            os._exit(1)
        headers = [("X-Delivery", delivery.id), ("X-Group", str(delivery.position))]
        return OutgoingRequest("POST", self._url, headers, event.data)

    def on_response(
        self, _delivery: Delivery, _event: Event, _response: EndpointResponse
    ) -> Sequence[Entry]:
        return ()


async def deliver(url: str, sink: str, how: str) -> None:
    clock, database = SystemClock(), Database(url)
    sender = Sender(Addresses(LOOPBACK))
    outbox = Outbox(database, clock, sender)
    outbox.register_adapter(KIND, SinkAdapter(sink))
    dispatching = Dispatcher(database, clock, outbox, in_flight=64, per_endpoint=64)
    await database.open()
    await dispatching.open()
    await DeliveryNotifications(url, dispatching.wake, sender.addresses).open()
    print("ready", flush=True)
    log = EventLog(database, clock, 10_000)
    if how == "poison":
        await store(log, outbox, endpoint_of(sink), POISON)
        await asyncio.gather(*(store(log, outbox, endpoint_of(sink)) for _ in range(AT_ONCE)))
    while True:
        if how == "load":
            await asyncio.gather(*(store(log, outbox, endpoint_of(sink)) for _ in range(AT_ONCE)))
        await asyncio.sleep(0.02)


async def store(log: EventLog, outbox: Outbox, endpoint: str, data: bytes = b'{"n":1}') -> None:
    now = SystemClock().now_ms()
    event = Event(new_id(now), "test", "/test", "kind", "", now, data, "{}")
    destinations = [
        Destination(f"{group}-{member}", endpoint, group)
        for group in range(GROUPS)
        for member in range(MEMBERS)
    ]
    if data == POISON:
        destinations = destinations[:1]
    await log.append(event, *outbox.build_deliveries(event, KIND, destinations))
    print(event.id, flush=True)


if __name__ == "__main__":
    asyncio.run(deliver(sys.argv[1], sys.argv[2], sys.argv[3]))
