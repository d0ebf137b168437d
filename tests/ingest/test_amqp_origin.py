"""`tallystick ingest` from a real RabbitMQ into a real PostgreSQL, over loopback."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aio_pika
import psycopg
from aio_pika.abc import AbstractChannel

from rabbitmq_broker import USER, RabbitmqBroker

from .conftest import StartIngest, wait_until
from .test_kafka_origin import count, event, metrics, stored

TYPE = "application/cloudevents+json"
WAIT_S = 60


@asynccontextmanager
async def channel_of(rabbitmq: RabbitmqBroker) -> AsyncIterator[AbstractChannel]:
    async with asyncio.timeout(WAIT_S):
        connection = await aio_pika.connect(
            port=rabbitmq.port, host="127.0.0.1", login=USER, password=rabbitmq.password
        )
        async with connection:
            yield await connection.channel()


async def declare(rabbitmq: RabbitmqBroker) -> str:
    name = f"queue-{uuid.uuid4().hex[:8]}"
    async with channel_of(rabbitmq) as channel:
        await channel.declare_queue(name, durable=True)
    return name


async def delete(rabbitmq: RabbitmqBroker, queue: str) -> None:
    async with channel_of(rabbitmq) as channel:
        await channel.queue_delete(queue)


async def send(rabbitmq: RabbitmqBroker, queue: str, *messages: aio_pika.Message) -> None:
    async with channel_of(rabbitmq) as channel:
        for message in messages:
            await channel.default_exchange.publish(message, queue)


async def length(rabbitmq: RabbitmqBroker, queue: str) -> int:
    async with channel_of(rabbitmq) as channel:
        found = await channel.declare_queue(queue, passive=True)
        return found.declaration_result.message_count or 0


def structured(id_: object, **more: Any) -> aio_pika.Message:
    return aio_pika.Message(event(id_, **more), content_type=TYPE, delivery_mode=2)


def origin_of(rabbitmq: RabbitmqBroker, queue: str) -> str:
    return f"amqp://{USER}:{rabbitmq.password}@127.0.0.1:{rabbitmq.port}/{queue}"


def test_messages_become_events_and_the_others_are_dead_letters(
    rabbitmq: RabbitmqBroker, postgres_url: str, start_ingest: StartIngest
) -> None:
    queue = asyncio.run(declare(rabbitmq))
    headers: dict[str, Any] = {"cloudEvents:specversion": "1.0", "cloudEvents:id": "b"}
    headers |= {"cloudEvents:source": "/orders", "cloudEvents_type": "made"}
    binary = aio_pika.Message(b'{"n": 2}', headers=headers, content_type="application/json")
    poison = aio_pika.Message(b"poison")
    sent = [structured("a", data={"n": 1}), poison, binary, structured("a"), structured("c")]
    asyncio.run(send(rabbitmq, queue, *sent))
    reader = start_ingest(origin_of(rabbitmq, queue), postgres_url)
    wait_until(lambda: count(postgres_url) == 3)
    assert stored(postgres_url) == [("a", {"n": 1}), ("b", {"n": 2}), ("c", None)]
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT api, body FROM dead_letters").fetchall() == [
            ("crm", b"poison")
        ]
    assert metrics(reader.url)['messages_total{result="refused"}'] == 1
    assert f"the message {queue}" in reader.said
    assert reader.stop() == 0
    assert asyncio.run(length(rabbitmq, queue)) == 0


def test_a_process_that_is_killed_leaves_its_messages_to_another(
    rabbitmq: RabbitmqBroker, postgres_url: str, start_ingest: StartIngest
) -> None:
    queue = asyncio.run(declare(rabbitmq))
    first = start_ingest(origin_of(rabbitmq, queue), postgres_url)
    for part in range(2):
        each = [structured(n, data=n) for n in range(part * 50, part * 50 + 50)]
        asyncio.run(send(rabbitmq, queue, *each))
        if part == 0:
            wait_until(lambda: count(postgres_url) > 0)
            first.kill()
            start_ingest(origin_of(rabbitmq, queue), postgres_url)
    wait_until(lambda: count(postgres_url) == 100)
    assert [data for _, data in stored(postgres_url)] == list(range(100))


def test_a_queue_that_is_deleted_is_waited_for(
    rabbitmq: RabbitmqBroker, postgres_url: str, start_ingest: StartIngest
) -> None:
    queue = asyncio.run(declare(rabbitmq))
    reader = start_ingest(origin_of(rabbitmq, queue), postgres_url)
    asyncio.run(send(rabbitmq, queue, structured(1)))
    wait_until(lambda: count(postgres_url) == 1)
    asyncio.run(delete(rabbitmq, queue))
    wait_until(lambda: "can't be read" in reader.said)
    assert metrics(reader.url)["connected"] == 0
    assert reader.stop() == 0
