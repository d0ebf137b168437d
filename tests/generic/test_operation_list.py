"""A patch may list operations in an object, as SCIM has it."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.generic.changes import apply_patch
from tallystick.contract.exceptions import Invalid
from tallystick.contract.schema_shape import SchemaShape

TEXT = {"type": "string"}
EMAIL = {"type": "object", "properties": {"value": TEXT, "type": TEXT}}
USER = SchemaShape(
    {
        "type": "object",
        "properties": {
            "userName": TEXT,
            "active": {"type": "boolean"},
            "name": {"type": "object", "properties": {"familyName": TEXT, "givenName": TEXT}},
            "emails": {"type": "array", "items": EMAIL},
            "urn:x:2.0:Staff": {"type": "object", "properties": {"room": TEXT}},
        },
    },
    {},
)
WORK = {"value": "a@x.example", "type": "work"}
HOME = {"value": "b@x.example", "type": "home"}
OLD = {"userName": "ann", "active": True, "name": {"givenName": "Ann"}, "emails": [WORK, HOME]}


@pytest.mark.parametrize(
    ("operation", "changed"),
    [
        ({"op": "replace", "path": "active", "value": False}, {"active": False}),
        ({"op": "Replace", "path": "username", "value": "bob"}, {"userName": "bob"}),
        ({"op": "replace", "value": {"userName": "bob", "active": False}},
         {"userName": "bob", "active": False}),
        ({"op": "add", "path": "name.familyName", "value": "Lee"},
         {"name": {"givenName": "Ann", "familyName": "Lee"}}),
        ({"op": "replace", "value": {"name.givenName": "Bo"}}, {"name": {"givenName": "Bo"}}),
        ({"op": "replace", "path": "name", "value": {"familyName": "Lee"}},
         {"name": {"givenName": "Ann", "familyName": "Lee"}}),
        ({"op": "remove", "path": "name.givenName"}, {"name": {}}),
        ({"op": "add", "path": "emails", "value": [{"value": "c"}, HOME]},
         {"emails": [WORK, HOME, {"value": "c"}, HOME]}),
        ({"op": "replace", "path": "emails", "value": []}, {"emails": []}),
        ({"op": "remove", "path": 'emails[type eq "work"]'}, {"emails": [HOME]}),
        ({"op": "replace", "path": 'emails[type eq "work"].value', "value": "c"},
         {"emails": [{"value": "c", "type": "work"}, HOME]}),
        ({"op": "replace", "path": 'emails[type eq "home"]', "value": {"value": "c"}},
         {"emails": [WORK, {"value": "c", "type": "home"}]}),
        ({"op": "replace", "path": "urn:x:2.0:User:userName", "value": "bob"}, {"userName": "bob"}),
        ({"op": "add", "path": "urn:x:2.0:Staff", "value": {"room": "5"}},
         {"urn:x:2.0:Staff": {"room": "5"}}),
        ({"op": "replace", "path": "/active", "value": False}, {"active": False}),
        ({"op": "replace", "path": "emails[", "value": 5}, {}),
        ({"op": "replace", "path": "emails[mood eq 1]", "value": 5}, {}),
        ({"op": "remove"}, {}),
        ({"op": "add", "path": "name" + ".x" * 5_000, "value": 1}, {}),
    ],
)  # fmt: skip
def test_an_operation_changes_what_its_path_names(
    operation: dict[str, Any], changed: dict[str, Any]
) -> None:
    patch = {"schemas": ["urn:x:2.0:PatchOp"], "Operations": [operation]}
    assert apply_patch(OLD, patch, USER) == {**OLD, **changed}


def test_operations_are_done_in_order_and_leave_the_old_item_alone() -> None:
    before = repr(OLD)
    operations = [
        {"op": "remove", "path": "emails"},
        {"op": "add", "path": "emails", "value": [WORK]},
    ]
    assert apply_patch(OLD, {"Operations": operations}, USER) == {**OLD, "emails": [WORK]}
    assert repr(OLD) == before


def test_a_member_with_the_name_of_operations_is_one_of_the_item() -> None:
    shape = SchemaShape({"properties": {"operations": {"type": "array"}}}, {})
    patch = {"operations": [{"op": "add"}]}
    assert apply_patch({}, patch, shape) == patch
    assert apply_patch({}, {"operations": ["x"]}, USER) == {"operations": ["x"]}


def test_operations_that_look_at_too_much_are_refused() -> None:
    many = {"emails": [WORK] * 1_000}
    operation = {"op": "remove", "path": 'emails[type eq "home"]'}
    assert apply_patch(many, {"Operations": [operation] * 10}, USER) == many
    with pytest.raises(Invalid):
        apply_patch(many, {"Operations": [operation] * 1_000}, USER)
