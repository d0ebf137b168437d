"""Entity selectors, read into criteria; `selector_sql` makes SQL of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from tallystick.apis.keyastrom import timeframe
from tallystick.apis.keyastrom.selector_parser import (
    Parser,
    SelectorError,
    check_weight,
    refused,
    text_of,
    texts_of,
)
from tallystick.contract.document import read_api

if TYPE_CHECKING:
    from lark import Token

MAX_DEPTH = 10
"""How deep relationships and negations may be nested."""

_RELATIONSHIP = 5
"""Weight of a relationship, beside that of the selector in it."""

_REMEMBERED = 500
CONTEXTLESS = "CONTEXTLESS"
"""The context of tags that people give."""
_CONTEXTS: Mapping[str, str] = read_api("keyastrom").schema("TopologyTag")["x-tag-contexts"]
"""Context → how it is shown before a tag."""
_BRACKETS = re.compile(r"\[([A-Za-z_ ]+)\](.*)", re.DOTALL)
_DIMENSION = "dt.entity."
_ENTITY_ID = re.compile("([A-Z_]+)-[0-9A-F]{16}")


class MatchOperator(StrEnum):
    """The ways to compare a name with a value."""

    CONTAINS = "contains"
    STARTS_WITH = "startsWith"
    EQUALS = "equals"


class Comparison(StrEnum):
    """The ways to compare a time with another."""

    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"


class End(StrEnum):
    """The end of a relationship with the selected entity."""

    FROM = "from"
    TO = "to"


# Criteria are no named tuples: those of two kinds with the same values would be equal.
@dataclass(frozen=True, slots=True)
class EntityType:
    """Entities of this type, spelled as `type_name` does."""

    name: str


@dataclass(frozen=True, slots=True)
class EntityTypes:
    """Entities of one of these types: a rule of tags has several, the text of a selector one."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EntityId:
    """Entities with one of these IDs."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EntityName:
    """Entities by a comparison of their name with these values."""

    match: MatchOperator
    values: tuple[str, ...]
    case_sensitive: bool = False


class TagValue(NamedTuple):
    """A tag; `value` is empty for a key alone."""

    context: str
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Tag:
    """Entities with one of these tags."""

    tags: tuple[TagValue, ...]


@dataclass(frozen=True, slots=True)
class ZoneId:
    """Entities in a management zone with one of these IDs."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ZoneName:
    """Entities in a management zone with one of these names."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HealthState:
    """Entities in one of these states: ``UNHEALTHY`` with an open problem, else ``HEALTHY``."""

    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FirstSeen:
    """Entities first seen before or after a time."""

    comparison: Comparison
    time: timeframe.TimeExpression


@dataclass(frozen=True, slots=True)
class DeletedEntities:
    """Whether deleted entities are selected too; here they are gone either way."""

    included: bool


@dataclass(frozen=True, slots=True)
class Relationship:
    """Entities related to those of another selector."""

    end: End
    name: str
    selector: Selector


@dataclass(frozen=True, slots=True)
class Attribute:
    """Entities with one of these values of the attribute; the name is case-folded."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AttributeExists:
    """Entities with the attribute, and one of the keys if some are given; or without it."""

    name: str
    exists: bool
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    """Entities against a criterion."""

    criterion: Criterion


Criterion = (
    EntityType
    | EntityTypes
    | EntityId
    | EntityName
    | Tag
    | ZoneId
    | ZoneName
    | HealthState
    | FirstSeen
    | DeletedEntities
    | Relationship
    | Attribute
    | AttributeExists
    | Not
)


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Selector:
    """Entities of one type, by every criterion."""

    criteria: tuple[Criterion, ...]

    @property
    def by_id(self) -> bool:
        """True if it names its entities, and so selects them however long they are gone."""
        return any(isinstance(criterion, EntityId) for criterion in self.criteria)


def tag_value(text: str) -> TagValue:
    r"""Read a tag: ``[context]key:value``, or the key alone; ``\:`` is a colon of the key."""
    context, rest = CONTEXTLESS, text
    brackets = _BRACKETS.fullmatch(text)
    if brackets and _letters(brackets[1]) in _SPELLINGS:
        context, rest = _SPELLINGS[_letters(brackets[1])], brackets[2]
    key, *value = re.split(r"(?<!\\):", rest, maxsplit=1)
    return TagValue(context, key.replace(r"\:", ":"), "".join(value).replace(r"\:", ":"))


def tag_text(context: str, key: str, value: str) -> str:
    """Return the tag as `tag_value` reads it."""
    prefix = "" if context == CONTEXTLESS else f"[{_CONTEXTS[context]}]"
    escaped = key.replace(":", r"\:")
    return f"{prefix}{escaped}:{value}" if value else f"{prefix}{escaped}"


def _letters(context: str) -> str:
    return context.replace("_", "").replace(" ", "").casefold()


_SPELLINGS = {_letters(context): context for context in _CONTEXTS}


def has_unknown_context(tag: str) -> bool:
    """Return whether the tag begins with brackets around a context unknown to the vendor."""
    brackets = _BRACKETS.fullmatch(tag)
    return brackets is not None and _letters(brackets[1]) not in _SPELLINGS


