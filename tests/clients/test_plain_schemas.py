"""Schemas that hold themselves are written once, however they refer to themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tallystick.clients import read_contract
from tallystick.clients.source import shape_document
from tallystick.contract.declared_responses import DeclaredResponses
from tallystick.contract.reader.contracts import read_contracts

CIRCLES = """
openapi: 3.1.0
info: {title: Circles, version: '1'}
paths:
  /trees:
    get:
      operationId: getTree
      responses:
        '200':
          description: One.
          content: {application/json: {schema: {$ref: '#/components/schemas/Tree'}}}
components:
  schemas:
    Tree:
      type: object
      properties:
        parent: {oneOf: [{$ref: '#/components/schemas/Tree'}, {type: 'null'}]}
        any: {anyOf: [{$ref: '#/components/schemas/Tree'}, {$ref: '#/components/schemas/Leaf'}]}
        leaf: {allOf: [{$ref: '#/components/schemas/Leaf'}]}
    Leaf: {type: object, properties: {size: {type: integer}}}
"""


def test_an_object_that_holds_itself_is_written_once(tmp_path: Path) -> None:
    file = tmp_path / "circles.yaml"
    file.write_text(CIRCLES)
    schemas = shape_document(read_contract(str(file)).document)["components"]["schemas"]
    assert list(schemas) == ["Tree", "TreeAny", "Leaf"]
    circles = {name: each.get("x-is-circle", False) for name, each in _members(schemas["Tree"])}
    assert circles == {"parent": True, "any": True, "leaf": False}


OWNER = """
openapi: VERSION
info: {title: Pets, version: '1'}
paths:
  /pets:
    get:
      operationId: getPet
      responses:
        '200':
          description: One.
          content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}
components:
  schemas:
    Pet: {type: object, required: [owner], properties: {owner: MEMBER}}
    Owner: {type: object, properties: {name: {type: string}}}
"""
OF_OWNER = "[{$ref: '#/components/schemas/Owner'}]"
OR_NULL = "[{$ref: '#/components/schemas/Owner'}, {type: 'null'}]"


@pytest.mark.parametrize(
    ("version", "member", "takes_null"),
    [
        ("3.0.3", f"{{nullable: true, allOf: {OF_OWNER}}}", False),
        ("3.0.3", f"{{nullable: true, type: object, allOf: {OF_OWNER}}}", False),
        ("3.0.3", f"{{nullable: true, oneOf: {OF_OWNER}}}", False),
        ("3.0.3", "{nullable: true, type: object, properties: {name: {type: string}}}", True),
        ("3.0.3", "{allOf: [{nullable: true, type: string}]}", True),
        ("3.1.0", f"{{anyOf: {OR_NULL}}}", True),
        ("3.1.0", f"{{allOf: [{{anyOf: {OR_NULL}}}]}}", True),
    ],
)
def test_a_client_takes_null_where_a_mock_does(
    tmp_path: Path, version: str, member: str, takes_null: bool
) -> None:
    file = tmp_path / "pets.yaml"
    file.write_text(OWNER.replace("VERSION", version).replace("MEMBER", member))
    shaped = shape_document(read_contract(str(file)).document)["components"]["schemas"]
    [owner] = shaped["Pet"]["properties"].values()
    assert owner["x-may-be-null"] is takes_null
    [contract] = read_contracts([str(file)])
    values = DeclaredResponses({**contract.document.content, "x-codes": {}}).values
    judge = values.validator({"$ref": "#/components/schemas/pets.Pet"})
    assert judge.is_valid({"owner": None}) is takes_null


def test_objects_may_refer_to_each_other_in_a_long_row(tmp_path: Path) -> None:
    reference = "#/components/schemas"
    rows = [
        f"    T{n}: {{type: object, properties: {{to: {{$ref: '{reference}/T{n + 1}'}}}}}}"
        for n in range(400)
    ]
    last = "    T400: {type: object, properties: {size: {type: integer}}}"
    head = CIRCLES.rstrip().replace(f"{reference}/Tree", f"{reference}/T0", 1)
    file = tmp_path / "row.yaml"
    file.write_text("\n".join((head, *rows, last)))
    content = read_contract(str(file)).document.content
    assert len(content["components"]["schemas"]) >= 401


def _members(schema: dict[str, dict[str, dict[str, bool]]]) -> list[tuple[str, dict[str, bool]]]:
    return list(schema["properties"].items())
