"""Types of entities are those of the entities that there are."""

from __future__ import annotations

import pytest

from keyastrom_world import Kept, pages
from tallystick.contract.exceptions import NotFound


def test_types_of_entities_are_what_entities_there_are(world: Kept) -> None:
    found = pages(world.entity_types(2), lambda key: world.entity_types(None, key))
    types = [type_["type"] for page in found for type_ in page["types"]]
    assert types == ["ENVIRONMENT", "HOST", "HOST_GROUP"]
    host = world.entity_type("host")
    assert host["displayName"] == "Host"
    assert [property_["id"] for property_ in host["properties"]] == ["ipAddress", "osType"]
    assert host["fromRelationships"] == [{"id": "isInstanceOf", "toTypes": ["HOST_GROUP"]}]
    group = world.entity_type("HOST_GROUP")
    assert group["toRelationships"] == [{"id": "isInstanceOf", "fromTypes": ["HOST"]}]
    with pytest.raises(NotFound):
        world.entity_type("SERVICE")
