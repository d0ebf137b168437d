"""A case for each kind of destination: a real place that takes, refuses or is away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aio_pika
import pytest

from forwarder import forwarding
from kafka_broker import KafkaBroker, Relay
from mail_server import mail_server
from rabbitmq_broker import RabbitmqBroker
from tallystick.delivery import Addresses, Delivery, EndpointResponse, OutgoingRequest
from tallystick.delivery.addresses import LOOPBACK
from tallystick.delivery.destinations.destination_kind import DestinationKind, Options
from tallystick.delivery.destinations.registry import Destinations
from tallystick.events import Event
from tallystick.settings import Settings
from tallystick.store import Entry

SECRET = "d41d8cd98f00b204"
QUEUE_MS = 600_000
"""How long a queue stays that nobody uses."""


@dataclass
class Place:
    """A place that a destination leads to."""

    options: Options
    received: Callable[[], Sequence[str]]
    """Returns what arrived, as text."""
    refuse: Callable[[], None]
    """Makes it refuse all further ones for the time being."""
    close: Callable[[], Awaitable[None]]
    """Makes it stop listening."""
    settings: Mapping[str, Any]
    invalid: Sequence[Options]
    """Options that can't be saved."""


class DestinationAdapter:
    """An adapter that delivers to one destination."""

    def __init__(self, kind: DestinationKind, options: Options) -> None:
        self._kind, self._options = kind, options

    async def build_request(self, delivery: Delivery, event: Event) -> OutgoingRequest:
        return self._kind.build_request(self._options, delivery.target, event)

    def on_response(
        self, _delivery: Delivery, _event: Event, _response: EndpointResponse
    ) -> Sequence[Entry]:
        return ()


@asynccontextmanager
async def webhook_place(endpoint: Any, _: pytest.FixtureRequest) -> AsyncIterator[Place]:
    url = f"{endpoint.url}/ok"

    def refuse() -> None:
        endpoint.answers["/ok"] = endpoint.answers["/500"]

    yield Place(
        {"url": url, "mode": "structured"},
        lambda: [json.dumps(json.loads(request.body)) for request in endpoint.requests],
        refuse,
        endpoint.stop,
        {},
        [{"url": "ftp://example.org"}, {"url": url, "body": {"text": "{{ type"}}],
    )


@asynccontextmanager
async def notify_place(endpoint: Any, _: pytest.FixtureRequest) -> AsyncIterator[Place]:
    path = f"/{SECRET}"
    endpoint.answers[path] = endpoint.answers["/ok"]

    def refuse() -> None:
        endpoint.answers[path] = endpoint.answers["/500"]

    url = f"json://127.0.0.1:{endpoint.port}{path}"
    yield Place(
        {"url": url},
        lambda: [json.dumps(json.loads(request.body)) for request in endpoint.requests],
        refuse,
        endpoint.stop,
        {},
        [{"url": "nonsense"}, {"url": "nosuch://x"}, {"url": url, "title": "{{ }}"}],
    )


@asynccontextmanager
async def mail_place(_endpoint: Any, _: pytest.FixtureRequest) -> AsyncIterator[Place]:
    with mail_server() as server:

        async def close() -> None:
            server.close()

        def refuse() -> None:
            server.replies["DATA"] = "451 try again later"

        yield Place(
            {"to": ["ops@example.com", "chief@example.com"]},
            lambda: [f"{mail.message['Subject']}\n{mail.text}" for mail in server.mails],
            refuse,
            close,
            {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_tls": "none"}
            | {"smtp_from": "Tallystick <service@example.com>", "smtp_password": SECRET},
            [{"to": ["ops@example.com"], "text": "{{ type }"}],
        )


@asynccontextmanager
async def rabbitmq_place(_endpoint: Any, request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    broker: RabbitmqBroker = request.getfixturevalue("rabbitmq")
    broker.change_password(SECRET)
    queue, arrived = f"conformance-{uuid4()}", list[str]()
    broker_url = f"amqp://guest:{SECRET}@127.0.0.1:{broker.port}"

    async def take() -> None:
        async with await aio_pika.connect(broker_url) as connection:
            channel = await connection.channel()
            waiting = await channel.declare_queue(queue, arguments={"x-expires": QUEUE_MS})
            while message := await waiting.get(no_ack=True, fail=False):
                arrived.append(message.body.decode())

    def read() -> Sequence[str]:
        # What the broker has confirmed can be taken now, but would reach a consumer later.
        in_thread(take())
        return arrived

    in_thread(take())
    async with forwarding(broker.port) as (port, close):
        url = f"amqp://127.0.0.1:{port}"
        yield Place(
            {"url": url, "password": SECRET, "routing_key": queue},
            read,
            lambda: broker.fill_queues(queue),
            close,
            {},
            [{"url": each} for each in ("http://127.0.0.1", "amqp://u:p@127.0.0.1", "amqps://")]
            + [{"url": each} for each in (f"{url}/vhost", "amqp://10.0.0.1")],
        )


@asynccontextmanager
async def kafka_place(_endpoint: Any, request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    broker: KafkaBroker = request.getfixturevalue("kafka")
    patch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
    relay = await Relay(broker).open()
    topic = await broker.create_topic()
    # The time in which a producer tries again, and waits for a topic to come.
    patch.setattr("tallystick.delivery.destinations.kafka.producers.REQUEST_S", 3.0)

    def read() -> Sequence[str]:
        return [str(record.value, "utf-8") for record in in_thread(broker.read(topic))]

    def refuse() -> None:
        in_thread(broker.delete_topic(topic))

    options = {"servers": [relay.server], "topic": topic, "tls": False}
    yield Place(
        options,
        read,
        refuse,
        relay.close,
        {},
        [
            {**options, "servers": ["10.1.2.3:9092"]},
            {**options, "servers": ["127.0.0.1:99999"]},
            {**options, "user": "service"},
            {**options, "password": SECRET},
        ],
    )
    await relay.close()


def in_thread(coroutine: Any) -> Any:
    """Return the result of a coroutine, for a caller that can't wait in its own event loop."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result(30)


PLACES = {
    "webhook": webhook_place,
    "notify": notify_place,
    "mail": mail_place,
    "rabbitmq": rabbitmq_place,
    "kafka": kafka_place,
}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=PLACES)
def name(request: pytest.FixtureRequest) -> str:
    """Return the name of each kind."""
    return str(request.param)


@pytest.fixture
async def place(name: str, endpoint: Any, request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    """Return the place of a kind."""
    async with PLACES[name](endpoint, request) as made:
        yield made


@pytest.fixture
def kind(name: str, place: Place) -> DestinationKind:
    """Return a kind of destination with the settings of its place."""
    return Destinations(Addresses(LOOPBACK), Settings(**place.settings)).get_kind(name)
