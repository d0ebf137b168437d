"""Filters of subscriptions: they take some events.

A filter has the shape of an event: ``source``, ``type``, ``subject`` and ``data``, and in place of
each value a list of conditions, one of them to hold: ``{"op": "StringIn", "values": ["x"]}``;
or ``{"and": […]}`` with conditions or such lists, all of them to hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tallystick.apis.eventgrid.exceptions import InvalidFilter
from tallystick.apis.eventgrid.texts import to_json

MAX_CONDITIONS = 5
MAX_DATA_FIELDS = 5
MAX_DATA_DEPTH = 5

ALL = "and"
"""The one member of an object that asks for several lists of conditions at a time."""

MAX_FILTER = 2048
"""Bytes of JSON."""

_SHOWN = 100
"""Characters of a value that a mismatch shows."""

_FIELDS = frozenset({"source", "type", "subject", "data"})
_ABSENT = object()
_TEXT = (str,)
_NUMBER = (int, float)

Test = Callable[[Any, Any], bool]
Condition = Mapping[str, Any]


class Mismatch(NamedTuple):
    """Conditions of which none holds, for the value at a path of the event."""

    path: str
    value: Any
    conditions: Sequence[Condition]

    def describe(self) -> str:
        """Return the value and the conditions in words."""
        found = "is missing" if self.value is _ABSENT else f"is {_shown(self.value)}"
        wanted = " or ".join(map(_condition_text, self.conditions))
        return f"{found}, and must fit {wanted}"


class Operator(NamedTuple):
    """How a condition with operands judges a value of an event."""

    kind: tuple[type, ...]
    """Of the values that it judges; it holds for no other."""
    operands: str
    """The member of the condition that has them: `values`, of which one must fit, or `value`."""
    is_operand: Callable[[Any], bool]
    test: Test
    negated: bool

    def holds(self, condition: Condition, value: Any) -> bool:
        """Return whether a value passes; of a list of values, whether one passes."""
        given = value if isinstance(value, list) else [value]
        judged = [each for each in given if _is(each, self.kind)]
        operands = condition[self.operands]
        wanted = operands if self.operands == "values" else [operands]
        found = any(self.test(each, operand) for each in judged for operand in wanted)
        return bool(judged) and found != self.negated

    def is_condition(self, condition: Condition) -> bool:
        """Return whether the condition has its operands."""
        operands = condition.get(self.operands, _ABSENT)
        if self.operands == "value":
            return self.is_operand(operands)
        return isinstance(operands, list) and bool(operands) and all(map(self.is_operand, operands))


def _is(value: Any, kind: tuple[type, ...]) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return _is(value, _TEXT)


def _is_number(value: Any) -> bool:
    return _is(value, _NUMBER)


def _is_range(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(map(_is_number, value))
        and value[0] <= value[1]
    )


def _in(value: Any, wanted: Any) -> bool:
    return bool(value == wanted)


_TESTS: Mapping[str, tuple[tuple[type, ...], str, Callable[[Any], bool], Test]] = {
    "String{}In": (_TEXT, "values", _is_text, _in),
    "String{}StartsWith": (_TEXT, "values", _is_text, str.startswith),
    "String{}EndsWith": (_TEXT, "values", _is_text, str.endswith),
    "Number{}In": (_NUMBER, "values", _is_number, _in),
    "Number{}InRange": (
        _NUMBER,
        "values",
        _is_range,
        lambda value, ends: ends[0] <= value <= ends[1],
    ),
    "Number{}LessThan": (_NUMBER, "value", _is_number, lambda value, limit: value < limit),
    "Number{}GreaterThan": (_NUMBER, "value", _is_number, lambda value, limit: value > limit),
}
_OPERATORS: Mapping[str, Operator] = {
    name.format("Not" if negated else ""): Operator(*test, negated)
    for name, test in _TESTS.items()
    for negated in (False, True)
}
_STATES: Mapping[str, Callable[[Any], bool]] = {
    "IsNull": lambda value: value is None or value is _ABSENT,
    "IsNotNull": lambda value: value is not None and value is not _ABSENT,
    "IsTrue": lambda value: value is True,
    "IsNotTrue": lambda value: value is not True,
}


def refuse_unreadable(filter_: Mapping[str, Any]) -> None:
    """Raise `InvalidFilter` for a filter against the vendor's rules."""
    if len(to_json(filter_).encode()) > MAX_FILTER:
        raise InvalidFilter(f"a filter must have at most {MAX_FILTER} bytes")
    for name in filter_:
        if name not in _FIELDS:
            raise InvalidFilter("a filter may have source, type, subject and data alone")
    if "source" not in filter_:
        raise InvalidFilter("a filter must have source")
    for name in _FIELDS - {"data"}:
        if name in filter_:
            _check_conditions(filter_[name], name)
    if any(condition["op"] != "StringIn" for condition in _conditions(filter_["source"])):
        raise InvalidFilter("source must have the operator StringIn")
    if "data" in filter_:
        _check_data(filter_["data"], "data", 1)


