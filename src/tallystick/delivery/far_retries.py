"""Retries later than any schedule has them: they were set while the clock was ahead."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection, update

from tallystick.clock import Clock
from tallystick.delivery import sql
from tallystick.delivery.delivery import DeliveryState
from tallystick.delivery.schedule import LONGEST_MS
from tallystick.delivery.tables import deliveries
from tallystick.store import Database
from tallystick.store.shared_time import shared_now

AT_ONCE = 1_000
"""The most retries that one transaction changes."""


async def recall_far_retries(database: Database, clock: Clock) -> int:
    """Make such retries due; return their number."""
    count, in_last = 0, AT_ONCE
    while in_last == AT_ONCE:
        # By the clock of all processes: one whose own is behind takes each retry for such a one.
        now_ms = await database.read(partial(shared_now, own_ms=clock.now_ms()))
        found = await database.read_long(partial(_find, now_ms=now_ms))
        if found:
            await database.write(partial(_recall, ids=found, now_ms=now_ms))
        in_last = len(found)
        count += in_last
    return count


def _find(connection: Connection, now_ms: int) -> Sequence[str]:
    # A first attempt that waits for its day, over a quota, may be later.
    far = sql.dialect_of(connection).pending("d.due > :after AND d.attempts > 0")
    return connection.scalars(far, {"after": now_ms + LONGEST_MS, "limit": AT_ONCE}).all()


def _recall(connection: Connection, ids: Sequence[str], now_ms: int) -> None:
    c = deliveries.c
    still_far = c.id.in_(ids), c.state == DeliveryState.PENDING.value, c.due > now_ms
    connection.execute(update(deliveries).where(*still_far).values(due=now_ms))
