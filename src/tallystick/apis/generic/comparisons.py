"""Comparisons of an item's value with a caller's."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

Test = Callable[[Any], bool]
"""Takes a value of an item."""

Comparison = Callable[[Any], Test]
"""Takes the wanted value."""

_DEPTH = 2
"""Levels of objects whose members may be the wanted value."""


def same_as(wanted: Any) -> Test:
    """Return a test for the wanted value, or for one of several wanted ones.

    Of an array one item may be it, and of an object one member. The work is the sum of both, as a
    query may name thousands of values, and an item have as many.
    """
    values = [*_parts(wanted, 0)]
    keys = {key for each in values for key in _keys(each)}
    objects = [
        {name: same_as(inner) for name, inner in each.items()}
        for each in values
        if isinstance(each, Mapping)
    ]

    def test(value: Any) -> bool:
        return any(
            any(_fits(each, wanted) for wanted in objects)
            if isinstance(each, Mapping)
            else not keys.isdisjoint(_keys(each))
            for each in _parts(value, _DEPTH)
        )

    return test


def same_as_each(wanted: Collection[str]) -> Test:
    """Return a test for one of some texts, and of an array for all of them."""
    keys = frozenset(wanted)

    def test(value: Any) -> bool:
        found = {key for each in _parts(value, _DEPTH) for key in _keys(each)}
        return keys <= found if isinstance(value, list) else not keys.isdisjoint(found)

    return test


def _fits(value: Mapping[str, Any], wanted: Mapping[str, Test]) -> bool:
    return all(test(value.get(name)) for name, test in wanted.items())


def _parts(value: Any, depth: int) -> Iterator[Any]:
    """Yield a value, or the items of an array, and the members of objects to a depth."""
    pending = [(value, depth)]
    while pending:
        each, left = pending.pop()
        if isinstance(each, list):
            pending += [(item, left) for item in each]
            continue
        yield each
        if left and isinstance(each, Mapping):
            pending += [(member, left - 1) for member in each.values()]


def _keys(value: Any) -> Iterator[str | None]:
    """Yield texts of which equal values have one in common; an object has none."""
    if isinstance(value, Mapping):
        return
    yield None if value is None else _text(value)
    if isinstance(value, float) and value.is_integer():
        yield str(int(value))


def _other_than(wanted: Any) -> Test:
    test = same_as(wanted)
    return lambda value: not test(value)


def _ordered(holds: Callable[[Any, Any], bool]) -> Comparison:
    """Return a comparison of two numbers, of two times or of two texts."""

    def compare(wanted: Any) -> Test:
        known = [(read, read(wanted)) for read in (_number, read_moment)]

        def test(value: Any) -> bool:
            if isinstance(value, list):
                return any(map(test, value))
            for read, bound in known:
                found = None if bound is None else read(value)
                if found is not None:
                    return holds(found, bound)
            are_texts = isinstance(value, str) and isinstance(wanted, str)
            return are_texts and holds(value, wanted)

        return test

    return compare


def _within(holds: Callable[[str, str], bool]) -> Comparison:
    """Return a comparison of two texts, whatever their case."""

    def compare(wanted: Any) -> Test:
        part = _text(wanted).lower()

        def test(value: Any) -> bool:
            if isinstance(value, list):
                return any(map(test, value))
            return isinstance(value, str) and holds(value.lower(), part)

        return test

    return compare


_GREATER = _ordered(lambda value, wanted: value > wanted)
_AT_LEAST = _ordered(lambda value, wanted: value >= wanted)
_LESS = _ordered(lambda value, wanted: value < wanted)
_AT_MOST = _ordered(lambda value, wanted: value <= wanted)
_CONTAINS = _within(lambda value, wanted: wanted in value)

COMPARISONS: Mapping[str, Comparison] = {
    "eq": same_as,
    "in": same_as,
    "ne": _other_than,
    "neq": _other_than,
    "not": _other_than,
    "gt": _GREATER,
    "ge": _AT_LEAST,
    "gte": _AT_LEAST,
    "lt": _LESS,
    "le": _AT_MOST,
    "lte": _AT_MOST,
    "co": _CONTAINS,
    "contains": _CONTAINS,
    "icontains": _CONTAINS,
    "exact": same_as,
    "sw": _within(str.startswith),
    "startswith": _within(str.startswith),
    "ew": _within(str.endswith),
    "endswith": _within(str.endswith),
}
"""Word → comparison, as filters name it."""


BOUNDS = frozenset({"gt", "ge", "gte", "lt", "le", "lte"})
"""Words of which the wanted value of a number or a time has to be one itself."""


def is_bound(value: Any) -> bool:
    """Return whether a value is a number or a time, or the text of one."""
    return _number(value) is not None or read_moment(value) is not None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def read_moment(value: Any) -> datetime | None:
    """Return the time in a text; None for any other value."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
