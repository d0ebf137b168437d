"""Schemas are laid flat, a row a member."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.contract.document import read_documents
from tallystick.web.outline import outline
from tallystick.web.schema_rows import Schemas

DOCUMENTS = read_documents()


def test_members_of_members_stand_below_them() -> None:
    rows = _answer(outline(_document("gateway")), "listStoredEvents", "200").rows

    assert [(r.name, r.depth) for r in rows][:3] == [
        ("events", 0),
        ("specversion", 1),
        ("id", 1),
    ]


PET = {
    "description": "A pet.",
    "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
    "discriminator": {"propertyName": "kind"},
}
CAT = {
    "description": "A cat.",
    "allOf": [{"$ref": "#/components/schemas/Named"}],
    "required": ["kind", "lives"],
    "properties": {"kind": {"type": "string", "enum": ["cat"]}, "lives": {"type": "integer"}},
}
DOG = {
    "allOf": [{"$ref": "#/components/schemas/Named"}],
    "required": ["kind"],
    "properties": {"kind": {"type": "string", "enum": ["dog"]}, "tag": {"type": "string"}},
}
NAMED = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
SCHEMAS = Schemas({"components": {"schemas": {"Cat": CAT, "Dog": DOG, "Named": NAMED}}})


@pytest.mark.parametrize("schema", [PET, {"type": "array", "items": PET}])
def test_an_object_of_parts_and_forms_has_the_members_of_all(schema: dict[str, Any]) -> None:
    rows = {row.name: row for row in SCHEMAS.rows(schema)}

    told = {name: (row.type, row.required, row.rules) for name, row in rows.items()}
    assert told == {
        "name": ("string", True, ()),
        "kind": ("string", True, ("one of cat, dog",)),
        "lives": ("integer", False, ()),
        "tag": ("string", False, ()),
    }


def test_a_member_of_several_forms_has_its_own_description() -> None:
    [row, *_] = SCHEMAS.rows({"properties": {"pet": PET}})

    assert (row.type, row.description) == ("object", "A pet.")


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, "any JSON"),
        ({"type": "string", "format": "uuid"}, "string (uuid)"),
        ({"type": ["string", "null"]}, "string or null"),
        ({"type": "string", "nullable": True}, "string or null"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string or null"),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, "string or integer"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Cat"}}, "array of object"),
        ({"type": ["array", "null"], "items": {"type": "string"}}, "array of string or null"),
    ],
)
def test_a_type_is_told_in_words(schema: dict[str, Any], words: str) -> None:
    assert SCHEMAS.type(schema) == words


TREE = {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}
BOTH = {"oneOf": [{"type": "string"}, {**TREE, "items": {"$ref": "#/components/schemas/Both"}}]}
ENDLESS = Schemas({"components": {"schemas": {"Tree": TREE, "Both": BOTH}}})


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (TREE, "array of array of array of array"),
        (BOTH, "string or array of string or array of string or array of string or array"),
    ],
)
def test_an_array_of_itself_is_told_a_few_levels_deep(schema: dict[str, Any], words: str) -> None:
    assert ENDLESS.type(schema) == words
    assert list(ENDLESS.rows(schema)) == []


def _document(api: str) -> Any:
    return next(d for d in DOCUMENTS if d.api == api)


def _answer(api: Any, operation_id: str, status: str) -> Any:
    operation = next(o for o in api.operations if o.id == operation_id)
    return next(r for r in operation.responses if r.status == status).bodies[0]