def type_name(text: str) -> str:
    """Return the name of a type, written in any letter case or as ``dt.entity.host``.

    The vendor writes types with a colon in small letters, others in capitals.
    """
    if text.casefold().startswith(_DIMENSION):
        text = text[len(_DIMENSION) :]
    return text.lower() if ":" in text else text.upper()


def parse_selector(text: str) -> Selector:
    """Read an entity selector; raise `SelectorError` with the columns at fault."""
    # Long ones are rare, and a thousand of them would fill the memory.
    return _remembered(text) if len(text) <= _REMEMBERED else _parse(text)


@lru_cache(maxsize=1024)
def _remembered(text: str) -> Selector:
    return _parse(text)


def _parse(text: str) -> Selector:
    selector = _PARSER.parse(text)
    counted = f", of which a part of a name is one and a relationship is {_RELATIONSHIP}"
    check_weight(text, map(_weight, selector.criteria), counted)
    if fault := _fault(selector):
        raise SelectorError(fault, 0, len(text))
    return selector


def _fault(selector: Selector) -> str | None:
    types = sum(isinstance(criterion, EntityType) for criterion in selector.criteria)
    if types > 1:
        return "Got more than one type"
    return None if types or selector.by_id else "Got neither type nor entityId"


def _weight(criterion: Criterion) -> int:
    if isinstance(criterion, Not):
        return _weight(criterion.criterion)
    if isinstance(criterion, Relationship):
        return _RELATIONSHIP + sum(map(_weight, criterion.selector.criteria))
    # Whole names are looked up; for their parts every name is looked through.
    if isinstance(criterion, EntityName) and criterion.match is not MatchOperator.EQUALS:
        return len(criterion.values)
    return 1


def _depth(criterion: Criterion) -> int:
    if isinstance(criterion, Not):
        return 1 + _depth(criterion.criterion)
    if isinstance(criterion, Relationship):
        return 1 + max(map(_depth, criterion.selector.criteria))
    return 0


_MATCHES = {
    "": MatchOperator.CONTAINS,
    "contains": MatchOperator.CONTAINS,
    "startswith": MatchOperator.STARTS_WITH,
}


class _EntityCriteria:
    """Builds criteria as the parser recognises them, from the inside out."""

    def selector(self, *criteria: Criterion) -> Selector:
        return Selector(criteria)

    def values(self, *values: Token) -> tuple[Token, ...]:
        return values

    def entity_type(self, _: Token, value: Token) -> Criterion:
        return EntityType(type_name(text_of(value)))

    def entity_id(self, keyword: Token, values: tuple[Token, ...]) -> Criterion:
        ids = texts_of(values)
        types = {match[1] for match in map(_ENTITY_ID.fullmatch, ids) if match}
        if len(types) > 1:
            raise refused("Got entities of more than one type", keyword)
        return EntityId(ids)

    def entity_name(self, _: Token, *match_and_values: Any) -> EntityName:
        *match, values = match_and_values
        name = str(match[0]).casefold() if match else ""
        kind = _MATCHES.get(name, MatchOperator.EQUALS)
        return EntityName(kind, texts_of(values))

    def case_sensitive(self, _: Token, name: EntityName) -> Criterion:
        return EntityName(name.match, name.values, case_sensitive=True)

    def tag(self, _: Token, values: tuple[Token, ...]) -> Criterion:
        return Tag(tuple(map(tag_value, texts_of(values))))

    def zone_id(self, _: Token, values: tuple[Token, ...]) -> Criterion:
        return ZoneId(texts_of(values))

    def zone_name(self, _: Token, values: tuple[Token, ...]) -> Criterion:
        return ZoneName(texts_of(values))

    def health_state(self, _: Token, values: tuple[Token, ...]) -> Criterion:
        return HealthState(texts_of(values))

    def first_seen(self, _: Token, comparison: Token, value: Token) -> Criterion:
        try:
            return FirstSeen(
                Comparison(comparison.casefold()), timeframe.parse_time(text_of(value))
            )
        except timeframe.TimeError:
            raise refused("Got no valid time", value) from None

    def deleted_entities(self, _: Token, inclusion: Token) -> Criterion:
        return DeletedEntities(inclusion.casefold() == "include")

    def relationship(self, end: Token, name: Token, selector: Selector) -> Criterion:
        side = End.FROM if end.casefold().startswith("from") else End.TO
        if fault := _fault(selector):
            raise refused(fault, end)
        return self._bounded(Relationship(side, name.casefold(), selector), end)

    def negation(self, keyword: Token, criterion: Criterion) -> Criterion:
        return self._bounded(Not(criterion), keyword)

    def _bounded(self, criterion: Criterion, keyword: Token) -> Criterion:
        if _depth(criterion) > MAX_DEPTH:
            raise refused(f"Got criteria nested more than {MAX_DEPTH} deep", keyword)
        return criterion

    def attribute(self, *names: Token) -> str:
        return ".".join(names).casefold()

    def attribute_is(self, name: str, values: tuple[Token, ...]) -> Criterion:
        return Attribute(name, texts_of(values))

    def attribute_exists(self, name: str, _: Token, values: tuple[Token, ...] = ()) -> Criterion:
        keys = texts_of(values)
        if keys in (("true",), ("false",)):
            return AttributeExists(name, keys == ("true",))
        return AttributeExists(name, True, keys)


_PARSER: Parser[Selector] = Parser("selector.lark", _EntityCriteria)
