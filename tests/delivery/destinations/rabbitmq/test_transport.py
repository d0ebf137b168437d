"""A message is delivered once the broker has confirmed it, and every other end is told."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import aio_pika
import pytest

from rabbitmq_broker import RabbitmqBroker
from tallystick.delivery import AttemptOutcome, DeliveryFailure, EndpointResponse
from tallystick.delivery.addresses import LOOPBACK, Addresses
from tallystick.delivery.destinations.rabbitmq import transport
from tallystick.delivery.destinations.rabbitmq.destination import RabbitmqDestination
from tallystick.events import Event
from tallystick.settings import Settings

pytestmark = pytest.mark.anyio

EVENT = Event("id-1", "api", "/s", "made", "größer", 0, b'{"n": 1}', '{"mine": 7, "yes": true}')


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def kind() -> RabbitmqDestination:
    return RabbitmqDestination(Addresses(LOOPBACK), Settings())


@pytest.fixture
async def queue(rabbitmq: RabbitmqBroker) -> AsyncIterator[Any]:
    """Return a queue of the test's own."""
    url = f"amqp://guest:{rabbitmq.password}@127.0.0.1:{rabbitmq.port}"
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        yield await channel.declare_queue(f"transport-{uuid4()}", auto_delete=True, exclusive=True)


async def send(
    kind: RabbitmqDestination, broker: RabbitmqBroker, **options: Any
) -> EndpointResponse:
    known = {"url": f"amqp://127.0.0.1:{broker.port}", "password": broker.password}
    request = kind.build_request({**known, **options}, "target", EVENT)
    assert request.transport
    return await request.transport.send_request(request, request.headers)


async def test_a_message_is_durable_and_has_an_id_of_its_own(
    kind: RabbitmqDestination, rabbitmq: RabbitmqBroker, queue: Any
) -> None:
    assert (await send(kind, rabbitmq, routing_key=queue.name)).status == 200
    got = await queue.get(no_ack=True)
    assert (got.delivery_mode, got.message_id) == (2, "id-1.target")
    assert got.content_type == "application/cloudevents+json; charset=utf-8"
    assert json.loads(got.body)["data"] == {"n": 1}


async def test_a_binary_message_has_attributes_as_headers(
    kind: RabbitmqDestination, rabbitmq: RabbitmqBroker, queue: Any
) -> None:
    await send(kind, rabbitmq, routing_key=queue.name, mode="binary")
    got = await queue.get(no_ack=True)
    assert (got.body, got.content_type) == (EVENT.data, "application/json")
    assert got.headers["cloudEvents_subject"] == "größer"
    assert (got.headers["cloudEvents_mine"], got.headers["cloudEvents_yes"]) == ("7", True)


async def test_the_type_of_the_event_is_the_routing_key_of_an_exchange(
    kind: RabbitmqDestination, rabbitmq: RabbitmqBroker, queue: Any
) -> None:
    await queue.bind("amq.topic", "made")
    assert (await send(kind, rabbitmq, exchange="amq.topic")).status == 200
    assert await queue.get(no_ack=True)


async def test_what_no_queue_takes_is_a_404_and_an_unknown_exchange_is_rejected(
    kind: RabbitmqDestination, rabbitmq: RabbitmqBroker, queue: Any
) -> None:
    assert (await send(kind, rabbitmq, routing_key="no-such-queue")).status == 404
    with pytest.raises(DeliveryFailure, match="no exchange 'none'") as failed:
        await send(kind, rabbitmq, exchange="none")
    assert failed.value.outcome is AttemptOutcome.REJECTED
    assert (await send(kind, rabbitmq, routing_key=queue.name)).status == 200


async def test_a_routing_key_beyond_amqp_is_final(
    kind: RabbitmqDestination, rabbitmq: RabbitmqBroker
) -> None:
    with pytest.raises(DeliveryFailure) as failed:
        await send(kind, rabbitmq, routing_key="é" * 128)
    assert failed.value.outcome is AttemptOutcome.UNDELIVERABLE


async def test_the_connections_of_a_process_are_bounded(
    kind: RabbitmqDestination,
    rabbitmq: RabbitmqBroker,
    queue: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(transport, "CONNECTIONS", 1)
    await queue.bind("amq.topic", "made")
    for exchange in ("amq.topic", "", "amq.topic"):
        options = {"exchange": exchange} if exchange else {"routing_key": queue.name}
        assert (await send(kind, rabbitmq, **options)).status == 200
    assert len(kind._channels._known) == 1
