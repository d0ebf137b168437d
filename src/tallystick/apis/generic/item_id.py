"""The place of an item's id in it, and how an id is read and written there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from tallystick.apis.generic.item_place import (
    WHOLE,
    Place,
    id_names,
    is_scalar,
    last_word,
    shape_at,
)
from tallystick.contract.page_names import plain_name
from tallystick.contract.schema_shape import SchemaShape

_ABOUT = frozenset({"meta", "metadata"})
"""Names of members about the item itself."""

_ANY_ID = id_names("")
"""Names also of an owner's id."""


def find_id(parameter: str, others: Collection[str], item: SchemaShape) -> Place:
    """Return the place of an item's id by its path parameter: ``customerId`` may be ``id``.

    Else it is a member of the parameter's own name within one object of the item, as
    ``metadata.name``: an object about the item itself, or with most of the path's `others`. WHOLE
    for an item without an id.
    """
    members = _scalars(item)
    plain = plain_name(parameter)
    told = (*_endings(plain), "id", last_word(parameter))
    for candidate in (plain, *told, "uuid", "key", "slug", "name"):
        if candidate in members:
            return (members[candidate],)
    return _find_within(plain, frozenset(map(plain_name, others)), item)


def id_at(item: Any, place: Place) -> Any:
    """Return the id at its place in an item; None without one."""
    if len(place) == 1 and isinstance(item, dict):  # mostly
        return item.get(place[0])
    found = item if place else None
    for name in place:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def with_id_at(item: Any, place: Place, id_: Any) -> dict[str, Any]:
    """Return an item with that id at its place, if it has one."""
    members = item if isinstance(item, dict) else {}
    if len(place) == 1:
        return {place[0]: None, **members} | {place[0]: id_}
    if not place:
        return {**members}
    name = place[0]
    return {**members, name: with_id_at(members.get(name), place[1:], id_)}


def has_id_at(shape: SchemaShape, place: Place) -> bool:
    """Return whether an object of a shape has a member at the place of an id."""
    if not place or place[0] not in shape.properties:
        return False
    return len(place) == 1 or has_id_at(shape.member(place[0]), place[1:])


def may_send_id(shape: SchemaShape, place: Place) -> bool:
    """Return whether a request of a shape has the id, and may write it."""
    steps = (shape_at(shape, place[: count + 1]) for count in range(len(place)))
    return has_id_at(shape, place) and not any(each.keywords.get("readOnly") for each in steps)


def _scalars(shape: SchemaShape) -> dict[str, str]:
    """Return the texts and numbers among the members of a shape, by their plain names."""
    scalars = [name for name in shape.properties if is_scalar(shape.member(name))]
    # Beside `@id` or `_id`, an `id` written so is the member that is meant.
    scalars.sort(key=lambda name: name == plain_name(name))
    return {plain_name(name): name for name in scalars}


def _endings(plain: str) -> Iterator[str]:
    for ending in ("id", "uuid", "key", "slug", "name", "code", "number"):
        if plain.endswith(ending):
            yield ending


def _find_within(plain: str, others: frozenset[str], item: SchemaShape) -> Place:
    found = []
    for name in item.properties:
        members = _scalars(item.member(name))
        if plain in members and (plain not in _ANY_ID or name in _ABOUT):
            rank = (name in _ABOUT, len(others & members.keys()))
            found.append((rank, (name, members[plain])))
    best = max((rank for rank, _ in found), default=None)
    places = [place for rank, place in found if rank == best]
    return places[0] if len(places) == 1 else WHOLE
