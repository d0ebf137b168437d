"""Events that a broker may send twice: each is stored once, by its source and id."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select

from tallystick.apis.dead_letters import DeadLetter, dead_letter_row
from tallystick.clock import Clock
from tallystick.events import EventLog
from tallystick.ingest.received_message import AcceptedEvent
from tallystick.ingest.tables import ingested
from tallystick.store import Database, SliceResult, work_in_slices
from tallystick.store.sql import insert_new

KNOWN_MS = 7 * 24 * 60 * 60 * 1000
"""The time in ms for which an event is known; Kafka keeps messages and offsets as long."""


class IngestedBatch(NamedTuple):
    """What the messages of a batch have become."""

    now_ms: int
    accepted: list[AcceptedEvent]
    refused: list[DeadLetter]


def store_batch(connection: Connection, log: EventLog, batch: IngestedBatch) -> int:
    """Store dead letters and the events that are not known yet; return the number of these."""
    for table, row in map(dead_letter_row, batch.refused):
        connection.execute(insert(table), dict(zip(table.c.keys(), row, strict=True)))
    return _store_new(connection, log, batch.accepted, batch.now_ms) if batch.accepted else 0


def _store_new(
    connection: Connection, log: EventLog, accepted: Sequence[AcceptedEvent], now_ms: int
) -> int:
    wanted = dict(reversed(accepted))
    rows = [{"key": key, "time": now_ms} for key in wanted]
    added = insert_new(connection, ingested).returning(ingested.c.key)
    new = {bytes(key) for key in connection.scalars(added, rows)}
    events = [event for key, event in accepted if key in new and wanted[key] is event]
    log.append_all_within(connection, events)
    return len(events)


async def forget_old(database: Database, clock: Clock) -> int:
    """Forget the events that came longer than `KNOWN_MS` ago, and return their number."""
    forget = partial(_forget, before_ms=clock.now_ms() - KNOWN_MS)
    return await work_in_slices(database, clock, forget)


def _forget(connection: Connection, rows: int, *, before_ms: int) -> SliceResult:
    old = select(ingested.c.key).where(ingested.c.time < before_ms).limit(rows)
    removed = connection.execute(delete(ingested).where(ingested.c.key.in_(old))).rowcount
    return SliceResult(removed, is_last=removed < rows)
