"""An endpoint with chosen faults, and all parts of delivery around it, with a test's clock."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, NamedTuple

import pytest

from manual_clock import ManualClock
from tallystick.delivery import (
    Addresses,
    Delivery,
    DeliverySelection,
    Destination,
    Dispatcher,
    EndpointResponse,
    Outbox,
    OutgoingRequest,
    Sender,
    endpoint_of,
)
from tallystick.delivery.addresses import LOOPBACK
from tallystick.delivery.endpoints import Endpoints
from tallystick.delivery.leases import Demand
from tallystick.delivery.shares import SharedPool
from tallystick.events import Event, EventLog, new_id
from tallystick.store import Database, Entry

KIND = "test"
MEBIBYTE = 1 << 20


class Request(NamedTuple):
    """A request that the endpoint received."""

    target: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Endpoint:
    """An HTTP server whose path selects its answer; it counts connections too."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self.answers: dict[str, Answer] = dict(ANSWERS)

    async def start(self, port: int = 0) -> Endpoint:
        self._server = await asyncio.start_server(self._serve, "0.0.0.0", port)
        self.port: int = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def stop(self) -> None:
        self._server.close()
        await asyncio.sleep(0)

    @property
    def paths(self) -> list[str]:
        return [request.target for request in self.requests]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while request := await _request(reader):
                self.requests.append(request)
                await self.answers[request.target.partition("?")[0]](writer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> Request | None:
    line = await reader.readline()
    if not line:
        return None
    headers = {}
    while header := (await reader.readline()).strip():
        name, _, value = header.decode().partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(line.decode().split()[1], headers, body)


def status(line: str, *headers: str, body: bytes = b"") -> Answer:
    head = [f"HTTP/1.1 {line}", f"Content-Length: {len(body)}", *headers, "", ""]

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join(head).encode() + body)

    return answer


