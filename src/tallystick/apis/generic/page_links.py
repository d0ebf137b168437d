"""The links of a list: to its next page, the one before, the first, the last, and itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from uuid import UUID

from tallystick.apis.generic.list_query import ListQuery
from tallystick.apis.generic.page_cursor import PageCursor, write_cursor
from tallystick.apis.generic.resource_store import ItemPage
from tallystick.contract.page_names import (
    NEXT_CURSORS,
    OFFSETS,
    OWN_CURSORS,
    is_address,
    plain_name,
    read_link_name,
)
from tallystick.contract.schema_shape import SchemaShape

LEFT_OUT = object()
"""The value of an absent member."""

HEADER = "link"

_NEXT, _PREV, _FIRST, _LAST, _SELF = "next", "prev", "first", "last", "self"
_IN_HEADER = (_NEXT, _PREV, _FIRST, _LAST)

_END = "end"
"""The empty page after the last one."""

_STAND_INS = {_NEXT: _END, _PREV: _FIRST, _LAST: _SELF}
"""Relation → the one to lead to instead: there is no such page, and a member must lead on."""

_START = str(UUID(int=0))
"""A position before all items."""

_HREF = "href"
_NEVER_EMPTY = frozenset({"const", "enum", "minLength", "pattern"})
_FULL_FORMATS = frozenset({"iri", "uri"})


def leads_to_last(name: str) -> bool:
    """Return whether a member or a header links the last page, by the number of items."""
    found = read_link_name(name)
    return name.lower() == HEADER or (found is not None and found.relation == _LAST)


class _Way(NamedTuple):
    """The way from a member to a page."""

    relation: str
    write: Callable[[str], Any]
    """Returns its value by a relation; None without such a page."""


class PageLinks(NamedTuple):
    """The links of one page of a list."""

    page: ItemPage
    query: ListQuery

    def header(self) -> str:
        """Return the value of a header ``Link`` (RFC 8288)."""
        found = {relation: self._address(relation) for relation in _IN_HEADER}
        return ", ".join(f'<{each}>; rel="{name}"' for name, each in found.items() if each)

    def value(self, name: str, holder: SchemaShape, *, is_within: bool) -> Any:
        """Return the value of a member with a link; `LEFT_OUT` for any other member.

        Without such a page it is null, absent or an empty text, as the contract allows, or else
        another link. `is_within`: its `holder` is an object of links.
        """
        shape, is_required = holder.member(name), name in holder.required
        way = self._way(name, holder, is_within)
        if way is None:
            return LEFT_OUT
        found = way.write(way.relation)
        if found is not None or shape.is_nullable:
            return found
        if not is_required:
            return LEFT_OUT
        return "" if _takes_empty(shape) else way.write(_STAND_INS.get(way.relation, _SELF))

    def leads_on(self, name: str, holder: SchemaShape) -> bool:
        """Return whether a member leads to the next page."""
        way = self._way(name, holder, is_within=True)
        return way is not None and way.relation == _NEXT

    def lacks_any(self, links: SchemaShape) -> bool:
        """Return whether an object of links requires one to a missing page."""
        return any(self._is_lacking(name, links) for name in links.required)

    def _is_lacking(self, name: str, links: SchemaShape) -> bool:
        shape, way = links.member(name), self._way(name, links, is_within=True)
        is_told = way is None or way.write(way.relation) is not None
        return not (is_told or shape.is_nullable or _takes_empty(shape))

    def _way(self, name: str, holder: SchemaShape, is_within: bool) -> _Way | None:
        shape = holder.member(name)
        link, is_text = read_link_name(name), _is_text(shape)
        if link and (_has_address(shape) or (is_text and (is_within or link.is_address))):
            return _Way(link.relation, self._writer(shape))
        if is_text and self.query.takes_cursor and _is_cursor(name, holder.properties):
            return _Way(_NEXT, self._cursor)
        if link is None:
            return None
        is_near = link.relation in (_NEXT, _PREV)
        if shape.type == "integer" and (is_near or link.has_page):
            return _Way(link.relation, self._number)
        is_plain = is_text and is_near and not link.has_page
        return _Way(link.relation, self._writer(shape)) if is_plain else None

    def _writer(self, shape: SchemaShape) -> Callable[[str], Any]:
        """Return a function for the address in a member of a shape."""
        if _HREF not in shape.properties:
            return self._address

        def write(relation: str) -> Any:
            address = self._address(relation)
            return None if address is None else {_HREF: address}

        return write

    def _address(self, relation: str) -> str | None:
        address = self.query.address
        if address is None:
            return None
        if relation == _SELF:
            return address.own
        if address.number is not None:
            is_offset = plain_name(address.number) in OFFSETS
            found = self._offset(relation) if is_offset else self._number(relation)
            return None if found is None else address.at(address.number, str(found))
        if relation == _FIRST:
            return address.first
        if address.cursor is None:
            return address.own if relation == _END else None
        cursor = self._cursor(relation)
        return None if cursor is None else address.at(address.cursor, cursor)

    def _cursor(self, relation: str) -> str | None:
        """Return the cursor of the next page, or of the end."""
        is_there = relation == _END or (relation == _NEXT and self._has_next)
        if not is_there:
            return None
        query, after = self.query, self.page.last or self.query.after or _START
        values = self.page.last_values if self.page.last else query.after_values
        place = query.order.write_place(values) if query.order and values is not None else b""
        return write_cursor(query.collection, PageCursor(after, query.limit, place))

    def _number(self, relation: str) -> int | None:
        before = self._before(relation)
        return None if before is None else before // self._size + self.query.first_page

    def _offset(self, relation: str) -> int | None:
        before = self._before(relation)
        return None if before is None else before + self.query.first_offset

    def _before(self, relation: str) -> int | None:
        """Return the number of items before a page; None without such a page."""
        before = self.page.before
        if relation == _NEXT and not self._has_next:
            return None
        if relation == _PREV and not before:
            return None
        last = max(self.page.total - 1, 0) // self._size * self._size
        known = {_FIRST: 0, _LAST: last, _SELF: before, _PREV: max(before - self._size, 0)}
        return known.get(relation, before + self._size)

    @property
    def _size(self) -> int:
        return max(self.query.limit, 1)

    @property
    def _has_next(self) -> bool:
        """Return whether a next page exists: before an item, `has_more` tells of earlier ones."""
        return bool(self.page.items) and (self.page.has_more or bool(self.query.before))


def _is_cursor(name: str, beside: Iterable[str]) -> bool:
    """Return whether a member has the next page's cursor; `beside`: the names around it."""
    plain = plain_name(name)
    if plain in OWN_CURSORS:
        return not any(plain_name(n) in NEXT_CURSORS or _leads_on(n) for n in beside)
    return plain in NEXT_CURSORS


def _leads_on(name: str) -> bool:
    link = read_link_name(name)
    return link is not None and link.relation == _NEXT


def _is_text(shape: SchemaShape) -> bool:
    """Return whether a member may be a cursor: one with a format, such as an address, is none."""
    return shape.type == "string" and "format" not in shape.keywords


def _has_address(shape: SchemaShape) -> bool:
    return is_address(shape) or _HREF in shape.properties


def _takes_empty(shape: SchemaShape) -> bool:
    keywords = shape.keywords
    is_free = keywords.keys().isdisjoint(_NEVER_EMPTY)
    return shape.type == "string" and is_free and keywords.get("format") not in _FULL_FORMATS
