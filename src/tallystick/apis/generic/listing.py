"""Lists of resources: which items a query asks for, and the envelope that a contract declares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

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
from tallystick.apis.generic.list_filters import (
    NO_WORDS,
    ListWords,
    MemberFilter,
    find_member,
    flat_query,
    read_filters,
)
from tallystick.apis.generic.page_address import PageAddress
from tallystick.apis.generic.page_cursor import PageCursor, read_cursor, write_cursor
from tallystick.apis.generic.resource_store import MAX_LISTED, Item, ItemPage
from tallystick.contract.page_names import AROUND, MORE, NEXT_CURSORS, plain_name
from tallystick.contract.schema_shape import SchemaShape

_LIMITS = frozenset(
    "limit pagelimit perpage pagesize size maxresults maxitems top first count".split()
)
_OFFSETS = frozenset("offset pageoffset skip start startindex".split())
_PAGES = frozenset("page pagenumber pageno pageindex".split())
_TOTALS = frozenset("total totalcount totalitems totalresults totalelements count".split())
_PAGE_COUNTS = frozenset("pages totalpages pagecount lastpage".split())
_NUMBERS = _PAGES | {"number"}
_OF_ALL = _TOTALS | _PAGE_COUNTS
_OF_BEFORE = _OFFSETS | _NUMBERS | {"first"}
_DONE = frozenset("ok succeeded success".split())

_NEXT, _LINKS, _HREF = "next", "links", "href"
_NEXT_ADDRESSES = frozenset("next nexthref nextlink nextpage nextpageurl nexturl".split())
_ADDRESS_FORMATS = frozenset("uri uri-reference url".split())
_LEADING = NEXT_CURSORS | _NEXT_ADDRESSES | {_LINKS}
"""Names of members that lead to the next page."""

_DEPTH = 2
"""The most members around those that tell of pages: ``{meta: {page: {…}}}``."""

_MOST_DIGITS = 15
_MOST = 10**_MOST_DIGITS
"""A greater count is no count: it would end no list, and a database has no number for it."""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a call wants to see of a collection."""

    filters: Sequence[MemberFilter]
    limit: int
    offset: int
    collection: str = ""
    """The path of the collection."""
    takes_cursor: bool = False
    """Whether an answer may tell a cursor, as a query can have one."""
    after: str = ""
    """The position of the item before the page."""
    after_id: tuple[str, str] | None = None
    """A parameter, and the id in it of the item before the page, in the place of a cursor."""
    before: str = ""
    """The position of the item behind the page."""
    before_id: tuple[str, str] | None = None
    """A parameter, and the id in it of the item behind the page."""
    first_page: int = 1
    address: PageAddress | None = None

    @property
    def fragments(self) -> list[bytes]:
        """Return bytes in the JSON of each item of the filter."""
        return [found for each in self.filters if (found := each.fragment)]

    def matches(self, item: Item) -> bool:
        """Return whether an item has all the values that the filters name."""
        return all(each.takes(item) for each in self.filters)


def counts_from_zero(name: str, keywords: Mapping[str, Any]) -> bool:
    """Return whether a parameter is the number of a page, and 0 that of the first one."""
    return plain_name(name) in _PAGES and keywords.get("default", keywords.get("minimum")) == 0


def is_page_number(parameter: str) -> bool:
    """Return whether a parameter names a page by its number, or by the items before it."""
    return plain_name(parameter) in _OFFSETS | _PAGES


def is_limit(parameter: str) -> bool:
    """Return whether a parameter counts the items of a page."""
    return plain_name(parameter) in _LIMITS


