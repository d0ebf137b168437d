"""Media types in the normal form."""

from __future__ import annotations

from typing import Any

import pytest

from contract_reading import Read


def body(read: Read, content: str, version: str = "3.0.3") -> tuple[Any, list[str]]:
    """The content of the one request body, and the rules that are broken."""
    contract = read(
        f"paths: {{/a: {{post: {{requestBody: {{content: {content}}}, responses: {{}}}}}}}}\n",
        version=version,
    )
    [(_, _, operation)] = contract.document.operations()
    found = operation.get("requestBody", {}).get("content")
    return found, [fault.rule for fault in contract.faults]


def test_a_single_example_is_named_default(read: Read) -> None:
    found, rules = body(
        read,
        "{application/json: {schema: {type: string}, example: a,"
        " examples: {b: {summary: B, value: b}, away: {externalValue: 'x'}}}}",
    )

    assert rules == []
    assert found["application/json"]["examples"] == {
        "default": {"value": "a"},
        "b": {"summary": "B", "value": "b"},
    }


@pytest.mark.parametrize(
    ("version", "schema"),
    [("3.0.3", {}), ("3.1.0", {"$schema": "https://json-schema.org/draft/2020-12/schema"})],
)
def test_a_media_type_without_schema_takes_any_body(
    read: Read, version: str, schema: dict[str, Any]
) -> None:
    assert body(read, "{application/json: {}, text/plain: }", version) == (
        {"application/json": {"schema": schema}, "text/plain": {"schema": schema}},
        [],
    )


def test_an_encoding_is_kept_without_the_headers_of_its_part(read: Read) -> None:
    found, rules = body(
        read,
        "{multipart/form-data: {encoding: {a: {contentType: image/png, headers: {X: {}}}}}}",
    )

    assert rules == []
    assert found["multipart/form-data"]["encoding"] == {"a": {"contentType": "image/png"}}


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("{json: {}}", "content-invalid"),
        ("[]", "content-invalid"),
        ("{}", "body-invalid"),
        ("{application/json: {examples: {a: 5}}}", "example-invalid"),
        ("{application/json: {examples: {a: {$ref: '#/no'}}}}", "ref-unresolved"),
        ("{application/json: {sample: 1}}", "member-unknown"),
    ],
)
def test_a_fault_in_content_is_told_and_the_operation_is_served(
    read: Read, content: str, rule: str
) -> None:
    assert rule in body(read, content)[1]
