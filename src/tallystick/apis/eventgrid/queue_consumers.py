"""The consumers of a process: one for each source that it has leased."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic

from sqlalchemy import Connection

from tallystick.apis.dead_letters import DeadLetter, write_properties
from tallystick.apis.eventgrid import publishing, queue_sources
from tallystick.apis.eventgrid.publishing import API, Channel
from tallystick.apis.eventgrid.queue_consumer import QueueConsumer
from tallystick.apis.eventgrid.queue_message import (
    QueueMessage,
    ReadEvent,
    UnreadableMessage,
    read_message,
)
from tallystick.apis.eventgrid.queue_sources import LEASE_MS, QueueSource
from tallystick.apis.eventgrid.subscriptions import EventgridSubscriptions
from tallystick.apis.rabbitmq_instances import REVISION, RabbitmqInstances
from tallystick.apis.received_batches import (
    ReceivedBatch,
    ReceivedBatches,
    ReceivedEvent,
    identity_key,
)
from tallystick.apis.service_context import ServiceContext
from tallystick.background_tasks import end_tasks
from tallystick.contract.exceptions import Unavailable
from tallystick.contract.log_failure import log_failure
from tallystick.delivery.lease_owner import new_owner
from tallystick.events import new_id
from tallystick.metric_family import MetricFamily

TURN_S = 5.0
"""How often leases are renewed and free ones claimed: well within `LEASE_MS`."""

RETRY_S = 1.0
"""The pause in seconds while the database takes nothing."""


class QueueConsumers:
    """A component that has each queue read by one of all processes."""

    def __init__(
        self,
        context: ServiceContext,
        subscriptions: EventgridSubscriptions,
        instances: RabbitmqInstances,
    ) -> None:
        self._context = context
        self._database = context.database
        self._subscriptions = subscriptions
        self._instances = instances
        self._batches = ReceivedBatches(context.log, context.database, context.clock)
        self._owner = ""
        self._wanted: Mapping[str, QueueSource] = {}
        self._running: dict[str, tuple[QueueSource, asyncio.Task[None]]] = {}
        self._renewed = 0.0
        self._woken = asyncio.Event()
        self._tasks: Sequence[asyncio.Task[None]] = ()

    async def start(self) -> None:
        """Begin to read, now and whenever a source is made or changed."""
        self._owner = new_owner(self._context.clock.now_ms())
        await self._database.write(queue_sources.end_leases)
        await self._database.revisions.watch(REVISION, self._load)

    async def close(self) -> None:
        """Stop reading, and leave the sources to other processes."""
        if not self._tasks:
            return
        await end_tasks(*self._tasks)
        await self._stop(list(self._running))
        with suppress(Exception):  # the leases end by themselves
            await self._database.write(lambda c: queue_sources.release_sources(c, self._owner))

    def families(self) -> list[MetricFamily]:
        """Return the counts of messages."""
        place = "the queues of sources"
        return [self._batches.count_messages("tallystick_queue_messages_total", place)]

    async def _load(self) -> None:
        found = await self._database.read(self._list_sources)
        self._wanted = {source.id: source for source in found}
        self._woken.set()
        # Without a source there is no task, and no turn at the database.
        if self._wanted and not self._tasks:
            work = (self._run(), self._batches.keep_forgetting())
            self._tasks = [asyncio.create_task(each) for each in work]

    def _list_sources(self, connection: Connection) -> list[QueueSource]:
        addresses = self._instances.get_addresses(connection)
        return queue_sources.list_queue_sources(connection, self._context.encryptor, addresses)

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                await self._turn()
            except Exception as error:  # tried again soon
                if not isinstance(error, Unavailable):
                    log_failure(error, "eventgrid's queues can't be leased")
                if monotonic() - self._renewed > LEASE_MS / 1000:
                    await self._stop(list(self._running))
            with suppress(TimeoutError):
                async with asyncio.timeout(TURN_S):
                    await self._woken.wait()

    async def _turn(self) -> None:
        """Claim what is free, and read what is claimed, as it is now."""
        wanted = self._wanted
        if not (wanted or self._running):
            return
        began = monotonic()
        owned = await self._database.write(
            partial(queue_sources.claim_sources, ids=list(wanted), owner=self._owner)
        )
        self._renewed = began
        await self._stop(
            [
                id_
                for id_, (source, task) in self._running.items()
                if id_ not in owned or wanted.get(id_) != source or task.done()
            ]
        )
        for id_ in owned & wanted.keys() - self._running.keys():
            self._running[id_] = (wanted[id_], asyncio.create_task(self._consume(wanted[id_])))

    async def _consume(self, source: QueueSource) -> None:
        addresses = self._context.outbox.sender.addresses
        try:
            await QueueConsumer(source, addresses, self._store, self._tell).run()
        except Exception as error:  # begun anew at the next turn
            log_failure(error, f"the queue of the source {source.id} can't be read")

    async def _stop(self, ids: Sequence[str]) -> None:
        await end_tasks(*(self._running.pop(id_)[1] for id_ in ids))

    async def _tell(self, source: QueueSource, reason: str) -> None:
        with suppress(Unavailable):  # the status can't be read then either
            await self._database.write(
                lambda c: queue_sources.tell_reason(c, source.id, self._owner, reason)
            )

    async def _store(self, source: QueueSource, messages: Sequence[QueueMessage]) -> None:
        """Store messages in their order, whatever it takes: each as an event or a dead letter."""
        while True:
            try:
                return await self._store_together(source, messages)
            except Unavailable:
                await asyncio.sleep(RETRY_S)
            except Exception as error:
                if len(messages) == 1:
                    reason = f"it can't be stored: {type(error).__name__}"
                    return await self._bury(source, messages[0], reason)
                # One by one, so that a message at fault leaves the others as they are.
                for message in messages:
                    await self._store(source, [message])
                return None

    async def _store_together(self, source: QueueSource, messages: Sequence[QueueMessage]) -> None:
        channel = await self._database.read(
            lambda c: publishing.load_channel(
                c, source.project, source.channel_id, self._subscriptions
            )
        )
        batch = ReceivedBatch(self._context.clock.now_ms(), [], [])
        for message in messages:
            try:
                batch.events.append(self._receive(channel, source, message, batch.now_ms))
            except UnreadableMessage as error:
                batch.refused.append(_to_letter(source, message, str(error), batch.now_ms))
        await self._batches.store_batch(batch)

    def _receive(
        self, channel: Channel, source: QueueSource, message: QueueMessage, now_ms: int
    ) -> ReceivedEvent:
        limit = self._context.settings.body_limit
        read: ReadEvent = read_message(message, source.name, new_id(now_ms), limit)
        place = (API, channel.project, channel.id)
        key = identity_key(*place, *read.identity) if read.identity else None
        outbox = self._context.outbox
        event, rows = publishing.to_stored(channel, read.event, read.data, outbox, now_ms)
        return ReceivedEvent(key, event, rows)

    async def _bury(self, source: QueueSource, message: QueueMessage, reason: str) -> None:
        now_ms = self._context.clock.now_ms()
        letter = _to_letter(source, message, reason, now_ms)
        await self._batches.store_batch(ReceivedBatch(now_ms, [], [letter]))


def _to_letter(source: QueueSource, message: QueueMessage, reason: str, now_ms: int) -> DeadLetter:
    properties = {n: v for n, v in message._asdict().items() if n != "body" and v}
    return DeadLetter(
        new_id(now_ms),
        now_ms,
        API,
        source.project,
        source.name,
        source.queue,
        reason,
        write_properties(properties),
        message.body,
    )
