"""The order of a list, as a query asks for it: ``-price,name``, ``price:desc``, ``price desc``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tallystick.apis.generic.comparisons import read_moment
from tallystick.apis.generic.filter_expression import Unread, way_to
from tallystick.apis.generic.resource_store import Item
from tallystick.contract.json_text import read_json, write_json
from tallystick.contract.page_names import plain_name
from tallystick.contract.schema_shape import SchemaShape

MAX_TERMS = 5
"""Members by which one list is ordered."""

MAX_TEXT = 500
"""Characters of a text with an order."""

MAX_COMPARED = 100
"""Characters of a text in an item by which it is ordered: many are held at once."""

_ORDERS = frozenset(
    "order orderby ordercolumn orderfield ordering sort sortby sortcolumn sortfield sorting "
    "sortkey sorts".split()
)
_DIRECTIONS = frozenset(
    "dir direction orderdir orderdirection sortdir sortdirection sortorder".split()
)
_DESCENDING = {"asc": False, "ascending": False, "desc": True, "descending": True}
"""Word → whether it asks for the greatest value first."""

_WITH_WORD = re.compile(r"(.+?)[\s:.|_-]*(ascending|asc|descending|desc)", re.IGNORECASE)
_OF_MEMBER = re.compile(r"([^\[\]]+)\[([^\[\]]+)\]")
_SIGNS = {"-": True, "+": False}
_HOLDERS = ("", "attributes/")
"""Where an item may have a member: JSON:API has but the id within."""

_TIME_ENDINGS = ("", "_at", "_date", "_on", "_time")
"""What a member may add to the word for it, as ``created`` is ``created_at``."""

_WHEN_MADE = ""
"""The name of the order in which items were made."""

_NUMBERS = 2**63
_FLOATS = 10**300

Value = bool | int | float | str | None
Key = tuple[Any, ...]


class Term(NamedTuple):
    """A member by which a list is ordered."""

    name: str
    is_descending: bool
    find: Callable[[Item], list[Any]]
    is_time: bool = False


class _Reversed(NamedTuple):
    """A part of a key with the greatest first."""

    part: Any

    def __lt__(self, other: Any) -> bool:
        return bool(other.part < self.part)


@dataclass(frozen=True, slots=True)
class ListOrder:
    """The order of a list: of equal items, the one made first goes first."""

    terms: tuple[Term, ...]

    @property
    def needs_item(self) -> bool:
        """Return whether the place of an item depends on its members."""
        return any(term.name for term in self.terms)

    def values_of(self, item: Item, position: str) -> list[Value]:
        """Return the values by which an item has its place."""
        return [
            _value(term.find(item), is_time=term.is_time) if term.name else position
            for term in self.terms
        ]

    def key(self, values: Sequence[Value], position: str) -> Key:
        """Return the key of some values, so that keys compare as the list is ordered."""
        parts = (_comparable(value) for value in values)
        pairs = zip(parts, self.terms, strict=True)
        return (*(_Reversed(part) if t.is_descending else part for part, t in pairs), position)

    def write_place(self, values: Sequence[Value]) -> bytes:
        """Return the order, and a place in it, as JSON."""
        return write_json([[[term.name, term.is_descending] for term in self.terms], values])


def read_place(text: bytes, shape: SchemaShape) -> tuple[ListOrder, list[Value]] | None:
    """Return the order and the place that `write_place` wrote; None for another text."""
    try:
        names, values = read_json(text)
        terms = tuple(_term(str(name), shape, bool(is_last)) for name, is_last in names)
        is_whole = len(terms) == len(values) <= MAX_TERMS
        is_plain = all(value is None or isinstance(value, Value) for value in values)
    except (Unread, TypeError, ValueError):
        return None
    return (ListOrder(terms), values) if is_whole and is_plain else None


def read_order(query: Mapping[str, Any], shape: SchemaShape) -> ListOrder | None:
    """Return the order that a query asks for; None for that in which the items were made.

    An order is read as a whole or left alone.
    """
    texts: list[str] = []
    direction: bool | None = None
    for name, value in query.items():
        plain = plain_name(name)
        if plain in _ORDERS | _DIRECTIONS:
            found = _direction(value)
            direction = found if direction is None else direction
            if found is None and plain in _ORDERS:
                texts += map(str, value if isinstance(value, list) else [value])
        elif member := _member_within(name, value):
            texts.append(f"{member} {value}")
    try:
        terms = [*_terms([text for text in texts if text.strip()], shape, direction is True)]
    except Unread:
        return None
    if not terms and direction:
        terms = [_term(_WHEN_MADE, shape, is_descending=True)]
    return ListOrder(tuple(terms)) if terms else None


def _member_within(name: str, value: Any) -> str:
    """Return the member in a parameter such as ``order[price]=desc``; empty for another one."""
    found = _OF_MEMBER.fullmatch(name)
    is_known = found is not None and plain_name(found[1]) in _ORDERS
    return found[2] if found and is_known and _direction(value) is not None else ""


def _direction(value: Any) -> bool | None:
    return _DESCENDING.get(value.strip().lower()) if isinstance(value, str) else None


def _terms(texts: list[str], shape: SchemaShape, is_descending: bool) -> Iterator[Term]:
    """Yield the terms of some texts; a direction of its own is that of all before it in its text.

    A text of a direction alone is that of the text before, as of a list that was split at commas.
    """
    if sum(map(len, texts)) > MAX_TEXT:
        raise Unread
    read: list[tuple[Term, bool]] = []  # and whether it told its direction
    start = 0
    for text in texts:
        words = [word.strip() for word in text.split(",")]
        start = start if _direction(words[0]) is not None else len(read)
        for word in words:
            found = _direction(word)
            if found is None:
                read.append(_read_term(word, shape, is_descending))
            else:
                late = ((t if told else t._replace(is_descending=found), True) for t, told in read)
                read[start:] = [*late][start:]
    if len(read) > MAX_TERMS:
        raise Unread
    yield from (term for term, _ in read)


def _read_term(word: str, shape: SchemaShape, is_descending: bool) -> tuple[Term, bool]:
    sign = _SIGNS.get(word[:1])
    name = word if sign is None else word[1:].strip()
    found = _WITH_WORD.fullmatch(name)
    try:
        return _term(name, shape, bool(is_descending if sign is None else sign)), sign is not None
    except Unread:
        if found is None:
            raise
        return _term(found[1], shape, _DESCENDING[found[2].lower()]), True


def _term(name: str, shape: SchemaShape, is_descending: bool) -> Term:
    """Return the term of a member, or of one with a longer name for the same time."""
    if name == _WHEN_MADE:
        return Term(name, is_descending, lambda _: [])
    for holder in _HOLDERS:
        for ending in _TIME_ENDINGS:
            whole = f"{holder}{name}{ending}"
            try:
                find, member = way_to(whole, shape)
            except Unread:
                continue
            is_time = member.keywords.get("format") == "date-time"
            return Term(whole, is_descending, find, is_time)
    raise Unread


def _value(found: list[Any], *, is_time: bool) -> Value:
    """Return the first plain value, shortened so that many can be held and a cursor has it."""
    value = next((each for each in found if isinstance(each, bool | int | float | str)), None)
    if is_time and (moment := read_moment(value)):
        return moment.timestamp()
    if isinstance(value, str):
        return value[:MAX_COMPARED]
    if isinstance(value, int) and abs(value) >= _NUMBERS:
        return float(max(min(value, _FLOATS), -_FLOATS))
    return value


def _comparable(value: Value) -> tuple[int, Value]:
    """Return a value beside its kind: of different kinds, numbers go before texts."""
    kinds = (bool, int | float, str)
    kind = next((n for n, each in enumerate(kinds) if isinstance(value, each)), len(kinds))
    return kind, 0 if value is None else value
