"""Messages of a broker, stored in batches: a broker may send one twice, and it is stored once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from functools import partial
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from tallystick.apis.dead_letters import DeadLetter, dead_letter_row
from tallystick.clock import Clock
from tallystick.contract.exceptions import Unavailable
from tallystick.contract.log_failure import log_failure
from tallystick.events import Event, EventLog
from tallystick.metric_family import MetricFamily
from tallystick.store import Database, Entry, SliceResult, work_in_slices
from tallystick.store.sql import insert_new
from tallystick.store.tables import ingested

KNOWN_MS = 7 * 24 * 60 * 60 * 1000
"""The time in ms for which an event is known; Kafka keeps messages and offsets as long."""

FORGET_S = 60.0
"""The time in seconds between two looks for keys to forget."""

KEY_BYTES = 16


class ReceivedEvent(NamedTuple):
    """An event to store."""

    key: bytes | None
    """Its identity by its sender, as `identity_key` makes it; None if it has none."""
    event: Event
    more: Sequence[Entry] = ()
    """The rows of its API."""


class ReceivedBatch(NamedTuple):
    """What the messages of a batch have become."""

    now_ms: int
    events: list[ReceivedEvent]
    refused: list[DeadLetter]


def identity_key(*parts: str | bytes) -> bytes:
    """Return a short key for what tells an event from others, the same for the same parts."""
    written = [part.encode() if isinstance(part, str) else part for part in parts]
    return sha256(b"\0".join(written)).digest()[:KEY_BYTES]


class ReceivedBatches:
    """The batches that a process stores, and what it knows of earlier ones."""

    def __init__(self, log: EventLog, database: Database, clock: Clock) -> None:
        self._log = log
        self._database = database
        self._clock = clock
        self._counts = Counter({"stored": 0, "known": 0, "refused": 0})

    async def store_batch(self, batch: ReceivedBatch) -> int:
        """Store dead letters, and the events without a known key; return the number of these.

        All of it is on disk on return. Raise `Unavailable` while the database takes nothing.
        """
        new = await self._log.write(partial(_store, log=self._log, batch=batch))
        self._counts["stored"] += new
        self._counts["known"] += len(batch.events) - new
        self._counts["refused"] += len(batch.refused)
        return new

    def count_messages(self, name: str, place: str) -> MetricFamily:
        """Return the number of messages from a place, by result."""
        results = "stored, known as stored before, or refused as dead letters"
        told = f"Messages read from {place}: {results}."
        samples: dict[tuple[str, ...], int] = {(r,): n for r, n in self._counts.items()}
        return MetricFamily("counter", name, told, ("result",), samples)

    async def keep_forgetting(self) -> None:
        """Forget old keys every `FORGET_S`, until the task is cancelled."""
        while True:
            try:
                await self.forget_old()
            except Unavailable:
                pass  # the store has logged it
            except Exception as error:  # tried again in a minute
                log_failure(error, "old keys of received events can't be forgotten")
            await asyncio.sleep(FORGET_S)

    async def forget_old(self) -> int:
        """Forget the keys that came longer than `KNOWN_MS` ago, and return their number."""
        forget = partial(_forget, before_ms=self._clock.now_ms() - KNOWN_MS)
        return await work_in_slices(self._database, self._clock, forget)


def _store(connection: Connection, log: EventLog, batch: ReceivedBatch) -> int:
    for table, row in map(dead_letter_row, batch.refused):
        connection.execute(insert(table), dict(zip(table.c.keys(), row, strict=True)))
    new = _find_new(connection, batch)
    log.append_all_within(connection, [(each.event, each.more) for each in new])
    return len(new)


def _find_new(connection: Connection, batch: ReceivedBatch) -> Sequence[ReceivedEvent]:
    """Return the events that are new, the first of each key, in their order."""
    first = {each.key: each for each in reversed(batch.events) if each.key is not None}
    if not first:
        return batch.events
    added = insert_new(connection, ingested).returning(ingested.c.key)
    # In one order: two processes with the same events would else wait for each other.
    rows = [{"key": key, "time": batch.now_ms} for key in sorted(first)]
    new = {bytes(key) for key in connection.scalars(added, rows)}
    return [
        each
        for each in batch.events
        if each.key is None or (each.key in new and first[each.key] is each)
    ]


def _forget(connection: Connection, rows: int, *, before_ms: int) -> SliceResult:
    old = select(ingested.c.key).where(ingested.c.time < before_ms).limit(rows)
    removed = connection.execute(delete(ingested).where(ingested.c.key.in_(old))).rowcount
    return SliceResult(removed, is_last=removed < rows)
