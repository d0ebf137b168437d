"""What the generator is told of a contract."""

from __future__ import annotations

from tallystick.clients import source


def test_a_method_says_which_error_codes_its_operation_answers() -> None:
    told = source.shape_document(source.read_document("charon"))["paths"]

    assert told["/api/{slug}/can-start"]["get"]["description"].endswith(
        " Error codes: `401`, `404`, `429`, `500`, `503`."
    )
    assert "Error codes" not in told["/gateway/v1/crons"]["get"]["description"]
