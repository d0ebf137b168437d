"""Received events found by a filter, a page at a time, and counted up to a bound."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from functools import cache
from itertools import chain, repeat
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Subquery,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
)

from tallystick import times
from tallystick.apis.eventhos.dialect import WORDS
from tallystick.apis.eventhos.exceptions import BadField
from tallystick.apis.eventhos.received_runs import RunSearch
from tallystick.apis.eventhos.resource import Paging, has_part, part_value
from tallystick.apis.eventhos.tables import events
from tallystick.apis.eventhos.to_event import API
from tallystick.delivery import DeliveryState
from tallystick.delivery.tables import deliveries
from tallystick.events import EventSelection
from tallystick.events.digests import bounds_of, read_parts
from tallystick.events.spans import Part, PartStatement
from tallystick.store.tables import events as log_events

COUNTED_EVENTS = 5_000
"""The number of events up to which a list counts all of them."""

COUNTED_BLOCKS = 200
"""The number of blocks of the log that a list counts in after its page."""

HELD_ROWS = 1_000
"""The number of events that are held in memory on the way to a page."""

SOUGHT_TYPES = 10_000
"""The number of types up to which the blocks of a list are those with one of them."""

_c = log_events.c
_RECEIVED: Select[Any] = select(_c.id, _c.type, _c.time).where(_c.api == API)

_Kinds: TypeAlias = tuple[str, ...]
"""The names of the values by which a filter chooses kinds of events."""

_OF_KIND = {
    "system_id": events.c.system_id == bindparam("system_id"),
    "identifier": has_part(bindparam("part"), events.c.identifier),
}

Found: TypeAlias = tuple[Sequence[Row[Any]], int]
"""The id, type and time of the events of a page, and the number of all events, or one above which
there is no telling: it is greater than those up to the page's end, if others follow."""


class ReceivedEventFilter(NamedTuple):
    """A filter of received events; None matches all."""

    system_id: int | None = None
    from_time: str | None = None
    to_time: str | None = None
    state: str | None = None
    """The state of at least one of the contracts' runs."""

    identifier: str | None = None
    """A part of the identifier of an event defined here, or a whole one."""

    id: str | None = None

    @property
    def kinds(self) -> _Kinds:
        """Return the names of the values by which it chooses kinds of events."""
        return tuple(name for name in _OF_KIND if getattr(self, name) is not None)

    def values(self) -> dict[str, Any]:
        """Return the values by which it chooses kinds of events."""
        part = part_value(self.identifier or "")
        return {"system_id": self.system_id, "identifier": self.identifier, "part": part}

    def from_ms(self) -> int | None:
        """Return the first time in ms since the epoch; raise `BadField`."""
        return _ms("fromTime", self.from_time)

    def to_ms(self) -> int | None:
        """Return the time in ms since the epoch before which they came; raise `BadField`."""
        return _ms("toTime", self.to_time)


def find_received(connection: Connection, paging: Paging, wanted: ReceivedEventFilter) -> Found:
    """Return a page of events in the order in which they were received; raise `BadField`."""
    selection = EventSelection(api=API, from_ms=wanted.from_ms(), to_ms=wanted.to_ms())
    states = None if wanted.state is None else sorted(WORDS[wanted.state])
    types = _types_of(wanted.kinds).params(wanted.values()) if wanted.kinds else None
    if wanted.id is not None:
        return _find_one(connection, paging, wanted, selection, states)
    if states == []:  # of `retried`, which no run is
        return [], 0
    if states is not None:
        search = RunSearch(connection, states, types, bounds_of(selection))
        return _take_found(connection, search, paging)
    if types is None:
        return _take_page(connection, _RECEIVED.where(*selection.span()), paging)
    names = set(connection.scalars(types.limit(SOUGHT_TYPES + 1)))
    if wanted.identifier and _may_be_whole(wanted.kinds):
        names.add(wanted.identifier)
    if not names:
        return [], 0
    if len(names) <= SOUGHT_TYPES:
        selection = selection._replace(types=sorted(names))
    spans = [bounds_of(selection)]
    parts = read_parts(connection, spans, selection, oldest_first=not paging.descending)
    return _walk_to_page(connection, wanted, parts, paging)


def _find_one(
    connection: Connection,
    paging: Paging,
    wanted: ReceivedEventFilter,
    selection: EventSelection,
    states: Sequence[DeliveryState] | None,
) -> Found:
    chosen = _RECEIVED.where(*selection.span(), _c.id == wanted.id)
    if wanted.kinds:
        chosen = chosen.where(_is_of(wanted.kinds)).params(wanted.values())
    if states is not None:
        chosen = chosen.where(or_(false(), *map(_has_run_in, states)))
    return _take_page(connection, chosen, paging)