def matches(filter_: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Return whether the filter lets the event, a JSON object, through."""
    return next(find_mismatches(filter_, event), None) is None


def find_mismatches(filter_: Mapping[str, Any], event: Mapping[str, Any]) -> Iterator[Mismatch]:
    """Yield each list of conditions of which none holds for the event."""
    for name, part in filter_.items():
        yield from _mismatches(part, event.get(name, _ABSENT), name, is_field=name != "data")


def _mismatches(part: Any, value: Any, path: str, *, is_field: bool) -> Iterator[Mismatch]:
    if isinstance(part, list):
        if not any(_is_met(condition, value) for condition in part):
            yield Mismatch(path, value, part)
    elif is_field and _is_conjunction(part):
        for each in part[ALL]:
            yield from _mismatches(_listed(each), value, path, is_field=True)
    else:
        members = value if isinstance(value, dict) else {}
        for name, inner in part.items():
            found = members.get(name, _ABSENT)
            yield from _mismatches(inner, found, f"{path}.{name}", is_field=True)


def _is_met(condition: Condition, value: Any) -> bool:
    operator = condition["op"]
    if operator in _STATES:
        return _STATES[operator](value)
    return _OPERATORS[operator].holds(condition, value)


def _condition_text(condition: Condition) -> str:
    operands = [condition[name] for name in ("values", "value") if name in condition]
    return " ".join([condition["op"], *map(_shown, operands)])


def _shown(value: Any) -> str:
    text = to_json(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _is_conjunction(part: Any) -> bool:
    return isinstance(part, dict) and part.keys() == {ALL}


def _listed(element: Any) -> Any:
    """Return an element of a conjunction as a list of conditions; the provider writes one bare."""
    return element if isinstance(element, list) else [element]


def _conditions(part: Any) -> Iterator[Condition]:
    for element in part[ALL] if _is_conjunction(part) else [part]:
        yield from _listed(element)


def _check_data(part: Any, where: str, depth: int) -> None:
    if isinstance(part, list) or (depth > 1 and _is_conjunction(part)):
        _check_conditions(part, where)
        return
    if not isinstance(part, dict) or not part:
        raise InvalidFilter(f"{where} must be an object of conditions")
    if depth > MAX_DATA_DEPTH or (depth == 1 and len(part) > MAX_DATA_FIELDS):
        raise InvalidFilter(
            f"data must have at most {MAX_DATA_FIELDS} fields of {MAX_DATA_DEPTH} levels"
        )
    for name, inner in part.items():
        _check_data(inner, f"{where}.{name}", depth + 1)


def _check_conditions(part: Any, where: str) -> None:
    if not _is_conjunction(part):
        _check_list(part, where)
        return
    elements = part[ALL]
    if not isinstance(elements, list) or not 1 <= len(elements) <= MAX_CONDITIONS:
        raise InvalidFilter(f"{where}.{ALL} must have 1 to {MAX_CONDITIONS} lists of conditions")
    for element in elements:
        _check_list(_listed(element), f"{where}.{ALL}")


def _check_list(conditions: Any, where: str) -> None:
    if not isinstance(conditions, list) or not 1 <= len(conditions) <= MAX_CONDITIONS:
        raise InvalidFilter(f"{where} must have 1 to {MAX_CONDITIONS} conditions")
    for condition in conditions:
        if not isinstance(condition, dict) or not _is_condition(condition):
            raise InvalidFilter(
                f"{where} has a condition with an unknown operator or unfit operands"
            )


def _is_condition(condition: Condition) -> bool:
    name = condition.get("op")
    if not isinstance(name, str):
        return False
    operator = _OPERATORS.get(name)
    return operator.is_condition(condition) if operator else name in _STATES
