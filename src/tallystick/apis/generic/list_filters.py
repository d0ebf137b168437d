"""Which items a list's query asks for, by the values of their members."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from tallystick.apis.generic.item_place import WHOLE, Place, shape_at
from tallystick.apis.generic.json_fragment import json_fragment
from tallystick.apis.generic.resource_store import Item
from tallystick.contract.schema_shape import SchemaShape

_FILTER = re.compile(r"filters?\[([^\[\]]+)\]")
_HOLDERS: tuple[Place, ...] = (WHOLE, ("attributes",))
"""Where an item may have the member of a filter: JSON:API has all but the id in ``attributes``."""


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

    @property
    def fragment(self) -> bytes:
        """Return bytes in the JSON of each item of the filter; empty if there are none."""
        return b"" if self.has_default else json_fragment(self.wanted)

    def takes(self, item: Item) -> bool:
        """Return whether an item has the value."""
        found: Any = item
        for name in self.place:
            found = found.get(name, self.default) if isinstance(found, Mapping) else self.default
        return not self._keys.isdisjoint(_keys(found))

    @cached_property
    def _keys(self) -> frozenset[str | None]:
        return frozenset(_keys(self.wanted))


def flat_query(query: Mapping[str, Any], shape: SchemaShape) -> dict[str, Any]:
    """Return a query with the members of an object by names such as ``filter[status]``."""
    return dict(_flat(query, shape))


def _flat(query: Mapping[str, Any], shape: SchemaShape) -> Iterator[tuple[str, Any]]:
    for name, value in query.items():
        if isinstance(value, Mapping) and name not in shape.properties:
            yield from _flat({f"{name}[{inner}]": each for inner, each in value.items()}, shape)
        else:
            yield name, value


def find_member(parameter: str, shape: SchemaShape) -> Place | None:
    """Return the place of the member that a parameter filters by; None if it is no filter."""
    if parameter in shape.properties:
        return (parameter,)
    named = _FILTER.fullmatch(parameter)
    found = (place for place in _HOLDERS if named and named[1] in shape_at(shape, place).properties)
    holder = next(found, None)
    return (*holder, named[1]) if named and holder is not None else None


def read_filters(
    query: Mapping[str, Any], shape: SchemaShape, words: ListWords
) -> list[MemberFilter]:
    """Return the filters of a flat query."""
    return [
        MemberFilter(place, value, name in words.defaults, words.defaults.get(name))
        for name, value in query.items()
        if (place := find_member(name, shape)) and not _wants_all(name, value, place, shape, words)
    ]


def _wants_all(name: str, value: Any, place: Place, shape: SchemaShape, words: ListWords) -> bool:
    """Return whether a value is a word for all items, and none that an item can have."""
    own = shape_at(shape, place).keywords.get("enum", ())
    return isinstance(value, str) and (name, value) in words.alls and value not in own


def _keys(value: Any) -> Iterator[str | None]:
    """Yield texts that a value has in common with equal ones; of a list, those of its items.

    Items are not compared in pairs: a query may name thousands, and an item have as many.
    """
    pending = [value]
    while pending:
        each = pending.pop()
        if isinstance(each, list):
            pending += each
        elif isinstance(each, bool | Mapping):
            yield json.dumps(each, sort_keys=True)
        else:
            yield None if each is None else str(each)
            if isinstance(each, float) and each.is_integer():
                yield str(int(each))
