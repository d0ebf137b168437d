"""A request need not have what only answers have, and an answer not what only requests have."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.contract.direction import (
    READ_ONLY,
    WRITE_ONLY,
    one_way_definitions,
    one_way_schema,
)
from tallystick.contract.schema import Schema, to_json_schema

ID = {"type": "integer", "readOnly": True}
SECRET = {"type": "string", "writeOnly": True}
USER = {
    "type": "object",
    "required": ["id", "name", "secret"],
    "properties": {"id": {"$ref": "#/components/schemas/Id"}, "name": {}, "secret": SECRET},
}


def judge(written: dict[str, Any], keyword: str = READ_ONLY) -> Schema:
    definitions = {"Id": to_json_schema(ID), "User": to_json_schema(USER)}
    schema = one_way_schema(to_json_schema(written), definitions, keyword)
    return Schema(schema, one_way_definitions({"Id": ID, "User": USER}, keyword))


def missing(schema: Schema) -> list[Any]:
    return [violation.path for violation in schema.violations({})]


def test_a_request_need_not_have_a_member_that_only_answers_have() -> None:
    assert missing(judge({"$ref": "#/components/schemas/User"})) == [("name",), ("secret",)]


def test_an_answer_need_not_have_a_member_that_only_requests_have() -> None:
    assert missing(judge(USER, WRITE_ONLY)) == [("id",), ("name",)]


def test_a_member_that_is_sent_is_judged_all_the_same() -> None:
    found = judge(USER).violations({"id": "x", "name": 1, "secret": "a"})
    assert [violation.path for violation in found] == [("id",)]


@pytest.mark.parametrize("key", ["allOf", "anyOf", "oneOf"])
def test_a_member_may_be_declared_beside_what_requires_it(key: str) -> None:
    parts = [{"$ref": "#/components/schemas/User"}, {"required": ["id", "more"]}]
    written = {"allOf": [parts[0], {key: [parts[1]]}]}
    assert ("id",) not in missing(judge(written))
    assert judge(written).is_valid({"name": 1, "secret": "a", "more": 1})


def test_a_member_of_a_member_is_one_of_another_object() -> None:
    written = {"properties": {"user": USER}, "required": ["id"]}
    assert missing(judge(written)) == [("id",)]
    found = judge(written).violations({"id": 1, "user": {}})
    assert [violation.path for violation in found] == [("user", "name"), ("user", "secret")]


def test_a_condition_asks_for_what_is_there() -> None:
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    needed = {"if": {"required": ["id"]}, "then": {"required": ["more", "id"]}}
    schema = judge({**dialect, **needed, "properties": {"id": {"readOnly": True}}})
    assert schema.is_valid({})
    assert [v.path for v in schema.violations({"id": 1})] == [("more",)]


def test_what_depends_on_another_member_need_not_be_there_either() -> None:
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    needed = {"dependentRequired": {"a": ["id", "b"]}, "properties": {"id": {"readOnly": True}}}
    found = judge({**dialect, **needed}).violations({"a": 1})
    assert [violation.path for violation in found] == [("b",)]


def test_schemas_that_refer_to_each_other_are_read_once() -> None:
    node: dict[str, Any] = {"properties": {"n": {"$ref": "#/$defs/N"}}, "allOf": [{}]}
    node["allOf"] = [{"$ref": "#/$defs/N"}]
    assert one_way_definitions({"N": node}, READ_ONLY)["N"] == node
