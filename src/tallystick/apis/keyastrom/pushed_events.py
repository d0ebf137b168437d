"""Events as version 1 of the vendor's API takes them: by IDs of entities, or rules of tags."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tallystick.apis.keyastrom import event_ids
from tallystick.apis.keyastrom.event_types import PROBLEM_TYPES
from tallystick.apis.keyastrom.ingest import (
    DAY_MS,
    MINUTE_MS,
    Ingest,
    may_set,
    read_properties,
)
from tallystick.apis.keyastrom.reports import ReportResult
from tallystick.apis.keyastrom.selector import (
    Criterion,
    EntityId,
    EntityTypes,
    Selector,
    Tag,
    TagValue,
    type_name,
)
from tallystick.apis.keyastrom.topology import find_unstorable
from tallystick.contract.document import read_api
from tallystick.contract.exceptions import Invalid, Violation

_DOCUMENT = read_api("keyastrom")
_TYPES = _DOCUMENT.schema("KeyastromPushedEventType")
_EVENT = _DOCUMENT.schema("KeyastromPushedEvent")
_MEMBERS: Mapping[str, Any] = _EVENT["properties"]
_DEFAULT_TIMEOUT: int = _MEMBERS["timeoutMinutes"]["default"]

_AHEAD_MS = {True: 5 * MINUTE_MS, False: 7 * DAY_MS}
_BACK_MS = {True: 60 * MINUTE_MS, False: 30 * DAY_MS}
"""Whether the event opens a problem → the bound of its times."""


class PushedEvent(NamedTuple):
    """One event, and the selectors of its entities, of which each finds some."""

    ingest: Ingest
    selectors: Sequence[Selector]
    rules: str
    """`attachRules` as JSON."""


def read_pushed_event(body: Mapping[str, Any], raw: bytes, now_ms: int) -> PushedEvent:
    """Read a body of the contract's shape, `raw` as it was sent; raise `Invalid`."""
    given = {name: value for name, value in body.items() if value is not None}
    violations = [*_missing(given), *_rule_violations(given["attachRules"])]
    properties = _properties(given, raw, violations)
    type_ = _TYPES["x-read-back-as"].get(given["eventType"], given["eventType"])
    start, end = _times(given, type_ in PROBLEM_TYPES, now_ms, violations)
    if violations:
        raise Invalid(violations)
    ingest = Ingest(type_, _title(given), start, end, None, properties, in_bounds=True)
    rules = given["attachRules"]
    return PushedEvent(ingest, list(_selectors(rules)), json.dumps(rules, separators=(",", ":")))


def stored_events(pushed: PushedEvent, results: Sequence[ReportResult]) -> dict[str, Any]:
    """Return the IDs of the created or refreshed events, in the shape of the answer."""
    ids = [result.correlation_id for result in results if result.correlation_id]
    if pushed.ingest.opens_problem:
        return {"storedEventIds": [], "storedIds": [], "storedCorrelationIds": ids}
    numbers = [number for id_ in ids if (number := event_ids.correlated(id_)) is not None]
    return {
        "storedEventIds": numbers,
        "storedIds": [event_ids.event_id(number, pushed.ingest.start_ms) for number in numbers],
        "storedCorrelationIds": [],
    }


def _missing(given: Mapping[str, Any]) -> Iterator[Violation]:
    for name in _TYPES["x-requires"][given["eventType"]]:
        if not given.get(name):
            message = f"must not be null, for an event of type {given['eventType']}"
            yield Violation("body", name, "dependentRequired", None, message, (name,))


def _rule_violations(rules: Mapping[str, Any]) -> Iterator[Violation]:
    name = "attachRules"
    if not rules.get("entityIds") and not rules.get("tagRule"):
        message = "must have at least one entity ID or tag rule"
        yield Violation("body", name, "minItems", None, message, (name,))
    yield from find_unstorable(rules, (name,))


def _properties(
    given: Mapping[str, Any], raw: bytes, violations: list[Violation]
) -> dict[str, str]:
    name = "customProperties"
    custom = read_properties(name, given.get(name, {}), raw, violations)
    for key, value in custom.items():
        if not may_set(key, value):
            message = "is reserved, or not open to this value"
            violations.append(Violation("body", name, "pattern", None, message, (name, key)))
    own = {
        member["x-event-property"]: given[name]
        for name, member in _MEMBERS.items()
        if "x-event-property" in member and name in given
    }
    return custom | read_properties("properties", own, raw, violations)


def _title(given: Mapping[str, Any]) -> str:
    names = [*_EVENT["x-titles"], "eventType"]
    return next(str(given[name]) for name in names if given.get(name))


def _times(
    given: Mapping[str, Any], opens_problem: bool, now_ms: int, violations: list[Violation]
) -> tuple[int, int]:
    start = int(given.get("start", now_ms))
    if not now_ms - _BACK_MS[opens_problem] <= start <= now_ms + _AHEAD_MS[opens_problem]:
        violations.append(_out_of_bounds("start", "is too far from now"))
    if opens_problem:
        timeout = int(given.get("timeoutMinutes") or _DEFAULT_TIMEOUT)
        return start, start + timeout * MINUTE_MS
    end = int(given.get("end", max(start, now_ms)))
    if not start <= end <= now_ms + _AHEAD_MS[opens_problem]:
        violations.append(_out_of_bounds("end", "is before the start, or too far from now"))
    return start, end


def _out_of_bounds(name: str, message: str) -> Violation:
    return Violation("body", name, "maximum", None, message, (name,))


def _selectors(rules: Mapping[str, Any]) -> Iterator[Selector]:
    if ids := rules.get("entityIds"):
        yield Selector((EntityId(tuple(ids)),))
    for rule in rules.get("tagRule") or ():
        types = EntityTypes(tuple(dict.fromkeys(map(type_name, rule["meTypes"]))))
        yield Selector((types, *map(_tag, rule["tags"])))


def _tag(tag: Mapping[str, Any]) -> Criterion:
    return Tag((TagValue(tag["context"], tag["key"], tag.get("value") or ""),))
