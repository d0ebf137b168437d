"""What the generator is told of a contract."""

from __future__ import annotations

import pytest

from tallystick.clients import source


def test_a_method_says_which_error_codes_its_operation_answers() -> None:
    told = source.shape_document(source.read_document("charon"))["paths"]

    assert told["/api/{slug}/can-start"]["get"]["description"].endswith(
        " Error codes: `401`, `404`, `429`, `500`, `503`."
    )
    assert "Error codes" not in told["/gateway/v1/crons"]["get"]["description"]


@pytest.mark.parametrize(
    ("api", "algorithm"), [("eventgrid", "SDK-HMAC-SHA256"), ("charon", ""), ("eventhos", "")]
)
def test_the_challenge_of_a_scheme_names_what_signs_a_call(api: str, algorithm: str) -> None:
    assert source.signature_algorithm(source.read_document(api)) == algorithm


def test_only_what_the_contract_lets_sign_is_signed() -> None:
    paths = source.shape_document(source.read_document("eventgrid"))["paths"]
    signed = {
        each["operationId"]: each["x-is-signed"]
        for item in paths.values()
        for each in item.values()
        if "operationId" in each
    }
    assert signed["listEventChannels"]
    assert not signed["tryFilter"]
    assert not signed["createEventgridToken"]


def test_the_comment_of_an_operation_names_the_objects_of_its_errors() -> None:
    operation = source.shape_document(source.read_document("charon"))["paths"]["/api/{id}/message"][
        "post"
    ]
    assert "Bodies of errors: `CharonError` (4" in operation["description"]
