"""Problems as they are listed: their events, found by time and by selectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    false,
    func,
    not_,
    or_,
    select,
    tuple_,
)

from tallystick.apis.keyastrom import (
    event_ids,
    event_query,
    problem_comments,
    problem_selector,
    selector,
    selector_sql,
)
from tallystick.apis.keyastrom.event_query import has_property
from tallystick.apis.keyastrom.event_selector import EventStatus
from tallystick.apis.keyastrom.event_types import EVENT_TYPES, PROBLEM_TYPES
from tallystick.apis.keyastrom.problem_selector import (
    Criterion,
    ProblemProperty,
    UnderMaintenance,
    parse_problem_selector,
)
from tallystick.apis.keyastrom.selector import tag_value, type_name
from tallystick.apis.keyastrom.tables import entities, events, tags, zones

Condition = ColumnElement[bool]

_SUFFIX = "V2"
_DISPLAY = "P-"
_SEVERITIES = {type_.type: type_.severityLevel for type_ in EVENT_TYPES}
_REST = "INFRASTRUCTURE"
_IMPACTS = {
    "APPLICATION": "APPLICATION",
    "APPLICATION_METHOD": "APPLICATION",
    "CUSTOM_APPLICATION": "APPLICATION",
    "ENVIRONMENT": "ENVIRONMENT",
    "HTTP_CHECK": "APPLICATION",
    "MOBILE_APPLICATION": "APPLICATION",
    "SERVICE": "SERVICES",
    "SERVICE_METHOD": "SERVICES",
    "SYNTHETIC_TEST": "APPLICATION",
}
"""Type of an entity → what a problem of it is on; of any other, the infrastructure."""


class _SortKey(NamedTuple):
    column: ColumnElement[Any]
    descends: bool

    @property
    def ordered(self) -> ColumnElement[Any]:
        return self.column.desc() if self.descends else self.column.asc()

    def is_past(self, value: Any) -> Condition:
        past: Condition = self.column < value if self.descends else self.column > value
        return past


@dataclass(frozen=True, slots=True)
class ProblemQuery:
    """A list of problems: selected ones, open some time from `from_ms` to `to_ms`."""

    from_ms: int
    to_ms: int
    problem_selector: str | None
    entity_selector: str | None
    sort: str
    page_size: int
    active_for_ms: int
    """How long after it was last seen an entity can be selected."""
    fields: str

    @property
    def position(self) -> Sequence[type]:
        """The types of the values that a page ends with."""
        return [int for _ in self._order(0)]

    def page(
        self, connection: Connection, now_ms: int, after: Sequence[Any] | None
    ) -> tuple[list[dict[str, Any]], Sequence[Any] | None]:
        """Return some problems, and their end if more follow."""
        statement, parameters = self._statement(now_ms)
        order = self._order(now_ms)
        if after is not None:
            statement = statement.where(_follows(order, after))
        place = [key.column.label(f"place_{number}") for number, key in enumerate(order)]
        ordered = statement.add_columns(*place).order_by(*(key.ordered for key in order))
        rows = connection.execute(ordered.limit(self.page_size + 1), parameters).all()
        page = rows[: self.page_size]
        end = list(page[-1][-len(order) :]) if len(rows) > len(page) else None
        return to_json(connection, page, now_ms, self.fields), end

    def count(self, connection: Connection, now_ms: int) -> int:
        """Return the number of problems on all pages."""
        statement, parameters = self._statement(now_ms)
        counted = statement.with_only_columns(func.count(), maintain_column_froms=True)
        return connection.execute(counted, parameters).scalar_one()

    def _statement(self, now_ms: int) -> tuple[Select[Any], dict[str, int]]:
        statement = _all().where(events.c.start_ms <= self.to_ms, events.c.end_ms >= self.from_ms)
        if self.problem_selector:
            criteria: Sequence[Criterion] = parse_problem_selector(self.problem_selector)
            # No problem is of a maintenance: all are shown, and none is there to be hidden.
            criteria = [each for each in criteria if not isinstance(each, UnderMaintenance)]
            statement = statement.where(*(_condition(each, now_ms) for each in criteria))
        if self.entity_selector is None:
            return statement, {}
        selected = selector_sql.matching(selector.parse_selector(self.entity_selector))
        statement = statement.where(events.c.entity_id.in_(selected.ids))
        return statement, selected.parameters(now_ms, now_ms - self.active_for_ms)

    def _order(self, now_ms: int) -> list[_SortKey]:
        columns = {
            "status": case((events.c.end_ms > now_ms, 0), else_=1),
            "startTime": events.c.start_ms,
        }
        order: dict[str, _SortKey] = {}
        for part in map(str.strip, self.sort.split(",")):
            name = part.strip("+- ")
            if name in columns:
                order.setdefault(name, _SortKey(columns[name], part.startswith("-")))
        order.setdefault("startTime", _SortKey(events.c.start_ms, descends=True))
        return [*order.values(), _SortKey(events.c.id, descends=True)]


def _follows(order: Sequence[_SortKey], place: Sequence[Any]) -> Condition:
    """Return the condition of what stands behind a place, by the first key that differs."""
    keys = list(zip(order, place, strict=True))
    return or_(
        *(
            and_(*(same.column == at for same, at in keys[:number]), key.is_past(value))
            for number, (key, value) in enumerate(keys)
        )
    )


def _all() -> Select[Any]:
    opens = events.c.type.in_(sorted(PROBLEM_TYPES))
    suppressed = has_property(event_query.SUPPRESS_PROBLEM, "true")
    return event_query.all_events().where(opens, not_(suppressed))


def find_problem(connection: Connection, problem_id: str) -> Any:
    """Return the row of the problem of that ID; None if it is missing."""
    event_id = problem_id.removesuffix(_SUFFIX)
    number = event_ids.number_of(event_id)
    rows = connection.execute(_all().where(events.c.id == number)).all()
    found = [row for row in rows if event_ids.event_id(row.id, row.start_ms) == event_id]
    return found[0] if found and problem_id.endswith(_SUFFIX) else None


def get_problem(
    connection: Connection, problem_id: str, fields: str, now_ms: int
) -> dict[str, Any] | None:
    """Return the problem of that ID; None if it is missing."""
    row = find_problem(connection, problem_id)
    return to_json(connection, [row], now_ms, fields)[0] if row else None


@singledispatch
def _condition(criterion: problem_selector.Criterion, now_ms: int) -> Condition:
    raise NotImplementedError(criterion)


@_condition.register
def _(criterion: problem_selector.InStatus, now_ms: int) -> Condition:
    is_open = events.c.end_ms > now_ms
    return is_open if criterion.status is EventStatus.OPEN else not_(is_open)


@_condition.register
def _(criterion: problem_selector.HoldsText, _: int) -> Condition:
    text = criterion.text.casefold()
    number = _number_of(criterion.text.upper())
    return or_(
        selector_sql.holds(events.c.title_folded, text),
        selector_sql.holds(func.lower(events.c.entity_id), text),
        events.c.id == number if number is not None else false(),
    )


@_condition.register
def _(criterion: problem_selector.OneOf, _: int) -> Condition:
    return _CONDITIONS[criterion.property](criterion.values)


def _has_severity(values: Sequence[str]) -> Condition:
    return events.c.type.in_([type_ for type_, level in _SEVERITIES.items() if level in values])


def _has_impact(values: Sequence[str]) -> Condition:
    named = entities.c.type.in_([type_ for type_, level in _IMPACTS.items() if level in values])
    return or_(named, entities.c.type.not_in(list(_IMPACTS))) if _REST in values else named


def _in_zone(column: ColumnElement[str], values: Sequence[str]) -> Condition:
    return events.c.entity_id.in_(select(zones.c.entity_id).where(column.in_(values)))


def _has_tag(values: Sequence[str]) -> Condition:
    tag = tuple_(tags.c.context, tags.c.key, tags.c.value)
    carriers = select(tags.c.entity_id).where(tag.in_([tag_value(value) for value in values]))
    return events.c.entity_id.in_(carriers)


def _has_number(numbers: Sequence[int | None]) -> Condition:
    return events.c.id.in_([number for number in numbers if number is not None])


_CONDITIONS = {
    ProblemProperty.SEVERITY: _has_severity,
    ProblemProperty.IMPACT: _has_impact,
    # Nothing here looks for causes, nor has alerting profiles.
    ProblemProperty.ROOT_CAUSE: lambda _: false(),
    ProblemProperty.FILTER_ID: lambda _: false(),
    ProblemProperty.FILTER_NAME: lambda _: false(),
    ProblemProperty.ZONE_ID: lambda values: _in_zone(zones.c.id, values),
    ProblemProperty.ZONE_NAME: lambda values: _in_zone(zones.c.name, values),
    ProblemProperty.IMPACTED_ENTITY: events.c.entity_id.in_,
    ProblemProperty.AFFECTED_ENTITY: events.c.entity_id.in_,
    ProblemProperty.AFFECTED_TYPE: lambda values: entities.c.type.in_(list(map(type_name, values))),
    ProblemProperty.PROBLEM_ID: lambda values: _has_number(
        [event_ids.number_of(value.removesuffix(_SUFFIX)) for value in values]
    ),
    ProblemProperty.DISPLAY_ID: lambda values: _has_number(list(map(_number_of, values))),
    ProblemProperty.TAG: _has_tag,
}


def _display_id(number: int) -> str:
    return f"{_DISPLAY}{number % 2**64}"


def _number_of(display_id: str) -> int | None:
    digits = display_id.removeprefix(_DISPLAY)
    if not digits.isdecimal() or len(digits) > 20 or digits == display_id:
        return None
    number = int(digits) % 2**64
    return number - 2**64 if number >= 2**63 else number


def to_json(
    connection: Connection, rows: Sequence[Any], now_ms: int, fields: str
) -> list[dict[str, Any]]:
    """Return problems in the shape of the vendor's answers."""
    wanted = {field.strip(" +") for field in fields.split(",")}
    shown = event_query.to_json(connection, rows, now_ms)
    problems = [_shown(row, event) for row, event in zip(rows, shown, strict=True)]
    for event, problem in zip(shown, problems, strict=True):
        if "evidenceDetails" in wanted:
            problem["evidenceDetails"] = {"totalCount": 1, "details": [_evidence(event)]}
        if "impactAnalysis" in wanted:
            problem["impactAnalysis"] = {"impacts": []}
    if "recentComments" in wanted:
        pages = problem_comments.recent_comments(connection, [row.id for row in rows])
        for problem, page in zip(problems, pages, strict=True):
            problem["recentComments"] = page
    return problems


def _shown(row: Any, event: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "problemId": f"{event['eventId']}{_SUFFIX}",
        "displayId": _display_id(row.id),
        "title": event["title"],
        "impactLevel": _IMPACTS.get(row.entity_type, _REST),
        "severityLevel": _SEVERITIES[row.type],
        "status": event["status"],
        "startTime": event["startTime"],
        "endTime": event["endTime"],
        "affectedEntities": [event["entityId"]],
        "impactedEntities": [event["entityId"]],
        "rootCauseEntity": None,
        "managementZones": event["managementZones"],
        "entityTags": event["entityTags"],
        "problemFilters": [],
    }


def _evidence(event: Mapping[str, Any]) -> dict[str, Any]:
    relevant = {"key": "dt.event.is_rootcause_relevant", "value": "false"}
    return {
        "evidenceType": "EVENT",
        "displayName": event["title"],
        "entity": event["entityId"],
        "rootCauseRelevant": relevant not in event["properties"],
        "startTime": event["startTime"],
        "endTime": event["endTime"],
        "eventId": event["eventId"],
        "eventType": event["eventType"],
        "data": event,
    }
