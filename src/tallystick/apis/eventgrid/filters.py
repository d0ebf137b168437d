"""Filters of subscriptions: which events they take.

A filter has the shape of an event: ``source``, ``type``, ``subject`` and ``data``, and in place of
each value a list of conditions, of which one must hold: ``{"op": "StringIn", "values": ["x"]}``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tallystick.apis.eventgrid.exceptions import InvalidFilter

MAX_CONDITIONS = 5
MAX_DATA_FIELDS = 5
MAX_DATA_DEPTH = 5

_FIELDS = frozenset({"source", "type", "subject", "data"})
_ABSENT = object()

Test = Callable[[Any, Any], bool]


def _in(value: Any, wanted: Any) -> bool:
    return bool(value == wanted)


_STRINGS: Mapping[str, Test] = {
    "StringIn": _in,
    "StringStartsWith": lambda value, wanted: value.startswith(wanted),
    "StringEndsWith": lambda value, wanted: value.endswith(wanted),
}
_NUMBERS: Mapping[str, Test] = {
    "NumberLessThan": lambda value, wanted: value < wanted,
    "NumberGreaterThan": lambda value, wanted: value > wanted,
}
_STATES: Mapping[str, Callable[[Any], bool]] = {
    "IsNull": lambda value: value is None or value is _ABSENT,
    "IsNotNull": lambda value: value is not None and value is not _ABSENT,
    "IsTrue": lambda value: value is True,
    "IsNotTrue": lambda value: value is not True,
}


def refuse_unreadable(filter_: Mapping[str, Any]) -> None:
    """Raise `InvalidFilter` for a filter that breaks the vendor's rules."""
    for name in filter_:
        if name not in _FIELDS:
            raise InvalidFilter("a filter has source, type, subject and data")
    if "source" not in filter_:
        raise InvalidFilter("a filter needs source")
    for name in _FIELDS - {"data"}:
        _check_conditions(filter_.get(name, _ABSENT), name)
    if any(condition["op"] != "StringIn" for condition in filter_["source"]):
        raise InvalidFilter("source: its one operator is StringIn")
    if "data" in filter_:
        _check_data(filter_["data"], "data", 1)


def matches(filter_: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Whether the event, as a JSON object, is one that the filter lets through."""
    return all(_holds(part, event.get(name, _ABSENT)) for name, part in filter_.items())


def _holds(part: Any, value: Any) -> bool:
    if isinstance(part, dict):
        members = value if isinstance(value, dict) else {}
        return all(_holds(inner, members.get(name, _ABSENT)) for name, inner in part.items())
    return any(_is_met(condition, value) for condition in part)


def _is_met(condition: Mapping[str, Any], value: Any) -> bool:
    operator = condition["op"]
    if operator in _STATES:
        return _STATES[operator](value)
    wanted = condition["values"] if "values" in condition else [condition["value"]]
    positive, negated = _positive(operator)
    kind: Any = str if operator.startswith("String") else (int, float)
    test = _STRINGS.get(positive) or _NUMBERS.get(positive) or _in
    values = [v for v in (value if isinstance(value, list) else [value]) if _is(v, kind)]
    if not values:
        return False
    return negated != any(test(v, w) for v in values for w in wanted)


def _positive(operator: str) -> tuple[str, bool]:
    """``StringNotIn`` → ``StringIn``, and that it is negated."""
    return operator.replace("Not", "", 1), "Not" in operator


def _is(value: Any, kind: Any) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _check_data(part: Any, where: str, depth: int) -> None:
    if isinstance(part, list):
        _check_conditions(part, where)
        return
    if not isinstance(part, dict) or not part:
        raise InvalidFilter(f"{where} must be an object of conditions")
    if depth > MAX_DATA_DEPTH or (depth == 1 and len(part) > MAX_DATA_FIELDS):
        raise InvalidFilter(f"data has {MAX_DATA_FIELDS} fields of {MAX_DATA_DEPTH} levels at most")
    for name, inner in part.items():
        _check_data(inner, f"{where}.{name}", depth + 1)


def _check_conditions(conditions: Any, where: str) -> None:
    if conditions is _ABSENT:
        return
    if not isinstance(conditions, list) or not 1 <= len(conditions) <= MAX_CONDITIONS:
        raise InvalidFilter(f"{where} must have 1 to {MAX_CONDITIONS} conditions")
    for condition in conditions:
        if not isinstance(condition, dict) or not _is_condition(condition):
            raise InvalidFilter(f"{where} has a condition that can't be read")


def _is_condition(condition: Mapping[str, Any]) -> bool:
    operator = condition.get("op")
    if not isinstance(operator, str):
        return False
    positive, _ = _positive(operator)
    if operator in _STATES:
        return True
    if positive in _STRINGS:
        return _are(condition.get("values"), str)
    if positive == "NumberIn":
        return _are(condition.get("values"), (int, float))
    return positive in _NUMBERS and _is(condition.get("value"), (int, float))


def _are(values: Any, kind: Any) -> bool:
    return isinstance(values, list) and bool(values) and all(_is(value, kind) for value in values)
