"""A choice of events by their attributes and the time of their acceptance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import ColumnElement, bindparam

from tallystick.events.time_span import within_span
from tallystick.store.tables import events

Form: TypeAlias = tuple[str, ...]
"""The names of what a selection has of attributes: those of one form have the same conditions."""

_EXACT = ("api", "type", "source", "subject")
_ANY_OF = {"sources": "source", "types": "type"}


class EventSelection(NamedTuple):
    """A filter for events matching all given values."""

    api: str | None = None
    type: str | None = None
    source: str | None = None
    subject: str | None = None
    text: str | None = None
    """Words in their subject or data. `rules` leaves them out: `TextSearch` finds them."""
    from_ms: int | None = None
    """The first time of their acceptance, in ms since the epoch."""
    to_ms: int | None = None
    """The time before which they were accepted, in ms since the epoch."""
    sources: Sequence[str] = ()
    """The sources of which they may be; any, if empty."""
    types: Sequence[str] = ()
    """The types of which they may be; any, if empty."""

    @property
    def is_narrow(self) -> bool:
        """Return whether it takes a part of the events of its time, by their attributes."""
        return bool(self.form)

    @property
    def form(self) -> Form:
        """Return the form of the conditions on all but the time."""
        exact = [name for name in _EXACT if getattr(self, name) is not None]
        return (*exact, *(name for name in _ANY_OF if getattr(self, name)))

    def values(self) -> dict[str, Any]:
        """Return the values of the conditions, to execute a statement with."""
        return {f"wanted_{name}": getattr(self, name) for name in self.form}

    def rules(self) -> list[ColumnElement[bool]]:
        """Return the conditions for a WHERE clause; execute it with the `values`."""
        return rules_of(self.form) + self.span()

    def span(self) -> list[ColumnElement[bool]]:
        """Return the conditions on the time alone."""
        return within_span(events.c.id, self.from_ms, self.to_ms)


def rules_of(form: Form) -> list[ColumnElement[bool]]:
    """Return the conditions of a form on all but the time, for the values of a selection."""
    return [_rule(name) for name in form]


def _rule(name: str) -> ColumnElement[bool]:
    if name in _ANY_OF:
        return events.c[_ANY_OF[name]].in_(bindparam(f"wanted_{name}", expanding=True))
    return events.c[name] == bindparam(f"wanted_{name}")
