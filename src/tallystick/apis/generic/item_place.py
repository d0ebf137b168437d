"""Where an item stands in a body: it is the body, or a member such as ``data`` wraps it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tallystick.contract.page_names import AROUND, plain_name
from tallystick.contract.schema_shape import SchemaShape

Place = tuple[str, ...]
"""The members on the way to a part of a body; without any, it is the whole."""

WHOLE: Place = ()

_DEPTH = 2
"""The most members around an item: ``{data: {order: {…}}}``."""

_WRAPPERS = frozenset(
    "body content data entity item object payload record resource response result value".split()
)
"""Names of members around an item, also beside other members of a request."""

_BESIDE = AROUND | frozenset("error errors included links metainfo responsemetadata".split())
"""Names of members beside an item, whatever is in them."""

_SCALARS = frozenset({"string", "integer", "number", "boolean"})
_NO_IDS = frozenset({"", "code", "key", "name"})
"""Words at the end of a parameter that are also names of what stands beside an item."""

_ENDINGS = ("id", "uuid", "slug", "number")


Members = frozenset[tuple[str, bool]]
"""Names of an object's members, each with whether it is an object of known members itself."""


class ItemClues(NamedTuple):
    """How an item is known where it stands."""

    members: Members
    references: frozenset[str] = frozenset()
    """The item's own schemas."""
    ids: frozenset[str] = frozenset()
    """Names of the member with its id, without their signs and case."""

    declared: frozenset[str] = frozenset()
    """Names of all members in its requests and answers."""


class SentPlace(NamedTuple):
    """The place of the item in a request, and the part of the item there."""

    place: Place = WHOLE
    into: Place = WHOLE
    """What leads to that part of the item: ``attributes``, where an answer wraps all but the id."""

    defaults: Mapping[str, Any] = {}
    """The members of an item that was sent without them, by the request's schema."""
    names: Mapping[str, str] = {}
    """Members of a request, spelled otherwise there than in the item: ``To`` → ``to``."""

    def item_in(self, body: Any) -> Any:
        """Return the item in a body, as far as it was sent."""
        found = self._spelled(part_at(body, self.place))
        return wrap(found, self.into) if isinstance(found, Mapping) else found

    def _spelled(self, sent: Any) -> Any:
        if not isinstance(sent, Mapping):
            return sent
        return {self.names.get(name, name): value for name, value in sent.items()}

    def whole_item_in(self, body: Any) -> Any:
        """Return the item in a body, with the request's defaults of what was left out."""
        found = part_at(body, self.place) if self.place else body
        if self.names:
            found = self._spelled(found)
        if not self.defaults and not self.into:
            return found
        sent = found if isinstance(found, Mapping) else {}
        left_out = {name: self.defaults[name] for name in self.defaults if name not in sent}
        return wrap({**sent, **left_out}, self.into)


SENT_WHOLE = SentPlace()


def part_at(body: Any, place: Place) -> Any:
    """Return the part of a body at a place; of a body without that place, the body."""
    found = body
    for name in place:
        if not isinstance(found, Mapping) or name not in found:
            return body
        found = found[name]
    return found


def wrap(item: Any, place: Place) -> Any:
    """Return a body with the item at a place."""
    for name in reversed(place):
        item = {name: item}
    return item


def shape_at(shape: SchemaShape, place: Place) -> SchemaShape:
    """Return the shape of the part at a place."""
    for name in place:
        shape = shape.member(name)
    return shape


def id_names(parameter: str) -> frozenset[str]:
    """Return what the id of an item may be called, by the name of its parameter in a path."""
    plain = plain_name(parameter)
    endings = (ending for ending in _ENDINGS if plain.endswith(ending))
    return frozenset({plain, "id", "uuid", last_word(parameter), *endings} - _NO_IDS)


def last_word(parameter: str) -> str:
    """Return the last word of a name, in small letters: ``gid`` of ``task_gid``."""
    words = re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+", parameter)
    return words[-1].lower() if words else ""


def has_id(shape: SchemaShape, ids: frozenset[str]) -> bool:
    """Return whether a shape has a member with an id, a text or a number."""
    found = (name for name in shape.properties if plain_name(name) in ids)
    return any(is_scalar(shape.member(name)) for name in found)


def is_scalar(shape: SchemaShape) -> bool:
    """Return whether a value may be neither an object nor an array."""
    return not shape.types or not _SCALARS.isdisjoint(shape.types)


def clues_of(item: SchemaShape, ids: frozenset[str]) -> ItemClues:
    """Return the clues by which an item of a known shape is found in another body."""
    return ItemClues(_clues(members_of(item)), frozenset(item.references), ids)


def members_of(shape: SchemaShape) -> Members:
    """Return the members of an object of a shape."""
    return frozenset((name, bool(shape.member(name).properties)) for name in shape.properties)


def _clues(members: Members) -> Members:
    """Return the members by which an item is known: an object may be told by its id alone."""
    return members | {(name, False) for name, _ in members}


