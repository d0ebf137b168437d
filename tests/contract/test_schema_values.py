"""Values made from a schema keep it, and are the same for the same seed."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tallystick.contract.schema import to_json_schema
from tallystick.contract.schema_values import MAX_VALUES, SchemaValues

SCHEMAS: dict[str, Any] = {
    "Node": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "next": {"$ref": "#/components/schemas/Node"},
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
        },
    },
    "Cat": {"type": "object", "required": ["kind"], "properties": {"kind": {"type": "string"}}},
    "Money": {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": 1},
}
SCHEMAS |= {
    f"Wide{level}": {
        "type": "object",
        "properties": {
            str(n): {"$ref": f"#/components/schemas/Wide{level + 1}"} for n in range(10)
        },
    }
    for level in range(12)
}
SCHEMAS["Wide12"] = {"type": "string"}
ROOT = {"components": {"schemas": SCHEMAS}}


def values() -> SchemaValues:
    return SchemaValues(ROOT, {name: to_json_schema(s) for name, s in SCHEMAS.items()})


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "minimum": 7, "maximum": 9},
        {"type": "integer", "multipleOf": 5, "minimum": 11},
        {"type": "number", "minimum": -3, "maximum": -2},
        {"$ref": "#/components/schemas/Money"},
        {"type": "string", "minLength": 40},
        {"type": "string", "maxLength": 2},
        {"type": "string", "pattern": "^[A-Z]{3}-[0-9]+$", "maxLength": 12},
        {"type": "string", "format": "date-time"},
        {"type": "string", "format": "uuid"},
        {"type": "string", "enum": ["a", "b"]},
        {"type": "array", "minItems": 3, "uniqueItems": True, "items": {"type": "integer"}},
        {"type": "object", "minProperties": 2, "additionalProperties": {"type": "boolean"}},
        {"$ref": "#/components/schemas/Node"},
        {"allOf": [{"$ref": "#/components/schemas/Node"}, {"required": ["children"]}]},
        {"oneOf": [{"type": "string", "maxLength": 3}, {"type": "integer"}]},
        {"nullable": True, "type": "boolean"},
        {"type": "object", "properties": {"a": {"type": "object", "required": ["b"]}}},
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "const": 4},
    ],
)
def test_a_made_value_keeps_its_schema(schema: dict[str, Any]) -> None:
    made = values().make_value(schema, "seed", examples=False)
    assert values().validator(schema).is_valid(made), made


def test_the_same_seed_makes_the_same_value_and_another_seed_another() -> None:
    schema = {"type": "string", "format": "uuid"}
    first, again, other = (values().make_value(schema, seed) for seed in ("a", "a", "b"))
    assert first == again != other


def test_a_schemas_own_example_is_taken_unless_values_are_to_differ() -> None:
    schema = {"type": "integer", "minimum": 1, "maximum": 5, "example": 4}
    assert values().make_value(schema, "seed") == 4
    made = {values().make_value(schema, str(seed), examples=False) for seed in range(30)}
    assert len(made) > 1


def test_an_example_that_breaks_its_schema_gives_way_to_a_value_that_keeps_it() -> None:
    schema = {"type": "integer", "example": "many"}
    assert isinstance(values().make_value(schema, "seed"), int)


def test_a_discriminator_names_the_schema_that_was_chosen() -> None:
    schema = {
        "oneOf": [{"$ref": "#/components/schemas/Cat"}],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {"cat-kind": "#/components/schemas/Cat"},
        },
    }
    assert values().make_value(schema, "seed")["kind"] == "cat-kind"


def test_a_schema_that_branches_without_end_makes_a_value_of_bounded_size() -> None:
    made = values().make_value({"$ref": "#/components/schemas/Wide0"}, "seed")
    assert str(made).count(":") <= 2 * MAX_VALUES


def test_a_known_part_that_breaks_the_schema_is_kept_as_far_as_it_fits() -> None:
    item = {"type": "object", "properties": {"name": {"type": "string"}, "by": {"type": "object"}}}
    wrapped = {"type": "object", "properties": {"data": item}}
    fitted = values().fit_value(wrapped, {"data": {"name": "Ada", "by": "7"}}, "seed")
    assert fitted == {"data": {"name": "Ada"}}


@pytest.mark.parametrize(
    ("properties", "shown"),
    [
        ({"id": {"type": "integer"}, "name": {"type": "string"}}, {"name": "bug"}),
        ({"login": {"type": "string"}}, {"login": "bug"}),
        ({"name": {"type": "string", "maxLength": 2}, "id": {"type": "string"}}, {"id": "bug"}),
    ],
)
def test_a_text_names_the_object_that_is_declared_in_its_place(
    properties: dict[str, Any], shown: dict[str, Any]
) -> None:
    label = {"type": "object", "properties": properties}
    schema = {
        "type": "object",
        "properties": {"labels": {"type": "array", "items": label}, "main": label},
    }
    fitted = values().fit_value(schema, {"labels": ["bug"], "main": "bug"}, "seed")
    assert fitted == {"labels": [shown], "main": shown}


def test_a_known_object_is_fitted_where_it_stands_and_the_rest_is_made() -> None:
    wrapped = {
        "type": "object",
        "required": ["data", "took"],
        "properties": {
            "took": {"type": "integer", "example": 3},
            "data": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string"}, "name": {"type": "string"}},
                "additionalProperties": False,
            },
        },
    }
    known = {"data": {"id": "7", "name": "Ada", "secret": 1}}
    fitted = values().fit_value(wrapped, known, "seed")
    assert fitted == {"took": 3, "data": {"id": "7", "name": "Ada"}}


def test_a_value_is_made_of_the_first_alternative_that_the_whole_schema_takes() -> None:
    kinds = [{"const": 1}, {"const": 2}, {"const": 3}]
    narrowed = {"type": "integer", "enum": [3], "allOf": [{"oneOf": kinds}]}
    forms = {
        "oneOf": [
            {"type": "object", "properties": {"a": {"type": "string"}}},
            {"type": "object", "properties": {"a": {"type": "string"}}},
            {"type": "object", "required": ["kind"], "properties": {"kind": narrowed}},
        ],
        "not": {"required": ["a"]},
    }
    assert values().make_value(forms, "seed") == {"kind": 3}


def test_an_example_of_a_member_that_breaks_its_schema_is_left_out_and_the_others_stay() -> None:
    schema = {
        "type": "object",
        "required": ["a", "b"],
        "properties": {
            "a": {"type": "string", "example": "kept"},
            "b": {"type": "string", "enum": ["only"], "example": ["a list"]},
        },
    }
    assert values().make_value(schema, "seed") == {"a": "kept", "b": "only"}
    assert values().fit_value(schema, {"b": 1}, "seed") == {"a": "kept", "b": "only"}


@pytest.mark.parametrize(
    "pattern", [r"^[0-9]{4}(\.[0-9]+)?(Z|\+[0-9]{2})$", r"^a+(b*c)+[+*]$", r"^(0|[1-9][0-9]*)$"]
)
def test_a_pattern_with_runs_makes_a_short_text(pattern: str) -> None:
    schema = {"type": "string", "pattern": pattern, "maxLength": 64}
    for seed in range(20):
        made = values().make_value(schema, str(seed))
        assert values().validator(schema).is_valid(made), made


@pytest.mark.parametrize("pattern", [r"^[\S\s]+$", "^.*$", r"^(?!-)[\w-]{1,9}$"])
def test_a_pattern_that_takes_a_word_gets_one(pattern: str) -> None:
    schema = {"type": "string", "pattern": pattern, "minLength": 1, "maxLength": 9}
    made = [values().make_value(schema, str(seed)) for seed in range(20)]
    assert all(re.fullmatch("[a-z]{5,7}", text) for text in made), made
    drawn = {values().make_value(schema, str(seed), examples=False) for seed in range(20)}
    assert len(drawn) > 12, "ids are drawn by the pattern"


@pytest.mark.parametrize("own", [{"const": "x.y"}, {"enum": ["x.y"]}])
def test_a_form_that_gives_its_discriminator_a_value_keeps_it(own: dict[str, Any]) -> None:
    form = {"type": "object", "required": ["kind"], "properties": {"kind": own}}
    root = {"components": {"schemas": {"Form": form}}}
    told = SchemaValues(root, {"Form": form})
    forms = {
        "oneOf": [{"$ref": "#/components/schemas/Form"}],
        "discriminator": {"propertyName": "kind"},
    }
    assert told.make_value(forms, "seed") == {"kind": "x.y"}
