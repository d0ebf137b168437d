"""Event selectors, read into criteria; `event_query` makes SQL of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from tallystick.apis.keyastrom import event_ids
from tallystick.apis.keyastrom.selector_parser import (
    Parser,
    check_weight,
    refused,
    text_of,
    texts_of,
)

if TYPE_CHECKING:
    from lark import Token


class EventStatus(StrEnum):
    """Whether an event has ended."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class Numbers:
    """Events with one of these numbers."""

    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OnEntity:
    """Events on one of these entities."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HasStatus:
    """Events in one of these states."""

    statuses: tuple[EventStatus, ...]


@dataclass(frozen=True, slots=True)
class OfType:
    """Events of one of these types."""

    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InZone:
    """Events on entities in one of these management zones."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HasProperty:
    """Events with one of these values of the property."""

    key: str
    values: tuple[str, ...]


class EventFlag(StrEnum):
    """A truth about an event; the vendor's name in small letters."""

    UNDER_MAINTENANCE = "undermaintenance"
    SUPPRESS_ALERT = "suppressalert"
    SUPPRESS_PROBLEM = "suppressproblem"
    FREQUENT_EVENT = "frequentevent"


@dataclass(frozen=True, slots=True)
class HasFlag:
    """Events with one of these values of a flag."""

    flag: EventFlag
    values: tuple[bool, ...]


Criterion = Numbers | OnEntity | HasStatus | OfType | InZone | HasFlag | HasProperty
EventSelector = tuple[Criterion, ...]
"""An event must meet every criterion."""


def parse_event_selector(text: str) -> EventSelector:
    """Read an event selector; raise `SelectorError` with the columns at fault."""
    criteria = _PARSER.parse(text)
    counted = ", of which each value of a property, a flag or a status is one"
    check_weight(text, map(_weight, criteria), counted)
    return criteria


def _weight(criterion: Criterion) -> int:
    # Of these each value is a condition of its own; others are looked up in one list.
    if isinstance(criterion, HasProperty | HasFlag):
        return len(criterion.values)
    return len(criterion.statuses) if isinstance(criterion, HasStatus) else 1


class _EventCriteria:
    """Builds criteria as the parser recognises them."""

    def selector(self, *criteria: Criterion) -> EventSelector:
        return criteria

    def values(self, *values: Token) -> tuple[Token, ...]:
        return values

    def event_id(self, _: Token, values: tuple[Token, ...]) -> Criterion:
        found = map(event_ids.number_of, texts_of(values))
        return Numbers(tuple(number for number in found if number is not None))

    def correlation_id(self, _: Token, values: tuple[Token, ...]) -> Criterion:
        found = map(event_ids.correlated, texts_of(values))
        return Numbers(tuple(number for number in found if number is not None))

    def entity_id(self, _: Token, values: tuple[Token, ...]) -> Criterion:
        return OnEntity(texts_of(values))

    def status(self, _: Token, values: tuple[Token, ...]) -> Criterion:
        return HasStatus(tuple(map(status_of, values)))

    def event_type(self, _: Token, values: tuple[Token, ...]) -> Criterion:
        return OfType(texts_of(values))

    def zone_id(self, _: Token, values: tuple[Token, ...]) -> Criterion:
        return InZone(texts_of(values))

    def flag(self, keyword: Token, values: tuple[Token, ...]) -> Criterion:
        return HasFlag(EventFlag(keyword.casefold()), tuple(map(truth_of, values)))

    def property(self, keyword: Token, values: tuple[Token, ...]) -> Criterion:
        return HasProperty(keyword[len("property.") :], texts_of(values))


def status_of(value: Token) -> EventStatus:
    """Read a state, in any letter case; raise `SelectorError`."""
    try:
        return EventStatus(text_of(value).upper())
    except ValueError:
        raise refused("Got neither OPEN nor CLOSED", value) from None


def truth_of(value: Token) -> bool:
    """Read a truth value, in any letter case; raise `SelectorError`."""
    text = text_of(value).casefold()
    if text not in ("true", "false"):
        raise refused("Got neither true nor false", value)
    return text == "true"


_PARSER: Parser[EventSelector] = Parser("event_selector.lark", _EventCriteria)
