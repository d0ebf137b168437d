"""Lists of resources: the array of their items, and the envelope that a contract declares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from tallystick.apis.generic.item_id import id_at
from tallystick.apis.generic.item_place import (
    WHOLE,
    ItemClues,
    Place,
    count_clues,
    find_item,
    inner_shapes,
    is_beside,
    shape_at,
)
from tallystick.apis.generic.list_query import ListQuery
from tallystick.apis.generic.page_links import LEFT_OUT, PageLinks, leads_to_last
from tallystick.apis.generic.resource_store import ItemPage
from tallystick.contract.page_names import (
    AROUND,
    LIMITS,
    LINKS,
    MORE,
    NEXT_CURSORS,
    OFFSETS,
    PAGES,
    plain_name,
    read_link_name,
)
from tallystick.contract.schema_shape import SchemaShape

_TOTALS = frozenset("total totalcount totalitems totalresults totalelements count".split())
_PAGE_COUNTS = frozenset("pages totalpages pagecount lastpage".split())
_ON_PAGE = frozenset({"itemsperpage", "numberofelements"})
_NUMBERS = PAGES | {"number"}
_OF_ALL = _TOTALS | _PAGE_COUNTS
_OF_BEFORE = OFFSETS | _NUMBERS | {"first"}
_DONE = frozenset("ok succeeded success".split())
_GONE = frozenset("deleted isdeleted isremoved removed".split())
_ENDS = {"firstid": 0, "lastid": -1}
"""Names of members with the ids at both ends of a page, each with its index."""

_AROUND = AROUND | {LINKS}
_LEADING = NEXT_CURSORS | {LINKS}

_DEPTH = 2
"""The most members around those that tell of pages: ``{meta: {page: {…}}}``."""


class ListedArray(NamedTuple):
    """The array of a list's answer."""

    place: Place
    """Where it stands in the answer."""
    items: SchemaShape
    schema: Any
    """That of its items."""
    item: Place
    """Where each of them has the resource."""


def find_array(shape: SchemaShape, clues: ItemClues) -> ListedArray | None:
    """Return the array with the items that the clues tell of, in a list's answer of a shape.

    Without such a one it is the first array of objects, or else the first array.
    """
    if shape.type == "array":
        return _listed(WHOLE, shape, clues)
    found = [_listed(place, array, clues) for place, array in _arrays(shape)]
    ranks = [_rank(each, clues) for each in found]
    return found[ranks.index(max(ranks))] if ranks else None


def _arrays(shape: SchemaShape) -> Iterator[tuple[Place, SchemaShape]]:
    for place, holder in [(WHOLE, shape), *inner_shapes(shape)]:
        for name in holder.properties:
            member = holder.member(name)
            if member.type == "array" and not is_beside(name):
                yield (*place, name), member


def _listed(place: Place, array: SchemaShape, clues: ItemClues) -> ListedArray:
    items = array.items()
    schema = array.keywords.get("items", {})
    return ListedArray(place, items, schema, find_item(items, clues))


def _rank(found: ListedArray, clues: ItemClues) -> tuple[bool, int, bool]:
    item = shape_at(found.items, found.item)
    is_own = not clues.references.isdisjoint(item.references)
    return is_own, count_clues(item, clues), found.items.type == "object"


def envelope(
    shape: SchemaShape,
    array: ListedArray | None,
    items: list[Any],
    page: ItemPage,
    query: ListQuery,
) -> Any:
    """Return the members of a list's answer that are known; an array is just the items."""
    if shape.type == "array" or not shape.properties:
        return items
    known = _Envelope(items, page, query, PageLinks(page, query))
    return known.members(shape, array.place if array else WHOLE)


def ended(shape: SchemaShape, made: Any) -> Any:
    """Return a made-up list without a next page: it would lead on for ever."""
    return _ended(shape, made, _DEPTH) if isinstance(made, dict) else made


def _ended(shape: SchemaShape, made: Mapping[str, Any], depth: int) -> dict[str, Any]:
    links = PageLinks(ItemPage([]), ListQuery([], 0, 0, takes_cursor=True))
    left: dict[str, Any] = {}
    for name, value in made.items():
        member = shape.member(name)
        found = value
        if plain_name(name) in MORE and member.type == "boolean":
            found = False
        elif links.leads_on(name, shape):
            found = links.value(name, shape, is_within=True)
        elif isinstance(value, dict) and depth:
            found = _ended(member, value, depth - 1)
        if found is not LEFT_OUT:
            left[name] = value if found is None and not member.is_nullable else found
    return left


def told_flags(shape: SchemaShape) -> dict[str, bool]:
    """Return the flags of an answer by which all went well: it did."""
    found = (name for name in shape.properties if plain_name(name) in _DONE)
    return {name: True for name in found if shape.member(name).type == "boolean"}


def told_deletion(shape: SchemaShape) -> dict[str, bool]:
    """Return the flags for the answer of a deletion: the item is gone."""
    found = (name for name in shape.properties if plain_name(name) in _GONE)
    return {name: True for name in found if shape.member(name).type == "boolean"}


def needs_count(shape: SchemaShape, array: ListedArray | None, query: ListQuery) -> bool:
    """Return whether the items of a list are to be counted for its answer."""
    place = array.place if array else WHOLE
    return shape.type != "array" and _ask_count(_members(shape, place), query)


