"""Conditions on a request: what a rule is for, and what `verify` looks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonpath

from tallystick.contract.problem import Invalid, Violation
from tallystick.mock.facts import ABSENT, Facts

REGEX = "$regex"
EXISTS = "$exists"
PARTS = ("path", "query", "header", "body")

Find = Callable[[Facts], list[Any]]


@dataclass(frozen=True, slots=True)
class Condition:
    """One value of a request, and what it has to be."""

    place: str
    """Such as ``body $.cl``."""
    find: Find
    wanted: Any

    def miss(self, facts: Facts) -> str | None:
        """How the request misses it, in words; None if it does not."""
        found = self.find(facts)
        if self._holds(found):
            return None
        is_found = f"is {_shown(found[0])}" if found else "is not there"
        return f"{self.place} {is_found}, wanted {_shown(self.wanted)}"

    def _holds(self, found: list[Any]) -> bool:
        if _is_test(self.wanted, EXISTS):
            return bool(found) is self.wanted[EXISTS]
        if _is_test(self.wanted, REGEX):
            pattern = self.wanted[REGEX]
            return any(isinstance(v, str) and re.search(pattern, v) for v in found)
        return any(type(v) is type(self.wanted) and v == self.wanted for v in found)


class Conditions:
    """All that a request has to be."""

    def __init__(self, match: Mapping[str, Mapping[str, Any]]) -> None:
        """`match`: a ``MockMatch`` of the contract; raises `Invalid`."""
        self._conditions = [
            _condition(part, name, wanted)
            for part in PARTS
            for name, wanted in match.get(part, {}).items()
        ]

    def misses(self, facts: Facts) -> list[str]:
        """Each condition that the request misses, in words."""
        return list(self._misses(facts))

    def hold(self, facts: Facts) -> bool:
        """Whether the request misses none."""
        return next(self._misses(facts), None) is None

    def _misses(self, facts: Facts) -> Iterator[str]:
        return (miss for c in self._conditions if (miss := c.miss(facts)) is not None)


def _condition(part: str, name: str, wanted: Any) -> Condition:
    if _is_test(wanted, REGEX):
        _check_regex(part, name, wanted[REGEX])
    if part == "body":
        return Condition(f"body {name}", _by_path(name), wanted)
    key = name.lower() if part == "header" else name
    return Condition(f"{part} {name}", _by_name(part, key), wanted)


def _by_name(part: str, name: str) -> Find:
    def find(facts: Facts) -> list[Any]:
        values = getattr(facts, part)
        return [values[name]] if name in values else []

    return find


def _by_path(text: str) -> Find:
    try:
        path = jsonpath.compile(text)
    except Exception as error:  # its parser lets some of Python's own out
        raise _invalid("body", text, f"is no JSONPath: {str(error).splitlines()[0]}") from None

    def find(facts: Facts) -> list[Any]:
        if facts.json is ABSENT:
            return []
        try:
            return path.findall(facts.json)
        except jsonpath.JSONPathError:  # such as a comparison of what can't be compared
            return []

    return find


def _check_regex(part: str, name: str, pattern: Any) -> None:
    try:
        re.compile(pattern)
    except (re.error, TypeError):
        raise _invalid(part, name, "is no regular expression") from None


def _is_test(wanted: Any, test: str) -> bool:
    return isinstance(wanted, dict) and wanted.keys() == {test}


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _invalid(part: str, name: str, message: str) -> Invalid:
    return Invalid([Violation("body", "match", "format", None, message, ("match", part, name))])
