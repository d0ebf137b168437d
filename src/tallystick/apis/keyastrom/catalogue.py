"""Lists of types of events and of their properties, known without a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import Connection

from tallystick.apis.keyastrom.event_types import EVENT_PROPERTIES, EVENT_TYPES


@dataclass(frozen=True, slots=True)
class _KnownQuery:
    """All items, in their own order."""

    page_size: int
    position: ClassVar = (int,)
    items: ClassVar[Sequence[dict[str, Any]]]

    def page(
        self, _connection: Connection, _now_ms: int, after: Sequence[Any] | None
    ) -> tuple[list[dict[str, Any]], Sequence[Any] | None]:
        """Return some items, and their end if more follow."""
        start = after[0] if after else 0
        end = start + self.page_size
        return list(self.items[start:end]), [end] if end < len(self.items) else None

    def count(self, _connection: Connection, _now_ms: int) -> int:
        """Return the number of all items."""
        return len(self.items)


class EventTypeQuery(_KnownQuery):
    """All types of events."""

    items: ClassVar = [type_._asdict() for type_ in EVENT_TYPES]


class EventPropertyQuery(_KnownQuery):
    """All reserved properties a caller may set."""

    items: ClassVar = [property_.to_json(property_.key) for property_ in EVENT_PROPERTIES]


def get_event_type(name: str) -> dict[str, Any] | None:
    """Return the type of that name; None if there is none."""
    return next((t._asdict() for t in EVENT_TYPES if t.type == name), None)


def get_event_property(key: str) -> dict[str, Any] | None:
    """Return the reserved property of that key, or its family."""
    return next((p.to_json(key) for p in EVENT_PROPERTIES if p.covers(key)), None)
