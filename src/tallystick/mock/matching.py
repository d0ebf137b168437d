"""Conditions on a request, for rules and for `verify`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from jsonschema_rs import Draft202012Validator, RegexOptions, ValidationError

from tallystick.apis import json_path
from tallystick.contract.exceptions import Invalid, Violation
from tallystick.mock.request_view import ABSENT, RequestView

REGEX = "$regex"
EXISTS = "$exists"
ANY = "$any"
ALL = "$all"
EXACTLY = "$exactly"
PARTS = ("path", "query", "header", "form", "body")

Find = Callable[[RequestView], Sequence[Any]]
Test = Callable[[Sequence[Any]], bool]


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on one value of a request."""

    place: str
    """The value's place, such as ``body $.cl``."""
    find: Find
    holds: Test
    """Returns whether the values found there meet the condition."""
    wanted: Any
    needs_body: bool = False

    def miss(self, facts: RequestView) -> str | None:
        """Return in words how the request misses the condition, or None if it meets it."""
        found = self.find(facts)
        if self.holds(found):
            return None
        is_found = f"is {' and '.join(map(_shown, found))}" if found else "is not there"
        return f"{self.place} {is_found}, wanted {_shown(self.wanted)}"

    def can_judge(self, facts: RequestView) -> bool:
        """Return whether the request has everything the condition looks at."""
        return facts.is_whole or not self.needs_body


class Verdict(Enum):
    """A judgement of a request."""

    HIT = "hit"
    MISS = "miss"
    UNJUDGED = "unjudged"


class Conditions:
    """Conditions for a request to meet together."""

    def __init__(self, match: Mapping[str, Mapping[str, Any]]) -> None:
        """Compile a ``MockMatch`` of the contract; raise `Invalid` for a bad expression or path."""
        self._conditions = [
            _condition(part, name, wanted)
            for part in PARTS
            for name, wanted in match.get(part, {}).items()
        ]

    def misses(self, facts: RequestView) -> list[str]:
        """Return in words each condition missed, or beyond judgement."""
        unjudged = [c for c in self._conditions if not c.can_judge(facts)]
        return [*self._misses(facts), *(f"{c.place} can't be judged" for c in unjudged)]

    def judge(self, facts: RequestView) -> Verdict:
        """Return whether the request meets all conditions, if all that they look at is there."""
        if not self._hold(facts):
            return Verdict.MISS
        known = all(condition.can_judge(facts) for condition in self._conditions)
        return Verdict.HIT if known else Verdict.UNJUDGED

    def _hold(self, facts: RequestView) -> bool:
        # All look-ups share one bound: a path of forty unions never ended on 81 bytes of JSON.
        with json_path.budget():
            return next(self._misses(facts), None) is None

    def _misses(self, facts: RequestView) -> Iterator[str]:
        judged = (c for c in self._conditions if c.can_judge(facts))
        return (miss for c in judged if (miss := c.miss(facts)) is not None)


def _condition(part: str, name: str, wanted: Any) -> Condition:
    test = _test(part, name, wanted)
    needs_body = part in ("form", "body")
    return Condition(f"{part} {name}", find_values(part, name), test, wanted, needs_body)


def find_values(part: str, name: str) -> Find:
    """Return a function that finds all values of a name in a part of `PARTS`; raise `Invalid`.

    The name of a part of the body is a JSONPath.
    """
    if part == "body":
        return _by_path(name)
    if part == "path":
        return lambda facts: [facts.path[name]] if name in facts.path else []
    key = name.lower() if part == "header" else name
    return lambda facts: getattr(facts, part).get(key, ())


def _by_path(text: str) -> Find:
    try:
        path = json_path.parse_path(text)
    except json_path.BadPath as error:
        raise _invalid("body", text, f"is not a JSONPath: {error}") from None

    def find(facts: RequestView) -> list[Any]:
        if facts.json is ABSENT:
            return []
        try:
            return json_path.find_all(path, facts.json)
        except json_path.LookupFailed:  # such as a comparison of what can't be compared
            return []

    return find


def _test(part: str, name: str, wanted: Any) -> Test:
    if _is_test(wanted, EXISTS):
        if not isinstance(wanted[EXISTS], bool):
            raise _invalid(part, name, f"has an {EXISTS} that is neither true nor false")
        return lambda found: bool(found) is wanted[EXISTS]
    if _is_test(wanted, REGEX):
        return _expression(part, name, wanted[REGEX])
    if _is_test(wanted, ANY):
        return lambda found: _is_among(wanted[ANY], found)
    if _is_test(wanted, ALL):
        several = _list(part, name, wanted, ALL)
        return lambda found: all(_is_among(each, found) for each in several)
    if _is_test(wanted, EXACTLY):
        several = _list(part, name, wanted, EXACTLY)
        return lambda found: _are_same(several, found)
    return lambda found: _is_among(wanted, found)


def _list(part: str, name: str, wanted: Any, test: str) -> list[Any]:
    several = wanted[test]
    if not isinstance(several, list):
        raise _invalid(part, name, f"has an {test} that is not a list")
    return several


def _is_among(wanted: Any, found: Sequence[Any]) -> bool:
    return any(_is_same(wanted, each) for each in found)


def _are_same(wanted: Sequence[Any], found: Sequence[Any]) -> bool:
    """Return whether both have the same values, each as often, in any order."""
    rest = list(found)
    for each in wanted:
        place = next((index for index, value in enumerate(rest) if _is_same(each, value)), None)
        if place is None:
            return False
        del rest[place]
    return not rest


def _is_same(wanted: Any, value: Any) -> bool:
    # JSON's true is no 1, which Python's is.
    return isinstance(value, bool) is isinstance(wanted, bool) and value == wanted


def _expression(part: str, name: str, pattern: Any) -> Test:
    """Return a test by a regular expression, in time linear in the text.

    Python's own expressions may take exponential time.
    """
    try:
        text = Draft202012Validator(
            {"type": "string", "pattern": pattern}, pattern_options=RegexOptions()
        )
    except (ValidationError, ValueError):
        message = (
            "must be a regular expression of moderate size, without look-around and back-reference"
        )
        raise _invalid(part, name, message) from None
    return lambda found: any(_keeps(value, text) for value in found)


def _keeps(value: Any, text: Draft202012Validator) -> bool:
    try:
        return text.is_valid(value)
    except ValueError:  # half a surrogate pair, which no expression means
        return False


def _is_test(wanted: Any, test: str) -> bool:
    return isinstance(wanted, dict) and wanted.keys() == {test}


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _invalid(part: str, name: str, message: str) -> Invalid:
    return Invalid([Violation("body", "match", "format", None, message, ("match", part, name))])
