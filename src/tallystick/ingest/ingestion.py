"""Reads the messages of a broker into the log, in batches."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress

from tallystick.apis.dead_letters import DeadLetter, write_properties
from tallystick.apis.received_batches import ReceivedBatch, ReceivedBatches
from tallystick.apis.service_context import ServiceContext
from tallystick.background_tasks import end_tasks
from tallystick.contract.exceptions import Unavailable
from tallystick.contract.log_failure import log_failure
from tallystick.events import new_id
from tallystick.events.cloudevent_lines import BadLine
from tallystick.ingest.origin import Origin, OriginFailed
from tallystick.ingest.received_message import ReceivedMessage, read_event
from tallystick.metric_family import MetricFamily, gauge

PAUSE_S = 1.0
LONGEST_PAUSE_S = 10.0
"""The pause in seconds after a failure, which doubles up to the longest."""

TOLD = 5
"""The number of dead letters of a batch that are reported one by one."""

_log = logging.getLogger(__name__)


class Ingestion:
    """A task that reads an origin until it is closed."""

    def __init__(self, context: ServiceContext, origin: Origin, api: str, shown: str) -> None:
        """`shown` is the origin's address for people."""
        self._context = context
        self._origin = origin
        self._api = api
        self._shown = shown
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._forgetting: asyncio.Task[None] | None = None
        self._is_connected = False
        self._batches = ReceivedBatches(context.log, context.database, context.clock)

    async def open(self) -> None:
        """Begin to read."""
        self._task = asyncio.create_task(self._run())
        self._forgetting = asyncio.create_task(self._batches.keep_forgetting())

    async def close(self) -> None:
        """Finish the batch at hand, and disconnect."""
        self._stopping.set()
        if self._task:
            await self._task
        await end_tasks(self._forgetting)

    def families(self) -> list[MetricFamily]:
        """Return the counts of messages, and the lag."""
        return [
            gauge(
                "tallystick_ingest_connected",
                "1 while messages of the broker are read, else 0.",
                int(self._is_connected),
            ),
            self._batches.count_messages("tallystick_ingest_messages_total", "the broker"),
            MetricFamily(
                "gauge",
                "tallystick_ingest_lag",
                "Messages that wait to be read, by partition or queue.",
                ("partition",),
                {(place,): count for place, count in self._origin.lag().items()},
            ),
        ]

    async def _run(self) -> None:
        pause = PAUSE_S
        while not self._stopping.is_set():
            try:
                await self._origin.open()
                self._is_connected = True
                pause = PAUSE_S
                await self._read()
            except OriginFailed as error:
                _log.warning("%s can't be read, which is tried again: %s", self._shown, error)
            except Exception as error:
                log_failure(error, f"{self._shown} can't be read")
            finally:
                self._is_connected = False
                await self._origin.close()
            await self._wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    async def _read(self) -> None:
        while not self._stopping.is_set():
            messages = await self._origin.read_batch()
            if messages and not await self._take(messages):
                return

    async def _take(self, messages: Sequence[ReceivedMessage]) -> bool:
        """Store a batch and settle it; return False if the process stops before it is stored."""
        batch = self._sort(messages)
        while not await self._store(batch):
            await self._wait(PAUSE_S)
            if self._stopping.is_set():
                return False
        self._report(batch.refused)
        await self._origin.settle_batch()
        return True

    def _sort(self, messages: Sequence[ReceivedMessage]) -> ReceivedBatch:
        batch = ReceivedBatch(self._context.clock.now_ms(), [], [])
        for message in messages:
            try:
                batch.events.append(read_event(message, self._api, batch.now_ms))
            except (BadLine, RecursionError) as error:
                batch.refused.append(self._dead_letter(message, str(error), batch.now_ms))
        return batch

    def _dead_letter(self, message: ReceivedMessage, reason: str, now_ms: int) -> DeadLetter:
        properties = {**message.attributes, "content_type": message.content_type}
        return DeadLetter(
            id=new_id(now_ms),
            time=now_ms,
            api=self._api,
            tenant="",
            source="tallystick ingest",
            queue=message.place,
            reason=reason,
            properties=write_properties(properties),
            body=message.body,
        )

    async def _store(self, batch: ReceivedBatch) -> bool:
        """Return whether the batch is on disk; False while the database is away."""
        try:
            await self._batches.store_batch(batch)
        except Unavailable:
            return False
        return True

    def _report(self, refused: Sequence[DeadLetter]) -> None:
        for letter in refused[:TOLD]:
            _log.error("the message %s is a dead letter: %s", letter.queue, letter.reason)
        if len(refused) > TOLD:
            _log.error("and %d more up to %s", len(refused) - TOLD, refused[-1].queue)

    async def _wait(self, seconds: float) -> None:
        """Wait, but no longer than until the process stops."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