def read_query(
    query: Mapping[str, Any],
    shape: SchemaShape,
    collection: str = "",
    cursors: frozenset[str] = frozenset(),
    backward: frozenset[str] = frozenset(),
    *,
    words: ListWords = NO_WORDS,
) -> ListQuery:
    """Read a query: a name that is a member of the items filters, and one that counts limits."""
    flat = flat_query(query, shape)
    filters = read_filters(flat, shape, words)
    query = {name: value for name, value in flat.items() if find_member(name, shape) is None}
    counts = {plain_name(n): v for n, v in query.items() if _is_count(v)}
    told = [(n, str(v)) for n, v in query.items() if v not in ("", words.defaults.get(n))]
    sent = next((each for each in told if each[0] in cursors), None)
    cursor = read_cursor(collection, sent[1]) if sent else None
    limit = min(_first(counts, _LIMITS, cursor.limit if cursor else MAX_LISTED), MAX_LISTED)
    page = max(_first(counts, _PAGES, words.first_page) - words.first_page, 0)
    return ListQuery(
        filters,
        limit,
        offset=_first(counts, _OFFSETS, page * limit),
        first_page=words.first_page,
        collection=collection,
        takes_cursor=bool(cursors),
        after=cursor.after if cursor else "",
        after_id=None if cursor else sent,
        before_id=next((each for each in told if each[0] in backward), None),
    )


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
    return _known(shape, array.place if array else WHOLE, items, page, query)


def told_flags(shape: SchemaShape) -> dict[str, bool]:
    """Return the flags of an answer by which all went well: it did."""
    found = (name for name in shape.properties if plain_name(name) in _DONE)
    return {name: True for name in found if shape.member(name).type == "boolean"}


def needs_count(shape: SchemaShape, array: ListedArray | None, query: ListQuery) -> bool:
    """Return whether the items of a list are to be counted for its answer."""
    place = array.place if array else WHOLE
    return shape.type != "array" and not _counted(query).isdisjoint(_plain_members(shape, place))


def header_counts(names: Iterable[str], page: ItemPage, query: ListQuery) -> dict[str, str]:
    """Return the counts among a list's headers, such as ``X-Total-Count``."""
    known = {name: count(page, query) for name in names if (count := _header_count(name))}
    return {name: str(value).lower() for name, value in known.items()}


def headers_need_count(names: Iterable[str], query: ListQuery) -> bool:
    """Return whether the items of a list are to be counted for its headers."""
    return not _counted(query).isdisjoint(plain_name(name).removeprefix("x") for name in names)


def _counted(query: ListQuery) -> frozenset[str]:
    """Return the names of numbers that are counted: without a cursor, an offset is known."""
    return _OF_ALL | _OF_BEFORE if query.after or query.before else _OF_ALL


def _header_count(name: str) -> Callable[[ItemPage, ListQuery], Any] | None:
    return _COUNTS.get(plain_name(name).removeprefix("x"))


def _plain_members(shape: SchemaShape, place: Place) -> Iterator[str]:
    """Yield the names of a list's members, and of those within the ones that tell of pages."""
    for name in shape.properties:
        yield plain_name(name)
        if name in place[:1]:
            yield from _plain_members(shape.member(name), place[1:])
        elif plain_name(name) in AROUND:
            yield from map(plain_name, shape.member(name).properties)


