"""Schemas that hold themselves are written once, however they refer to themselves."""

from __future__ import annotations

from pathlib import Path

from tallystick.clients import read_contract
from tallystick.clients.source import shape_document

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
