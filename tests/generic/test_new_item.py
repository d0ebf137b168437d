"""A new item has what was sent, and what its contract has the server add."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tallystick.apis.generic.item_path import ItemPath
from tallystick.apis.generic.new_item import NewItems
from tallystick.apis.generic.resource_type import ResourceType
from tallystick.contract.schema_values import SchemaValues

NOW_MS = 1_769_847_330_000
PET: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name", "state"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "name": {"type": "string"},
        "state": {"type": "string", "enum": ["new", "old"], "readOnly": True},
        "born": {"type": "string", "format": "date-time", "readOnly": True},
        "secret": {"type": "string", "writeOnly": True},
        "legs": {"type": "integer", "default": 4},
        "note": {"type": "string"},
    },
}


def pet(**id_rules: Any) -> ResourceType:
    schema = {**PET, "properties": {**PET["properties"], **({"id": id_rules} if id_rules else {})}}
    return ResourceType(ItemPath("/pets", "petId"), "/pets", "petId", ("id",), schema, None)


def new_items() -> NewItems:
    return NewItems(SchemaValues({}, {}), {})


def test_the_server_adds_its_own_members_and_defaults() -> None:
    made = new_items().complete(pet(), {"name": "Rex", "secret": "x", "state": "old"}, NOW_MS)
    assert made == {"name": "Rex", "state": "new", "born": "2026-01-31T08:15:30.000Z", "legs": 4}


def test_a_replacement_keeps_the_servers_own_members_alone() -> None:
    old = {"id": "7", "name": "Rex", "state": "old", "born": "then", "legs": 3, "note": "n"}
    made = new_items().complete(pet(), {"name": "Bo"}, NOW_MS, old)
    assert made == {"name": "Bo", "state": "old", "born": "then", "legs": 4}


def test_a_member_that_a_caller_writes_once_is_kept_and_never_made_up() -> None:
    members = {**PET["properties"], "owner": {"type": "string", "readOnly": True}}
    written = frozenset({"name", "owner", "state", "secret"})
    kind = replace(pet(), item_schema={**PET, "properties": members}, made_with=written)
    sent = {"name": "Rex", "owner": "Ada", "state": "old", "secret": "x"}
    made = new_items().complete(kind, sent, NOW_MS)
    assert made == {"name": "Rex", "owner": "Ada", "state": "old", "born": NOW, "legs": 4}
    changed = new_items().complete(kind, {"name": "Bo", "owner": "Bob"}, NOW_MS, made)
    assert changed == {**made, "name": "Bo"}
    alone = new_items().complete(kind, {"name": "Rex"}, NOW_MS)
    assert alone == {"name": "Rex", "state": "new", "born": NOW, "legs": 4}
    assert "owner" not in new_items().complete(kind, {"name": "Bo", "owner": "x"}, NOW_MS, alone)


NOW = "2026-01-31T08:15:30.000Z"
TIME = {"type": "string", "format": "date-time"}
LATER = {"type": ["string", "null"], "format": "date-time"}
META = {
    "type": "object",
    "readOnly": True,
    "properties": {
        "created": {"type": "string", "format": "date-time"},
        "lastModified": {"type": "integer"},
    },
}


def test_a_replacement_makes_up_nothing_that_was_there() -> None:
    old = {"id": "7", "name": "Rex", "state": "old", "born": "then", "legs": 3, "note": "n"}
    made = new_items().complete(pet(), {}, NOW_MS, old)
    assert made == {"name": "Rex", "state": "old", "born": "then", "legs": 4}


TIMED = {
    "properties": {
        "id": {"type": "string"},
        "meta": META,
        "created_at": {"type": "string", "format": "date-time", "readOnly": True},
        "updated_at": {"type": "string", "format": "date-time", "readOnly": True},
        "updated": {"type": "boolean", "readOnly": True},
    }
}


def test_a_change_moves_the_time_of_the_last_change_alone() -> None:
    kind = ResourceType(ItemPath("/pets", "petId"), "/pets", "petId", ("id",), TIMED, None)
    old = {"id": "7", "created_at": "then", "updated_at": "then", "updated": False}
    old |= {"meta": {"created": "then", "lastModified": 5}}
    now = {**old, "updated_at": "2026-01-31T08:15:30.000Z"}
    now |= {"meta": {"created": "then", "lastModified": 1_769_847_330}}
    assert new_items().keep_own(kind, {**old, "updated_at": "mine"}, old, NOW_MS) == now
    replaced = new_items().complete(kind, {"id": "7"}, NOW_MS, old)
    assert replaced == now


@pytest.mark.parametrize(
    ("name", "rules", "value"),
    [
        ("created_at", {"type": "integer", "format": "int64"}, 1_769_847_330),
        ("createTime", {"type": "integer", "example": 1_700_000_000_000}, 1_769_847_330_000),
        ("created_on", {"type": "string", "format": "date"}, "2026-01-31"),
        (
            "created",
            {"type": ["string", "null"], "format": "date-time"},
            "2026-01-31T08:15:30.000Z",
        ),
        ("closed_at", {"type": ["string", "null"], "format": "date-time"}, None),
        ("due", {"type": "string", "format": "date-time"}, "2026-01-31T08:15:30.000Z"),
        ("created_by", {"type": "integer", "example": 7}, 7),
        ("issue", {"type": "integer", "example": 7}, 7),
        ("dateCreated", {"type": "integer"}, 1_769_847_330),
        ("registration_date", LATER, NOW),
        ("meta", META, {"created": NOW, "lastModified": 1_769_847_330}),
    ],
)
def test_what_has_not_happened_yet_has_no_time(
    name: str, rules: dict[str, Any], value: Any
) -> None:
    schema = {"type": "object", "required": [name], "properties": {name: rules}}
    kind = ResourceType(ItemPath("/pets", "petId"), "/pets", "petId", (), schema, None)
    assert new_items().complete(kind, {}, NOW_MS) == {name: value}


@pytest.mark.parametrize(
    ("values", "sent", "expected"),
    [
        ({"owner_id": 5}, {}, {"ownerId": "5"}),
        ({"owner_id": 5}, {"ownerId": "6"}, {"ownerId": "6"}),
        ({"shelf": 5}, {}, {"shelf": 5}),
        ({"shelf": "a"}, {}, {}),
        ({"petName": "Rex"}, {"metadata": {"a": 1}}, {"metadata": {"a": 1}}),
        ({"room": "x"}, {"metadata": {"a": 1}}, {"metadata": {"a": 1, "room": "x"}}),
        ({"other": 1, "tags": "x"}, {}, {}),
    ],
)
def test_an_item_has_the_owners_that_its_path_names(
    values: dict[str, Any], sent: dict[str, Any], expected: dict[str, Any]
) -> None:
    metadata = {"properties": {"petName": {"type": "string"}, "room": {"type": "string"}}}
    schema = {
        "properties": {
            "ownerId": {"type": "string"},
            "shelf": {"type": "integer"},
            "tags": {"type": "array"},
            "metadata": metadata,
        }
    }
    place = ("metadata", "petName")
    kind = ResourceType(ItemPath("/pets", "petName"), "/pets", "petName", place, schema, None)
    assert new_items().complete(kind, sent, NOW_MS, None, values) == expected


@pytest.mark.parametrize(
    ("rules", "length"),
    [({"type": "string"}, 36), ({"type": "string", "pattern": "^[a-f]{8}$"}, 8)],
)
def test_a_new_id_keeps_the_rules_of_its_member(rules: dict[str, Any], length: int) -> None:
    ids = {new_items().with_id(pet(**rules), {}, None)[1] for _ in range(3)}
    assert {len(each) for each in ids} == {length}
    assert len(ids) == 3


def test_an_id_that_counts_is_a_number() -> None:
    kind = pet(type="integer")
    assert new_items().counts(kind)
    assert new_items().with_id(kind, {"name": "Rex"}, "7") == ({"id": 7, "name": "Rex"}, 7)


TEXT_TIME: dict[str, Any] = {"type": "string", "readOnly": True}


@pytest.mark.parametrize(
    ("schema", "is_time"),
    [
        (TIME, True),
        (TEXT_TIME, True),
        ({**TEXT_TIME, "maxLength": 32, "example": "2020-04-13T21:54:57.863Z"}, True),
        ({**TEXT_TIME, "format": "iso_date_time", "pattern": "^[0-9]{4}-.*(Z|[+-]\\d\\d)$"}, True),
        ({**TEXT_TIME, "maxLength": 10}, False),
        ({**TEXT_TIME, "pattern": "^[0-9]{8}$"}, False),
        ({**TEXT_TIME, "format": "uuid"}, False),
        ({**TEXT_TIME, "enum": ["today"]}, False),
        ({**TEXT_TIME, "example": "2023-10-06 23:47:56.678+00"}, False),
    ],
)
def test_a_text_that_is_named_as_a_time_is_one_if_it_may_be(schema: Any, is_time: bool) -> None:
    members = {"properties": {"id": {"type": "string"}, "created_at": schema}}
    kind = ResourceType(ItemPath("/pets", "id"), "/pets", "id", ("id",), members, None)
    made = new_items().complete(kind, {}, NOW_MS)
    assert (made["created_at"] == NOW) == is_time


def test_a_time_of_making_or_change_is_added_where_no_request_has_it() -> None:
    times = {"created_at": TIME, "updated_at": {"type": "integer"}, "closed_at": TIME}
    members = {"properties": {"id": {"type": "string"}, **times}}
    kind = ResourceType(ItemPath("/pets", "id"), "/pets", "id", ("id",), members, None)
    made = new_items().complete(kind, {}, NOW_MS)
    assert made == {"created_at": NOW, "updated_at": NOW_MS // 1000}
    later = new_items().complete(kind, {}, NOW_MS + 5_000, made)
    assert later == {"created_at": NOW, "updated_at": NOW_MS // 1000 + 5}
    patched = new_items().keep_own(kind, {**made, "name": "Bo"}, made, NOW_MS + 5_000)
    assert patched == {**later, "name": "Bo"}
    sent = replace(kind, sent=frozenset(times))
    assert new_items().complete(sent, {}, NOW_MS) == {}
