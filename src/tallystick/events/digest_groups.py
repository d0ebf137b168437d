"""Groups of digests: the parts of the log that may have the events of a filter.

A group has the keys of several blocks, one after the other: a filter looks at the digests of the
groups with its values and passes over all others. The digests of the nearest two groups are looked
at in any case: a common value is in them, and a small log has no others.

A group is closed once all of its blocks are, and opened with any of them. Its first id is that of a
block. The newest group is open.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Select,
    and_,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)

from tallystick.events.digest_keys import join_keys, may_have, split_keys
from tallystick.events.digest_spans import (
    OPEN,
    choose_spans,
    end_of,
    equal_size,
    first_of,
    is_whole,
    late_spans,
)
from tallystick.events.selection import EventSelection
from tallystick.events.spans import Span
from tallystick.store.partitions import NO_END
from tallystick.store.sql import lock_name
from tallystick.store.tables import event_digest_groups, event_digests

GROUP_BLOCKS = 64
"""The blocks of a group. More of them make common events dearer, fewer of them the rare ones."""

GROUPS_AT_ONCE = 512

CLOSE_BY = 4
"""The groups between two with a value up to which their digests are looked at as well.

A statement costs more than that.
"""

OPEN_AT_ONCE = 64
"""The open groups that are looked at: late events may open many, and their blocks come first."""

_g = event_digest_groups.c
_c = event_digests.c


def read_parts(
    connection: Connection, bounds: Span, selection: EventSelection, *, oldest_first: bool
) -> Iterator[Span]:
    """Yield the parts of bounds whose blocks may have selected events, in the order of a page."""
    near = _find_near(connection, bounds, oldest_first=oldest_first)
    if near is None:
        yield bounds
        return
    halves = Span(bounds.first, near), Span(near, bounds.end)
    nearest, others = halves if oldest_first else halves[::-1]
    yield nearest
    conditions = may_have(connection, event_digest_groups, selection)
    if not conditions:
        yield others
        return
    chosen = _GROUPS[oldest_first].add_columns(or_(_IS_WHOLE, and_(*conditions)))
    for groups in _read_groups(connection, chosen, others, oldest_first=oldest_first):
        yield from (part.part_of(others) for part in _join(groups))


def _find_near(connection: Connection, bounds: Span, *, oldest_first: bool) -> str | None:
    """Return the id within bounds where the nearest two groups end; None if all is in them."""
    near: str | None = connection.scalar(_NEAR[oldest_first], bounds.values())
    return near


def _read_groups(
    connection: Connection, chosen: Select[Any], part: Span, *, oldest_first: bool
) -> Iterator[Sequence[_Group]]:
    """Yield the groups of a part, many at once."""
    while True:
        values = {**part.values(), "at_once": GROUPS_AT_ONCE}
        rows = connection.execute(chosen, values).all()
        if not rows:
            return
        firsts, may_have_values = zip(*rows, strict=True)
        ends = (*firsts[1:], part.end) if oldest_first else (part.end, *firsts[:-1])
        groups = list(map(_Group, firsts, ends, may_have_values))
        if len(groups) < GROUPS_AT_ONCE:
            yield groups
            return
        if oldest_first:
            # Only what follows tells where the last one ends.
            yield groups[:-1]
            part = Span(firsts[-1], part.end)
        else:
            yield groups
            part = Span(part.first, firsts[-1])


def has_ready_group(connection: Connection) -> bool:
    """Return whether `close_group` has anything to do."""
    return _find_ready(connection) is not None


def close_group(connection: Connection) -> bool:
    """Close a group whose blocks have their digests; return whether there was one."""
    lock_name(connection, "event digests")
    ready = _find_ready(connection)
    if ready is None:
        return False
    within = (_c.first >= ready.group.first, _c.first < ready.group.end)
    digests = connection.execute(select(_c.streams, _c.subjects).where(*within)).all()
    streams, subjects = zip(*digests, strict=True)
    keys = {"streams": _joined_keys(streams), "subjects": _joined_keys(subjects)}
    connection.execute(_CLOSE, {"opened": ready.group.first, **keys})
    if ready.is_split:
        connection.execute(insert(event_digest_groups), {"first": ready.group.end, **OPEN})
    return True


def open_groups(connection: Connection, first: str, last: str) -> None:
    """Open the groups from that of one id to that of another."""
    within = (
        _g.first >= first_of(event_digest_groups, first),
        _g.first <= last,
        _g.streams.is_not(None),
    )
    connection.execute(update(event_digest_groups).where(*within).values(OPEN))


def open_late_groups(connection: Connection, ids: Sequence[str]) -> None:
    """Open the groups of late events."""
    late = _g.first.in_(late_spans(event_digest_groups, ids))
    connection.execute(update(event_digest_groups).where(late).values(OPEN))


def drop_pruned_groups(connection: Connection, last: str) -> None:
    """Forget the groups that begin with a block up to the last pruned one."""
    connection.execute(delete(event_digest_groups).where(_g.first > "", _g.first <= last))
    connection.execute(update(event_digest_groups).where(_g.first == "").values(OPEN))


class _Group(NamedTuple):
    """A group, and whether it may have the events of a filter."""

    first: str
    end: str
    may_have_values: bool


class _Ready(NamedTuple):
    """A group to close, and whether its end begins a group of its own from now on."""

    group: Span
    is_split: bool


def _find_ready(connection: Connection) -> _Ready | None:
    for group in connection.execute(_OLDEST_OPEN).all():
        blocks = _BLOCKS_OF.limit(2 * GROUP_BLOCKS + 1)
        found = connection.execute(blocks, {"from_": group.first, "to": group.end}).all()
        is_newest = group.end == NO_END
        has_all = len(found) <= 2 * GROUP_BLOCKS and not is_newest
        size = equal_size(len(found), GROUP_BLOCKS) if has_all else GROUP_BLOCKS
        is_split = len(found) > size
        may_close = is_split or (found and not is_newest)
        if may_close and all(block.is_closed for block in found[:size]):
            end = found[size].first if is_split else group.end
            return _Ready(Span(group.first, end), is_split)
    return None


def _join(groups: Sequence[_Group]) -> Iterator[Span]:
    """Yield the spans of the groups that may have the values, as one where they are close by."""
    part: Span | None = None
    between = 0
    for group in groups:
        if not group.may_have_values:
            between += 1
            continue
        span = Span(group.first, group.end)
        if part is not None and between > CLOSE_BY:
            yield part
            part = None
        part = span if part is None else part.joined(span)
        between = 0
    if part is not None:
        yield part


def _joined_keys(columns: Sequence[bytes]) -> bytes:
    return join_keys({key for column in columns for key in split_keys(column)})


# Built once, as each list by a filter begins with them.
_WITHIN = _g.first > bindparam("first_id"), _g.first < bindparam("end_id")
_ORDERS = _g.first.desc(), _g.first.asc()
_NEAR = [select(_g.first).where(*_WITHIN).order_by(order).limit(1).offset(1) for order in _ORDERS]
_GROUPS = [choose_spans(event_digest_groups, order) for order in _ORDERS]
_IS_WHOLE = is_whole(event_digest_groups)
_OLDEST_OPEN = (
    select(_g.first, end_of(event_digest_groups).label("end"))
    .where(_g.streams.is_(None))
    .order_by(_g.first)
    .limit(OPEN_AT_ONCE)
)
_BLOCKS_OF = (
    select(_c.first, _c.streams.is_not(None).label("is_closed"))
    .where(_c.first >= bindparam("from_"), _c.first < bindparam("to"))
    .order_by(_c.first)
)
_CLOSE = update(event_digest_groups).where(_g.first == bindparam("opened"))
