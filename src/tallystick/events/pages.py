"""Pages of the log: a page's ids first, and then its events alone.

A page takes little more memory than its bytes. PostgreSQL sends sizes with the ids, as it sends all
events of a page at once; it prepares both statements, and would plan anew what is fetched in parts:
a third of the time of a page whose events are far apart. SQLite would read all of an event for its
size. It reads one event after the other, up to the last one of the page.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from functools import cache
from json import dumps
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    Connection,
    Row,
    Select,
    Text,
    any_,
    bindparam,
    func,
    literal,
    select,
)

from tallystick.events.event import Event
from tallystick.events.selection import EventSelection, Form, rules_of
from tallystick.events.spans import WITHIN_SPAN, Part, PartStatement, Span
from tallystick.events.text_search import SEARCHED_AT_ONCE, SEARCHED_ROWS, TextSearch
from tallystick.store.tables import events

PAGE_BYTES = 8 * 1024 * 1024
"""The limit in bytes of data and attributes on a page, which holds at least one event."""


class EventPage(NamedTuple):
    """A page of events."""

    events: list[Event]
    next: str | None
    """The cursor of the next page; None on the last one."""


class _Chosen(NamedTuple):
    """The ids of a page, in its order."""

    ids: list[str]
    next: str | None


_SIZE = func.length(events.c.data) + func.length(events.c.attributes)
_SIZED = {
    "sqlite": select(events.c.id, literal(0).label("size")),
    "postgresql": select(events.c.id, _SIZE.label("size")),
}

# All ids are one value, so that the statement is the same for any number of them.
_GIVEN = func.json_each(bindparam("ids", type_=Text)).table_valued("value", name="given")
_CHOSEN = {
    "sqlite": select(events).where(events.c.id.in_(select(_GIVEN.c.value))),
    # The bounds tell PostgreSQL which partitions it may leave out.
    "postgresql": select(events).where(
        *WITHIN_SPAN, events.c.id == any_(bindparam("ids", type_=ARRAY(Text)))
    ),
}
_NEWEST_FIRST = {name: chosen.order_by(events.c.id.desc()) for name, chosen in _CHOSEN.items()}
_OLDEST_FIRST = {name: chosen.order_by(events.c.id) for name, chosen in _CHOSEN.items()}


def read_page(
    connection: Connection,
    selection: EventSelection,
    parts: Iterator[Part],
    limit: int,
    *,
    oldest_first: bool,
) -> EventPage:
    """Return the first selected events, at most `limit` of them and `PAGE_BYTES`.

    The parts come in the order of the page.
    """
    dialect = connection.dialect.name
    sized = _sized_of(dialect, selection.form)
    of_parts = PartStatement(dialect, sized, selection.values(), oldest_first=oldest_first)
    with closing(_read(connection, of_parts, parts, limit + 1)) as found:
        chosen = _choose(found, limit)
    return _fetch(connection, chosen, oldest_first=oldest_first)


def search_page(
    connection: Connection,
    selection: EventSelection,
    parts: Iterator[Part],
    limit: int,
    search: TextSearch,
    *,
    oldest_first: bool,
) -> EventPage:
    """Return the first selected events that have the words, as `read_page` does.

    The page also ends after `SEARCHED_ROWS` events, and counts the bytes of all that it looks at.
    """
    of_parts = PartStatement(
        connection.dialect.name,
        _whole_of(selection.form),
        selection.values(),
        oldest_first=oldest_first,
    )
    rows = _read(connection, of_parts, parts, SEARCHED_ROWS + 1, at_once=SEARCHED_AT_ONCE)
    page: list[Event] = []
    last, seen, size = None, 0, 0
    with closing(rows) as found:
        for event in map(Event._make, found):
            size += len(event.data) + len(event.attributes)
            if last and (len(page) == limit or seen == SEARCHED_ROWS or size > PAGE_BYTES):
                return EventPage(page, last)
            last, seen = event.id, seen + 1
            if search.finds(event.subject, event.data):
                page.append(event)
    return EventPage(page, None)


@cache
def _sized_of(dialect: str, form: Form) -> Select[Any]:
    return _SIZED[dialect].where(*rules_of(form))


@cache
def _whole_of(form: Form) -> Select[Any]:
    return select(events).where(*rules_of(form))


def _read(
    connection: Connection,
    of_parts: PartStatement,
    parts: Iterator[Part],
    limit: int,
    *,
    at_once: int | None = None,
) -> Generator[Row[Any], None, None]:
    """Yield the rows of a statement, of one part after the other, fetched so many at once."""
    options = {} if at_once is None else {"yield_per": at_once}
    for part in parts:
        with connection.execute(*of_parts.of(part, limit), execution_options=options) as found:
            for rows in found.partitions(at_once or limit):
                yield from rows


def _choose(found: Iterable[Row[Any]], limit: int) -> _Chosen:
    ids: list[str] = []
    total = 0
    for row in found:
        total += row.size
        if ids and (len(ids) == limit or total > PAGE_BYTES):
            return _Chosen(ids, ids[-1])
        ids.append(row.id)
    return _Chosen(ids, None)


def _fetch(connection: Connection, chosen: _Chosen, *, oldest_first: bool) -> EventPage:
    """Return a page of chosen events, at most `PAGE_BYTES` of them."""
    ids = chosen.ids
    if not ids:
        return EventPage([], chosen.next)
    dialect = connection.dialect.name
    statement = (_OLDEST_FIRST if oldest_first else _NEWEST_FIRST)[dialect]
    bounds = Span(min(ids), f"{max(ids)}!").values()
    values = {"ids": dumps(ids)} if dialect == "sqlite" else {**bounds, "ids": ids}
    page: list[Event] = []
    total = 0
    with connection.execute(statement, values) as found:
        for event in map(Event._make, found):
            total += len(event.data) + len(event.attributes)
            if page and total > PAGE_BYTES:
                return EventPage(page, page[-1].id)
            page.append(event)
    return EventPage(page, chosen.next)
