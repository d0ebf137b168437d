"""A choice of events by their attributes and the time of their acceptance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement

from tallystick.events.time_span import within_span
from tallystick.store.tables import events


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
        return bool(self._exact() or self.sources or self.types)

    def rules(self) -> list[ColumnElement[bool]]:
        """Return the conditions for a WHERE clause."""
        return self.own_rules() + self.span()

    def own_rules(self) -> list[ColumnElement[bool]]:
        """Return the conditions on all but the time."""
        exact = [events.c[name] == value for name, value in self._exact().items()]
        allowed = {"source": self.sources, "type": self.types}
        return exact + [events.c[name].in_(values) for name, values in allowed.items() if values]

    def span(self) -> list[ColumnElement[bool]]:
        """Return the conditions on the time alone."""
        return within_span(events.c.id, self.from_ms, self.to_ms)

    def _exact(self) -> dict[str, str]:
        wanted = {name: getattr(self, name) for name in ("api", "type", "source", "subject")}
        return {name: value for name, value in wanted.items() if value is not None}
