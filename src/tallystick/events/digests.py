"""Digests of the log: the blocks of it that may have the events of a filter.

A block is a span of ids. Its digest has three bytes for each API, source, type and subject in it:
a filter reads the blocks with its values and passes over all others. A digest is made once no
further event is expected in its block; an event that comes all the same is kept in `late_events`,
and its block is open until its digest is made anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from tallystick.events.digest_groups import (
    choose_groups,
    drop_pruned_groups,
    has_ready_group,
    open_groups,
    open_late_groups,
)
from tallystick.events.digest_keys import (
    Shape,
    SoughtKeys,
    has_each,
    join_keys,
    may_have,
    seek_keys,
    stream_keys,
    subject_key,
)
from tallystick.events.digest_spans import (
    OPEN,
    end_of,
    equal_size,
    first_of,
    is_whole,
    late_spans,
)
from tallystick.events.ids import lowest_id
from tallystick.events.selection import EventSelection
from tallystick.events.spans import ALL, WITHIN_SPAN, Blocks, Part, Span
from tallystick.store.partitions import NO_END
from tallystick.store.sql import Greatest, Least, insert_new, join_spans, lock_name
from tallystick.store.tables import event_digests, events, late_events

BLOCK_EVENTS = 256
"""The events of a block. More of them make rare events dearer, fewer of them the common ones."""

DIGESTED_EVENTS = 4 * BLOCK_EVENTS
"""The events that are digested in one transaction: on SQLite, all others wait for it."""

BLOCKS_AT_ONCE = 64

SHAPES = 128
"""The shapes of filters whose statements are kept; a list of values is a shape for each length."""

COUNTED_AT_ONCE = 500

LATE_AT_ONCE = 1_000
PRUNED_AT_ONCE = 1_000

_Digested: TypeAlias = Row[str, str, str, str, str]
"""The id, API, source, type and subject of an event to digest."""

_ANYTHING = {**OPEN, "number": None}
_c = event_digests.c


def bounds_of(selection: EventSelection, cursor: str | None = None) -> Span:
    """Return the span of a selection's time, before the cursor if there is one."""
    first = "" if selection.from_ms is None else lowest_id(selection.from_ms)
    end = NO_END if selection.to_ms is None else lowest_id(selection.to_ms)
    return Span(first, end if cursor is None else min(end, cursor))


def read_parts(
    connection: Connection,
    spans: Iterable[Span],
    selection: EventSelection,
    *,
    oldest_first: bool = False,
) -> Iterator[Part]:
    """Yield the parts of spans that may have selected events; both are in the order of a page."""
    sought, dialect = seek_keys(selection), connection.dialect.name
    blocks = _choose_blocks(
        dialect, sought.shape, has_many=bool(sought.many), oldest_first=oldest_first
    )
    for span in spans:
        if sought.many:
            yield from _read_blocks(connection, blocks, span, sought, oldest_first=oldest_first)
        else:
            yield Part(span, blocks, sought.values)


# To build the statements takes as long as the database needs for one.
@lru_cache(SHAPES)
def _choose_blocks(dialect: str, shape: Shape, *, has_many: bool, oldest_first: bool) -> Blocks:
    """Return the blocks that may have events with keys of a shape, and with many, their keys."""
    rule = or_(_IS_WHOLE, and_(true(), *may_have(dialect, event_digests, shape)))
    rows = select(_c.first, *_WITHIN).where(rule)
    if has_many:
        rows = rows.add_columns(_c.streams, _IS_WHOLE.label("is_whole"))
    groups = choose_groups(dialect, shape, oldest_first=oldest_first).subquery()
    chosen = join_spans(dialect, groups, rows, _c.first, by=["first"], descending=not oldest_first)
    return Blocks.of(chosen.add_columns(groups.c.first.label("group")))


