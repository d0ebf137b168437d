"""The rules of an ingest, without a database: its times, properties and entities."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from tallystick.apis.keyastrom import selector
from tallystick.apis.keyastrom.event_types import PROBLEM_TYPES
from tallystick.apis.keyastrom.selector import Selector
from tallystick.apis.keyastrom.selector_parser import SelectorError
from tallystick.contract import json_spans
from tallystick.contract.document import read_api
from tallystick.contract.exceptions import Invalid, Violation

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

_DOCUMENT = read_api("keyastrom")

DEFAULT_TIMEOUT: int = _DOCUMENT.schema("EventTimeout")["default"]
"""Minutes."""
MAX_TIMEOUT = 360
"""Minutes; more are not refused, but count as these."""

_MAX_VALUE: int = _DOCUMENT.schema("EventPropertyValue")["maxLength"]
_RESERVED = "dt."
_WRITABLE = re.compile(
    r"dt\.(?:event\.(?:source|description|preferred_entity_type|title|deployment\..+)"
    r"|davis\..+|entity\..+)",
    re.DOTALL,
)
_BOOLEANS = frozenset(
    f"dt.event.{name}"
    for name in (
        "allow_davis_merge",
        "allow_frequent_issue_detection",
        "allow_entity_remapping",
        "is_rootcause_relevant",
        "suppress_problem",
    )
)
_TIMEOUT = "dt.event.timeout"
_MINUTES = re.compile(r"0*[1-9][0-9]{0,17}")


class Status(StrEnum):
    """The fate of an event on one entity."""

    OK = "OK"
    INVALID_ENTITY_TYPE = "INVALID_ENTITY_TYPE"
    INVALID_METADATA = "INVALID_METADATA"
    INVALID_TIMESTAMPS = "INVALID_TIMESTAMPS"


class Ingest(NamedTuple):
    """One event for each entity of a selector; None selects the environment."""

    type: str
    title: str
    start_ms: int
    end_ms: int
    selector: Selector | None
    properties: Mapping[str, str]
    in_bounds: bool

    @property
    def opens_problem(self) -> bool:
        """True if the event opens a problem; the same payload refreshes it."""
        return self.type in PROBLEM_TYPES

    def status(self, entity_type: str) -> Status:
        """Return the status of an entity of that type."""
        if self.type == "MARKED_FOR_TERMINATION" and entity_type != "HOST":
            return Status.INVALID_ENTITY_TYPE
        if not all(may_set(key, value) for key, value in self.properties.items()):
            return Status.INVALID_METADATA
        return Status.OK if self.in_bounds else Status.INVALID_TIMESTAMPS


def read_ingest(body: Mapping[str, Any], raw: bytes, now_ms: int) -> Ingest:
    """Read a body of the contract's shape, `raw` as it was sent; raise `Invalid`."""
    violations: list[Violation] = []
    selected = _selector(body.get("entitySelector"), violations)
    name = "properties"
    properties = read_properties(name, body.get(name) or {}, raw, violations)
    if violations:
        raise Invalid(violations)
    start, end, in_bounds = _times(body, now_ms)
    return Ingest(body["eventType"], body["title"], start, end, selected, properties, in_bounds)


def _selector(text: str | None, violations: list[Violation]) -> Selector | None:
    try:
        return None if text is None else selector.parse_selector(text)
    except SelectorError as error:
        name = "entitySelector"
        violations.append(Violation("body", name, "syntax", None, str(error), (name,)))
        return None


def read_properties(
    name: str, given: Mapping[str, object], raw: bytes, violations: list[Violation]
) -> dict[str, str]:
    """Return the member `name` of a body as texts; add a violation for each that is none."""
    wrong = [key for key, value in given.items() if not isinstance(value, str | int | float)]
    # Each bracket of a wrong one would be a step of the search.
    numbers = {} if wrong else _numbers_as_written(name, given, raw)
    found = {key: _text(value, numbers.get(key)) for key, value in given.items()}
    texts = {key: text for key, text in found.items() if text is not None}
    violations += _property_violations(name, wrong, texts)
    return texts


def _numbers_as_written(name: str, given: Mapping[str, object], raw: bytes) -> Mapping[str, str]:
    """Return the text of each number: 1.10 is the name of a version."""
    numbers = [key for key, value in given.items() if type(value) in {int, float}]
    if not numbers:
        return {}
    written = json_spans.members(json_spans.members(raw)[name])
    return {key: written[key].decode() for key in numbers}


def _property_violations(
    name: str, wrong: Iterable[str], texts: Mapping[str, str]
) -> Iterator[Violation]:
    for key in wrong:
        message = "must be a string, a number or a boolean"
        yield Violation("body", name, "type", None, message, (name, key))
    for key, text in texts.items():
        if len(text) > _MAX_VALUE:
            message = f"must have at most {_MAX_VALUE} characters"
            yield Violation("body", name, "maxLength", None, message, (name, key))


def _text(value: object, number: str | None) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else number


def _times(body: Mapping[str, Any], now_ms: int) -> tuple[int, int, bool]:
    given_start, given_end = body.get("startTime"), body.get("endTime")
    start = now_ms if given_start is None else int(given_start)
    timeout = int(body.get("timeout") or DEFAULT_TIMEOUT)
    end = start + min(timeout, MAX_TIMEOUT) * MINUTE_MS if given_end is None else int(given_end)
    past, future = _bounds(body["eventType"])
    latest = start if given_end is None else max(start, end)
    in_bounds = now_ms - past <= start <= end and latest <= now_ms + future
    return start, end, in_bounds


def _bounds(event_type: str) -> tuple[int, int]:
    """Return the bounds of an event's times, back and ahead, in milliseconds."""
    if event_type in PROBLEM_TYPES:
        return 6 * HOUR_MS, 5 * MINUTE_MS
    return 30 * DAY_MS, 7 * DAY_MS


def may_set(key: str, value: str) -> bool:
    """Return whether a property is the user's own, or a reserved one open to the value."""
    if not key.startswith(_RESERVED) or _WRITABLE.fullmatch(key):
        return True
    if key == _TIMEOUT:
        return _MINUTES.fullmatch(value) is not None
    return key in _BOOLEANS and value in {"true", "false"}
