"""Reads the messages of a broker into the log, in batches."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial

from tallystick.apis.service_context import ServiceContext
from tallystick.contract.exceptions import Unavailable
from tallystick.contract.log_failure import log_failure
from tallystick.events.cloudevent_lines import BadLine
from tallystick.ingest.ingested_events import forget_old, store_new
from tallystick.ingest.origin import Origin, OriginFailed
from tallystick.ingest.received_message import AcceptedEvent, ReceivedMessage, read_event
from tallystick.metric_family import MetricFamily, gauge

PAUSE_S = 1.0
LONGEST_PAUSE_S = 10.0
"""The pause in seconds after a failure, which doubles up to the longest."""

FORGET_S = 60.0
"""The time in seconds between two looks for events to forget."""

TOLD = 5
"""The number of refused messages of a batch that are reported one by one."""

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
        self._is_connected = False
        self._forgot_at = float("-inf")
        self._counts: Counter[str] = Counter({"stored": 0, "known": 0, "refused": 0})

    async def open(self) -> None:
        """Begin to read."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Finish the batch at hand, and disconnect."""
        self._stopping.set()
        if self._task:
            await self._task

    def families(self) -> list[MetricFamily]:
        """Return the counts of messages, and the lag."""
        return [
            gauge(
                "tallystick_ingest_connected",
                "1 while messages of the broker are read, else 0.",
                int(self._is_connected),
            ),
            MetricFamily(
                "counter",
                "tallystick_ingest_messages_total",
                "Messages read from the broker: stored, known as stored before, or refused.",
                ("result",),
                _by_label(self._counts),
            ),
            MetricFamily(
                "gauge",
                "tallystick_ingest_lag",
                "Messages that wait to be read, by partition or queue.",
                ("partition",),
                _by_label(self._origin.lag()),
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
            await self._forget()

    async def _take(self, messages: Sequence[ReceivedMessage]) -> bool:
        """Store a batch and settle it; return False if the process stops before it is stored."""
        accepted: list[AcceptedEvent] = []
        refused: dict[int, str] = {}
        now_ms = self._context.clock.now_ms()
        for position, message in enumerate(messages):
            try:
                accepted.append(read_event(message, self._api, now_ms))
            except (BadLine, RecursionError) as error:
                refused[position] = str(error)
        while not await self._store(accepted, now_ms):
            await self._wait(PAUSE_S)
            if self._stopping.is_set():
                return False
        self._report(messages, refused)
        await self._origin.settle_batch(sorted(refused))
        return True

    async def _store(self, accepted: Sequence[AcceptedEvent], now_ms: int) -> bool:
        """Return whether the events are on disk; False while the database is away."""
        context = self._context
        store = partial(store_new, log=context.log, accepted=accepted, now_ms=now_ms)
        try:
            new = await context.log.write(store) if accepted else 0
        except Unavailable:
            return False
        self._counts["stored"] += new
        self._counts["known"] += len(accepted) - new
        return True

    def _report(self, messages: Sequence[ReceivedMessage], refused: dict[int, str]) -> None:
        self._counts["refused"] += len(refused)
        for position in list(refused)[:TOLD]:
            place, reason = messages[position].place, refused[position]
            _log.error("the message %s is refused: %s", place, reason)
        if len(refused) > TOLD:
            _log.error("and %d more up to %s", len(refused) - TOLD, messages[-1].place)

    async def _forget(self) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._forgot_at >= FORGET_S:
            self._forgot_at = now
            with suppress(Unavailable):
                await forget_old(self._context.database, self._context.clock)

    async def _wait(self, seconds: float) -> None:
        """Wait, but no longer than until the process stops."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()


def _by_label(counts: Mapping[str, int]) -> Mapping[tuple[str, ...], int]:
    return {(name,): count for name, count in counts.items()}
