"""Slices: long work in short transactions, with turns for other writers in between."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import NamedTuple, TypeAlias, TypeVar

from sqlalchemy import Connection

from tallystick.clock import Clock
from tallystick.store.database import Database

T = TypeVar("T")

SLICE_MS = 50
"""The longest time that a slice should take, in milliseconds, until it is on disk."""

FIRST_ROWS = 100
MAX_ROWS = 1_000


class SliceResult(NamedTuple):
    """The number of rows changed by a slice, and whether it was the last one."""

    rows: int
    is_last: bool


WorkSlice: TypeAlias = Callable[[Connection, int], SliceResult]
"""``f(connection, rows)`` changes at most that many rows."""


class SliceSize:
    """The number of rows for the next slice, adapted to the time of the last one."""

    def __init__(self) -> None:
        self.rows = FIRST_ROWS

    # The time of a row depends on its size, its references and the disk, so it is measured
    # (docs/decisions/store.md, "How much is deleted in one transaction?").
    def adapt(self, took_ms: int) -> None:
        """Take a slice's time in milliseconds into account."""
        if took_ms > SLICE_MS:
            self.rows = max(1, self.rows * SLICE_MS // took_ms)
        elif took_ms * 2 <= SLICE_MS:
            self.rows = min(MAX_ROWS, self.rows * 2)


async def work_in_slices(database: Database, clock: Clock, work: WorkSlice) -> int:
    """Work slice by slice until the last one; return the number of rows changed."""
    size, done, is_last = SliceSize(), 0, False
    while not is_last:
        slice_ = partial(_work_once, work, size.rows)
        (rows, is_last), took_ms = await write_timed(database.write, clock, slice_)
        size.adapt(took_ms)
        done += rows
    return done


def _work_once(work: WorkSlice, rows: int, connection: Connection) -> SliceResult:
    return work(connection, rows)


async def write_timed(
    write: Callable[[Callable[[Connection], T]], Awaitable[T]],
    clock: Clock,
    work: Callable[[Connection], T],
) -> tuple[T, int]:
    """Return what the work did, and how many ms it took from its turn until it was on disk."""
    began_ms = 0

    def timed(connection: Connection) -> T:
        nonlocal began_ms
        began_ms = clock.monotonic_ms()
        return work(connection)

    result = await write(timed)
    return result, clock.monotonic_ms() - began_ms
