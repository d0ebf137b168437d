"""Received events found by a filter, a page at a time, and counted up to a bound."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from itertools import chain, repeat
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Subquery,
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
from tallystick.apis.eventhos.resource import Paging, contains_word
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
_RECEIVED: Select[Any] = select(_c.id, _c.type, _c.time)

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
    types = _find_types(wanted)
    if wanted.id is not None:
        return _find_one(connection, paging, wanted, selection, types, states)
    if states == []:  # of `retried`, which no run is
        return [], 0
    if states is not None:
        search = RunSearch(connection, states, types, bounds_of(selection))
        return _take_found(connection, search, paging)
    chosen = _RECEIVED.where(*selection.own_rules())
    if types is None:
        return _take_page(connection, chosen.where(*selection.span()), paging)
    names = {*connection.scalars(types.limit(SOUGHT_TYPES + 1)), *_whole_identifier(wanted)}
    if not names:
        return [], 0
    if len(names) <= SOUGHT_TYPES:
        selection = selection._replace(types=sorted(names))
    spans = [bounds_of(selection)]
    parts = read_parts(connection, spans, selection, oldest_first=not paging.descending)
    return _walk_to_page(connection, chosen.where(_is_of(types, wanted)), parts, paging)


def _find_one(
    connection: Connection,
    paging: Paging,
    wanted: ReceivedEventFilter,
    selection: EventSelection,
    types: Select[tuple[str]] | None,
    states: Sequence[DeliveryState] | None,
) -> Found:
    chosen = _RECEIVED.where(*selection.rules(), _c.id == wanted.id)
    if types is not None:
        chosen = chosen.where(_is_of(types, wanted))
    if states is not None:
        chosen = chosen.where(or_(false(), *map(_has_run_in, states)))
    return _take_page(connection, chosen, paging)


def _take_found(connection: Connection, search: RunSearch, paging: Paging) -> Found:
    ids = search.list_ids(paging)
    order = _c.id.desc() if paging.descending else _c.id.asc()
    page = _RECEIVED.where(_c.id.in_(ids[: paging.size])).order_by(order)
    at_least = paging.page * paging.size + len(ids) if ids else 0
    return connection.execute(page).all(), max(search.count(COUNTED_EVENTS), at_least)


def _find_types(wanted: ReceivedEventFilter) -> Select[Any] | None:
    """Return the identifiers of the wanted kinds of events, also of deleted ones; None for all."""
    rules = []
    if wanted.system_id is not None:
        rules.append(events.c.system_id == wanted.system_id)
    if wanted.identifier is not None:
        rules.append(contains_word(wanted.identifier, events.c.identifier))
    return select(events.c.identifier).where(*rules) if rules else None


def _whole_identifier(wanted: ReceivedEventFilter) -> Sequence[str]:
    """Return the identifier of an event that may be defined elsewhere, without a system here."""
    return [wanted.identifier] if wanted.identifier and wanted.system_id is None else []


def _is_of(types: Select[Any], wanted: ReceivedEventFilter) -> ColumnElement[bool]:
    whole = _whole_identifier(wanted)
    return or_(_c.type.in_(types), _c.type.in_(whole)) if whole else _c.type.in_(types)


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
    connection: Connection, chosen: Select[Any], parts: Iterator[Part], paging: Paging
) -> Found:
    before, end = paging.page * paging.size, (paging.page + 1) * paging.size
    oldest_first = not paging.descending
    of_parts = PartStatement(connection, chosen, oldest_first=oldest_first)
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
