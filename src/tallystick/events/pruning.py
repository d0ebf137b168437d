"""The removal of old events: by whole partitions, where there are any, and by rows."""

from __future__ import annotations

from functools import partial
from itertools import accumulate
from typing import Any, Protocol

from sqlalchemy import Column, Connection, delete, func, select

from tallystick.clock import Clock
from tallystick.events.digests import find_newest, forget_numbers
from tallystick.events.ids import lowest_id, time_of
from tallystick.events.partition_keeper import span_of
from tallystick.store import Database, SliceResult, work_in_slices
from tallystick.store.free_pages import release_pages
from tallystick.store.partitions import NO_END, drop_partitions, read_partitions
from tallystick.store.slices import WorkSlice
from tallystick.store.tables import events, metadata

PRUNED_BYTES = 4 * 1024 * 1024
"""The limit in bytes of events removed in one transaction; a single larger event is allowed."""


class Expirer(Protocol):
    """A function that removes an API's own old rows."""

    def __call__(self, connection: Connection, before_ms: int, limit: int) -> int:
        """Remove up to `limit` rows that ended before `before_ms`, and return their number."""
        ...


class Pruning:
    """The removal of events over an age or a number, with what goes with them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.expirers: list[Expirer] = []
        """Each removes an API's own rows, by the age of events alone."""

    async def prune(self, max_age_ms: int | None, max_count: int | None) -> int:
        """Remove what is over the age or the number, oldest first.

        Return the number of events that went one by one, and not with their partition. Raise
        `TableInUse` if a partition can't be dropped for now.
        """
        removed = 0
        if max_age_ms is not None:
            # An age may go back beyond the first time that an id can have.
            before_ms = max(self._clock.now_ms() - max_age_ms, 0)
            span = partial(_begin_of_span, before=lowest_id(before_ms), span_ms=span_of(max_age_ms))
            removed += await self._remove_before(await self._database.read(span))
            for expirer in self.expirers:
                await self._slice(partial(_expire, expirer=expirer, before_ms=before_ms))
        if max_count is not None:
            kept = partial(find_newest, number=max_count)
            oldest_kept = await self._database.read(kept)
            removed += await self._remove_before(oldest_kept) if oldest_kept else 0
        await self._slice(release_pages)
        return removed

    async def _remove_before(self, id_: str) -> int:
        await drop_partitions(self._database, events, id_)
        removed = await self._slice(partial(_remove_oldest, before=id_))
        for column in _references():
            await self._slice(partial(_remove_references, column=column, before=id_))
        await self._database.write(partial(forget_numbers, before=id_))
        return removed

    async def _slice(self, work: WorkSlice) -> int:
        return await work_in_slices(self._database, self._clock, work)


def _begin_of_span(connection: Connection, before: str, span_ms: int) -> str:
    """Return the id before which events go: a partition that an age drops is left until all is due.

    One that is longer, such as the table of an earlier version, loses its events one by one.
    """
    for _, first, end in read_partitions(connection, events):
        is_within = first and first < before < end < NO_END
        if is_within and time_of(end) - time_of(first) <= span_ms:
            return first
    return before


def _references() -> list[Column[Any]]:
    """Return the columns that refer to events, for PostgreSQL; SQLite deletes such rows itself."""
    keys = (key for table in metadata.sorted_tables for key in table.foreign_keys)
    return [key.parent for key in keys if key.column is events.c.id]


def _remove_references(
    connection: Connection, rows: int, *, column: Column[Any], before: str
) -> SliceResult:
    oldest = select(column).where(column < before).order_by(column).limit(rows)
    found = connection.scalars(oldest).all()
    if found:
        connection.execute(delete(column.table).where(column <= found[-1]))
    return SliceResult(len(found), is_last=len(found) < rows)


def _expire(connection: Connection, rows: int, *, expirer: Expirer, before_ms: int) -> SliceResult:
    count = expirer(connection, before_ms, rows)
    return SliceResult(count, is_last=count < rows)


def _remove_oldest(connection: Connection, rows: int, *, before: str) -> SliceResult:
    """Remove up to `rows` of the oldest events, and up to `PRUNED_BYTES` of them."""
    size = func.length(events.c.data) + func.length(events.c.attributes)
    oldest = select(events.c.id, size).where(events.c.id < before).order_by(events.c.id)
    found = connection.execute(oldest.limit(rows)).all()
    sizes = accumulate(size for _, size in found)
    fitting = [id_ for (id_, _), total in zip(found, sizes, strict=True) if total <= PRUNED_BYTES]
    removed = fitting or [id_ for id_, _ in found[:1]]
    if removed:
        connection.execute(delete(events).where(events.c.id <= removed[-1]))
    return SliceResult(len(removed), is_last=len(removed) == len(found) < rows)
