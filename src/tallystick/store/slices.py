"""Slices: long work on a database in short transactions, between which others have their turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from sqlalchemy import Connection

from tallystick.clock import Clock
from tallystick.store.database import Database

SLICE_MS = 50
"""How long a slice should take at most, until it is on disk."""

FIRST_ROWS = 100
MAX_ROWS = 1_000


class SliceResult(NamedTuple):
    """How much a slice did, and whether there is more."""

    rows: int
    is_last: bool


WorkSlice: TypeAlias = Callable[[Connection, int], SliceResult]
"""``f(connection, rows)`` works on so many rows at most."""


class SliceSize:
    """How many rows the next slice may have: fewer after a long one, more after a short one."""

    def __init__(self) -> None:
        self.rows = FIRST_ROWS

    def adapt(self, took_ms: int) -> None:
        """Take note of how long a slice of this size took."""
        if took_ms > SLICE_MS:
            self.rows = max(1, self.rows * SLICE_MS // took_ms)
        elif took_ms * 2 <= SLICE_MS:
            self.rows = min(MAX_ROWS, self.rows * 2)


async def work_in_slices(database: Database, clock: Clock, work: WorkSlice) -> int:
    """Work slice after slice until one is the last; return how much was done in all."""
    size, done, is_last = SliceSize(), 0, False
    while not is_last:
        (rows, is_last), took_ms = await _work_once(database, clock, work, size.rows)
        size.adapt(took_ms)
        done += rows
    return done


async def _work_once(
    database: Database, clock: Clock, work: WorkSlice, rows: int
) -> tuple[SliceResult, int]:
    """Return what a slice did, and how long it took from its turn until it was on disk."""
    began_ms = 0

    def slice_(connection: Connection) -> SliceResult:
        nonlocal began_ms
        began_ms = clock.monotonic_ms()
        return work(connection, rows)

    result = await database.write(slice_)
    return result, clock.monotonic_ms() - began_ms
