"""A large schema is compiled when it is first needed, and judges as a small one does."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.contract.document import ContractError
from tallystick.contract.schema import Schema
from tallystick.contract.validators import LARGE_KEPT, MAX_SMALL, LargeValidator, compile_schema

DEFINITIONS: dict[str, Any] = {
    f"N{number}": {
        "type": "object",
        "properties": {
            "count": {"type": "integer", "x-error-codes": {"type": "C1"}},
            "next": {"$ref": f"#/$defs/N{(number + 1) % MAX_SMALL}"},
        },
    }
    for number in range(MAX_SMALL)
}


def reference(number: int) -> dict[str, Any]:
    return {"$ref": f"#/$defs/N{number}"}


def test_a_small_schema_is_compiled_at_once_and_shared() -> None:
    schema = {"type": "array", "items": {"$ref": "#/$defs/A"}}
    found = compile_schema(schema, {"A": {"type": "integer"}, "B": {}})
    assert found.rules is compile_schema(schema, {"A": {"type": "integer"}}).rules
    assert not isinstance(found.rules, LargeValidator)


def test_a_large_schema_judges_as_a_small_one_does() -> None:
    assert isinstance(compile_schema(reference(0), DEFINITIONS).rules, LargeValidator)
    schema = Schema(reference(0), DEFINITIONS)
    assert schema.is_valid({"count": 1, "next": {"next": {}}})
    assert not schema.is_valid({"next": {"count": "x"}})
    assert not schema.is_valid({"next": {"count": 1.0}})
    found = [(v.path, v.code) for v in schema.violations({"count": "x", "next": {"count": 1.0}})]
    assert found == [(("count",), "C1"), (("next", "count"), "C1")]
    [first] = schema.violations({"count": "x", "next": {"more": [0] * 3_000}})
    assert first.path == ("count",)


def test_large_schemas_without_integers_have_no_rule_for_their_spelling() -> None:
    texts = {f"T{n}": {"type": "string", "not": {"const": [n]}} for n in range(MAX_SMALL)}
    schema = Schema({"allOf": [{"$ref": f"#/$defs/{name}"} for name in texts]}, texts)
    assert schema.is_valid("a")
    assert [v.keyword for v in schema.violations(1)] == ["type"]


def test_a_large_schema_that_was_put_away_judges_again() -> None:
    schemas = [Schema(reference(number), DEFINITIONS) for number in range(LARGE_KEPT + 1)]
    for schema in [*schemas, schemas[0]]:
        assert not schema.is_valid({"count": "x"})


def test_the_own_part_of_a_large_schema_is_held_to_json_schema_at_once() -> None:
    with pytest.raises(ContractError, match="a schema can't be used"):
        compile_schema({"allOf": [reference(0)], "type": "strin"}, DEFINITIONS)
