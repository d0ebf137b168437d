"""Conditions on a request, for rules and for `verify`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from jsonschema_rs import Draft202012Validator, RegexOptions, ValidationError

from tallystick.apis import json_path
from tallystick.contract.exceptions import Invalid, Violation
from tallystick.mock.request_view import ABSENT, RequestView

REGEX = "$regex"
EXISTS = "$exists"
PARTS = ("path", "query", "header", "body")

Find = Callable[[RequestView], list[Any]]
Test = Callable[[list[Any]], bool]


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
        is_found = f"is {_shown(found[0])}" if found else "is not there"
        return f"{self.place} {is_found}, wanted {_shown(self.wanted)}"

    def can_judge(self, facts: RequestView) -> bool:
        """Return whether the request has all that the condition looks at."""
        return facts.is_whole or not self.needs_body


class Verdict(Enum):
    """A judgement of a request."""

    HIT = "hit"
    MISS = "miss"
    UNJUDGED = "unjudged"


class Conditions:
    """Conditions that a request must meet together."""

    def __init__(self, match: Mapping[str, Mapping[str, Any]]) -> None:
        """Compile a ``MockMatch`` of the contract; raise `Invalid` for a bad expression or path."""
        self._conditions = [
            _condition(part, name, wanted)
            for part in PARTS
            for name, wanted in match.get(part, {}).items()
        ]

    def misses(self, facts: RequestView) -> list[str]:
        """Return in words each condition that is missed, or can't be judged."""
        unjudged = [c for c in self._conditions if not c.can_judge(facts)]
        return [*self._misses(facts), *(f"{c.place} is not kept whole" for c in unjudged)]

    def hold(self, facts: RequestView) -> bool:
        """Return whether the request meets all conditions."""
        # All look-ups share one bound: a path of forty unions never ended on 81 bytes of JSON.
        with json_path.budget():
            return next(self._misses(facts), None) is None

    def judge(self, facts: RequestView) -> Verdict:
        """Return whether a request kept in the journal meets all conditions, if that is known."""
        if not self.hold(facts):
            return Verdict.MISS
        known = all(condition.can_judge(facts) for condition in self._conditions)
        return Verdict.HIT if known else Verdict.UNJUDGED

    def _misses(self, facts: RequestView) -> Iterator[str]:
        judged = (c for c in self._conditions if c.can_judge(facts))
        return (miss for c in judged if (miss := c.miss(facts)) is not None)


def _condition(part: str, name: str, wanted: Any) -> Condition:
    test = _test(part, name, wanted)
    if part == "body":
        return Condition(f"body {name}", _by_path(name), test, wanted, needs_body=True)
    key = name.lower() if part == "header" else name
    return Condition(f"{part} {name}", _by_name(part, key), test, wanted)


def _by_name(part: str, name: str) -> Find:
    def find(facts: RequestView) -> list[Any]:
        values = getattr(facts, part)
        return [values[name]] if name in values else []

    return find


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
    # JSON's true is no 1, which Python's is.
    is_bool = isinstance(wanted, bool)
    return lambda found: any(isinstance(v, bool) is is_bool and v == wanted for v in found)


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
