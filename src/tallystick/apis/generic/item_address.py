"""The address of an item: in a header of its answer, and in members of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallystick.apis.generic.item_id import id_at
from tallystick.apis.generic.item_place import Place
from tallystick.apis.generic.operations import ContractCall
from tallystick.apis.generic.paths import path_text
from tallystick.apis.generic.resource_store import Item, ResourceKey
from tallystick.apis.generic.resource_type import ResourceVerb
from tallystick.settings import Settings


def base_url(settings: Settings, call: ContractCall) -> str:
    """Return the beginning of all addresses, as the caller reaches them; empty if it is unknown."""
    host = call.request.header(b"host")
    return settings.public_url or (f"{settings.public_scheme}://{host}" if host else "")


def item_location(call: ContractCall, key: ResourceKey) -> str:
    """Return the path of an item, by a call at its own path or at its collection's."""
    resource, path = call.operation.resource, call.request.path.rstrip("/")
    assert resource
    kind = resource.type
    is_item = resource.verb is not ResourceVerb.CREATE and kind.parameter in call.path_values
    collection = kind.path.collection_of(path) if is_item else path
    return kind.path.item_at(path_text(collection), key.id)


def with_address(item: Item, places: tuple[Place, ...], address: str) -> Item:
    """Return an item with its address at some places, as far as it has them."""
    for place in places:
        if id_at(item, place) is not None:
            item = _placed(item, place, address)
    return item


def _placed(item: Mapping[str, Any], place: Place, value: str) -> dict[str, Any]:
    name, *inner = place
    return {**item, name: _placed(item[name], tuple(inner), value) if inner else value}
