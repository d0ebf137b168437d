"""Filters of CloudEvents Subscriptions: exact, prefix, suffix, all, any, not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import eq
from typing import Any, TypeAlias

import orjson

from tallystick.contract.json_text import write_json
from tallystick.events import Event, cloudevent

MAX_DEPTH = 20

SIZE_LIMIT = 64 * 1024
"""The limit in bytes of new filters, as each event is compared with all of them."""

DIALECTS = ("exact", "prefix", "suffix", "all", "any", "not")

_CONTEXT = frozenset({"id", "source", "type", "subject"})


class FilterError(ValueError):
    """The filter is invalid; the message names the place."""


class Attributes:
    """The attributes of an event as text; all but the four common ones are parsed on demand."""

    def __init__(self, event: Event) -> None:
        self._event = event
        self._others: Mapping[str, Any] | None = None

    def get(self, name: str) -> str | None:
        """Return an attribute's text; None if the event lacks it."""
        if name in _CONTEXT:
            return getattr(self._event, name) or None
        if self._others is None:
            self._others = cloudevent(self._event._replace(data=b""))
        return _text(self._others.get(name))


Filter: TypeAlias = Callable[[Attributes], bool]


def parse_filter(filters: Sequence[Mapping[str, Any]]) -> Filter:
    """Return a filter that matches if all of these do; raise `FilterError`."""
    return _all(filters, "filters", 0) if filters else _everything


def check_filters(filters: Sequence[Mapping[str, Any]]) -> None:
    """Return if new filters are valid and within `SIZE_LIMIT` as JSON; raise `FilterError`."""
    parse_filter(filters)
    if len(write_json(filters)) > SIZE_LIMIT:
        raise FilterError(f"filters must have at most {SIZE_LIMIT} bytes")


def _everything(_: Attributes) -> bool:
    return True


def _parse(given: Any, where: str, depth: int) -> Filter:
    if not isinstance(given, dict) or len(given) != 1:
        raise FilterError(f"{where} must be an object with one of {', '.join(DIALECTS)}")
    if depth > MAX_DEPTH:
        raise FilterError(f"{where} is nested more than {MAX_DEPTH} deep")
    ((dialect, content),) = given.items()
    where = f"{where}.{dialect}"
    if dialect in _COMPARISONS:
        return _comparing(content, where, _COMPARISONS[dialect])
    if dialect == "all":
        return _all(_several(content, where), where, depth)
    if dialect == "any":
        return _any(_several(content, where), where, depth)
    if dialect == "not":
        return _not(_parse(content, where, depth + 1))
    raise FilterError(f"{where} must be one of {', '.join(DIALECTS)}")


_COMPARISONS: Mapping[str, Callable[[str, str], bool]] = {
    "exact": eq,
    "prefix": str.startswith,
    "suffix": str.endswith,
}


def _comparing(content: Any, where: str, compare: Callable[[str, str], bool]) -> Filter:
    if not isinstance(content, dict) or not content:
        raise FilterError(f"{where} must have an attribute")
    for name, value in content.items():
        if not name or not isinstance(value, str) or not value:
            raise FilterError(f"{where}.{name} must be a text of one character or more")
    wanted = tuple(content.items())

    def matches(attributes: Attributes) -> bool:
        for name, value in wanted:
            found = attributes.get(name)
            if found is None or not compare(found, value):
                return False
        return True

    return matches


def _several(content: Any, where: str) -> Sequence[Any]:
    if not isinstance(content, list) or not content:
        raise FilterError(f"{where} must be a list with a filter in it")
    return content


def _all(filters: Sequence[Any], where: str, depth: int) -> Filter:
    parsed = [_parse(f, f"{where}.{n}", depth + 1) for n, f in enumerate(filters)]
    return lambda attributes: all(matches(attributes) for matches in parsed)


def _any(filters: Sequence[Any], where: str, depth: int) -> Filter:
    parsed = [_parse(f, f"{where}.{n}", depth + 1) for n, f in enumerate(filters)]
    return lambda attributes: any(matches(attributes) for matches in parsed)


def _not(inner: Filter) -> Filter:
    return lambda attributes: not inner(attributes)


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return orjson.dumps(value).decode()