def _read_blocks(
    connection: Connection, blocks: Blocks, span: Span, sought: SoughtKeys, *, oldest_first: bool
) -> Iterator[Part]:
    """Yield the blocks with a key of each set, which are too many to be sought by a statement."""
    chosen = blocks.chosen.limit(BLOCKS_AT_ONCE)
    while True:
        found = connection.execute(chosen, {**span.values(), **sought.values}).all()
        for block in found:
            if block.is_whole or has_each(block.streams, sought.many):
                yield Part(Span(block.begin, block.end))
        if len(found) < BLOCKS_AT_ONCE:
            return
        last = found[-1]
        span = Span(last.end, span.end) if oldest_first else Span(span.first, last.first)
        if span.first >= span.end:
            return


def find_newest(connection: Connection, number: int, bounds: Span = ALL) -> str | None:
    """Return the id of the oldest of so many newest events within bounds; None if there are fewer.

    Blocks that were counted are passed over: no more events are read than the number.
    """
    end = bounds.end
    for row in _read_counted(connection, end):
        block = Span(row.first, end).part_of(bounds)
        # Only a part of the first block and of the last one may be within bounds.
        is_part = end == bounds.end or row.first < bounds.first
        there = None if is_part else row.number
        if there is None or there >= number:
            there, oldest = connection.execute(_NEWEST, {**block.values(), "number": number}).one()
            if there == number:
                return str(oldest)
        number, end = number - there, row.first
        if end <= bounds.first:
            return None
    return None


def forget_numbers(connection: Connection, before: str) -> None:
    """Forget the numbers of the blocks that begin before an id, as they lost events."""
    lock_name(connection, "event digests")
    counted = update(event_digests).where(_c.first < before, _c.number.is_not(None))
    connection.execute(counted.values(number=None))


def _read_counted(connection: Connection, end: str) -> Iterator[Row[Any, Any]]:
    """Yield the blocks up to an end with the numbers of their events, newest first."""
    while True:
        values = {"end_id": end, "at_once": COUNTED_AT_ONCE}
        found = connection.execute(_COUNTED, values).all()
        yield from found
        if len(found) < COUNTED_AT_ONCE:
            return
        end = found[-1].first


def newest_block(connection: Connection) -> str:
    """Return the first id of the newest block."""
    return connection.scalar(select(func.max(_c.first))) or ""


def has_work(connection: Connection, settled: str) -> bool:
    """Return whether `make_digests`, `close_group` or `drop_pruned_blocks` has anything to do."""
    return (
        connection.scalar(_LATE) is not None
        or _is_ready(connection, settled)
        or has_ready_group(connection)
        or _is_pruned(connection)
    )


def make_digests(connection: Connection, settled: str) -> bool:
    """Digest the oldest open block, as several blocks if it is large; return whether it was ready.

    The newest block is digested up to an id before which no event comes unmarked.
    """
    lock_name(connection, "event digests")
    _open_late_blocks(connection)
    block = _oldest_open(connection)
    if block is None:
        return False
    within = Span(block.first, settled) if block.end == NO_END else block
    found = connection.execute(_DIGESTED, within.values()).all()
    (first, digest), *others = _divide(block, found)
    if digest is _ANYTHING:
        return False
    connection.execute(_CLOSE, {"opened": first, **digest})
    if others:
        rows = [{"first": first, **digest} for first, digest in others]
        connection.execute(insert(event_digests), rows)
    return True


def drop_pruned_blocks(connection: Connection) -> bool:
    """Forget blocks before the oldest event: from now on, the first block has their span.

    Return whether there may be more of them.
    """
    lock_name(connection, "event digests")
    oldest = select(_c.first).where(*_pruned(connection)).order_by(_c.first)
    found = connection.scalars(oldest.limit(PRUNED_AT_ONCE)).all()
    if found:
        connection.execute(delete(event_digests).where(_c.first > "", _c.first <= found[-1]))
        connection.execute(update(event_digests).where(_c.first == "").values(_ANYTHING))
        drop_pruned_groups(connection, found[-1])
    return len(found) == PRUNED_AT_ONCE


def open_blocks(connection: Connection, ids: Sequence[str]) -> None:
    """Open the blocks from that of the lowest id to that of the highest one.

    Call it in the transaction that stores events of these ids, once they are stored.
    """
    lock_name(connection, "event digests")
    within = (_c.first >= first_of(event_digests, min(ids)), _c.first <= max(ids))
    changed = update(event_digests).where(*within, _c.streams.is_not(None))
    connection.execute(changed.values(_ANYTHING))
    open_groups(connection, min(ids), max(ids))


