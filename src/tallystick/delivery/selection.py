"""A choice of deliveries by their columns and the time of their events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, text

from tallystick.delivery.delivery import DeliveryState
from tallystick.delivery.tables import ENDED, KEPT, PENDING, deliveries
from tallystick.events.time_span import within_span


class DeliverySelection(NamedTuple):
    """A filter for deliveries matching all given values."""

    ids: Sequence[str] | None = None
    event_id: str | None = None
    kind: str | None = None
    target: str | None = None
    endpoint: str | None = None
    from_ms: int | None = None
    """The first time, in ms since the epoch, at which their events were stored."""
    to_ms: int | None = None
    """The time, in ms since the epoch, before which their events were stored."""
    states: frozenset[DeliveryState] | None = None

    def rules(self) -> list[ColumnElement[bool]]:
        """Return the conditions for a WHERE clause."""
        return self.indexed_rules() + self.other_rules(deliveries)

    def other_rules(self, rows: FromClause) -> list[ColumnElement[bool]]:
        """Return the conditions without an index, on these rows of deliveries."""
        wanted = {"kind": self.kind, "target": self.target, "endpoint": self.endpoint}
        return [rows.c[name] == value for name, value in wanted.items() if value is not None]

    def indexed_rules(self) -> list[ColumnElement[bool]]:
        """Return the conditions with an index in the order of ids."""
        c = deliveries.c
        rules: list[ColumnElement[bool]] = []
        if self.ids is not None:
            rules.append(c.id.in_(self.ids))
        if self.event_id is not None:
            rules += [c.id >= f"{self.event_id}_", c.id < f"{self.event_id}`"]
        rules += self.span()
        if self.states is not None:
            rules.append(c.state.in_(sorted(self.states)))
            rules += [condition for states, condition in INDEXED if self.states <= states]
            # A list of two of these would be sorted as a whole: most deliveries are in them.
            rules += [_ENDED] if len(self.states) == 1 and self.states <= _ENDED_STATES else []
        return rules

    def span(self) -> list[ColumnElement[bool]]:
        """Return the conditions on the time alone."""
        return within_span(deliveries.c.id, self.from_ms, self.to_ms)


# The partial indexes' conditions to the letter: SQLite uses a partial index only if the WHERE
# clause has its terms (https://sqlite.org/partialindex.html).
INDEXED: Sequence[tuple[frozenset[DeliveryState], Any]] = (
    (frozenset({DeliveryState.PENDING}), text(PENDING)),
    (
        frozenset({DeliveryState.LEASED, DeliveryState.HELD, DeliveryState.DEAD}),
        text(KEPT),
    ),
)
_ENDED: Any = text(ENDED)
_ENDED_STATES = frozenset({DeliveryState.WAITING, DeliveryState.DONE, DeliveryState.CANCELLED})
