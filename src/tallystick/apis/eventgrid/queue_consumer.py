"""Reads the queue of a source, and acknowledges each message once its event is on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from tallystick.apis.eventgrid.queue_message import QueueMessage
from tallystick.apis.eventgrid.queue_sources import QueueSource
from tallystick.delivery import AttemptOutcome, DeliveryFailure
from tallystick.delivery.addresses import Addresses
from tallystick.delivery.destinations.rabbitmq.connection import (
    BrokerLogin,
    open_broker_connection,
)

if TYPE_CHECKING:
    from aio_pika.abc import AbstractConnection, AbstractIncomingMessage

PREFETCH = 32
"""The messages of a source in memory: those that are not acknowledged yet."""

CALL_S = 10.0
"""The longest wait in seconds for an answer of the broker."""

PAUSES_S = (1.0, 2.0, 4.0, 8.0)
"""The seconds before each next try to connect; the last one stays."""

GRACE_S = 2.0
"""The seconds that messages under way have when reading is stopped."""

Store: TypeAlias = Callable[[QueueSource, Sequence[QueueMessage]], Awaitable[None]]
"""Stores messages as events or as dead letters: all are on disk on return."""

Tell: TypeAlias = Callable[[QueueSource, str], Awaitable[None]]
"""Keeps why the queue is not read; an empty reason says that it is."""


class QueueConsumer:
    """A reader of one queue."""

    def __init__(self, source: QueueSource, addresses: Addresses, store: Store, tell: Tell) -> None:
        self.source = source
        self._addresses = addresses
        self._store = store
        self._tell = tell
        self._tries = 0

    async def run(self) -> None:
        """Read until the task is cancelled, and connect again after each failure."""
        while True:
            try:
                await self._read()
            except DeliveryFailure as failure:
                await self._tell(self.source, str(failure))
            await asyncio.sleep(PAUSES_S[min(self._tries, len(PAUSES_S) - 1)])
            self._tries += 1

    async def _read(self) -> None:
        """Read until something fails; raise `DeliveryFailure`."""
        _, _, _, _, _, *login, address = self.source
        async with open_broker_connection(
            self._addresses, address, BrokerLogin(*login)
        ) as connection:
            messages = await _consume(connection, self.source.queue)
            await self._tell(self.source, "")
            self._tries = 0
            while True:
                await _finish(self._settle(await messages.next_batch()))

    async def _settle(self, batch: Sequence[AbstractIncomingMessage]) -> None:
        await self._store(self.source, [_plain(message) for message in batch])
        # One acknowledgement for all: the channel's earlier messages are stored too.
        await batch[-1].ack(multiple=True)


class _Arrivals:
    """Messages that arrived and wait to be stored, until reading ends."""

    def __init__(self) -> None:
        self._messages: asyncio.Queue[AbstractIncomingMessage | None] = asyncio.Queue()
        self._end = ""

    async def add_message(self, message: AbstractIncomingMessage) -> None:
        """Add a message."""
        self._messages.put_nowait(message)

    def end(self, reason: str) -> None:
        """End with a reason; what arrived and is not acknowledged comes again."""
        self._end = self._end or reason
        self._messages.put_nowait(None)

    async def next_batch(self) -> list[AbstractIncomingMessage]:
        """Return all that arrived, once there is some; raise `DeliveryFailure` at the end."""
        found = [await self._messages.get()]
        while not self._messages.empty():
            found.append(self._messages.get_nowait())
        batch = [message for message in found if message is not None]
        if len(batch) < len(found):
            raise DeliveryFailure(AttemptOutcome.UNREACHABLE, self._end)
        return batch


async def _consume(connection: AbstractConnection, name: str) -> _Arrivals:
    """Have the messages of a queue arrive, a bounded number before each acknowledgement."""
    arrivals = _Arrivals()
    connection.close_callbacks.add(lambda *_: arrivals.end("the broker closed the connection"))
    async with asyncio.timeout(CALL_S):
        channel = connection.channel()
        await channel.initialize()
        await channel.set_qos(prefetch_count=PREFETCH)
        channel.close_callbacks.add(lambda *_: arrivals.end("the broker closed the channel"))
        under = await channel.get_underlay_channel()
        under.on_consumer_cancel_callbacks.add(lambda _: arrivals.end(f"the queue {name} is gone"))
        queue = await channel.get_queue(name)
        await queue.consume(arrivals.add_message)
    return arrivals


async def _finish(work: Coroutine[Any, Any, None]) -> None:
    """Await work; a caller that is cancelled leaves it `GRACE_S` to end."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        # Otherwise each stop would have messages stored that are not acknowledged.
        await asyncio.wait([task], timeout=GRACE_S)
        task.cancel()
        raise


def _plain(message: Any) -> QueueMessage:
    return QueueMessage(
        message.body,
        message.headers,
        message.content_type or "",
        message.type or "",
        message.message_id or "",
        message.routing_key or "",
        message.timestamp,
    )
