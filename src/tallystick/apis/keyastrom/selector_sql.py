"""Selectors as SQL: the database picks the entities."""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    false,
    func,
    not_,
    or_,
    select,
    true,
    tuple_,
)

from tallystick.apis.keyastrom import selector as s
from tallystick.apis.keyastrom.attribute_index import lookup_text
from tallystick.apis.keyastrom.event_types import PROBLEM_TYPES
from tallystick.apis.keyastrom.tables import (
    attributes,
    entities,
    events,
    relationships,
    tags,
    zones,
)
from tallystick.apis.keyastrom.timeframe import TimeExpression

Condition = ColumnElement[bool]


class SelectorQuery(NamedTuple):
    """ID and type of each entity that a selector matches, in the order of the IDs."""

    statement: Select[str, str]
    times: Sequence[TimeExpression]

    @property
    def ids(self) -> Select[str]:
        """The IDs alone, in any order, for another statement to choose by."""
        return self.statement.with_only_columns(entities.c.id).order_by(None)

    def parameters(self, now_ms: int, active_since_ms: int) -> dict[str, int]:
        """Return the statement's parameters for the time `now_ms`.

        Of entities that are not named by their IDs, only those are selected that were seen at
        `active_since_ms` or later.
        """
        named = {f"time_{number}": time.at(now_ms) for number, time in enumerate(self.times)}
        return {"now_ms": now_ms, "active_since": active_since_ms, **named}


_selections: WeakKeyDictionary[s.Selector, SelectorQuery] = WeakKeyDictionary()


def matching(selector: s.Selector) -> SelectorQuery:
    """Return the selector as SQL, made once for each selector in memory."""
    if selector not in _selections:
        _selections[selector] = _selection(selector)
    return _selections[selector]


def _selection(selector: s.Selector) -> SelectorQuery:
    times: list[TimeExpression] = []
    statement = (
        select(entities.c.id, entities.c.type)
        .where(_matches(selector, entities, times))
        .order_by(entities.c.id)
    )
    return SelectorQuery(statement, times)


def _matches(selector: s.Selector, entity: FromClause, times: list[TimeExpression]) -> Condition:
    conditions = [
        _condition(criterion, entity, times)
        for criterion in selector.criteria
        # A deleted entity is gone from these tables, included or not.
        if not isinstance(criterion, s.DeletedEntities)
    ]
    if not selector.by_id:
        conditions.append(_is_active(entity))
    return and_(*conditions)


def _is_active(entity: FromClause) -> Condition:
    last_seen = entity.c.last_seen
    return or_(last_seen.is_(None), last_seen >= bindparam("active_since"))


@singledispatch
def _condition(
    criterion: s.Criterion, entity: FromClause, times: list[TimeExpression]
) -> Condition:
    raise NotImplementedError(criterion)


@_condition.register
def _(criterion: s.EntityType, entity: FromClause, _: list[TimeExpression]) -> Condition:
    return entity.c.type == criterion.name


@_condition.register
def _(criterion: s.EntityTypes, entity: FromClause, _: list[TimeExpression]) -> Condition:
    return entity.c.type.in_(criterion.names)


@_condition.register
def _(criterion: s.EntityId, entity: FromClause, _: list[TimeExpression]) -> Condition:
    return entity.c.id.in_(criterion.ids)


@_condition.register
def _(criterion: s.EntityName, entity: FromClause, _: list[TimeExpression]) -> Condition:
    folded = tuple(value.casefold() for value in criterion.values)
    name = entity.c.name if criterion.case_sensitive else entity.c.name_folded
    values = criterion.values if criterion.case_sensitive else folded
    if criterion.match is s.MatchOperator.EQUALS:
        return and_(entity.c.name_key.in_(map(lookup_text, folded)), name.in_(values))
    compare = holds if criterion.match is s.MatchOperator.CONTAINS else _starts_with
    return or_(*(compare(name, value) for value in values))


def holds(name: ColumnElement[str], value: str) -> Condition:
    """Return the condition of a text with a value in it, letter case and all."""
    # Both databases know `replace`; SQLite's LIKE can't tell the case of ASCII letters.
    return func.replace(name, value, "") != name if value else true()


def _starts_with(name: ColumnElement[str], value: str) -> Condition:
    return func.substr(name, 1, len(value)) == value


@_condition.register
def _(criterion: s.Tag, entity: FromClause, _: list[TimeExpression]) -> Condition:
    tag = tuple_(tags.c.context, tags.c.key, tags.c.value)
    return entity.c.id.in_(select(tags.c.entity_id).where(tag.in_(criterion.tags)))


@_condition.register
def _(criterion: s.ZoneId, entity: FromClause, _: list[TimeExpression]) -> Condition:
    return entity.c.id.in_(select(zones.c.entity_id).where(zones.c.id.in_(criterion.ids)))


@_condition.register
def _(criterion: s.ZoneName, entity: FromClause, _: list[TimeExpression]) -> Condition:
    return entity.c.id.in_(select(zones.c.entity_id).where(zones.c.name.in_(criterion.names)))


@_condition.register
def _(criterion: s.HealthState, entity: FromClause, _: list[TimeExpression]) -> Condition:
    unhealthy = entity.c.id.in_(
        select(events.c.entity_id).where(
            events.c.type.in_(PROBLEM_TYPES), events.c.end_ms > bindparam("now_ms")
        )
    )
    states = {"UNHEALTHY": unhealthy, "HEALTHY": not_(unhealthy)}
    return or_(false(), *(c for state, c in states.items() if state in criterion.states))


@_condition.register
def _(criterion: s.FirstSeen, entity: FromClause, times: list[TimeExpression]) -> Condition:
    first_seen = entity.c.first_seen
    time = bindparam(f"time_{len(times)}", type_=BigInteger)
    times.append(criterion.time)
    return {
        s.Comparison.LT: first_seen < time,
        s.Comparison.LTE: first_seen <= time,
        s.Comparison.GT: first_seen > time,
        s.Comparison.GTE: first_seen >= time,
    }[criterion.comparison]


@_condition.register
def _(criterion: s.Relationship, entity: FromClause, times: list[TimeExpression]) -> Condition:
    relationship, other = relationships.alias(), entities.alias()
    here, there = relationship.c.from_id, relationship.c.to_id
    if criterion.end is s.End.TO:
        here, there = there, here
    others = select(other.c.id).where(_matches(criterion.selector, other, times)).cte()
    related = relationship.c.name_folded == criterion.name
    return entity.c.id.in_(select(here).where(related, there.in_(select(others.c.id))))


@_condition.register
def _(criterion: s.Attribute, entity: FromClause, _: list[TimeExpression]) -> Condition:
    values = [lookup_text(value) for value in criterion.values]
    return _has_attribute(entity, criterion.name, attributes.c.value.in_(values))


@_condition.register
def _(criterion: s.AttributeExists, entity: FromClause, _: list[TimeExpression]) -> Condition:
    keys = [attributes.c.key.in_(criterion.keys)] if criterion.keys else []
    exists = _has_attribute(entity, criterion.name, *keys)
    return exists if criterion.exists else not_(exists)


def _has_attribute(entity: FromClause, name: str, *conditions: Any) -> Condition:
    named = attributes.c.name_folded == name
    return entity.c.id.in_(select(attributes.c.entity_id).where(named, *conditions))


@_condition.register
def _(criterion: s.Not, entity: FromClause, times: list[TimeExpression]) -> Condition:
    return not_(_condition(criterion.criterion, entity, times))
