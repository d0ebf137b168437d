"""Documents are read strictly and joined without losing a word."""

from __future__ import annotations

import pytest

from tallystick.contract.document import (
    ContractError,
    join_documents,
    parse_yaml,
    read_document,
    to_yaml,
)


def document(api: str, path: str, operation_id: str, more: str = "") -> str:
    return f"""
openapi: 3.0.3
info: {{title: T, version: '1'}}
security: [{{{api}Key: []}}]
paths:
  {path}:
    get: {{operationId: {operation_id}, responses: {{}}}}
{more}
"""


def test_dates_country_codes_and_times_stay_text() -> None:
    read = parse_yaml(b"{country: NO, day: 2026-01-31, time: 1:30, yes: yes, octal: 0o17}")

    assert read == {
        "country": "NO",
        "day": "2026-01-31",
        "time": "1:30",
        "yes": "yes",
        "octal": "0o17",
    }


def test_json_s_own_values_are_read_as_such() -> None:
    assert parse_yaml(b"{a: true, b: 12, c: -1.5e3, d: null}") == {
        "a": True,
        "b": 12,
        "c": -1500.0,
        "d": None,
    }


def test_a_key_given_twice_is_refused_with_its_line() -> None:
    with pytest.raises(ContractError, match="line 3: 'b' is given twice"):
        parse_yaml(b"a:\n  b: 1\n  b: 2\n")


def test_a_merged_key_may_be_given_again() -> None:
    assert parse_yaml(b"{one: &one {a: 1, b: 1}, two: {<<: *one, b: 2}}")["two"] == {"a": 1, "b": 2}


def test_one_operation_id_in_two_documents_is_refused() -> None:
    documents = [
        read_document("one", document("one", "/a", "doIt").encode()),
        read_document("two", document("two", "/b", "doIt").encode()),
    ]
    with pytest.raises(ContractError, match=r"two.yaml, GET /b: operationId doIt is one.yaml"):
        join_documents(documents)


def test_a_component_defined_twice_differently_is_refused() -> None:
    more = "components: {{schemas: {{Name: {{type: {}}}}}}}"
    documents = [
        read_document("one", document("one", "/a", "a", more.format("string")).encode()),
        read_document("two", document("two", "/b", "b", more.format("integer")).encode()),
    ]
    with pytest.raises(ContractError, match="Name is defined in another document too"):
        join_documents(documents)


def test_the_same_component_in_two_documents_is_one() -> None:
    more = "components: {schemas: {Name: {type: string}}}"
    joined = join_documents(
        [
            read_document("one", document("one", "/a", "a", more).encode()),
            read_document("two", document("two", "/b", "b", more).encode()),
        ]
    )
    assert joined["components"]["schemas"] == {"Name": {"type": "string"}}


def test_a_joined_operation_keeps_its_documents_security() -> None:
    joined = join_documents(
        [
            read_document("one", document("one", "/a", "a").encode()),
            read_document("two", document("two", "/b", "b").encode()),
        ]
    )
    assert joined["paths"]["/a"]["get"]["security"] == [{"oneKey": []}]
    assert joined["paths"]["/b"]["get"]["security"] == [{"twoKey": []}]


def test_a_joined_operation_knows_whether_its_document_refuses_unknown_names() -> None:
    text = b"openapi: 3.0.3\nx-known-query-only: true\npaths:\n"
    text += b"  /a: {get: {operationId: a}, put: {operationId: b, x-known-query-only: false}}\n"
    item = join_documents([read_document("x", text)])["paths"]["/a"]
    assert item["get"]["x-known-query-only"] is True
    assert item["put"]["x-known-query-only"] is False


def test_a_dialect_replaces_members_of_an_operation() -> None:
    text = (
        b"openapi: 3.0.3\npaths:\n  /a:\n    get: {operationId: a, summary: A, x-dialects: {'2': "
    )
    text += b"{summary: B}}}\n"
    document = read_document("x", text)
    assert document.in_dialect("2").content["paths"]["/a"]["get"]["summary"] == "B"
    assert document.in_dialect("3").content["paths"]["/a"]["get"]["summary"] == "A"
    assert document.content["paths"]["/a"]["get"]["summary"] == "A"


def test_a_document_written_out_reads_the_same() -> None:
    joined = join_documents([read_document("one", document("one", "/a", "a").encode())])

    assert parse_yaml(to_yaml(joined)) == joined
