"""Which items a list's query asks for, by the values of their members."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from tallystick.apis.generic.comparisons import BOUNDS, COMPARISONS, Test, is_bound, same_as_each
from tallystick.apis.generic.filter_words import is_ordered, read_words
from tallystick.apis.generic.item_place import WHOLE, Place, shape_at
from tallystick.apis.generic.json_fragment import json_fragment
from tallystick.apis.generic.resource_store import Item
from tallystick.contract.page_names import (
    BACKWARD_CURSORS,
    CURSORS,
    LIMITS,
    OFFSETS,
    PAGES,
    plain_name,
)
from tallystick.contract.schema_shape import SchemaShape

_STEPS = re.compile(r"[^\[\]]+(?:\[[^\[\]]+\]){0,2}")
_STEP = re.compile(r"[^\[\]]+")
_FILTERS = ("filter", "filters")
_HOLDERS: tuple[Place, ...] = (WHOLE, ("attributes",), ("relationships",))
"""Where an item may have the member of a filter: JSON:API has but the id within."""

MAX_PARTS = 100
"""Values in a text with commas: each is looked for in each item."""

_EQUAL = "eq"
_OF_PAGES = LIMITS | OFFSETS | PAGES | CURSORS | BACKWARD_CURSORS


class ListWords(NamedTuple):
    """What values of a list's parameters mean beside those that items have."""

    defaults: Mapping[str, Any]
    """Parameters, and the values that they have where a caller names none."""
    alls: frozenset[tuple[str, Any]]
    """Parameters, each with a word by which it leaves out no item."""
    first_page: int = 1
    """The number of the first page: in some APIs it is 0."""
    first_offset: int = 0
    """The offset of the first item: in some APIs it is 1."""
    examples: frozenset[tuple[str, str]] = frozenset()
    """Parameters, each with the text of an example: as a cursor it may lead to no page."""


NO_WORDS = ListWords({}, frozenset())
"""Of a list whose parameters have no such values."""


@dataclass(frozen=True)
class MemberFilter:
    """A member, and the value that an item must have there."""

    place: Place
    wanted: Any
    has_default: bool = False
    default: Any = None
    """The value of an item without the member."""
    operator: str = _EQUAL
    parts: tuple[str, ...] = ()
    """The values in a wanted text with commas: an array needs all, a choice one of them."""

    @property
    def fragment(self) -> bytes:
        """Return bytes in the JSON of each item of the filter; empty if there are none."""
        is_plain = self.operator == _EQUAL and not (self.has_default or self.parts)
        return json_fragment(self.wanted) if is_plain else b""

    def takes(self, item: Item) -> bool:
        """Return whether an item has the value."""
        found: Any = item
        for name in self.place:
            found = found.get(name, self.default) if isinstance(found, Mapping) else self.default
        return self._test(found) or self._part_test(found)

    @cached_property
    def _test(self) -> Test:
        return COMPARISONS[self.operator](self.wanted)

    @cached_property
    def _part_test(self) -> Test:
        return same_as_each(self.parts) if self.parts else lambda _: False


def flat_query(query: Mapping[str, Any], shape: SchemaShape) -> dict[str, Any]:
    """Return a query with the members of an object by names such as ``filter[status]``."""
    return dict(_flat(query, shape))


def _flat(query: Mapping[str, Any], shape: SchemaShape) -> Iterator[tuple[str, Any]]:
    for name, value in query.items():
        if isinstance(value, Mapping) and shape.member(name).type != "object":
            yield from _flat({f"{name}[{inner}]": each for inner, each in value.items()}, shape)
        else:
            yield name, value


def find_member(parameter: str, shape: SchemaShape) -> Place | None:
    """Return the place of the member that a parameter filters by; None if it is no filter."""
    found = _find_filter(parameter, shape)
    return found[0] if found else None


def _find_filter(parameter: str, shape: SchemaShape) -> tuple[Place, str] | None:
    """Return the place of a member and the operator: ``price__gte``, ``minPrice``."""
    if parameter in shape.properties:
        return (parameter,), _EQUAL
    steps = _STEP.findall(parameter) if _STEPS.fullmatch(parameter) else []
    if len(steps) == 1:
        steps = [each for each in parameter.rpartition("__") if each not in ("", "__")]
    has_operator = len(steps) > 1 and steps[-1].lower() in COMPARISONS
    operator = steps.pop().lower() if has_operator else _EQUAL
    is_filter = len(steps) > 1 and steps[0] in _FILTERS
    name = steps[-1] if len(steps) == 1 + is_filter else ""
    for holder in _HOLDERS if is_filter else _HOLDERS[:1]:
        inner = shape_at(shape, holder)
        own = _own_name(name, inner)
        if own:
            return (*holder, own), operator
        if not has_operator and (found := _read_words(name, inner)):
            return (*holder, found[0]), found[1]
    return None


def _own_name(name: str, shape: SchemaShape) -> str:
    """Return the name of a member as the item has it; empty if it has none, or for a page's."""
    if name in shape.properties:
        return name
    plain = plain_name(name)
    known = (each for each in shape.properties if plain_name(each) == plain)
    return "" if plain in _OF_PAGES else next(known, "")


def _read_words(name: str, shape: SchemaShape) -> tuple[str, str] | None:
    return None if plain_name(name) in _OF_PAGES else read_words(name, shape)


def read_filters(
    query: Mapping[str, Any], shape: SchemaShape, words: ListWords
) -> list[MemberFilter]:
    """Return the filters of a flat query."""
    return [
        MemberFilter(
            place,
            _wanted(value, operator),
            name in words.defaults,
            words.defaults.get(name),
            operator,
            _parts(value, shape_at(shape, place)),
        )
        for name, value in query.items()
        if (found := _find_filter(name, shape))
        for place, operator in [found]
        if _is_readable(value, operator, shape_at(shape, place))
        and not _wants_all(name, value, place, shape, words)
    ]


def is_filter(parameter: str, value: Any, shape: SchemaShape) -> bool:
    """Return whether a parameter filters by a member, and has a value to compare it with."""
    found = _find_filter(parameter, shape)
    return found is not None and _is_readable(value, found[1], shape_at(shape, found[0]))


def _is_readable(value: Any, operator: str, member: SchemaShape) -> bool:
    return operator not in BOUNDS or not is_ordered(member) or is_bound(value)


def _wanted(value: Any, operator: str) -> Any:
    return value.split(",") if operator == "in" and isinstance(value, str) else value


def _parts(value: Any, member: SchemaShape) -> tuple[str, ...]:
    is_choice = member.type == "array" or "enum" in member.keywords
    is_several = is_choice and isinstance(value, str) and 0 < value.count(",") < MAX_PARTS
    return tuple(value.split(",")) if is_several else ()


def _wants_all(name: str, value: Any, place: Place, shape: SchemaShape, words: ListWords) -> bool:
    """Return whether a value is a word for all items, and none that an item can have."""
    own = shape_at(shape, place).keywords.get("enum", ())
    return isinstance(value, str) and (name, value) in words.alls and value not in own
