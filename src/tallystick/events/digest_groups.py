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
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from tallystick.events.digest_keys import join_keys, may_have, split_keys
from tallystick.events.selection import EventSelection
from tallystick.events.spans import Span
from tallystick.store.partitions import NO_END
from tallystick.store.sql import lock_name
from tallystick.store.tables import event_digest_groups, event_digests, late_events

GROUP_BLOCKS = 32
"""The blocks of a group. More of them make common events dearer, fewer of them the rare ones."""

GROUPS_AT_ONCE = 512

CLOSE_BY = 8
"""The groups between two with a value up to which their digests are looked at as well.

A statement costs more than that.
"""

OPEN_AT_ONCE = 64
"""The open groups that are looked at: late events may open many, and their blocks come first."""

_OPEN = {"streams": None, "subjects": None}
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
    order = _g.first.asc() if oldest_first else _g.first.desc()
    # The end of each group is found by the index: that of one to pass over would be in vain.
    end_of_chosen = case((or_(_is_whole(), and_(*conditions)), _END)).label("end")
    chosen = select(_g.first, end_of_chosen).order_by(order)
    first, end = _g.first >= _group_of(others.first), _g.first < others.end
    while True:
        found = connection.execute(chosen.where(first, end).limit(GROUPS_AT_ONCE)).all()
        yield from (part.part_of(others) for part in _join(found))
        if len(found) < GROUPS_AT_ONCE:
            return
        if oldest_first:
            first = _g.first > found[-1].first
        else:
            end = _g.first < found[-1].first


def _find_near(connection: Connection, bounds: Span, *, oldest_first: bool) -> str | None:
    """Return the id within bounds where the nearest two groups end; None if all is in them."""
    near: str | None = connection.scalar(_NEAR[oldest_first], bounds.values())
    return near


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
        connection.execute(insert(event_digest_groups), {"first": ready.group.end, **_OPEN})
    return True


def open_groups(connection: Connection, first: str, last: str) -> None:
    """Open the groups from that of one id to that of another."""
    within = (_g.first >= _group_of(first), _g.first <= last, _g.streams.is_not(None))
    connection.execute(update(event_digest_groups).where(*within).values(_OPEN))


def open_late_groups(connection: Connection, ids: Sequence[str]) -> None:
    """Open the groups of late events."""
    chosen = _late_groups().where(late_events.c.id.in_(ids))
    connection.execute(update(event_digest_groups).where(_g.first.in_(chosen)).values(_OPEN))


def drop_pruned_groups(connection: Connection, last: str) -> None:
    """Forget the groups that begin with a block up to the last pruned one."""
    connection.execute(delete(event_digest_groups).where(_g.first > "", _g.first <= last))
    connection.execute(update(event_digest_groups).where(_g.first == "").values(_OPEN))


class _Ready(NamedTuple):
    """A group to close, and whether its end begins a group of its own from now on."""

    group: Span
    is_split: bool


def _find_ready(connection: Connection) -> _Ready | None:
    for group in connection.execute(_OLDEST_OPEN).all():
        blocks = _BLOCKS.limit(GROUP_BLOCKS + 1)
        found = connection.execute(blocks, {"from_": group.first, "to": group.end}).all()
        is_split = len(found) > GROUP_BLOCKS
        may_close = is_split or (found and group.end != NO_END)
        if may_close and all(block.is_closed for block in found[:GROUP_BLOCKS]):
            end = found[GROUP_BLOCKS].first if is_split else group.end
            return _Ready(Span(group.first, end), is_split)
    return None


def _join(groups: Sequence[Row[Any, Any]]) -> Iterator[Span]:
    """Yield the spans of the groups with an end, as one where they are close by."""
    part: Span | None = None
    between = 0
    for group in groups:
        if group.end is None:
            between += 1
            continue
        if part is not None and between > CLOSE_BY:
            yield part
            part = None
        span = Span(group.first, group.end)
        part = span if part is None else part.joined(span)
        between = 0
    if part is not None:
        yield part


def _joined_keys(columns: Sequence[bytes]) -> bytes:
    return join_keys({key for column in columns for key in split_keys(column)})


def _is_whole() -> ColumnElement[bool]:
    """Return the condition of groups that tell too little, so that their digests are read."""
    return or_(_g.streams.is_(None), _g.first.in_(_late_groups()))


def _group_of(id_: str | ColumnElement[str]) -> ScalarSelect[str]:
    """Return the first id of the group that an id belongs to."""
    other = event_digest_groups.alias()
    return select(func.max(other.c.first)).where(other.c.first <= id_).scalar_subquery()


def _late_groups() -> Select[str]:
    return select(_group_of(late_events.c.id)).select_from(late_events)


_WITHIN = _g.first > bindparam("first_id"), _g.first < bindparam("end_id")
_NEAR = [
    select(_g.first).where(*_WITHIN).order_by(order).limit(1).offset(1)
    for order in (_g.first.desc(), _g.first.asc())
]
_following = event_digest_groups.alias()
_END = func.coalesce(
    select(func.min(_following.c.first)).where(_following.c.first > _g.first).scalar_subquery(),
    NO_END,
)
_OLDEST_OPEN = (
    select(_g.first, _END.label("end"))
    .where(_g.streams.is_(None))
    .order_by(_g.first)
    .limit(OPEN_AT_ONCE)
)
_BLOCKS = (
    select(_c.first, _c.streams.is_not(None).label("is_closed"))
    .where(_c.first >= bindparam("from_"), _c.first < bindparam("to"))
    .order_by(_c.first)
)
_CLOSE = update(event_digest_groups).where(_g.first == bindparam("opened"))
