"""Responses in the normal form."""

from __future__ import annotations

from typing import Any

from contract_reading import Read


def responses(read: Read, text: str, version: str = "3.0.3") -> tuple[Any, list[str]]:
    """The responses of the one operation, and the rules that are broken."""
    contract = read(f"paths: {{/a: {{get: {{{text}}}}}}}\n", version=version)
    [(_, _, operation)] = contract.document.operations()
    return operation["responses"], [fault.rule for fault in contract.faults]


def test_statuses_are_text(read: Read) -> None:
    found, rules = responses(
        read, "responses: {200: {description: A}, 4xx: {description: B}, default: {description: C}}"
    )

    assert rules == []
    assert {status: response["description"] for status, response in found.items()} == {
        "200": "A",
        "4XX": "B",
        "default": "C",
    }


def test_headers_have_a_style_and_are_optional(read: Read) -> None:
    found, rules = responses(
        read,
        "responses: {'200': {description: D, headers: {X-A: {schema: {type: integer}},"
        " Content-Type: {schema: {}}}, links: {next: {operationId: b}, lost: {$ref: '#/no'}}}}",
    )

    assert rules == ["ref-unresolved"]
    assert found["200"]["headers"] == {
        "X-A": {
            "required": False,
            "style": "simple",
            "explode": False,
            "schema": {"type": "integer"},
        }
    }
    assert found["200"]["links"] == {"next": {"operationId": "b"}}


def test_a_shared_response_is_told_once(read: Read) -> None:
    contract = read(
        """
        paths:
          /a: {get: {responses: {'400': {$ref: '#/components/responses/Bad'}}}}
          /b: {get: {responses: {'400': {$ref: '#/components/responses/Bad'}}}}
        components: {responses: {Bad: {content: {application/json: {schema: {type: 5}}}}}}
        """
    )

    assert [fault.rule for fault in contract.faults] == ["response-description", "schema-invalid"]
    assert len(contract.document.content["paths"]) == 2


def test_a_status_that_is_none_is_left_out(read: Read) -> None:
    found, rules = responses(read, "responses: {'20': {}, '600': {}, ok: {}, x-a: 1}")

    assert (found, rules) == ({}, ["response-status"] * 3)


def test_responses_may_be_missing_from_3_1_on(read: Read) -> None:
    assert responses(read, "") == ({}, ["responses-missing"])
    assert responses(read, "", "3.1.0") == ({}, [])
