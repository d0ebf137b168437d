"""The log: append, and read back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import accumulate
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select

from tallystick.clock import Clock
from tallystick.contract.exceptions import Refused, Unavailable
from tallystick.events.event import Event
from tallystick.events.ids import PATTERN, lowest_id
from tallystick.store import Database, Entry, SliceResult, work_in_slices
from tallystick.store.slices import WorkSlice
from tallystick.store.tables import events

T = TypeVar("T")

Listener: TypeAlias = Callable[[Event], Sequence[Entry]]
"""Says what is stored with an event, such as its deliveries; called in any thread."""

PRUNED_BYTES = 4 * 1024 * 1024
"""Bytes of events that are removed in one transaction, but for one event that is larger."""

PAGE_BYTES = 8 * 1024 * 1024
"""Bytes of data and attributes on one page; a page has one event at least."""

FETCHED_AT_ONCE = 8
"""Events that a page takes from the database at a time."""


class Expirer(Protocol):
    """Removes what an API keeps of its own."""

    def __call__(self, connection: Connection, before_ms: int, limit: int) -> int:
        """Remove what ended before, so much at most, and say how much it was."""
        ...


class BadCursor(Refused):
    """The cursor is not one that a page gave."""


class EventPage(NamedTuple):
    """Some events, newest first."""

    events: list[Event]
    next: str | None
    """The cursor of the following page; none on the last."""


class EventLog:
    """Every accepted event, in the order of their ids, which is that of time."""

    def __init__(self, database: Database, clock: Clock, queue: int) -> None:
        """`queue`: how many events may wait to be stored."""
        self._database = database
        self._clock = clock
        self._queue = queue
        self._listeners: list[Listener] = []
        self._expirers: list[Expirer] = []

    def add_listener(self, listener: Listener) -> None:
        """From now on store with each event what the listener says."""
        self._listeners.append(listener)

    def add_expirer(self, expirer: Expirer) -> None:
        """From now on remove with events that are too old what the expirer does."""
        self._expirers.append(expirer)

    def build_rows(self, event: Event, *more: Entry) -> list[Entry]:
        """An event, rows that its API stores with it, and those that others do."""
        entries = [(events, event), *more]
        for listener in self._listeners:
            entries += listener(event)
        return entries

    def append_within(self, connection: Connection, event: Event, *more: Entry) -> None:
        """Store an event within a transaction of the caller's, and all that goes with it."""
        for table, row in self.build_rows(event, *more):
            connection.execute(insert(table), dict(zip(table.c.keys(), row, strict=True)))

    async def append(self, event: Event, *more: Entry) -> None:
        """Store an event, and with it rows of other tables; all is on disk when this returns.

        Raise `Unavailable` if too many events wait already.
        """
        self._admit()
        await self._database.append(*self.build_rows(event, *more))

    async def append_all(self, events: Iterable[tuple[Event, Sequence[Entry]]]) -> None:
        """Store several events in one transaction, each with its rows, as `append` does one."""
        self._admit()
        rows = [row for event, more in events for row in self.build_rows(event, *more)]
        if rows:
            await self._database.append(*rows)

    async def write(self, function: Callable[[Connection], T]) -> T:
        """Return what the function does in a transaction in which it stores events.

        Raise `Unavailable` if too many events wait already.
        """
        self._admit()
        return await self._database.write(function)

    def _admit(self) -> None:
        if self._database.waiting >= self._queue:
            raise Unavailable("Too many events wait to be stored.", retry_after=1)

    async def get_event(self, id_: str) -> Event | None:
        """The event of that id."""
        if not PATTERN.fullmatch(id_):  # which a database might refuse to look for
            return None
        found = await self._found(select(events).where(events.c.id == id_))
        return found[0] if found else None

    async def list_events(
        self,
        *,
        api: str | None = None,
        type: str | None = None,
        source: str | None = None,
        from_ms: int | None = None,
        to_ms: int | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> EventPage:
        """Return events that match all filters, newest first; raise `BadCursor`.

        They are of `from_ms` or later, and before `to_ms`. A page ends early, at `PAGE_BYTES`.
        """
        if cursor is not None and not PATTERN.fullmatch(cursor):
            raise BadCursor
        wanted = {"api": api, "type": type, "source": source}
        rules = [events.c[name] == value for name, value in wanted.items() if value is not None]
        rules += _span(from_ms, to_ms, cursor)
        statement = select(events).where(*rules).order_by(events.c.id.desc()).limit(limit + 1)
        return await self._database.read(partial(_read_page, statement=statement, limit=limit))

    async def prune_events(
        self, *, max_age_ms: int | None = None, max_count: int | None = None
    ) -> int:
        """Remove events that are older, and the oldest of those that are more; how many it were.

        With those that are older goes what an API keeps of its own and is older too.
        """
        removed = 0
        if max_age_ms is not None:
            before_ms = self._clock.now_ms() - max_age_ms
            removed += await self._remove_before(lowest_id(before_ms))
            for expirer in self._expirers:
                await self._slice(partial(_expire, expirer=expirer, before_ms=before_ms))
        if max_count is not None:
            newest = select(events.c.id).order_by(events.c.id.desc())
            kept = newest.limit(1).offset(max_count - 1)
            oldest_kept = await self._database.read(lambda connection: connection.scalar(kept))
            removed += await self._remove_before(oldest_kept) if oldest_kept else 0
        return removed

    async def _remove_before(self, id_: str) -> int:
        return await self._slice(partial(_remove_oldest, before=id_))

    async def _slice(self, work: WorkSlice) -> int:
        return await work_in_slices(self._database, self._clock, work)

    async def _found(self, statement: Select[Any]) -> list[Event]:
        def found(connection: Connection) -> list[Event]:
            return [Event._make(row) for row in connection.execute(statement)]

        return await self._database.read(found)


def _expire(connection: Connection, rows: int, *, expirer: Expirer, before_ms: int) -> SliceResult:
    count = expirer(connection, before_ms, rows)
    return SliceResult(count, is_last=count < rows)


def _remove_oldest(connection: Connection, rows: int, *, before: str) -> SliceResult:
    """Remove so many of the oldest events, or as many as are not too large together."""
    size = func.length(events.c.data) + func.length(events.c.attributes)
    oldest = select(events.c.id, size).where(events.c.id < before).order_by(events.c.id)
    found = connection.execute(oldest.limit(rows)).all()
    sizes = accumulate(size for _, size in found)
    fitting = [id_ for (id_, _), total in zip(found, sizes, strict=True) if total <= PRUNED_BYTES]
    removed = fitting or [id_ for id_, _ in found[:1]]
    if removed:
        connection.execute(delete(events).where(events.c.id <= removed[-1]))
    return SliceResult(len(removed), is_last=len(removed) == len(found) < rows)


def _read_page(connection: Connection, statement: Select[Any], limit: int) -> EventPage:
    page: list[Event] = []
    size = 0
    # Fetched a few at a time, so that a page never holds much more than it shows.
    with connection.execute(statement, execution_options={"yield_per": FETCHED_AT_ONCE}) as rows:
        for row in rows:
            event = Event._make(row)
            size += len(event.data) + len(event.attributes)
            if len(page) == limit or (page and size > PAGE_BYTES):
                return EventPage(page, page[-1].id)
            page.append(event)
    return EventPage(page, None)


def _span(from_ms: int | None, to_ms: int | None, cursor: str | None) -> list[ColumnElement[bool]]:
    rules = []
    if from_ms is not None:
        rules.append(events.c.id >= lowest_id(from_ms))
    if to_ms is not None:
        rules.append(events.c.id < lowest_id(to_ms))
    if cursor is not None:
        rules.append(events.c.id < cursor)
    return rules
