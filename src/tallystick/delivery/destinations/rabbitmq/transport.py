"""Publishes messages to RabbitMQ, each confirmed by the broker."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tallystick.delivery.adapter import DeliveryFailure, EndpointResponse, OutgoingRequest
from tallystick.delivery.addresses import Addresses
from tallystick.delivery.delivery import AttemptOutcome
from tallystick.delivery.destinations.rabbitmq.connection import (
    BrokerLogin,
    broker_failures,
    close_broker_connection,
    connect_broker,
)
from tallystick.delivery.destinations.rabbitmq.message import BrokerMessage

if TYPE_CHECKING:
    from aio_pika.abc import AbstractChannel, AbstractConnection

TOTAL_S = 30.0

CONNECTIONS = 64
"""The connections of a process; beyond it the one unused for longest is closed."""

NAME_BYTES = 255
"""The longest name in bytes, by AMQP."""


class ChannelKey(NamedTuple):
    """What a channel publishes to: an error of one exchange closes the channel of no other."""

    url: str
    login: BrokerLogin
    exchange: str


class _OpenChannel(NamedTuple):
    connection: AbstractConnection
    channel: AbstractChannel


class BrokerChannels:
    """The open channels of a process, each with a connection of its own."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._known: OrderedDict[ChannelKey, asyncio.Task[_OpenChannel]] = OrderedDict()
        self._closing: set[asyncio.Task[None]] = set()

    async def get_channel(self, key: ChannelKey) -> AbstractChannel:
        """Return an open channel with publisher confirms; all wait for the same connection."""
        known = self._known.get(key)
        if known is None or _is_over(known):
            self._drop(key)
            known = self._known[key] = asyncio.create_task(self._open(key))
        self._known.move_to_end(key)
        while len(self._known) > CONNECTIONS:
            self._drop(next(iter(self._known)))
        return (await asyncio.shield(known)).channel

    async def _open(self, key: ChannelKey) -> _OpenChannel:
        connection = await connect_broker(self._addresses, key.url, key.login)
        try:
            channel = connection.channel(publisher_confirms=True, on_return_raises=True)
            await channel.initialize()
        except BaseException:
            await close_broker_connection(connection)
            raise
        return _OpenChannel(connection, channel)

    def _drop(self, key: ChannelKey) -> None:
        known = self._known.pop(key, None)
        if known:
            task = asyncio.create_task(_close(known))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)


@dataclass(frozen=True, slots=True)
class RabbitmqTransport:
    """A sender of one message; see `Transport`."""

    channels: BrokerChannels
    url: str
    login: BrokerLogin
    exchange: str
    routing_key: str
    id: str
    message: BrokerMessage

    async def send_request(
        self, _outgoing: OutgoingRequest, _headers: Sequence[tuple[str, str]]
    ) -> EndpointResponse:
        """Return 200 once the broker has it; 404 for no queue to keep it, 503 if it declined."""
        names = (self.routing_key, self.exchange, self.login.virtual_host)
        if any(len(name.encode(errors="replace")) > NAME_BYTES for name in names):
            words = f"a routing key or a name has more than {NAME_BYTES} bytes"
            raise DeliveryFailure(AttemptOutcome.UNDELIVERABLE, words)
        with broker_failures():
            async with asyncio.timeout(TOTAL_S):
                return await self._publish()

    async def _publish(self) -> EndpointResponse:
        from aio_pika import DeliveryMode, Message
        from aio_pika.exceptions import DeliveryError, PublishError

        channel = await self.channels.get_channel(ChannelKey(self.url, self.login, self.exchange))
        content_type, headers, body = self.message
        message = Message(
            body,
            headers=headers,
            content_type=content_type or None,
            message_id=self.id,
            delivery_mode=DeliveryMode.PERSISTENT,
        )
        exchange = await channel.get_exchange(self.exchange, ensure=False)
        try:
            await exchange.publish(message, self.routing_key, mandatory=True)
        except PublishError:
            return EndpointResponse(404, (), b"no queue takes the routing key")
        except DeliveryError:
            return EndpointResponse(503, (), b"the broker declined the message")
        return EndpointResponse(200, (), b"")


def _is_over(known: asyncio.Task[_OpenChannel]) -> bool:
    if not known.done():
        return False
    if known.cancelled() or known.exception():
        return True
    return known.result().channel.is_closed or known.result().connection.is_closed


async def _close(known: asyncio.Task[_OpenChannel]) -> None:
    if not known.done():
        known.cancel()
    await asyncio.wait([known])
    if not known.cancelled() and known.exception() is None:
        await close_broker_connection(known.result().connection)