def header_counts(names: Iterable[str], page: ItemPage, query: ListQuery) -> dict[str, str]:
    """Return the counts among a list's headers, such as ``X-Total-Count``."""
    known = {name: count(page, query) for name in names if (count := _header_count(name))}
    return {name: str(value).lower() for name, value in known.items()}


def headers_need_count(names: Iterable[str], query: ListQuery) -> bool:
    """Return whether the items of a list are to be counted for its headers."""
    return _ask_count((name.lower().removeprefix("x-") for name in names), query)


def _ask_count(names: Iterable[str], query: ListQuery) -> bool:
    """Return whether one of some names has a counted number: an offset may be known."""
    is_placed = bool(query.after or query.before)
    counted = _OF_ALL | _OF_BEFORE if is_placed else _OF_ALL
    has_last = query.address is not None and query.address.number is not None
    return any(_plain(name) in counted or (has_last and leads_to_last(name)) for name in names)


def _header_count(name: str) -> Callable[[ItemPage, ListQuery], Any] | None:
    return _COUNTS.get(plain_name(name).removeprefix("x"))


def _members(shape: SchemaShape, place: Place) -> Iterator[str]:
    """Yield the names of a list's members, and of those within the ones that tell of pages."""
    for name in shape.properties:
        yield name
        if name in place[:1]:
            yield from _members(shape.member(name), place[1:])
        elif plain_name(name) in _AROUND:
            yield from shape.member(name).properties


def _plain(name: str) -> str:
    """Return the last part of a name: ``count`` for ``@odata.count``."""
    return plain_name(name.rpartition(".")[2])


_COUNTS: Mapping[str, Callable[[ItemPage, ListQuery], Any]] = {
    **dict.fromkeys(_TOTALS, lambda page, _: page.total),
    **dict.fromkeys(LIMITS - _TOTALS, lambda _, query: query.limit),
    **dict.fromkeys(OFFSETS, lambda page, query: page.before + query.first_offset),
    **dict.fromkeys(
        _NUMBERS,
        lambda page, query: page.before // max(query.limit, 1) + query.first_page,
    ),
    **dict.fromkeys(_PAGE_COUNTS, lambda page, query: -(-page.total // max(query.limit, 1))),
    **dict.fromkeys(MORE, lambda page, _: page.has_more),
    **dict.fromkeys(_ON_PAGE, lambda page, _: len(page.items)),
}

_FLAGS: Mapping[str, Callable[[ItemPage, ListQuery], Any]] = {
    "empty": lambda page, _: not page.items,
    "first": lambda page, _: page.before == 0,
    "last": lambda page, query: not (page.has_more or query.before),
}
"""Names of flags, as Spring has them."""


class _Envelope(NamedTuple):
    """All that an answer tells of a list."""

    items: list[Any]
    page: ItemPage
    query: ListQuery
    links: PageLinks

    def members(
        self, shape: SchemaShape, array: Place, depth: int = 0, *, is_within: bool = False
    ) -> dict[str, Any]:
        """Return the known members of a shape; `array` is the place of the items."""
        known: dict[str, Any] = told_flags(shape)
        for name in shape.properties:
            member, is_required = shape.member(name), name in shape.required
            if name in array[:1]:
                inner = array[1:]
                known[name] = self.members(member, inner) if inner else self.items
                continue
            value = self.links.value(name, shape, is_within=is_within)
            if value is LEFT_OUT and plain_name(name) in _AROUND and member.properties:
                value = self._around(name, member, depth, is_required=is_required)
            elif value is LEFT_OUT:
                value = self._count(name, member, is_required=is_required)
            if value is not LEFT_OUT:
                known[name] = value
        return {name: known[name] for name in shape.properties if name in known}

    def _around(self, name: str, shape: SchemaShape, depth: int, *, is_required: bool) -> Any:
        """Return an object with links or counts within."""
        has_links = plain_name(name) == LINKS
        if depth == _DEPTH or (has_links and not is_required and self.links.lacks_any(shape)):
            return LEFT_OUT
        value = self.members(shape, WHOLE, depth + 1, is_within=has_links)
        return value if value or (is_required and _leads_on(shape)) else LEFT_OUT

    def _count(self, name: str, shape: SchemaShape, *, is_required: bool) -> Any:
        plain = _plain(name)
        if plain in _ENDS:
            return self._id(plain, shape, is_required=is_required)
        count = (_FLAGS if shape.type == "boolean" and plain in _FLAGS else _COUNTS).get(plain)
        return count(self.page, self.query) if count else LEFT_OUT

    def _id(self, plain: str, shape: SchemaShape, *, is_required: bool) -> Any:
        """Return the id of the first or the last item of the page."""
        if self.page.items:
            found = id_at(self.page.items[_ENDS[plain]], self.query.id_place)
            return LEFT_OUT if found is None else found
        if shape.is_nullable:
            return None
        return "" if is_required else LEFT_OUT


def _leads_on(shape: SchemaShape) -> bool:
    """Return whether an object has links: made up, they would lead astray."""
    return any(plain_name(name) in _LEADING or read_link_name(name) for name in shape.properties)