def _take_found(connection: Connection, search: RunSearch, paging: Paging) -> Found:
    ids = search.list_ids(paging)
    order = _c.id.desc() if paging.descending else _c.id.asc()
    page = _RECEIVED.where(_c.id.in_(ids[: paging.size])).order_by(order)
    at_least = paging.page * paging.size + len(ids) if ids else 0
    return connection.execute(page).all(), max(search.count(COUNTED_EVENTS), at_least)


@cache
def _types_of(kinds: _Kinds) -> Select[Any]:
    """Return the identifiers of the wanted kinds of events, also of deleted ones."""
    return select(events.c.identifier).where(*(_OF_KIND[name] for name in kinds))


@cache
def _chosen_of(kinds: _Kinds) -> Select[Any]:
    return _RECEIVED.where(_is_of(kinds))


def _is_of(kinds: _Kinds) -> ColumnElement[bool]:
    is_known = _c.type.in_(_types_of(kinds))
    return or_(is_known, _c.type == bindparam("identifier")) if _may_be_whole(kinds) else is_known


def _may_be_whole(kinds: _Kinds) -> bool:
    """Return whether the identifier may be that of an event defined elsewhere."""
    return kinds == ("identifier",)


def _count(connection: Connection, rows: Subquery) -> int:
    return connection.scalar(select(func.count()).select_from(rows)) or 0


def _take_page(connection: Connection, chosen: Select[Any], paging: Paging) -> Found:
    id_ = log_events.c.id
    counted = chosen.with_only_columns(id_).limit(COUNTED_EVENTS).subquery()
    before = paging.page * paging.size
    page = chosen.order_by(id_.desc() if paging.descending else id_.asc())
    rows = connection.execute(page.limit(paging.size + 1).offset(before)).all()
    at_least = before + len(rows) if rows else 0
    return rows[: paging.size], max(_count(connection, counted), at_least)


def _walk_to_page(
    connection: Connection, wanted: ReceivedEventFilter, parts: Iterator[Part], paging: Paging
) -> Found:
    before, end = paging.page * paging.size, (paging.page + 1) * paging.size
    oldest_first = not paging.descending
    of_parts = PartStatement(
        connection.dialect.name,
        _chosen_of(wanted.kinds),
        wanted.values(),
        oldest_first=oldest_first,
    )
    rows: list[Row[Any]] = []
    total = 0
    with closing(_walk(connection, of_parts, parts, end + 1)) as walk:
        for part, row in walk:
            total += 1
            if total > end:
                rest = chain([part.after(row.id, oldest_first=oldest_first)], parts)
                return rows, total + _count_further(connection, of_parts, rest, total)
            if total > before:
                rows.append(row)
    return rows, total


def _walk(
    connection: Connection, of_parts: PartStatement, parts: Iterator[Part], limit: int
) -> Generator[tuple[Part, Row[Any]], None, None]:
    """Yield the events of parts, each with its part; on the way to a late page few are held."""
    options = {"yield_per": HELD_ROWS} if limit > HELD_ROWS else {}
    for part in parts:
        with connection.execute(*of_parts.of(part, limit), execution_options=options) as found:
            yield from zip(repeat(part), found)


def _count_further(
    connection: Connection, of_parts: PartStatement, parts: Iterator[Part], counted: int
) -> int:
    """Return the number of events in further parts, up to all bounds of a count."""
    blocks, further = COUNTED_BLOCKS, 0
    for part in parts:
        limit = COUNTED_EVENTS - counted - further
        if limit <= 0 or blocks <= 0:
            break
        looked_at, found = connection.execute(
            *of_parts.count_of(part, blocks=blocks, limit=limit)
        ).one()
        blocks, further = blocks - looked_at, further + found
    return further


def _has_run_in(wanted: DeliveryState) -> ColumnElement[bool]:
    # The character after `_` ends the range of ids with this prefix.
    run = log_events.c.id + f"_{API}"
    id_ = deliveries.c.id
    return exists().where(id_ >= run + "_", id_ < run + "`", deliveries.c.state == wanted)


def _ms(name: str, text: str | None) -> int | None:
    try:
        return None if text is None else times.parse_rfc3339(text)
    except (ValueError, OverflowError):
        raise BadField(name, "must be an RFC 3339 time such as 2026-01-31T08:00:00Z") from None
