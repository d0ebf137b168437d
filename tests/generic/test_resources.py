"""Resources are recognised from the paths of a contract, or steered by it."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.generic.resource_type import ResourceVerb
from tallystick.apis.generic.resources import find_resources
from tallystick.contract.document import Document

ITEM = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "name": {"type": "string"}},
}


def operation(id_: str, **more: Any) -> dict[str, Any]:
    response = {"content": {"application/json": {"schema": ITEM}}}
    return {"operationId": id_, "responses": {"200": response}, **more}


def document(**paths: Any) -> Document:
    written = {f"/{name.replace('__', '/')}": item for name, item in paths.items()}
    written = {path.replace("ID", "{id}"): item for path, item in written.items()}
    return Document("crm", b"", {"openapi": "3.0.3", "paths": written}, is_foreign=True)


def test_a_path_that_ends_with_a_template_is_an_item_of_the_path_before_it() -> None:
    found = find_resources(
        document(
            pets={"get": operation("list"), "post": operation("add")},
            pets__ID={
                "get": operation("read"),
                "put": operation("put"),
                "patch": operation("patch"),
                "delete": operation("remove"),
            },
        )
    )
    assert {id_: each.verb for id_, each in found.items()} == {
        "list": ResourceVerb.LIST,
        "add": ResourceVerb.CREATE,
        "read": ResourceVerb.READ,
        "put": ResourceVerb.REPLACE,
        "patch": ResourceVerb.UPDATE,
        "remove": ResourceVerb.DELETE,
    }
    kind = found["read"].type
    assert (kind.collection, kind.parameter, kind.id_place) == ("/pets", "id", ("id",))


def test_what_can_not_be_made_is_no_resource() -> None:
    assert not find_resources(
        document(pets={"get": operation("list")}, pets__ID={"get": operation("read")})
    )


def test_an_operation_can_be_left_out() -> None:
    found = find_resources(
        document(
            pets={"post": operation("add")},
            pets__ID={
                "get": operation("read"),
                "delete": operation("remove", **{"x-resource": False}),
            },
        )
    )
    assert found.keys() == {"add", "read"}


@pytest.mark.parametrize(
    ("name", "place"), [("name", ("name",)), ("metadata.uid", ("metadata", "uid"))]
)
def test_a_contract_can_name_the_member_that_holds_the_id(
    name: str, place: tuple[str, ...]
) -> None:
    found = find_resources(
        document(
            pets={"post": operation("add")},
            pets__ID={"get": operation("read", **{"x-resource": {"id": name}})},
        )
    )
    assert found["add"].type.id_place == place


def test_a_collection_below_an_item_knows_what_it_belongs_to() -> None:
    found = find_resources(
        document(
            pets={"post": operation("add")},
            pets__ID={"get": operation("read")},
            pets__ID__toys={"post": operation("addToy")},
            pets__ID__toys__ID={"get": operation("readToy")},
        )
    )
    assert found["addToy"].type.parent == "/pets"
    assert found["add"].type.parent is None
