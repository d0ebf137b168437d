"""A schema's references, parts and alternatives are put together to one level."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.contract.schema_shape import SchemaShape

ROOT: dict[str, Any] = {
    "components": {
        "schemas": {
            "Base": {"type": "object", "required": ["id"], "properties": {"id": {}}},
            "Loop": {"allOf": [{"$ref": "#/components/schemas/Loop"}], "type": "object"},
        }
    }
}


def test_all_parts_of_an_allof_count() -> None:
    shape = SchemaShape(
        {
            "allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"a": {}}}],
            "properties": {"b": {}},
            "required": ["b"],
        },
        ROOT,
    )
    assert list(shape.properties) == ["id", "a", "b"]
    assert shape.required == {"id", "b"}
    assert shape.references == ["#/components/schemas/Base"]


def test_a_schema_that_leads_to_itself_ends() -> None:
    assert SchemaShape({"$ref": "#/components/schemas/Loop"}, ROOT).type == "object"


@pytest.mark.parametrize(
    ("schema", "type_"),
    [
        ({"type": ["null", "string"]}, "string"),
        ({"anyOf": [{"type": "null"}, {"type": "integer"}]}, "integer"),
        ({"properties": {}}, "object"),
        ({"items": {}}, "array"),
        ({"pattern": "a"}, "string"),
        ({}, ""),
        (True, ""),
    ],
)
def test_the_type_is_told_or_guessed(schema: Any, type_: str) -> None:
    assert SchemaShape(schema, ROOT).type == type_


def test_null_is_allowed_in_either_version_s_words() -> None:
    assert SchemaShape({"type": "string", "nullable": True}, ROOT).is_nullable
    assert SchemaShape({"type": ["string", "null"]}, ROOT).is_nullable
    assert not SchemaShape({"type": "string"}, ROOT).is_nullable