_COUNTS: Mapping[str, Callable[[ItemPage, ListQuery], Any]] = {
    **dict.fromkeys(_TOTALS, lambda page, _: page.total),
    **dict.fromkeys(_LIMITS - _TOTALS, lambda _, query: query.limit),
    **dict.fromkeys(_OFFSETS, lambda page, _: page.before),
    **dict.fromkeys(
        _NUMBERS,
        lambda page, query: page.before // max(query.limit, 1) + query.first_page,
    ),
    **dict.fromkeys(_PAGE_COUNTS, lambda page, query: -(-page.total // max(query.limit, 1))),
    **dict.fromkeys(MORE, lambda page, _: page.has_more),
    "numberofelements": lambda page, _: len(page.items),
}

_FLAGS: Mapping[str, Callable[[ItemPage, ListQuery], Any]] = {
    "empty": lambda page, _: not page.items,
    "first": lambda page, _: page.before == 0,
    "last": lambda page, query: not (page.has_more or query.before),
}
"""Names of flags, as Spring has them."""


def _known(
    shape: SchemaShape,
    array: Place,
    items: list[Any],
    page: ItemPage,
    query: ListQuery,
    depth: int = 0,
) -> dict[str, Any]:
    """Return what is known of a list's members; `array` is the place of its items."""
    known: dict[str, Any] = told_flags(shape)
    for name in shape.properties:
        member, plain = shape.member(name), plain_name(name)
        value: Any
        if name in array[:1]:
            inner = array[1:]
            known[name] = _known(member, inner, items, page, query) if inner else items
            continue
        if query.takes_cursor and plain in NEXT_CURSORS and _is_text(member):
            value = _next_cursor(member, page, query)
            is_shown = value != "" or name in shape.required
        elif plain in _NEXT_ADDRESSES and _is_address(member):
            value = _next_address(member, page, query)
            is_shown = value != ""
        elif plain == _LINKS and member.properties:
            value = _links(member, page, query)
            is_shown = bool(value) or (name in shape.required and _leads_on(member))
        elif plain in AROUND and member.properties and depth < _DEPTH:
            value = _known(member, WHOLE, items, page, query, depth + 1)
            is_shown = bool(value) or (name in shape.required and _leads_on(member))
        else:
            count = (_FLAGS if member.type == "boolean" and plain in _FLAGS else _COUNTS).get(plain)
            value = count(page, query) if count else None
            is_shown = count is not None
        if is_shown:
            known[name] = value
    return {name: known[name] for name in shape.properties if name in known}


def _is_text(shape: SchemaShape) -> bool:
    """Return whether a member may be a cursor: one with a format, such as an address, is none."""
    return shape.type == "string" and "format" not in shape.keywords


def _is_address(shape: SchemaShape) -> bool:
    return shape.keywords.get("format") in _ADDRESS_FORMATS


def _leads_on(shape: SchemaShape) -> bool:
    """Return whether an object has members that lead on: made up, they would lead astray."""
    return not _LEADING.isdisjoint(map(plain_name, shape.properties))


def _links(shape: SchemaShape, page: ItemPage, query: ListQuery) -> dict[str, Any]:
    """Return the links of a list, as JSON:API and HAL have them: that to the next page."""
    found = {
        name: _next_address(shape.member(name), page, query)
        for name in shape.properties
        if plain_name(name) == _NEXT
    }
    needed = frozenset(name for name in shape.required if _is_text(shape.member(name)))
    return {name: each for name, each in found.items() if each != "" or name in needed}


def _next_address(shape: SchemaShape, page: ItemPage, query: ListQuery) -> Any:
    """Return the address of the next page; on the last one null, or else an empty text."""
    found = _find_next(page, query) if _has_next(page, query) else None
    if found is None:
        return None if shape.is_nullable else ""
    return {_HREF: found} if _HREF in shape.properties else found


def _find_next(page: ItemPage, query: ListQuery) -> str | None:
    address = query.address
    if address and address.number:
        by_offset = plain_name(address.number) in _OFFSETS
        number = page.before // max(query.limit, 1) + query.first_page + 1
        return address.at(address.number, str(page.before + query.limit if by_offset else number))
    if address and address.cursor:
        return address.at(address.cursor, _write_next(page, query))
    return None


def _has_next(page: ItemPage, query: ListQuery) -> bool:
    """Return whether a page has a next one: before an item, `has_more` tells of earlier ones."""
    return bool(page.items) and (page.has_more or bool(query.before))


def _write_next(page: ItemPage, query: ListQuery) -> str:
    return write_cursor(query.collection, PageCursor(page.last, query.limit))


def _next_cursor(shape: SchemaShape, page: ItemPage, query: ListQuery) -> str | None:
    """Return what leads to the next page; on the last one null, or else an empty text."""
    if _has_next(page, query):
        return _write_next(page, query)
    return None if shape.is_nullable else ""


def _first(counts: Mapping[str, Any], names: frozenset[str], default: int) -> int:
    return next((int(value) for name, value in counts.items() if name in names), default)


def _is_count(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= _MOST_DIGITS and value.isdecimal()
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST
