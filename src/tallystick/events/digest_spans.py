"""The spans of digests: each begins with an id of its own and ends where the next one begins.

Those of `event_digests` are blocks, those of `event_digest_groups` groups of them. A span is open
while its keys are NULL: it may have anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, Table, func, or_, select

from tallystick.store.partitions import NO_END
from tallystick.store.tables import late_events

OPEN = {"streams": None, "subjects": None}
"""The keys of a digest that tells nothing."""


def first_of(digests: Table, id_: ColumnElement[str] | str) -> ScalarSelect[str]:
    """Return the first id of the span that an id belongs to."""
    other = digests.alias()
    return select(func.max(other.c.first)).where(other.c.first <= id_).scalar_subquery()


def end_of(digests: Table) -> ColumnElement[str]:
    """Return where a row's span ends."""
    following = digests.alias()
    later = select(func.min(following.c.first)).where(following.c.first > digests.c.first)
    return func.coalesce(later.scalar_subquery(), NO_END)


def equal_size(number: int, largest: int) -> int:
    """Return the size of as few equal spans as hold so many, each of them up to the largest.

    A full span that was opened by a late event has room in both halves for the next ones.
    """
    return ceil(number / ceil(number / largest)) if number else largest


def late_spans(digests: Table, ids: Sequence[str] | None = None) -> Select[str]:
    """Return the first ids of the spans with late events: all of these, or those with some ids."""
    late = select(first_of(digests, late_events.c.id)).select_from(late_events)
    return late if ids is None else late.where(late_events.c.id.in_(ids))


def is_whole(digests: Table) -> ColumnElement[bool]:
    """Return the condition of spans that are read whole: their digest tells too little."""
    late: ColumnElement[Any] = digests.c.first.in_(late_spans(digests))
    return or_(digests.c.streams.is_(None), late)
