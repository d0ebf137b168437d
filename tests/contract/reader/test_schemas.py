"""Schemas in the normal form of their version of OpenAPI."""

from __future__ import annotations

from typing import Any

import pytest

from contract_reading import Read, Refused
from tallystick.contract.reader import schemas

PATHS = "paths: {/a: {get: {responses: {'200': {description: D}}}}}\n"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema(read: Read, text: str, version: str = "3.0.3") -> tuple[Any, list[str]]:
    """The schema A of the document, and the places of its faults."""
    contract = read(f"{PATHS}components: {{schemas: {{B: {{}}, A: {text}}}}}\n", version=version)
    places = [fault.place.removeprefix("/components/schemas/A") for fault in contract.faults]
    return contract.document.components["schemas"]["crm.A"], places


def test_siblings_of_a_reference_count_from_3_1_on(read: Read) -> None:
    text = "{$ref: '#/components/schemas/B', description: D}"
    reference = {"$ref": "#/components/schemas/crm.B"}

    assert schema(read, text) == (reference, [])
    assert schema(read, text, "3.1.0") == (
        {"$schema": DIALECT, **reference, "description": "D"},
        [],
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [("true", {"$schema": DIALECT}), ("false", {"$schema": DIALECT, "not": {}})],
)
def test_a_boolean_schema_becomes_an_object(
    read: Read, text: str, expected: dict[str, Any]
) -> None:
    assert schema(read, text, "3.1.0") == (expected, [])


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize(
    "keyword",
    [
        "type: strange",
        "minLength: -1",
        "maximum: '5'",
        "pattern: '('",
        "required: true",
        "enum: []",
        "properties: []",
        "allOf: {}",
        "items: 5",
        "uniqueItems: 1",
        "multipleOf: 0",
        "format: 5",
        "discriminator: {}",
        "minLenght: 1",
        "x-property-names: '('",
    ],
)
def test_a_keyword_whose_value_is_none_is_left_out_and_told(
    read: Read, keyword: str, version: str
) -> None:
    found, places = schema(read, f"{{description: D, {keyword}}}", version)

    assert [key for key in found if key != "$schema"] == ["description"]
    assert places == ["/" + keyword.partition(":")[0]]


@pytest.mark.parametrize("keyword", ["const: 1", "if: {}", "prefixItems: [{}]", "$comment: a"])
def test_keywords_of_3_1_are_told_in_3_0(read: Read, keyword: str) -> None:
    assert schema(read, f"{{{keyword}}}") == ({}, ["/" + keyword.partition(":")[0]])


@pytest.mark.parametrize(
    ("version", "text", "expected"),
    [
        ("3.0.3", "{type: [string, 'null']}", {"type": "string", "nullable": True}),
        ("3.0.3", "{exclusiveMaximum: 5}", {"maximum": 5, "exclusiveMaximum": True}),
        (
            "3.1.0",
            "{minimum: 5, exclusiveMinimum: true}",
            {"$schema": DIALECT, "minimum": 5, "exclusiveMinimum": 5},
        ),
        (
            "3.1.0",
            "{nullable: true, type: string, enum: [a]}",
            {"$schema": DIALECT, "type": ["string", "null"], "enum": ["a", None]},
        ),
    ],
)
def test_a_keyword_of_the_other_version_is_read_as_there(
    read: Read, version: str, text: str, expected: dict[str, Any]
) -> None:
    found, places = schema(read, text, version)

    assert found == expected
    assert len(places) == 1


@pytest.mark.parametrize("keyword", ["nullable: true", "dependencies: {}", "$recursiveRef: '#'"])
def test_keywords_that_3_1_does_not_have_are_told(read: Read, keyword: str) -> None:
    found, places = schema(read, f"{{{keyword}}}", "3.1.0")

    assert found == {"$schema": DIALECT}
    assert places == ["/" + keyword.partition(":")[0]]


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
def test_nullable_says_nothing_beside_parts_without_a_type(read: Read, keyword: str) -> None:
    parts = f"{keyword}: [{{type: object}}]"

    found, places = schema(read, f"{{nullable: true, {parts}}}")
    typed, no_places = schema(read, f"{{nullable: true, type: object, {parts}}}")

    assert (found, places) == ({keyword: [{"type": "object"}]}, ["/nullable"])
    assert (typed["nullable"], no_places) == (True, [])


def test_an_exclusive_bound_without_a_bound_is_left_out(read: Read) -> None:
    assert schema(read, "{exclusiveMinimum: true}") == ({}, ["/exclusiveMinimum"])


def test_names_that_look_like_keywords_are_names(read: Read) -> None:
    found, places = schema(read, "{properties: {$ref: {type: string}, type: {type: integer}}}")

    assert found["properties"] == {"$ref": {"type": "string"}, "type": {"type": "integer"}}
    assert places == []


def test_examples_are_left_as_they_are(read: Read) -> None:
    text = "{example: {$ref: x}, default: {$ref: x}, enum: [{$ref: x}]}"

    found, places = schema(read, text)

    assert places == []
    assert found == {"example": {"$ref": "x"}, "default": {"$ref": "x"}, "enum": [{"$ref": "x"}]}


def test_a_discriminator_names_components(read: Read) -> None:
    found, places = schema(
        read,
        "{discriminator: {propertyName: p, mapping:"
        " {a: A, b: '#/components/schemas/B', c: no.yaml}}}",
    )

    assert found["discriminator"]["mapping"] == {
        "a": "#/components/schemas/crm.A",
        "b": "#/components/schemas/crm.B",
    }
    assert places == ["/discriminator/mapping/c"]


def test_a_dynamic_reference_is_read_as_a_plain_one(read: Read) -> None:
    found, places = schema(
        read, "{$dynamicAnchor: node, properties: {child: {$dynamicRef: '#node'}}}", "3.1.0"
    )

    assert found["properties"]["child"] == {"$ref": "#/components/schemas/crm.A"}
    assert places == ["/properties/child/$dynamicRef"]


def test_a_reference_in_the_place_of_properties_is_followed(read: Read) -> None:
    contract = read(
        PATHS + "components: {schemas: {A: {properties: {$ref: '#/x-all'}}}}\n"
        "x-all: {a: {type: string}, b: {$ref: '#/x-all/a'}}\n"
    )

    found = contract.document.components["schemas"]["crm.A"]["properties"]
    assert found == {"a": {"type": "string"}, "b": {"$ref": "#/components/schemas/crm.a"}}
    assert [fault.rule for fault in contract.faults] == ["ref-misplaced"]


def test_properties_that_lead_to_themselves_are_left_out(read: Read) -> None:
    contract = read(
        PATHS + "components: {schemas: {A: {properties: {$ref: '#/x-all'}}}}\n"
        "x-all: {a: {properties: {$ref: '#/x-all'}}}\n"
    )

    assert contract.document.components["schemas"] == {}
    assert "ref-circular" in [fault.rule for fault in contract.faults]


def test_schemas_that_multiply_are_given_up(
    refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schemas, "MAX_STEPS", 50)
    nested = "{items: " * 40 + "{}" + "}" * 40
    reference = "#/components/schemas/A" + "/items" * 20

    found = refused(
        f"openapi: 3.0.0\ninfo: {{title: T, version: '1'}}\n{PATHS}"
        f"components: {{schemas: {{A: {nested}, B: {{$ref: '{reference}'}}}}}}"
    )

    assert any("[too-much-work]" in fault for fault in found)
