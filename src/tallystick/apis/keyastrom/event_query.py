"""Events as they are listed: found by time and by selectors, a page at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import Any, ClassVar, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, false, func, not_, or_, select, tuple_

from tallystick.apis.keyastrom import (
    event_ids,
    event_selector,
    property_digest,
    selector,
    selector_sql,
)
from tallystick.apis.keyastrom.entity_query import tags_of, zones_of
from tallystick.apis.keyastrom.event_selector import EventFlag, EventStatus
from tallystick.apis.keyastrom.tables import entities, events, zones

Condition = ColumnElement[bool]

SUPPRESS_PROBLEM = "dt.event.suppress_problem"

_COLUMNS = (
    events.c.id,
    events.c.entity_id,
    events.c.type,
    events.c.start_ms,
    events.c.end_ms,
    events.c.content,
    entities.c.type.label("entity_type"),
    entities.c.name,
)


class EventPosition(NamedTuple):
    """The end of a page."""

    start_ms: int
    number: int


@dataclass(frozen=True, slots=True)
class EventQuery:
    """A list of events: selected ones, open some time from `from_ms` to `to_ms`."""

    from_ms: int
    to_ms: int
    event_selector: str | None
    entity_selector: str | None
    page_size: int
    active_for_ms: int
    """How long after it was last seen an entity can be selected."""
    position: ClassVar = (int, int)

    def page(
        self, connection: Connection, now_ms: int, after: Sequence[Any] | None
    ) -> tuple[list[dict[str, Any]], EventPosition | None]:
        """Return some events, the latest first, and their end if more follow."""
        statement, parameters = self._statement(now_ms)
        if after is not None:
            statement = statement.where(tuple_(events.c.start_ms, events.c.id) < tuple_(*after))
        newest = statement.order_by(events.c.start_ms.desc(), events.c.id.desc())
        rows = connection.execute(newest.limit(self.page_size + 1), parameters).all()
        page, last = rows[: self.page_size], rows[self.page_size - 1 : self.page_size]
        ends = [EventPosition(row.start_ms, row.id) for row in last if len(rows) > self.page_size]
        return to_json(connection, page, now_ms), ends[0] if ends else None

    def count(self, connection: Connection, now_ms: int) -> int:
        """Return the number of events on all pages."""
        statement, parameters = self._statement(now_ms)
        counted = statement.with_only_columns(func.count(), maintain_column_froms=True)
        return connection.execute(counted, parameters).scalar_one()

    def _statement(self, now_ms: int) -> tuple[Select[Any], dict[str, int]]:
        statement = all_events().where(
            events.c.start_ms <= self.to_ms, events.c.end_ms >= self.from_ms
        )
        criteria = (
            event_selector.parse_event_selector(self.event_selector) if self.event_selector else ()
        )
        statement = statement.where(*(_condition(criterion, now_ms) for criterion in criteria))
        if self.entity_selector is None:
            return statement, {}
        selected = selector_sql.matching(selector.parse_selector(self.entity_selector))
        statement = statement.where(events.c.entity_id.in_(selected.ids))
        return statement, selected.parameters(now_ms, now_ms - self.active_for_ms)


def all_events() -> Select[Any]:
    """Return a statement to read every event with its entity."""
    return select(*_COLUMNS).join_from(events, entities, entities.c.id == events.c.entity_id)


def get_event(connection: Connection, event_id: str, now_ms: int) -> dict[str, Any] | None:
    """Return the event of that ID; None if there is none."""
    number = event_ids.number_of(event_id)
    rows = connection.execute(all_events().where(events.c.id == number)).all()
    found = [row for row in rows if event_ids.event_id(row.id, row.start_ms) == event_id]
    return next(iter(to_json(connection, found, now_ms)), None)


@singledispatch
def _condition(criterion: event_selector.Criterion, now_ms: int) -> Condition:
    raise NotImplementedError(criterion)


@_condition.register
def _(criterion: event_selector.Numbers, _: int) -> Condition:
    return events.c.id.in_(criterion.numbers)


@_condition.register
def _(criterion: event_selector.OnEntity, _: int) -> Condition:
    return events.c.entity_id.in_(criterion.ids)


@_condition.register
def _(criterion: event_selector.HasStatus, now_ms: int) -> Condition:
    states = {
        EventStatus.OPEN: events.c.end_ms > now_ms,
        EventStatus.CLOSED: events.c.end_ms <= now_ms,
    }
    return or_(*(states[status] for status in criterion.statuses))


@_condition.register
def _(criterion: event_selector.OfType, _: int) -> Condition:
    return events.c.type.in_(criterion.types)


@_condition.register
def _(criterion: event_selector.InZone, _: int) -> Condition:
    within = select(zones.c.entity_id).where(zones.c.id.in_(criterion.ids))
    return events.c.entity_id.in_(within)


@_condition.register
def _(criterion: event_selector.HasFlag, _: int) -> Condition:
    is_set: Condition = false()
    if criterion.flag is EventFlag.SUPPRESS_PROBLEM:
        is_set = has_property(SUPPRESS_PROBLEM, "true")
    return or_(*(is_set if value else not_(is_set) for value in criterion.values))


@_condition.register
def _(criterion: event_selector.HasProperty, _: int) -> Condition:
    return or_(false(), *(has_property(criterion.key, value) for value in criterion.values))


def has_property(key: str, value: str) -> Condition:
    """Return the condition of an event with this value of the property."""
    return events.c.marks.contains(f" {property_digest.digest_property(key, value)} ")


def to_json(connection: Connection, rows: Sequence[Any], now_ms: int) -> list[dict[str, Any]]:
    """Return events in the shape of the vendor's answers."""
    ids = {row.entity_id for row in rows}
    tags, in_zones = tags_of(connection, ids), zones_of(connection, ids)
    return [
        {
            **_shown(row, now_ms),
            "entityTags": tags.get(row.entity_id, []),
            "managementZones": in_zones.get(row.entity_id, []),
        }
        for row in rows
    ]


def _shown(row: Any, now_ms: int) -> dict[str, Any]:
    content = json.loads(row.content)
    is_open = row.end_ms > now_ms
    return {
        "eventId": event_ids.event_id(row.id, row.start_ms),
        "startTime": row.start_ms,
        "endTime": -1 if is_open else row.end_ms,
        "eventType": row.type,
        "title": content["title"],
        "entityId": {"entityId": {"id": row.entity_id, "type": row.entity_type}, "name": row.name},
        "properties": _properties(content["properties"]),
        "status": EventStatus.OPEN if is_open else EventStatus.CLOSED,
        "correlationId": event_ids.correlation_id(row.id),
        "underMaintenance": False,
        "suppressAlert": False,
        "suppressProblem": content["properties"].get(SUPPRESS_PROBLEM) == "true",
        "frequentEvent": False,
    }


def _properties(properties: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in properties.items()]
