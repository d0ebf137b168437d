"""Entities are listed with the fields that are asked for."""

from __future__ import annotations

import pytest

from keyastrom_world import GROUP, HOST, NOW, Kept, ids
from tallystick.apis.keyastrom.entities import Entity
from tallystick.apis.keyastrom.ingest import HOUR_MS
from tallystick.contract.exceptions import Invalid, NotFound


def test_entities_are_listed_with_the_fields_that_are_asked_for(world: Kept) -> None:
    page = world.entities(entity_selector="type(HOST)")
    host = {"entityId": HOST.id, "type": "HOST", "displayName": "Web 1"}
    assert page == {"totalCount": 1, "pageSize": 50, "entities": [host]}
    fields = " lastSeenTms,+properties.osType,firstSeenTms,+managementZones"
    [found] = world.entities(entity_selector="type(HOST)", fields=fields)["entities"]
    assert found == {
        **host,
        "lastSeenTms": NOW,
        "firstSeenTms": NOW - HOUR_MS,
        "properties": {"osType": "LINUX"},
        "managementZones": [{"id": "7", "name": "Shop"}],
    }


def test_one_entity_has_all_its_fields(world: Kept) -> None:
    host = world.entity(HOST.id)
    assert host["properties"] == {"osType": "LINUX", "ipAddress": ["10.0.0.1", "10.0.0.2"]}
    assert host["fromRelationships"] == {"isInstanceOf": [{"id": GROUP.id, "type": "HOST_GROUP"}]}
    assert host["toRelationships"] == {}
    assert {tag["key"] for tag in host["tags"]} == {"stage", "a:b", "plain"}
    group = world.entity(GROUP.id)
    assert group["toRelationships"] == {"isInstanceOf": [{"id": HOST.id, "type": "HOST"}]}
    assert group["lastSeenTms"] == NOW
    assert set(world.entity(HOST.id, "tags")) == {"entityId", "type", "displayName", "tags"}
    with pytest.raises(NotFound):
        world.entity("HOST-FFFFFFFFFFFFFFFF")


def test_entities_are_listed_that_were_seen_in_the_time_frame(kept: Kept) -> None:
    day = 24 * HOUR_MS
    for number, seen in enumerate([0, 1, 2, 3, 4]):
        kept.add(
            Entity(
                f"HOST-{number}",
                "HOST",
                "",
                first_seen_ms=NOW - seen * day,
                last_seen_ms=NOW - seen * day,
            )
        )
    assert ids(kept.entities(entity_selector="type(HOST)")) == [f"HOST-{n}" for n in range(4)]
    recent = kept.entities(entity_selector="type(HOST)", from_="now-1d")
    assert ids(recent) == ["HOST-0", "HOST-1"]
    past = kept.entities(entity_selector="type(HOST)", from_="now-9d", to="now-2d")
    assert ids(past) == ["HOST-2", "HOST-3", "HOST-4"]
    assert ids(kept.entities(entity_selector="entityId(HOST-4)")) == ["HOST-4"]


def test_entities_are_listed_by_a_selector_alone(kept: Kept) -> None:
    with pytest.raises(Invalid) as refused:
        kept.entities()
    [violation] = refused.value.violations
    assert (violation.name, violation.keyword) == ("entitySelector", "required")
