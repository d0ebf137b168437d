"""The members of an item in which a server tells its address."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tallystick.apis.generic.item_place import Place
from tallystick.contract.page_names import AROUND, LINKS, is_address, plain_name
from tallystick.contract.schema_shape import SchemaShape

_NAMES = frozenset("href location self selfhref selflink selfurl uri url".split())
_HOLDERS = AROUND | {LINKS}
_HREF = "href"


def address_places(item: SchemaShape, sent: Collection[str]) -> Iterator[Place]:
    """Yield the places of an item's own address, but for members that callers may send."""
    for name in item.properties:
        member = item.member(name)
        is_own = member.keywords.get("readOnly") or (name in item.required and name not in sent)
        if is_own:
            yield from _within((name,), member)
            if plain_name(name) in _HOLDERS:
                for inner in member.properties:
                    yield from _within((name, inner), member.member(inner))


def _within(place: Place, member: SchemaShape) -> Iterator[Place]:
    if plain_name(place[-1]) not in _NAMES:
        return
    if _HREF in member.properties:
        yield (*place, _HREF)
    elif is_address(member):
        yield place
