"""A document's top in the normal form."""

from __future__ import annotations

import pytest

from contract_reading import Read

PATHS = "paths: {/a: {get: {operationId: getA, responses: {'200': {description: D}}}}}\n"


@pytest.mark.parametrize(
    ("servers", "base_path"),
    [
        ("[]", None),
        ("[{url: /}]", None),
        ("[{url: 'https://example.org'}]", None),
        ("[{url: 'https://example.org/v1/'}, {url: /v2}]", "/v1"),
        ("[{url: v1}]", "/v1"),
        ("[{url: '{base}/x', variables: {base: {default: 'http://a/b'}}}]", "/b/x"),
    ],
)
def test_the_base_path_is_that_of_the_first_server(
    read: Read, servers: str, base_path: str | None
) -> None:
    contract = read(f"{PATHS}servers: {servers}\n")

    assert contract.document.content.get("x-base-path") == base_path
    assert contract.faults == ()


def test_a_server_variable_without_a_default_is_told(read: Read) -> None:
    contract = read(f"{PATHS}servers: [{{url: '/{{tenant}}/v1'}}]\n")

    assert "x-base-path" not in contract.document.content
    assert [fault.rule for fault in contract.faults] == ["server-invalid"]


def test_components_that_are_inlined_are_left_out(read: Read) -> None:
    contract = read(f"{PATHS}components: {{parameters: {{}}, schemas: {{A: {{type: string}}}}}}\n")

    assert contract.document.components == {
        "schemas": {"crm.A": {"type": "string"}},
        "securitySchemes": {},
    }


def test_codes_have_a_status_and_a_message(read: Read) -> None:
    contract = read(
        PATHS + "x-codes: {A1: {status: 409, message: Taken}, A2: {status: '404'}, A3: {}, A4: 5}\n"
    )

    assert contract.document.codes == {"A1": (409, "Taken"), "A2": (404, "Not Found")}
    assert [fault.place for fault in contract.faults] == ["/x-codes/A3", "/x-codes/A4"]


def test_a_document_without_title_is_served_and_told(read: Read) -> None:
    contract = read("info: {version: 2}\n" + PATHS)

    assert contract.document.content["info"] == {"title": "API", "version": "2"}
    assert {fault.rule for fault in contract.faults} == {"info-missing", "key-repeated"}
