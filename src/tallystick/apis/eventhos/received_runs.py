"""Received events found by the runs of their contracts, however many others have runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Subquery,
    Text,
    and_,
    cast,
    func,
    literal,
    select,
    text,
    true,
    union_all,
)

from tallystick.apis.eventhos.resource import Paging
from tallystick.apis.eventhos.tables import contracts, events
from tallystick.delivery import DeliveryState
from tallystick.delivery.tables import OF_CONTRACTS, deliveries
from tallystick.events.spans import Span
from tallystick.store.tables import events as log_events

ID_LENGTH = 36
"""The number of characters of an event's id, by which the ids of its runs begin."""

_id = deliveries.c.id
_OF_CONTRACTS: Any = text(OF_CONTRACTS)


class RunSearch:
    """The events that have a run in one of some states, by the contracts that may have run.

    An index has the runs of a state and a contract in their order. A page takes the first ones of
    each contract, so that all else in the state costs nothing.
    """

    def __init__(
        self,
        connection: Connection,
        states: Sequence[DeliveryState],
        types: Select[tuple[str]] | None,
        bounds: Span,
    ) -> None:
        """`types` are the identifiers of the events' kinds; None for all."""
        self._connection = connection
        self._is_sqlite = connection.dialect.name == "sqlite"
        self._contracts = _contracts_of(types)
        self._sought = _sought(self._contracts, states)
        # Runs outlive their events for a while.
        oldest = connection.scalar(select(func.min(log_events.c.id))) or bounds.end
        self._bounds = bounds._replace(first=max(bounds.first, oldest))

    def list_ids(self, paging: Paging) -> Sequence[str]:
        """Return the ids of the page's events in their order, with that of the following one."""
        before = paging.page * paging.size
        order = _id.desc() if paging.descending else _id.asc()
        found = self._first_of_each(before + paging.size + 1, order).subquery()
        order = found.c.event_id.desc() if paging.descending else found.c.event_id.asc()
        page = select(found.c.event_id).distinct().order_by(order)
        return self._connection.scalars(page.limit(paging.size + 1).offset(before)).all()

    def count(self, limit: int) -> int:
        """Return the number of events, at most the limit."""
        # The runs of a contract in one state are those of as many events.
        some = self._all() if self._is_sqlite else self._first_of_each(limit, _id.asc())
        # In SQLite's rows there is one of NULL for each contract without runs in a state.
        empty = self._count_sought() if self._is_sqlite else 0
        runs = some.limit(limit * self._most_of_an_event() + empty).subquery()
        found = select(runs.c.event_id).distinct().limit(limit + 1).subquery()
        return min(self._connection.scalar(select(func.count(found.c.event_id))) or 0, limit)

    def _count_sought(self) -> int:
        return self._connection.scalar(select(func.count()).select_from(self._sought)) or 0

    def _most_of_an_event(self) -> int:
        """Return the greatest number of contracts of one kind of event."""
        tied = self._contracts.subquery()
        counted = select(func.count().label("n")).select_from(tied).group_by(tied.c.event_id)
        return self._connection.scalar(counted.order_by(func.count().desc()).limit(1)) or 0

    def _first_of_each(self, limit: int, order: Any) -> Select[Any]:
        """Return the events of the first runs of each contract in each state."""
        own = select(_id).where(*self._own_runs()).order_by(order).limit(limit)
        if not self._is_sqlite:
            first = own.lateral()
            return _events_of(first, self._sought.join(first, true()))
        # SQLite has no LATERAL: it reads the list of a condition anew for each contract.
        run = deliveries.alias()
        return _events_of(run, self._sought.join(run, run.c.id.in_(own)))

    def _all(self) -> Select[Any]:
        # An outer join, or SQLite may go through all runs of a state and look for the contracts.
        joined = self._sought.outerjoin(deliveries, and_(*self._own_runs()))
        return _events_of(deliveries, joined)

    def _own_runs(self) -> list[ColumnElement[bool]]:
        """Return the conditions of the runs of a contract in a state."""
        c = deliveries.c
        of_both = c.state == self._sought.c.state, c.target == self._sought.c.target
        within = _id >= self._bounds.first, _id < self._bounds.end
        return [_OF_CONTRACTS, *of_both, *within]


def _contracts_of(types: Select[tuple[str]] | None) -> Select[tuple[str, int]]:
    chosen = select(cast(contracts.c.id, Text).label("target"), contracts.c.event_id)
    if types is None:
        return chosen
    kinds = select(events.c.id).where(events.c.identifier.in_(types))
    return chosen.where(contracts.c.event_id.in_(kinds))


def _sought(tied: Select[Any], states: Sequence[DeliveryState]) -> Subquery:
    """Return each contract with each state."""
    of, in_ = tied.subquery(), union_all(*(select(literal(s.value).label("state")) for s in states))
    state = in_.subquery()
    return select(of.c.target, state.c.state).select_from(of.join(state, true())).subquery()


def _events_of(runs: FromClause, source: FromClause) -> Select[Any]:
    return select(func.substr(runs.c.id, 1, ID_LENGTH).label("event_id")).select_from(source)
