"""A document made to stop the comparison gets a result or an error, and soon."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gate.diff.framed import faults, told
from tallystick.gate.comparison import compare
from tallystick.gate.diff import schema_differences
from tallystick.gate.outcome import VerifyRun

Schemas = dict[str, Any]


def refer(number: int) -> Schemas:
    return {"$ref": f"#/components/schemas/S{number}"}


def compare_schemas(folder: Path, old: Schemas, new: Schemas) -> VerifyRun:
    """Return the comparison of a request by S0 of these components."""
    files = folder / "old.json", folder / "new.json"
    for file, schemas in zip(files, (old, new), strict=True):
        body = {"content": {"application/json": {"schema": refer(0)}}}
        content = {
            "openapi": "3.1.0",
            "paths": {"/a": {"post": {"requestBody": body, "responses": {}}}},
            "components": {"schemas": schemas},
        }
        file.write_text(json.dumps(content), encoding="utf-8")
    return compare(*files)


def chained(count: int, link: str, last: str) -> Schemas:
    """Return schemas of which each leads to the next by two members, or by its allOf."""

    def inner(number: int) -> Schemas:
        twice = [refer(number), refer(number)]
        kinds: Schemas = {"allOf": twice[:1], "anyOf": twice}
        return {link: kinds.get(link, dict(zip("ab", twice, strict=True)))}

    return {f"S{n}": inner(n + 1) for n in range(count)} | {f"S{count}": {"type": last}}


def test_schemas_that_fork_a_thousand_times_are_compared_each_once(tmp_path: Path) -> None:
    pair = (chained(1_000, "properties", last) for last in ("string", "integer"))
    run = compare_schemas(tmp_path, *pair)
    assert told(run) == [("breaking", "request-type-changed")]


def shared(last: str) -> Schemas:
    """Return a schema of two parts, both of one that leads back to it and has a member `n`."""
    base = {"type": "object", "properties": {"owner": refer(0), "n": {"type": last}}}
    part = {"allOf": [refer(3)]}
    return {"S0": {"allOf": [refer(1), refer(2)]}, "S1": part, "S2": part, "S3": base}


def test_a_schema_that_two_parts_share_is_compared_once(tmp_path: Path) -> None:
    run = compare_schemas(tmp_path, shared("string"), shared("integer"))
    assert told(run) == [("breaking", "request-type-changed")]


def circular(lengths: tuple[int, ...], last: str) -> Schemas:
    """Return circles of schemas, and one of them all: it leads to ever other schemas together."""

    def member(length: int, number: int) -> Schemas:
        following = {"$ref": f"#/components/schemas/C{length}-{number % length}"}
        return {"properties": {"next": following, "n": {"type": last}}}

    circles = {f"C{n}-{at}": member(n, at + 1) for n in lengths for at in range(n)}
    return {"S0": {"allOf": [member(length, 0) for length in lengths]}, **circles}


def test_schemas_that_meet_in_ever_other_ways_are_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema_differences, "MAX_PAIRS", 1_000)
    pair = (circular((5, 7, 11, 13), last) for last in ("string", "integer"))
    [error] = faults(compare_schemas(tmp_path, *pair))
    assert error.reason == "over 1,000 pairs of schemas would be compared"


@pytest.mark.parametrize(("link", "count"), [("allOf", 3_000), ("anyOf", 40)])
def test_schemas_that_multiply_are_an_error(link: str, count: int, tmp_path: Path) -> None:
    pair = (chained(count, link, last) for last in ("string", "integer"))
    [error] = faults(compare_schemas(tmp_path, *pair))
    assert "1,000" in error.reason


def with_heirs(count: int, last: str) -> Schemas:
    """Return a schema that may be null or one of its heirs, of which the last one has a type."""
    told_apart = {"type": "object", "discriminator": {"propertyName": "kind"}}
    base: Schemas = {"S0": {"anyOf": [{"type": "null"}, refer(1)]}, "S1": told_apart}
    heirs = {
        f"H{n}": {"allOf": [refer(1), {"properties": {"n": {"type": "integer"}}}]}
        for n in range(count)
    }
    heirs[f"H{count - 1}"]["allOf"][1] = {"properties": {"n": {"type": last}}}
    return base | heirs


def test_a_schema_with_thousands_of_heirs_is_compared(tmp_path: Path) -> None:
    pair = (with_heirs(3_000, last) for last in ("integer", "string"))
    assert told(compare_schemas(tmp_path, *pair)) == [("breaking", "request-type-changed")]


def test_a_schema_that_is_itself_is_an_error(tmp_path: Path) -> None:
    [error] = faults(compare_schemas(tmp_path, {"S0": {"allOf": [refer(0)]}}, {"S0": {}}))
    assert error.reason == "refers to itself before any member or item"


def test_an_alternative_that_is_the_schema_itself_is_none(tmp_path: Path) -> None:
    old = {"S0": {"anyOf": [refer(0), {"type": "string"}]}}
    assert told(compare_schemas(tmp_path, old, {"S0": {"type": "string"}})) == []


def test_a_pattern_that_takes_forever_is_cut_off(tmp_path: Path) -> None:
    old = {"S0": {"type": "string", "enum": ["a" * 60 + "!"]}}
    new = {"S0": old["S0"] | {"pattern": "^(a+)+$"}}
    assert told(compare_schemas(tmp_path, old, new)) == [("breaking", "request-pattern-set")]


def test_a_terminal_is_shown_nothing_to_obey(tmp_path: Path) -> None:
    old = {"S0": {"type": "object", "properties": {"\x1b[2J": {"type": "string"}}}}
    new = {"S0": {"type": "object", "additionalProperties": False}}
    names = [result.name for result in compare_schemas(tmp_path, old, new).results]
    assert names != []
    assert all(name.isprintable() for name in names)


def test_a_dependency_that_is_no_list_demands_nothing(tmp_path: Path) -> None:
    pair = ({"S0": {"dependentRequired": {"a": demanded}}} for demanded in (7, ["b"]))
    assert told(compare_schemas(tmp_path, *pair)) == [("breaking", "request-condition-changed")]


def compare_operation(folder: Path, members: dict[str, Any]) -> VerifyRun:
    """Return the comparison of an operation with itself, with these members."""
    flow = {"type": "oauth2", "flows": {"clientCredentials": 7}}
    content = {
        "openapi": "3.1.0",
        "paths": {"/a": {"get": {"responses": {}, **members}}},
        "components": {"securitySchemes": {"login": flow}},
    }
    files = folder / "old.json", folder / "new.json"
    for number, file in enumerate(files):
        file.write_text(json.dumps({**content, "info": {"version": number}}), encoding="utf-8")
    return compare(*files)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        (
            {"security": [{"login": 7}]},
            "a security requirement must be a mapping of schemes to lists of scopes",
        ),
        ({"security": [{"login": []}]}, "a flow of OAuth must be a mapping"),
        ({"x-required-scopes": 7}, "x-required-scopes is no list: it is the value 7"),
    ],
)
def test_a_member_of_another_kind_is_an_error(
    members: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    assert reason in [error.reason for error in faults(compare_operation(tmp_path, members))]


def test_a_media_type_without_a_value_has_no_codes(tmp_path: Path) -> None:
    body = {"content": {"application/json": None}}
    members = {"requestBody": body, "x-error-codes": {"type": "A"}}
    assert faults(compare_operation(tmp_path, members)) == []
