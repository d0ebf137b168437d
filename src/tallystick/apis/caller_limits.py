"""Holds each call to the limits of its key: at its beginning, and wherever it stores an event."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Table

from tallystick.apis.key_limits import KeyLimits, Measure
from tallystick.apis.key_quotas import KeyQuotas
from tallystick.contract.exceptions import OutOfBounds
from tallystick.store import Entry

if TYPE_CHECKING:
    from tallystick.contract.compiled import App
    from tallystick.events import Event

POSTPONED = "over the key's quota of deliveries per day: it waits for a later day (UTC)"
"""The reason of a delivery that waits for its day."""


class LimitedCaller(NamedTuple):
    """The key of the call at hand, and its limits."""

    key_id: str
    limits: KeyLimits


_caller: ContextVar[LimitedCaller | None] = ContextVar("caller", default=None)


class CallerLimits:
    """The limits of the call at hand, for the event log."""

    def __init__(self, quotas: KeyQuotas) -> None:
        self._quotas = quotas
        self.is_used = False
        """Whether any key has limits; without one, a call costs a look at this."""

    def begin_call(self, key_id: str, limits: KeyLimits) -> None:
        """Hold the rest of the call to a key's limits; raise `TooManyRequests` over its quota."""
        _caller.set(LimitedCaller(key_id, limits))
        self._quotas.refuse_excess(key_id, limits.quotas, Measure.REQUESTS)
        self._quotas.add(key_id, limits.quotas, Measure.REQUESTS, 1)

    def bounds(self) -> KeyLimits | None:
        """Return the limits of the call at hand, for what it may read; None without any."""
        caller = _caller.get() if self.is_used else None
        return caller.limits if caller else None

    def refuse_excess(self) -> None:
        """Raise `TooManyRequests` if the caller's quota of events or of bytes is used up."""
        if caller := _caller.get():
            quotas = caller.limits.quotas
            self._quotas.refuse_excess(caller.key_id, quotas, Measure.EVENTS, Measure.BYTES)

    def limit_rows(self, event: Event, entries: list[Entry]) -> list[Entry]:
        """Return the rows of an event with its deliveries put off to their day, and count all.

        Raise `OutOfBounds` for an event that the caller may not store.
        """
        caller = _caller.get()
        if caller is None:
            return entries
        key_id, limits = caller
        if not limits.permits(event):
            raise OutOfBounds(f"The key may not store {event.type} of {event.source}.")
        self._quotas.add(key_id, limits.quotas, Measure.EVENTS, 1)
        self._quotas.add(key_id, limits.quotas, Measure.BYTES, len(event.data))
        number = sum(_is_delivery(table) for table, _ in entries)
        begins = self._quotas.add_deliveries(key_id, limits.quotas, number)
        return entries if begins is None else _postponed(entries, begins)

    def with_limits(self, app: App) -> App:
        """Return the application with each call held to the limits of its own key alone."""

        def call(scope: Any, receive: Any, send: Any) -> Any:
            # A connection has one task for all its calls.
            if self.is_used:
                _caller.set(None)
            return app(scope, receive, send)

        return call


def _is_delivery(table: Table) -> bool:
    # Imported late, as commands that list keys deliver nothing.
    from tallystick.delivery.tables import deliveries

    return table is deliveries


def _postponed(entries: Sequence[Entry], begins: int) -> list[Entry]:
    # As retried ones, for a first attempt is due at any time.
    changed = {"due": begins, "retried": 1, "detail": POSTPONED}
    return [
        (table, row._replace(**changed) if _is_delivery(table) else row)  # type: ignore[attr-defined]  # a `Delivery`
        for table, row in entries
    ]
