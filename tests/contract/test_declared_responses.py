"""What a contract declares of an answer is found, wherever it stands."""

from __future__ import annotations

from parcels import declared, operation
from tallystick.contract.declared_responses import DeclaredResponses


def test_an_operation_has_every_status_that_it_declares() -> None:
    assert list(declared().responses(operation())) == [200, 400, 503]
    assert list(declared().responses(operation("listParcels"))) == [204]


def test_an_answer_has_the_examples_that_references_lead_to() -> None:
    responses = declared().responses(operation())
    assert responses[200].examples == {"default": {"sent": True}}
    assert responses[503].examples == {"busy": {"code": "P003", "text": "Come again later."}}
    assert responses[400].examples == {}


def test_an_answer_has_the_headers_that_are_always_there_by_their_examples() -> None:
    responses = declared().responses(operation())
    assert responses[503].headers == {"Retry-After": "7"}
    assert responses[200].headers == {}
    assert responses[200].known_headers == {"x-route": "X-Route"}


def test_headers_of_an_answer_are_judged() -> None:
    responses = declared().responses(operation())
    assert responses[503].header_violations([(b"retry-after", b"3")]) == []
    [missing] = responses[503].header_violations([])
    assert (missing.name, missing.keyword) == ("Retry-After", "required")
    [wrong] = responses[200].header_violations([(b"x-route", b"rail")])
    assert (wrong.name, wrong.keyword) == ("X-Route", "enum")


def test_bodies_of_an_answer_are_judged_by_components_too() -> None:
    refused = declared().responses(operation())[400]
    judge = refused.validators[refused.media_type]
    assert judge.is_valid({"code": "P001"})
    assert not judge.is_valid({"text": "no code"})


def test_an_answer_without_a_body_has_no_media_type() -> None:
    empty = declared().responses(operation("listParcels"))[204]
    assert (empty.media_type, dict(empty.validators)) == ("", {})


def test_each_answer_has_its_error_codes() -> None:
    assert declared().answer_codes(operation()) == {
        "200": [],
        "400": ["P001", "P002"],
        "503": ["P003"],
    }
    assert declared().codes(operation())["P002"].message == "The name is missing."


def test_a_code_leads_to_the_rule_that_is_broken_for_it() -> None:
    heavy = declared().rule(operation(), "P001")
    assert heavy is not None
    assert (heavy.where, heavy.path, heavy.keyword) == ("body", ("kilos",), "maximum")
    assert declared().rule(operation(), "P003") is None


def test_a_schema_may_refer_to_components_of_the_contract() -> None:
    errors = {"type": "array", "items": {"$ref": "#/components/schemas/Error"}}
    schema = declared().schema(errors)
    assert schema.is_valid([{"code": "P001"}])
    assert not schema.is_valid([{}])


def test_the_security_schemes_are_listed() -> None:
    assert declared().schemes["parcelKey"]["name"] == "X-Parcel-Key"


def test_an_answer_need_not_have_what_only_requests_have() -> None:
    secret = {"type": "string", "writeOnly": True}
    account = {"type": "object", "required": ["secret", "id"], "properties": {"secret": secret}}
    listed = {"type": "array", "items": {"$ref": "#/components/schemas/Account"}}
    content = {"application/json": {"schema": listed}}
    answer = {"responses": {"200": {"description": "All.", "content": content}}}
    root = {"paths": {"/parcels": {"get": answer}}, "components": {"schemas": {"Account": account}}}
    found = DeclaredResponses(root).responses(operation("listParcels"))[200]
    judge = found.validators[found.media_type]
    assert judge.is_valid([{"id": 1}])
    assert not judge.is_valid([{"secret": "a"}])
