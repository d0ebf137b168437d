"""Queues of a real broker, and sources of a server that read them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import aio_pika
import pytest
import requests
from aio_pika import DeliveryMode, Message

from rabbitmq_broker import RabbitmqBroker
from server_process import ServerProcess

PATIENCE_S = 60.0
PROJECT = "0123456789abcdef0123456789abcdef"
CHANNEL = "11111111-1111-4111-8111-111111111111"
TOKEN = {"X-Auth-Token": "dev-token"}
GATEWAY = {"Authorization": "Bearer dev-gateway-key"}


class Queue:
    """A queue of the broker, with messages published by a client of its own."""

    def __init__(self, broker: RabbitmqBroker) -> None:
        self.broker = broker
        self.name = f"orders-{uuid4()}"
        self._run(self._declare)

    @property
    def url(self) -> str:
        """Return the broker's address for a client."""
        return f"amqp://guest:{self.broker.password}@127.0.0.1:{self.broker.port}"

    def publish(self, *messages: Message) -> None:
        """Publish messages, each confirmed."""

        async def publish(channel: Any) -> None:
            for message in messages:
                await channel.default_exchange.publish(message, self.name)

        self._run(publish)

    def declare(self) -> None:
        """Make the queue, or return if it is there."""
        self._run(self._declare)

    def delete(self) -> None:
        """Delete the queue, with its messages."""

        async def delete(channel: Any) -> None:
            await channel.queue_delete(self.name)

        self._run(delete)

    def count(self) -> int:
        """Return the number of messages that wait."""

        async def count(channel: Any) -> int:
            return (await self._declare(channel)).declaration_result.message_count or 0

        return int(self._run(count))

    async def _declare(self, channel: Any) -> Any:
        return await channel.declare_queue(self.name, durable=True)

    def _run(self, function: Callable[[Any], Any]) -> Any:
        async def run() -> Any:
            async with await aio_pika.connect(self.url) as connection:
                return await function(await connection.channel())

        return asyncio.run(asyncio.wait_for(run(), PATIENCE_S))


def detail(queue: Queue, **members: str) -> dict[str, str]:
    known = {"instance_id": "broker", "queue_name": queue.name}
    return known | {"password": queue.broker.password, "user_name": "guest"} | members


def create(server: ServerProcess, members: Mapping[str, str]) -> str:
    body = {"name": "shop", "channel_id": CHANNEL, "type": "RABBITMQ", "detail": members}
    url = f"{server.url}/v1/{PROJECT}/sources"
    answer = requests.post(url, json=body, headers=TOKEN, timeout=10)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def change(server: ServerProcess, id_: str, members: Mapping[str, str]) -> None:
    url = f"{server.url}/v1/{PROJECT}/sources/{id_}"
    requests.put(url, json={"detail": members}, headers=TOKEN, timeout=10).raise_for_status()


def wait_for_status(server: ServerProcess, id_: str, reason: str) -> None:
    """Wait until the source is not read for a reason; an empty one stands for its reading."""
    deadline = time.monotonic() + PATIENCE_S
    shown: Any = None
    while time.monotonic() < deadline:
        url = f"{server.url}/v1/{PROJECT}/sources/{id_}"
        shown = requests.get(url, headers=TOKEN, timeout=10).json()
        told = shown["error_info"].get("error_detail", "")
        if (shown["status"] == "RUNNING") == (not reason) and reason in told:
            return
        time.sleep(0.1)
    pytest.fail(f"{shown['status']}: {shown['error_info']}")


def events(server: ServerProcess) -> list[dict[str, Any]]:
    url = f"{server.url}/gateway/v1/events?api=eventgrid&limit=1000"
    listed: list[dict[str, Any]] = requests.get(url, headers=GATEWAY, timeout=30).json()["events"]
    return listed[::-1]


def dead_letters(server: ServerProcess, queue: Queue) -> list[dict[str, Any]]:
    url = f"{server.url}/gateway/v1/dead-letters"
    listed: Any = requests.get(url, headers=GATEWAY, timeout=30).json()
    return [each for each in listed["dead_letters"][::-1] if each["queue"] == queue.name]


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def message(body: bytes, **properties: Any) -> Message:
    return Message(body, delivery_mode=DeliveryMode.PERSISTENT, **properties)