def find_item(shape: SchemaShape, clues: ItemClues) -> Place:
    """Return where the item stands in a body of a shape.

    A schema of the item's own tells it, or else the id and the members in common. A body with an id
    of its own is the item, unless the item's own schema, with an id too, is that of a part. One
    without has the item in its only member, if there is an id.
    """
    is_item, is_sent = has_id(shape, clues.ids), clues.members.issuperset(members_of(shape))
    if not clues.references.isdisjoint(shape.references) or (is_item and is_sent):
        return WHOLE
    inner = list(inner_shapes(shape))
    # A member of the item is a part of it, and wraps it in no other body.
    parts = [each for each in inner if (each[0][0], True) not in clues.members]
    for place, part in parts if is_item else inner:
        has_own_schema = not clues.references.isdisjoint(part.references)
        if has_own_schema and (has_id(part, clues.ids) or not is_item):
            return place
    if is_item:
        return WHOLE
    alone = _member_alone(shape)
    if has_id(shape_at(shape, alone), clues.ids):
        return alone
    if is_sent:
        return WHOLE
    likeliest = _likeliest([(WHOLE, shape), *parts], clues)
    # What has the item's id around that is the item, and has most of its members in one.
    around = (likeliest[:count] for count in range(1, len(likeliest)))
    return next((each for each in around if has_id(shape_at(shape, each), clues.ids)), likeliest)


def _member_alone(shape: SchemaShape) -> Place:
    """Return the one member of a body, but for what stands beside an item; else WHOLE."""
    names = [name for name in shape.properties if not is_beside(name)]
    return (names[0],) if len(names) == 1 else WHOLE


def find_sent(
    shape: SchemaShape, item: SchemaShape, ids: frozenset[str], shown: Place
) -> SentPlace:
    """Return where a request of a shape has an item that is shown at a place of the answer."""
    clues = clues_of(item, frozenset())
    # Whatever a request has within has an id too.
    members = frozenset(each for each in clues.members if plain_name(each[0]) not in ids)
    clues = clues._replace(members=members)
    is_alike = count_clues(shape_at(shape, shown), clues) > count_clues(shape, clues)
    place, into = (shown if is_alike else find_item(shape, clues)), WHOLE
    if not count_clues(shape_at(shape, place), clues):
        place, into = _likeliest_part(shape, item)
    sent, shown_part = shape_at(shape, place), shape_at(item, into)
    return SentPlace(place, into, _defaults(sent, shown_part), _other_names(sent, shown_part))


def _likeliest_part(shape: SchemaShape, item: SchemaShape) -> tuple[Place, Place]:
    """Return where a request sends what is in a part of an item, and that part.

    It is one with most of what is sent; without such a part both are the whole.
    """
    spots = [(WHOLE, shape), *(((name,), part) for name, part in _wrapped(shape).items())]
    for place, sent in spots:
        clues = ItemClues(members_of(sent))
        parts = [(into, count_clues(part, clues)) for into, part in inner_shapes(item)]
        into, most = max(parts, key=lambda each: each[1], default=(WHOLE, 0))
        if 2 * most > len(sent.properties):
            return place, into
    return WHOLE, WHOLE


def _defaults(sent: SchemaShape, shown: SchemaShape) -> dict[str, Any]:
    """Return the defaults of a request's members, of those that an item shows."""
    members = {name: sent.member(name).keywords for name in sent.properties}
    return {
        name: keywords["default"]
        for name, keywords in members.items()
        if "default" in keywords and name in shown.properties
    }


def _other_names(sent: SchemaShape, shown: SchemaShape) -> dict[str, str]:
    """Return the members of a request spelled otherwise than in the item, each with its name."""
    known = {plain_name(name): name for name in shown.properties}
    others = (name for name in sent.properties if name not in shown.properties)
    found = {name: known[plain_name(name)] for name in others if plain_name(name) in known}
    # A name that the request has as well is that of another member.
    return {name: own for name, own in found.items() if own not in sent.properties}


def sent_members(shape: SchemaShape) -> Members:
    """Return the members by which an item is known from a request, but for what wraps it there."""
    wrapped = _wrapped(shape)
    inner = (members_of(each) for each in wrapped.values())
    outer = (each for each in members_of(shape) if each[0] not in wrapped)
    found = frozenset(each for each in outer if not is_beside(each[0])).union(*inner)
    return _clues(found)


def _wrapped(shape: SchemaShape) -> dict[str, SchemaShape]:
    """Return the members of a request that wrap what it sends: by their name, or all it has."""
    members = {name: shape.member(name) for name in shape.properties if not is_beside(name)}
    is_bare = all(each.properties for each in members.values())
    return {
        name: each
        for name, each in members.items()
        if each.properties and (is_bare or plain_name(name) in _WRAPPERS)
    }


def inner_shapes(shape: SchemaShape, depth: int = _DEPTH) -> Iterator[tuple[Place, SchemaShape]]:
    """Yield the objects within a shape, the outer ones first: each may wrap something."""
    members = {name: shape.member(name) for name in shape.properties if not is_beside(name)}
    found = {name: part for name, part in members.items() if part.properties}
    yield from (((name,), part) for name, part in found.items())
    if depth > 1:
        for name, part in found.items():
            yield from (((name, *place), inner) for place, inner in inner_shapes(part, depth - 1))


def is_beside(name: str) -> bool:
    """Return whether a member of this name stands beside an item, and never around one."""
    return plain_name(name) in _BESIDE


def _likeliest(spots: Sequence[tuple[Place, SchemaShape]], clues: ItemClues) -> Place:
    """Return the first place with the most of an item; WHOLE where none has anything of it."""
    counts = [(count_clues(part, clues), place) for place, part in spots]
    most = max((count for count, _ in counts), default=0)
    return next(place for count, place in counts if count == most) if most else WHOLE


def count_clues(shape: SchemaShape, clues: ItemClues) -> int:
    """Return how much of an item an object of a shape has."""
    return len(clues.members & members_of(shape)) + has_id(shape, clues.ids)
