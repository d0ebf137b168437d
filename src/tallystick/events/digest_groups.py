"""Groups of digests: the parts of the log that may have the events of a filter.

A group has the keys of several blocks, one after the other: a filter looks at the digests of the
groups with its values and passes over all others.

A group is closed once all of its blocks are, and opened with any of them. Its first id is that of a
block. The newest group is open.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    true,
    update,
)

from tallystick.events.digest_keys import Shape, join_keys, may_have, split_keys
from tallystick.events.digest_spans import (
    OPEN,
    end_of,
    equal_size,
    first_of,
    is_whole,
    late_spans,
)
from tallystick.events.spans import Span
from tallystick.store.partitions import NO_END
from tallystick.store.sql import Greatest, Least, lock_name
from tallystick.store.tables import event_digest_groups, event_digests

GROUP_BLOCKS = 64
"""The blocks of a group. More of them make rare events dearer, fewer of them what none has."""

OPEN_AT_ONCE = 64
"""The open groups that are looked at: late events may open many, and their blocks come first."""

_g = event_digest_groups.c
_c = event_digests.c


def choose_groups(dialect: str, shape: Shape, *, oldest_first: bool) -> Select[Any]:
    """Return the statement of the groups that may have events with keys of a shape.

    They are in the order of a page. Its values are those of a `Span` and of the keys; the blocks to
    look at are those from a group's `begin` to its `end`.
    """
    conditions = may_have(dialect, event_digest_groups, shape)
    return _GROUPS[oldest_first].where(or_(_IS_WHOLE, and_(true(), *conditions)))


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


def _joined_keys(columns: Sequence[bytes]) -> bytes:
    return join_keys({key for column in columns for key in split_keys(column)})


_IS_WHOLE = is_whole(event_digest_groups)
# Built once, as each list by a filter begins with them.
_CHOSEN = select(
    _g.first,
    Greatest(_g.first, first_of(event_digests, bindparam("first_id"))).label("begin"),
    Least(end_of(event_digest_groups), bindparam("end_id")).label("end"),
).where(
    _g.first >= first_of(event_digest_groups, bindparam("first_id")),
    _g.first < bindparam("end_id"),
)
_GROUPS = [_CHOSEN.order_by(order) for order in (_g.first.desc(), _g.first.asc())]
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