async def hang(_: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def reset(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def endless(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
        await writer.drain()


async def garbage(writer: asyncio.StreamWriter) -> None:
    writer.write(b"this is no HTTP\r\n\r\n")


BOMB = gzip.compress(b"\0" * (64 * MEBIBYTE))
ANSWERS: dict[str, Answer] = {
    "/ok": status("200 OK", body=b'{"fine":true}'),
    "/400": status("400 Bad Request"),
    "/500": status("500 Internal Server Error"),
    "/429": status("429 Too Many Requests", "Retry-After: 1800"),
    "/410": status("410 Gone"),
    "/302": status("302 Found", "Location: /ok"),
    "/302-loop": status("302 Found", "Location: /302-loop"),
    "/302-private": status("302 Found", "Location: http://10.0.0.1/"),
    "/hang": hang,
    "/reset": reset,
    "/endless": endless,
    "/garbage": garbage,
    "/bomb": status("200 OK", "Content-Encoding: gzip", body=BOMB),
}


class RecordingAdapter:
    """An adapter that posts an event's data to the URL of a target."""

    def __init__(self) -> None:
        self.urls: dict[str, str] = {}
        self.signing_secrets: Sequence[str] = ()
        self.follow_up: Callable[[Event, EndpointResponse], Sequence[Entry]] = lambda _, __: ()

    async def build_request(self, delivery: Delivery, event: Event) -> OutgoingRequest:
        url = self.urls[delivery.target]
        headers = [("Content-Type", "application/json"), ("Authorization", "Bearer secret")]
        return OutgoingRequest("POST", url, headers, event.data, self.signing_secrets, ["hush"])

    def on_response(
        self, delivery: Delivery, event: Event, response: EndpointResponse
    ) -> Sequence[Entry]:
        del delivery
        return self.follow_up(event, response)


class World:
    """A database and its deliveries; the time changes only by `pass_time`."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.clock = ManualClock()
        self.log = EventLog(self.database, self.clock, 10_000)
        self.sender = Sender(Addresses(LOOPBACK))
        self.outbox = Outbox(self.database, self.clock, self.sender)
        self.adapter = RecordingAdapter()
        self.outbox.register_adapter(KIND, self.adapter)
        self.dispatcher = self.another_dispatcher(self.outbox)

    def another_dispatcher(self, outbox: Outbox) -> Dispatcher:
        limits = {"in_flight": 64, "per_endpoint": 16}
        # Half is the middle of the jitter.
        return Dispatcher(self.database, self.clock, outbox, random=lambda: 0.5, **limits)

    def dispatcher_without_networks(self) -> Dispatcher:
        """Return a dispatcher whose settings allow no network of this machine."""
        outbox = Outbox(self.database, self.clock, Sender(Addresses()))
        outbox.register_adapter(KIND, self.adapter)
        return self.another_dispatcher(outbox)

    def demand(self, **given: Any) -> Demand:
        """Return the demand of an idle process, with the given changes."""
        pools = {"requests": SharedPool(64), "bytes": SharedPool(MEBIBYTE)}
        empty = pools | {"places": Endpoints(16).places(0), "off": set()}
        return Demand(owner="somebody", **(empty | given))

    async def open(self) -> World:
        await self.database.open()
        await self.dispatcher.open()
        return self

    async def close(self) -> None:
        await self.dispatcher.close()
        await self.sender.close()
        await self.database.close()

    async def send(self, *urls: str | Sequence[str], data: bytes = b'{"n": 1}') -> Event:
        """Store an event for the URLs in their order; those in a list form a group."""
        groups = [[urls_] if isinstance(urls_, str) else urls_ for urls_ in urls]
        destinations = [
            Destination(self._target(url), endpoint_of(url), position)
            for position, group in enumerate(groups)
            for url in group
        ]
        event = self.an_event(data)
        await self.log.append(event, *self.outbox.build_deliveries(event, KIND, destinations))
        return event

    async def send_to_target(self, target: str, endpoint: str, data: bytes = b"1") -> Event:
        """Store an event for a target with a URL chosen by the test."""
        event = self.an_event(data)
        destinations = [Destination(target, endpoint)]
        await self.log.append(event, *self.outbox.build_deliveries(event, KIND, destinations))
        return event

    def an_event(self, data: bytes = b'{"n": 1}') -> Event:
        now = self.clock.now_ms()
        return Event(new_id(now), "test", "/test", "kind", "", now, data, "{}")

    async def deliver(self) -> None:
        await self.dispatcher.settle()

    async def pass_time(self, seconds: float) -> None:
        self.clock.seconds += int(seconds)
        await self.deliver()

    async def states(self, event: Event) -> list[str]:
        return [d.state for d in reversed(await self._of(event))]

    async def only(self, event: Event) -> Delivery:
        (delivery,) = await self._of(event)
        return delivery

    async def outcomes(self, event: Event) -> list[str]:
        delivery = await self.only(event)
        tried = await self.outbox.list_attempts([delivery.id])
        return [attempt.outcome for attempt in tried[delivery.id]]

    async def _of(self, event: Event) -> list[Delivery]:
        return await self.outbox.list_deliveries(DeliverySelection(event_id=event.id), limit=1000)

    def _target(self, url: str) -> str:
        for target, known in self.adapter.urls.items():
            if known == url:
                return target
        target = f"{len(self.adapter.urls):03}"
        self.adapter.urls[target] = url
        return target


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    """Return an endpoint on this machine."""
    made = await Endpoint().start()
    yield made
    await made.stop()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database."""
    if request.param == "memory":
        return "sqlite://"
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('tmp_path')}/tallystick.db"
    found: str = request.getfixturevalue("postgres_url")
    return found


@pytest.fixture
async def world(url: str) -> AsyncIterator[World]:
    """Return all parts of delivery, on each kind of database."""
    made = await World(url).open()
    yield made
    await made.close()


@pytest.fixture
async def small_world() -> AsyncIterator[World]:
    """Return all parts of delivery in memory, for tests of other parts than the database."""
    made = await World("sqlite://").open()
    yield made
    await made.close()
