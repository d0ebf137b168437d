"""The event log: append events, list them and remove old ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextvars import copy_context
from functools import partial
from typing import Any, Protocol, TypeAlias, TypeVar

from sqlalchemy import Connection, Select, Table, func, insert, select

from tallystick.clock import Clock
from tallystick.contract.exceptions import Refused, Unavailable
from tallystick.events.counts import CountedBy, EventCounts, read_counts
from tallystick.events.digests import bounds_of, mark_late, read_parts
from tallystick.events.event import Event
from tallystick.events.ids import PATTERN
from tallystick.events.pages import EventPage, read_page, search_page
from tallystick.events.pruning import Expirer, Pruning
from tallystick.events.selection import EventSelection
from tallystick.events.spans import Part, Span
from tallystick.events.text_search import TextSearch
from tallystick.events.windows import newest_first
from tallystick.store import Database, Entry
from tallystick.store.commits import await_commits
from tallystick.store.partitions import NO_END
from tallystick.store.tables import events, late_events

T = TypeVar("T")

Listener: TypeAlias = Callable[[Event], Sequence[Entry]]
"""Returns rows to store with an event, such as its deliveries; called in any thread."""

HELD_UP_MS = 5_000
"""How old an event may be, in milliseconds, until it is marked as late.

Its block may have a digest by then (`tallystick.events.digests`).
"""

EVERYTHING = EventSelection()


class WriteLimits(Protocol):
    """The limits of the caller who stores events."""

    is_used: bool
    """Whether any caller has limits."""

    def refuse_excess(self) -> None:
        """Raise a `Problem` if the caller may store no more at the moment."""
        ...

    def limit_rows(self, event: Event, entries: list[Entry]) -> list[Entry]:
        """Return the rows to store; raise a `Problem` if the caller may not store the event."""
        ...


class BadCursor(Refused):
    """The cursor is not one that a page gave."""


class EventLog:
    """A log of all accepted events, in the order of their ids and so of time."""

    def __init__(self, database: Database, clock: Clock, queue: int) -> None:
        """`queue` is the number of events that may wait to be stored."""
        self._database = database
        self._clock = clock
        self._queue = queue
        self._listeners: list[Listener] = []
        self._pruning = Pruning(database, clock)
        self.mark_event: Callable[[Event], Event] | None = None
        """Adds to each event the trace that it came by, if calls are traced."""
        self.limits: WriteLimits | None = None
        """Holds callers to the limits of their keys, where keys have any."""
        self.settled = ""
        """The id before which an event is marked as late, whatever the clock says."""

    def add_listener(self, listener: Listener) -> None:
        """Store the rows that the listener returns with each further event."""
        self._listeners.append(listener)

    def add_expirer(self, expirer: Expirer) -> None:
        """Remove an API's own rows by the expirer whenever old events are removed."""
        self._pruning.expirers.append(expirer)

    def build_rows(self, event: Event, *more: Entry) -> list[Entry]:
        """Return the rows of an event, of its API and of all listeners."""
        if self.mark_event is not None:
            event = self.mark_event(event)
        entries = [(events, event), *more]
        if event.id < self.settled:
            entries.append((late_events, (event.id,)))
        for listener in self._listeners:
            entries += listener(event)
        if self.limits is not None and self.limits.is_used:
            return self.limits.limit_rows(event, entries)
        return entries

    def append_within(self, connection: Connection, event: Event, *more: Entry) -> None:
        """Store an event and its rows within the caller's transaction."""
        for table, row in self.build_rows(event, *more):
            connection.execute(insert(table), dict(zip(table.c.keys(), row, strict=True)))
        self._mark_late_within(connection, [event])

    def append_all_within(
        self, connection: Connection, events: Sequence[tuple[Event, Sequence[Entry]]]
    ) -> None:
        """Store events and their rows within the caller's transaction, each table's at once."""
        rows: dict[Table, list[dict[str, Any]]] = {}
        for event, more in events:
            for table, row in self.build_rows(event, *more):
                columns = dict(zip(table.c.keys(), row, strict=True))
                rows.setdefault(table, []).append(columns)
        for table, found in rows.items():
            connection.execute(insert(table), found)
        self._mark_late_within(connection, [event for event, _ in events])

    async def append(self, event: Event, *more: Entry) -> None:
        """Store an event and its rows; all of it is on disk on return.

        Raise `Unavailable` if too many events wait to be stored.
        """
        self._admit()
        await self._database.append(*self.build_rows(event, *more))
        if event.time < self._clock.now_ms() - HELD_UP_MS:
            await self._mark_late([event])

    async def append_all(self, events: Iterable[tuple[Event, Sequence[Entry]]]) -> None:
        """Store several events and their rows in one transaction, as `append` does with one."""
        self._admit()
        stored = list(events)
        rows = [row for event, more in stored for row in self.build_rows(event, *more)]
        if rows:
            await self._database.append(*rows)
            await self._mark_late([event for event, _ in stored])

    # A process may be held up, for as long as you like, after it has built an event's rows.
    async def _mark_late(self, events: Sequence[Event]) -> None:
        if min(event.time for event in events) < self._clock.now_ms() - HELD_UP_MS:
            mark = partial(self._mark_late_within, events=events)
            await self._database.write(mark)

    def _mark_late_within(self, connection: Connection, events: Sequence[Event]) -> None:
        before_ms = self._clock.now_ms() - HELD_UP_MS
        if late := [event.id for event in events if event.time < before_ms]:
            mark_late(connection, late)

    async def write(self, function: Callable[[Connection], T]) -> T:
        """Return the result of a function that stores events in its transaction.

        Raise `Unavailable` if too many events wait to be stored.
        """
        self._admit()
        if self.limits is not None and self.limits.is_used:
            # The function runs in a thread, where nobody would know the caller.
            function = _as_caller(function)
        return await self._database.write(function, is_urgent=True)

    def admit_event(self, event: Event) -> None:
        """Raise what `append` would for an event whose rows are stored by many writes.

        Those go by the database itself, so that the last one ends what the first began.
        """
        self._admit()
        if self.limits is not None and self.limits.is_used:
            self.limits.limit_rows(event, [])

    # The queue is bounded: a client can act on a 503, but not on a disk that falls behind
    # (docs/decisions/store.md, "Why is the queue bounded?").
    def _admit(self) -> None:
        if self._database.waiting >= self._queue:
            raise Unavailable("Too many events wait to be stored.", retry_after=1)
        if self.limits is not None and self.limits.is_used:
            self.limits.refuse_excess()

    async def get_event(self, id_: str) -> Event | None:
        """Return the event with this id, or None."""
        if not PATTERN.fullmatch(id_):  # a database might refuse the text
            return None
        found = await self._found(select(events).where(events.c.id == id_))
        return found[0] if found else None

    async def list_events(
        self,
        selection: EventSelection = EVERYTHING,
        *,
        limit: int = 100,
        cursor: str | None = None,
    ) -> EventPage:
        """Return the selected events, newest first; raise `BadCursor`.

        A page ends early at `PAGE_BYTES`. A search by text also ends after `SEARCHED_ROWS` events,
        and counts the bytes of all events that it looks at.
        """
        return await self.write_events(_unchanged, selection, limit=limit, cursor=cursor)

    async def write_events(
        self,
        write: Callable[[EventPage], T],
        selection: EventSelection = EVERYTHING,
        *,
        limit: int = 100,
        cursor: str | None = None,
    ) -> T:
        """Return what `write` makes of the page of `list_events`, in the thread that reads it."""
        if cursor is not None and not PATTERN.fullmatch(cursor):
            raise BadCursor
        return await self._page(limit, selection, bounds_of(selection, cursor), write)

    async def list_events_after(
        self, after: str, selection: EventSelection, limit: int = 1000
    ) -> EventPage:
        """Return selected events, oldest first, from the one after an id on.

        The page's ``next`` is the id to go on after. A page ends early as in `list_events`.
        """
        # No id begins with another one, so that the next text is a bound too.
        bounds = bounds_of(selection).part_of(Span(f"{after}!", NO_END))
        return await self._page(limit, selection, bounds, _unchanged, oldest_first=True)

    async def await_commits(self, longest_s: float) -> None:
        """Return when all that is being written now has ended, or after `longest_s`."""
        await await_commits(self._database, longest_s)

    async def count_all_events(self, selection: EventSelection) -> int:
        """Return the number of events selected by all but a text, however many there are."""
        counted = select(func.count()).select_from(events).where(*selection.rules())
        values = selection.values()
        return await self._database.read(lambda connection: connection.scalar(counted, values) or 0)

    async def count_events(self, selection: EventSelection, by: CountedBy) -> EventCounts:
        """Return the number of selected events of each value."""
        return await self._database.read_long(partial(read_counts, selection=selection, by=by))

    async def prune_events(
        self, *, max_age_ms: int | None = None, max_count: int | None = None
    ) -> int:
        """Remove events over the age or the count, oldest first, as `Pruning.prune` does.

        The expirers remove their APIs' own rows of the same age.
        """
        return await self._pruning.prune(max_age_ms, max_count)

    async def _page(
        self,
        limit: int,
        selection: EventSelection,
        bounds: Span,
        write: Callable[[EventPage], T],
        *,
        oldest_first: bool = False,
    ) -> T:
        def read(connection: Connection) -> EventPage:
            parts = self._parts_of(connection, selection, bounds, oldest_first=oldest_first)
            if not selection.text:
                return read_page(connection, selection, parts, limit, oldest_first=oldest_first)
            search = TextSearch(selection.text)
            return search_page(
                connection, selection, parts, limit, search, oldest_first=oldest_first
            )

        return await self._database.read_long(lambda connection: write(read(connection)))

    def _parts_of(
        self, connection: Connection, selection: EventSelection, bounds: Span, *, oldest_first: bool
    ) -> Iterator[Part]:
        spans: Iterable[Span] = [bounds]
        if not oldest_first:
            spans = newest_first(connection, bounds, self._clock.now_ms())
        if selection.is_narrow:
            return read_parts(connection, spans, selection, oldest_first=oldest_first)
        return map(Part, spans)

    async def _found(self, statement: Select[Any]) -> list[Event]:
        def found(connection: Connection) -> list[Event]:
            return [Event._make(row) for row in connection.execute(statement)]

        return await self._database.read(found)


def _unchanged(page: EventPage) -> EventPage:
    return page


def _as_caller(function: Callable[[Connection], T]) -> Callable[[Connection], T]:
    context = copy_context()
    return lambda connection: context.run(function, connection)