def mark_late(connection: Connection, ids: Iterable[str]) -> None:
    """Tell that events were stored late."""
    connection.execute(insert_new(connection, late_events), [{"id": id_} for id_ in ids])


def _oldest_open(connection: Connection) -> Span | None:
    row = connection.execute(_OLDEST_OPEN).one_or_none()
    return None if row is None else Span(*row)


def _is_ready(connection: Connection, settled: str) -> bool:
    block = _oldest_open(connection)
    if block is None or block.end != NO_END:
        return block is not None
    return connection.scalar(_FULL, Span(block.first, settled).values()) is not None


def _divide(block: Span, found: Sequence[_Digested]) -> list[tuple[str, dict[str, Any]]]:
    """Return the first ids and the digests of the blocks that an open one becomes.

    The last one stays open if more events belong to it than were found, or may come.
    """
    is_whole = block.end != NO_END and len(found) <= DIGESTED_EVENTS
    size = equal_size(len(found), BLOCK_EVENTS) if is_whole else BLOCK_EVENTS
    starts = range(0, max(len(found), 1), size)
    firsts = [found[start].id if start else block.first for start in starts]
    *parts, last = (found[start : start + size] for start in starts)
    digests = [*map(_digest, parts), _digest(last) if is_whole else _ANYTHING]
    return list(zip(firsts, digests, strict=True))


def _digest(found: Sequence[_Digested]) -> dict[str, Any]:
    # By names, a row's columns take four times as long.
    streams = {(api, source, type_) for _, api, source, type_, _ in found}
    subjects = {subject for _, _, _, _, subject in found}
    return {
        "streams": join_keys({key for stream in streams for key in stream_keys(*stream)}),
        "subjects": join_keys(set(map(subject_key, subjects))),
        "number": len(found),
    }


def _open_late_blocks(connection: Connection) -> None:
    ids = connection.scalars(_LATE).all()
    if ids:
        late = _c.first.in_(late_spans(event_digests, ids))
        connection.execute(update(event_digests).where(late).values(_ANYTHING))
        open_late_groups(connection, ids)
        connection.execute(delete(late_events).where(late_events.c.id.in_(ids)))


def _is_pruned(connection: Connection) -> bool:
    return connection.scalar(select(_c.first).where(*_pruned(connection)).limit(1)) is not None


def _pruned(connection: Connection) -> list[ColumnElement[bool]]:
    oldest = connection.scalar(select(func.min(events.c.id)))
    return [_c.first > "", _c.first < first_of(event_digests, oldest or "")]


_IS_WHOLE = is_whole(event_digests)
_END = end_of(event_digests)
_WITHIN = (
    Greatest(_c.first, bindparam("first_id")).label("begin"),
    Least(_END, bindparam("end_id")).label("end"),
)
_COUNTED = (
    select(_c.first, _c.number)
    .where(_c.first < bindparam("end_id"))
    .order_by(_c.first.desc())
    .limit(bindparam("at_once"))
)
_newest = (
    select(events.c.id)
    .where(*WITHIN_SPAN)
    .order_by(events.c.id.desc())
    .limit(bindparam("number"))
    .subquery()
)
_NEWEST = select(func.count(), func.min(_newest.c.id))
_OLDEST_OPEN = (
    select(_c.first, _END.label("end")).where(_c.streams.is_(None)).order_by(_c.first).limit(1)
)
_DIGESTED = (
    select(events.c.id, events.c.api, events.c.source, events.c.type, events.c.subject)
    .where(*WITHIN_SPAN)
    .order_by(events.c.id)
    .limit(DIGESTED_EVENTS + 1)
)
_FULL = select(events.c.id).where(*WITHIN_SPAN).order_by(events.c.id).limit(1).offset(BLOCK_EVENTS)
_LATE = select(late_events.c.id).limit(LATE_AT_ONCE)
_CLOSE = update(event_digests).where(_c.first == bindparam("opened"))
