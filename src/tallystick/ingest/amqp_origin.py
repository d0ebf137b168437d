"""A queue of RabbitMQ, which all its consumers share."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import aio_pika
from aio_pika.abc import (
    AbstractChannel,
    AbstractConnection,
    AbstractIncomingMessage,
    AbstractQueue,
)
from aio_pika.connection import make_url
from aio_pika.exceptions import AMQPError

from tallystick.delivery.destinations.rabbitmq.connection import begin_connection
from tallystick.delivery.destinations.rabbitmq.message import read_attributes
from tallystick.ingest.origin import WAIT_S, OriginFailed
from tallystick.ingest.origin_url import OriginUrl
from tallystick.ingest.received_message import ReceivedMessage

PREFETCH = 500
"""The number of messages on their way, and so in a batch."""

CONNECT_S = 10.0
STOP_S = 5.0
"""The time in seconds to connect, and to disconnect."""

COUNT_S = 5.0
"""The time in seconds between two looks at the queue: for its length, and whether it is there."""


class AmqpOrigin:
    """A consumer of a queue; see `Origin`."""

    def __init__(self, url: OriginUrl) -> None:
        self._url = url
        self._host, _, self._queue_name = url.name.rpartition("/")
        self._connection: AbstractConnection | None = None
        self._messages: asyncio.Queue[AbstractIncomingMessage] = asyncio.Queue()
        self._batch: Sequence[AbstractIncomingMessage] = ()
        self._counted_at = float("-inf")
        self._length = 0

    async def open(self) -> None:
        """Connect, and begin to consume; the queue must be there."""
        self._messages, self._counted_at = asyncio.Queue(), float("-inf")
        try:
            async with asyncio.timeout(CONNECT_S):
                self._connection = await _connect(self._url, self._host or "/")
                self._channel = await self._connection.channel(publisher_confirms=False)
                await self._channel.set_qos(prefetch_count=PREFETCH)
                queue = await self._channel.get_queue(self._queue_name, ensure=True)
                await queue.consume(self._messages.put)
        except (OSError, AMQPError) as error:  # a `TimeoutError` is an `OSError`
            raise _failed(error) from None

    async def close(self) -> None:
        """Disconnect; the broker gives what was not settled to others."""
        if self._connection:
            with suppress(OSError, AMQPError):
                async with asyncio.timeout(STOP_S):
                    await self._connection.close()
            self._connection = None

    async def read_batch(self) -> Sequence[ReceivedMessage]:
        """Return messages in the order of the queue."""
        await self._look()
        found: list[AbstractIncomingMessage] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(WAIT_S):
                found.append(await self._messages.get())
        while found and len(found) < PREFETCH and not self._messages.empty():
            found.append(self._messages.get_nowait())
        self._batch = found
        return [self._received(message) for message in found]

    async def settle_batch(self) -> None:
        """Acknowledge the messages."""
        try:
            await self._batch[-1].ack(multiple=True)
        except (OSError, AMQPError, RuntimeError) as error:  # the channel is closed
            raise _failed(error) from None

    def lag(self) -> Mapping[str, int]:
        """Return the length of the queue, as of the last look."""
        return {self._queue_name: self._length} if self._connection else {}

    async def _look(self) -> None:
        """Count what waits; raise `OriginFailed` if connection, channel or queue are gone."""
        now = asyncio.get_running_loop().time()
        if self._connection is None or self._connection.is_closed or self._channel.is_closed:
            raise OriginFailed("the connection is lost")
        if now - self._counted_at < COUNT_S:
            return
        self._counted_at = now
        try:
            async with asyncio.timeout(CONNECT_S):
                self._length = await _count(self._channel, self._queue_name)
        except (OSError, AMQPError) as error:
            raise _failed(error) from None

    def _received(self, message: AbstractIncomingMessage) -> ReceivedMessage:
        named = read_attributes(message.headers)
        attributes = {name.lower(): _text(value) for name, value in named.items()}
        place = f"{self._queue_name}, {message.message_id or message.delivery_tag}"
        return ReceivedMessage(place, message.content_type or "", attributes, message.body)


async def _connect(url: OriginUrl, virtual_host: str) -> AbstractConnection:
    host, _, port = url.hosts[0].rpartition(":")
    address = make_url(
        host=host.strip("[]"),
        port=int(port),
        login=url.user or "guest",
        password=url.password or "guest",
        virtualhost=virtual_host,
        ssl=url.scheme == "amqps",
    )
    connection = aio_pika.Connection(address)
    await begin_connection(connection)
    return connection


async def _count(channel: AbstractChannel, name: str) -> int:
    queue: AbstractQueue = await channel.declare_queue(name, passive=True)
    return queue.declaration_result.message_count or 0


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="surrogateescape")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _failed(error: BaseException) -> OriginFailed:
    return OriginFailed(f"{type(error).__name__}: {error}")
